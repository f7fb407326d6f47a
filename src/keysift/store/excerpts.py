"""The lines around a secret where it was first seen: sealed, since other secrets may be in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from keysift.errors import StoreError
from keysift.model import Secret

EXCERPT: Final = ":excerpt"
"""Its name among the values of a secret; that of no half of a secret has a colon."""


class StoredExcerpt(Struct, frozen=True, kw_only=True, array_like=True):
    r"""A secret with the lines around it. All of it is secret.

    Attributes:
        path: Where that stands in its release, with ``!/`` between archives.
        line: Number of the first line, from 1.
        before: What stands before the secret, bytes that are no text as ``\xNN``.
        found: The secret as it is written there.
        after: What stands after it.
    """

    path: str
    line: int
    before: str
    found: str
    after: str

    def __repr__(self) -> str:
        return f"StoredExcerpt(path={self.path!r}, line={self.line})"


def packed(path: str, line: int, texts: Sequence[str]) -> Secret:
    """Return an excerpt as a value to be sealed.

    Args:
        path: As in ``StoredExcerpt``.
        line: The same.
        texts: Before, found and after.
    """
    before, found, after = texts
    # Names of files may be no text either.
    path = path.encode(errors="backslashreplace").decode()
    whole = StoredExcerpt(path=path, line=line, before=before, found=found, after=after)
    return Secret(msgspec.msgpack.encode(whole))


def unpacked(value: Secret) -> StoredExcerpt:
    """Return what ``packed`` made.

    Raises:
        StoreError: It is something else.
    """
    try:
        return msgspec.msgpack.decode(value.reveal(), type=StoredExcerpt)
    except msgspec.DecodeError:
        raise StoreError("the sealed lines around a value cannot be read") from None
