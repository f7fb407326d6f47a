"""Bounds that a configuration may set."""

from __future__ import annotations

import msgspec
import pytest

from keysift.verify.limits import Limits


@pytest.mark.parametrize("name", ["rate", "pause", "patience"])
@pytest.mark.parametrize("number", [float("inf"), float("nan"), 1e300, -1.0])
def test_bounds_have_ends(name: str, number: float) -> None:
    """TOML has ``inf`` and ``nan``; a clock that waits has neither."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({name: number}, Limits)


def test_threads_have_an_end() -> None:
    """So do rates that are nearly nothing."""
    for wrong in ({"concurrency": 100_000}, {"total-concurrency": 100_000}, {"rate": 1e-300}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Limits)
