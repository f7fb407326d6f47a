"""Passed: a member that the reader of an archive was told to leave alone."""

from __future__ import annotations

from msgspec import Struct


class Passed(Struct, frozen=True, gc=False):
    """A member that was not read, as the directory of its archive describes it.

    Attributes:
        path: As in ``Blob.path``.
        size_bytes: Size of its content.
        crc: CRC-32 of its content.
    """

    path: str
    size_bytes: int
    crc: int
