"""Ctrl-C and SIGTERM, as a command of ours answers them."""

from __future__ import annotations

import signal

import pytest

from keysift.cli.signals import Interruptions

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_asks_and_the_second_ends(number: signal.Signals) -> None:
    """Whoever is impatient is obeyed."""
    asked: list[str] = []
    with Interruptions() as interruptions, interruptions.asks(lambda: asked.append("stop")):
        signal.raise_signal(number)
        assert asked == ["stop"]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert asked == ["stop"]


@pytest.mark.parametrize("number", SIGNALS)
def test_nobody_to_ask_ends_at_once(number: signal.Signals) -> None:
    """Before and after what can be asked, a signal is an interruption."""
    with Interruptions() as interruptions:
        with interruptions.asks(lambda: None):
            pass
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_handlers_are_put_back() -> None:
    """What stood there before stands there again."""
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruptions():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
