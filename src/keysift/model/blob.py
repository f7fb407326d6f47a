"""Blob: the bytes of one file inside an artifact, a directory or a history."""

from __future__ import annotations

from msgspec import Struct


class Position(Struct, frozen=True):
    """A place in a text: byte offset from 0, line and column from 1."""

    offset: int = 0
    line: int = 1
    column: int = 1


START = Position()


class Blob(Struct, frozen=True, kw_only=True):
    """Bytes to scan, and where they stand.

    A member larger than a segment (``keysift.unpack.budget``) arrives as several blobs with the
    same path, which overlap a little; ``base`` says where in the member each one begins.

    Attributes:
        path: Path inside the artifact, ``/``-separated. Nested archives are joined with ``!/``:
            ``inner.tgz!/package/index.js``. Never resolved on disk.
        content: The bytes.
        part: For content extracted from a structured file, which part of it, in words:
            ``cell 3``, ``code object load``, ``table users``, ``page 2``. None for raw bytes.
        base: Position of ``content[0]`` in the whole member.
    """

    path: str
    content: bytes
    part: str | None = None
    base: Position = START
