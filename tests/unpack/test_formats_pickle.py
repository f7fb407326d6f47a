"""Pickles are walked over, and nothing in them is carried out."""

from __future__ import annotations

import pickle
import struct

import pytest

from keysift.model import Blob
from keysift.unpack import Budget, Limits, expand
from tests.unpack.archives import MARKER

_TEXT = MARKER.decode()


def parts(content: bytes, limits: Limits | None = None) -> dict[str | None, bytes]:
    """Return what is to be scanned of a file, by part."""
    items = expand(Blob(path="a.pkl", content=content), Budget(limits or Limits()))
    return {item.part: item.content for item in items if isinstance(item, Blob)}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_strings_stand_on_lines_of_their_own(protocol: int) -> None:
    """Whatever the protocol writes behind a string is no part of it."""
    value = {"key": _TEXT, 7: [b"bytes" * 100, "x" * 300, 2.5, -1, 1 << 70, None, True]}
    found = parts(pickle.dumps(value, protocol))
    assert set(found) == {"strings"}
    assert MARKER in found["strings"].split(b"\n")
    assert b"x" * 300 in found["strings"].split(b"\n")


def test_pickles_behind_each_other_are_one_file() -> None:
    """As machine-learning frameworks write them; what follows the last one comes raw."""
    content = pickle.dumps(1, 2) + pickle.dumps(_TEXT, 2) + b"\0rest"
    assert parts(content) == {"strings": MARKER, "data after the pickle": b"\0rest"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02X" + struct.pack("<I", 1 << 31) + MARKER,
        b"\x80\x02cos\nsystem" + MARKER,
        b"\x80\x02\xff" + MARKER + b".",
        b"\x80\x04\x95" + b"\xff" * 8 + MARKER,
        pickle.dumps(_TEXT, 2)[:-1],
    ],
)
def test_what_is_no_whole_pickle_is_scanned_raw(content: bytes) -> None:
    """Lengths that lie, lines without an end, unknown instructions, a missing end."""
    assert parts(content) == {None: content}
