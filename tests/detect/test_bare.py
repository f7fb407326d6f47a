"""Large binary data is passed over only when nothing can be written in it."""

from __future__ import annotations

import pytest

from keysift.catalogue import load
from keysift.catalogue.samples import expand
from keysift.detect.bare import Bare
from keysift.detect.scanner import Scanner
from tests.detect.test_scanner import token, values

ZEROS = bytes(1 << 20)


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", [600, 600_001])
def test_a_secret_in_a_sea_of_zeros_is_found(scanner: Scanner, encoding: str, before: int) -> None:
    """It is enough that one token is written anywhere."""
    content = ZEROS[:before] + token().decode().encode(encoding) + ZEROS[before:]
    assert not Bare().holds_nothing(content)
    if encoding == "ascii":
        assert values(scanner, content) == [token()]


def test_numbers_are_passed_over() -> None:
    """An array with a number now and then is not a text."""
    assert Bare().holds_nothing(ZEROS + b"\xf0\x3f" + ZEROS + b"ab=cd" + ZEROS)


@pytest.mark.parametrize("content", [b"", ZEROS[:1000], b"no zeros here " * 10_000])
def test_what_is_small_or_a_text_is_always_looked_at(content: bytes) -> None:
    """There the second look would cost more than it saves."""
    assert not Bare().holds_nothing(content)


def test_every_example_is_longer_than_what_is_passed_over() -> None:
    """No detector looks for something so short that it would be missed."""
    bare, zeros = Bare(), ZEROS[: 1 << 16]
    for detector in load().detectors:
        for template in detector.examples:
            example = expand(template, detector.id).encode()
            assert not bare.holds_nothing(zeros + example), detector.id
