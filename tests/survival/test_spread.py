"""Deaths between two checks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.survival import Span, spread

ages = st.floats(0, 1000)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Return a span as ``observe`` makes them."""
    entry, alive, dead = sorted((draw(ages), draw(ages), draw(ages)))
    if draw(st.booleans()):
        return Span(entry, (alive + dead) / 2, died=True, gap=dead - alive)
    return Span(entry, dead, died=False)


@given(st.lists(spans()))
def test_a_death_stays_between_its_checks(given_spans: list[Span]) -> None:
    """Nobody is lost, who lives stays as it was, and who died did in its own gap."""
    found = spread(given_spans)
    assert len(found) == len(given_spans)
    alive = [span for span in given_spans if not span.died]
    assert found[: len(alive)] == alive

    def gap(span: Span) -> tuple[float, float, float]:
        middle = span.exit
        return (middle - span.gap / 2, middle + span.gap / 2, span.entry)

    deaths = sorted((span for span in given_spans if span.died), key=gap)
    for before, after in zip(deaths, found[len(alive) :], strict=True):
        assert (before.entry, before.gap) == (after.entry, after.gap)
        assert abs(after.exit - before.exit) <= before.gap / 2 * (1 + 1e-9)


@pytest.mark.parametrize("number", [1, 2, 7, 100, 1000])
def test_like_gaps_are_filled_evenly(number: int) -> None:
    """Of deaths between the ages 30 and 90 as many are in each part of it as it is long."""
    found = sorted(span.exit for span in spread([Span(0, 60, died=True, gap=60)] * number))
    assert found[0] > 30
    assert found[-1] < 90
    for share in (0.25, 0.5, 0.75):
        below = sum(age <= 30 + 60 * share for age in found)
        assert below == pytest.approx(number * share, abs=2)
    if number == 1:
        assert found == [60]


@given(st.lists(spans()), st.randoms())
def test_the_order_of_secrets_does_not_matter(given_spans: list[Span], chance: object) -> None:
    """The same secrets give the same curve."""
    mixed = list(given_spans)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    exits = [sorted(span.exit for span in spread(one)) for one in (given_spans, mixed)]
    assert exits[0] == exits[1]
