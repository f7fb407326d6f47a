"""What the answers about one secret say of its life."""

from __future__ import annotations

import pytest

from keysift.survival import LeftOut, Span, observe

ALIVE, DEAD = True, False


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], LeftOut.UNASKED),
        ([(1, ALIVE)], Span(0, 1, died=False)),
        ([(1, ALIVE), (7, ALIVE)], Span(0, 7, died=False)),
        ([(1, ALIVE), (7, DEAD)], Span(0, 4, died=True, gap=6)),
        ([(1, ALIVE), (7, DEAD), (30, DEAD)], Span(0, 4, died=True, gap=6)),
        ([(30, ALIVE), (90, ALIVE)], Span(0, 90, died=False)),
        ([(30, DEAD)], Span(0, 15, died=True, gap=30)),
        # First checked late: under risk from then on, and without a death that tells.
        ([(31, ALIVE), (90, DEAD)], Span(31, 60.5, died=True, gap=59)),
        ([(31, DEAD)], LeftOut.LATE),
        ([(31, DEAD), (90, DEAD)], LeftOut.LATE),
        # It came back: the first refusal was none.
        ([(1, ALIVE), (7, DEAD), (30, ALIVE)], Span(0, 30, died=False)),
        ([(1, ALIVE), (7, DEAD), (30, ALIVE), (90, DEAD)], Span(0, 60, died=True, gap=60)),
        ([(7, DEAD), (30, ALIVE)], Span(0, 30, died=False)),
        ([(40, DEAD), (90, ALIVE), (180, ALIVE)], Span(90, 180, died=False)),
        # Asked before it was published.
        ([(-5, ALIVE), (3, ALIVE)], Span(0, 3, died=False)),
        ([(-5, ALIVE), (3, DEAD)], Span(0, 1.5, died=True, gap=3)),
        ([(-5, ALIVE)], Span(0, 0, died=False)),
        ([(-5, DEAD)], LeftOut.UNBORN),
        ([(-5, ALIVE), (-1, DEAD)], LeftOut.UNBORN),
    ],
)
def test_answers_become_a_span(answers: list[tuple[float, bool]], expected: Span | LeftOut) -> None:
    """Death lies between two checks, censoring at the last sign of life, entry at the first."""
    assert observe(answers) == expected


def test_the_rule_looks_at_the_age_of_the_first_check_alone() -> None:
    """Early, both answers count from the beginning; late, neither says anything of the time before.

    Were the early dead left out as the late ones are, those that live long would be preferred.
    """
    early = [observe([(20, works)]) for works in (ALIVE, DEAD)]
    assert early == [Span(0, 20, died=False), Span(0, 10, died=True, gap=20)]
    late = [observe([(400, works)]) for works in (ALIVE, DEAD)]
    assert late == [Span(400, 400, died=False), LeftOut.LATE]
    assert Span(400, 400, died=False).is_empty


def test_grace_can_be_chosen() -> None:
    """How late is late is a parameter."""
    assert observe([(10, DEAD)], grace=7) is LeftOut.LATE
    assert observe([(10, ALIVE), (20, ALIVE)], grace=7) == Span(10, 20, died=False)
