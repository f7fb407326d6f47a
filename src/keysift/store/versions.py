"""Versions as bytes that sort like PEP 440 says, so that a database can order releases.

A key holds the parts of a version in the order in which PEP 440 compares them: epoch, release,
pre-release, post-release, development release, local version. Each part is written such that the
plain order of bytes is the order of the part, and ends where no longer part could continue.
"""

from __future__ import annotations

from typing import Final

from packaging.version import Version

_END: Final = b"\x00"
_MORE: Final = b"\x01"
_PRE: Final = {"a": b"\x01", "b": b"\x02", "rc": b"\x03"}
_BEFORE_PRE: Final = b"\x00"
_NO_PRE: Final = b"\x04"
_DEV: Final = b"\x00"
_NO_DEV: Final = b"\x01"
_WORD: Final = b"\x01"
_NUMBER: Final = b"\x02"


def sort_key(version: str) -> bytes | None:
    """Return a key that orders versions as PEP 440 does; equal for equal versions (1.0, 1.0.0).

    Returns:
        None for what is not a version of PEP 440.
    """
    parsed = _parsed(version)
    if parsed is None:
        return None
    release = list(parsed.release)
    while release and release[-1] == 0:
        release.pop()
    numbers = b"".join(_MORE + _number(number) for number in release)
    return _number(parsed.epoch) + numbers + _END + _stage(parsed) + _local(parsed)


def is_prerelease(version: str) -> bool:
    """Tell whether it is a pre-release or a development release of PEP 440."""
    parsed = _parsed(version)
    return parsed is not None and parsed.is_prerelease


def _parsed(version: str) -> Version | None:
    try:
        return Version(version)
    except ValueError:
        # InvalidVersion is one; so is a number of more digits than Python reads.
        return None


def _stage(version: Version) -> bytes:
    if version.pre is not None:
        letter, number = version.pre
        pre = _PRE[letter] + _number(number)
    elif version.post is None and version.dev is not None:
        # 1.0.dev1 comes before 1.0a1.
        pre = _BEFORE_PRE
    else:
        pre = _NO_PRE
    post = _END if version.post is None else _MORE + _number(version.post)
    dev = _NO_DEV if version.dev is None else _DEV + _number(version.dev)
    return pre + post + dev


def _local(version: Version) -> bytes:
    if version.local is None:
        return _END
    pieces = b"".join(
        _NUMBER + _number(int(piece)) if piece.isdigit() else _WORD + piece.encode() + _END
        for piece in version.local.split(".")
    )
    return _MORE + pieces + _END


def _number(number: int) -> bytes:
    """Return a number of any size: how many bytes it has, then those."""
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return len(raw).to_bytes(2, "big") + raw
