"""From answers about one secret to the span of its life that was under observation.

Nobody sees a secret die: it still worked at one check and did not at the next. And most secrets are
first asked about long after they were published. Both decide about the estimate more than its
formula does, so the rules stand here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

from msgspec import Struct

GRACE_DAYS: Final = 30.0
"""A secret first checked within so many days after publication counts as known from the start."""


class Span(Struct, frozen=True):
    """The ages at which a secret would have been seen to die: after ``entry``, up to ``exit``.

    Attributes:
        entry: Age at which it came under observation, in days; it was alive then.
        exit: Age at which it died (the middle of the two checks between which it did, until
            ``spread`` finds a better place), or at which it was last seen alive.
        died: Which of these ``exit`` is.
        gap: Days between those two checks; 0 when it did not die.
    """

    entry: float
    exit: float
    died: bool
    gap: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether it was never under risk: seen alive once, long after publication."""
        return self.exit <= self.entry


class LeftOut(Enum):
    """Why the answers about a secret say nothing about how long it lived.

    The value is the name in documents.
    """

    UNASKED = "no_answer"
    """No provider said whether it works."""
    LATE = "inactive_when_first_asked"
    """Dead at its first check, more than ``GRACE_DAYS`` after publication: at which age?"""
    UNBORN = "inactive_when_published"
    """Dead before it was published."""


def observe(answers: Sequence[tuple[float, bool]], *, grace: float = GRACE_DAYS) -> Span | LeftOut:
    """Return the span of a life that answers tell about, or why they tell none.

    A secret first checked at an age up to ``grace`` is under risk from age 0, whatever the answer:
    found dead, it died between 0 and then. One first checked later is under risk from that age on
    (delayed entry, left truncation), and found dead it is left out: had it died earlier or later,
    we would not have seen more. The age of the first check alone decides which rule applies, never
    its answer, or those that live long would be preferred. See Klein and Moeschberger, Survival
    Analysis, 2nd edition, sections 3.4 and 4.6.

    The death lies between the last answer that it works and the first after that; earlier answers
    that it does not were contradicted. One that does not die is censored when it was last seen
    alive, not today: nobody has looked since.

    Args:
        answers: Ages in days and whether it worked then, in the order of time. Ages below 0 (asked
            before it was published) count as 0.
        grace: See above.
    """
    if not answers:
        return LeftOut.UNASKED
    first = answers[0][0]
    alive = [number for number, (_, works) in enumerate(answers) if works]
    if not alive:
        if first <= 0:
            return LeftOut.UNBORN
        return LeftOut.LATE if first > grace else Span(0.0, first / 2, died=True, gap=first)
    last_alive = max(answers[alive[-1]][0], 0.0)
    # An answer that was contradicted is no proof that it lived: it is under risk from the first
    # time that it was seen to work.
    entry = 0.0 if first <= grace else answers[alive[0]][0]
    if alive[-1] == len(answers) - 1:
        return Span(entry, last_alive, died=False)
    dead = answers[alive[-1] + 1][0]
    if dead <= 0:
        return LeftOut.UNBORN
    return Span(entry, (last_alive + dead) / 2, died=True, gap=dead - last_alive)
