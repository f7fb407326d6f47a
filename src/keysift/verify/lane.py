"""When one provider may be asked next: its rate, its pauses, its budget, its failures."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from itertools import count
from typing import Final

from msgspec import Struct

from keysift.model import Doubt, Outcome
from keysift.verify.credential import Question
from keysift.verify.limits import Limits

_BURST_S: Final = 0.5
"""What was not used of the rate within this time may be used at once."""

_OPENINGS: Final = 3
"""How often a provider is left alone before it is not asked in this run any more."""

_FIRST_PAUSE_S: Final = 5.0
"""After "too many requests" that does not say for how long; doubled each time."""

_BACKOFF_S: Final = 1.0
_SLOWEST: Final = 1 / 16
"""How much of the rate is left at least, however often a provider says "too many"."""

_FASTER: Final = 1.1
"""How much faster it goes after each answer; after seven it is what it was."""

_FAILURES: Final = frozenset({Doubt.NETWORK, Doubt.TIMEOUT, Doubt.TLS, Doubt.SERVER_ERROR})


class Job(Struct):
    """A question that is being asked.

    Attributes:
        question: What is asked.
        attempts: How often it was before.
        followers: Others that are the same credential, found by other detectors.
    """

    question: Question
    attempts: int = 0
    followers: list[Question] = []


class Lane:
    """The way to one provider. Times are seconds of one clock that never goes back.

    Args:
        provider: Its name.
        questions: What to ask it, made as they are wanted; None for one that cannot be asked.
        size: How many those are.
        limits: Its bounds.

    Attributes:
        in_flight: Questions being asked.
        unsent: Those of them whose first request is not in the audit log yet.
        left: Questions that were not begun.
        given_up: Why it is not asked any more in this run; empty while it is.
    """

    def __init__(
        self, provider: str, questions: Iterator[Question | None], size: int, limits: Limits
    ) -> None:
        self.provider = provider
        self.limits = limits
        self.in_flight = 0
        self.unsent = 0
        self.left = size
        self.given_up = ""
        self._questions = questions
        self._retries: list[tuple[float, int, Job]] = []
        self._order = count()
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._slowed = 1.0
        self._paused_until = 0.0
        self._failures = 0
        self._openings = 0
        self._is_probing = False
        self._limited = 0

    @property
    def waiting(self) -> int:
        """Questions that have no answer yet and are not being asked."""
        return self.left + sum(1 + len(job.followers) for _, _, job in self._retries)

    def ready_at(self) -> float | None:
        """Return when a question may be asked; None when there is none, or none may be now."""
        room = 1 if self._is_probing else self.limits.concurrency
        if self.given_up or self.in_flight >= room:
            return None
        if self.left:
            wanted = 0.0
        elif self._retries:
            wanted = self._retries[0][0]
        else:
            return None
        return max(wanted, self._free_at, self._paused_until)

    def next(self, now: float) -> Job | None:
        """Return the next question, which takes no slot yet; None when there are no more."""
        if self._retries and (self._retries[0][0] <= now or not self.left):
            return heapq.heappop(self._retries)[2]
        for question in self._questions:
            self.left -= 1
            if question is not None:
                return Job(question)
        self.left = 0
        return None

    def reserve(self, now: float) -> float:
        """Take the next slot of the rate, and return when that is."""
        with self._lock:
            at = max(self._free_at, self._paused_until, now - _BURST_S)
            self._free_at = at + 1 / (self.limits.rate * self._slowed)
            return max(at, now)

    def began(self) -> None:
        """Note that a question is being asked."""
        self.in_flight += 1
        with self._lock:
            self.unsent += 1

    def sent(self) -> None:
        """Note that the first request of a question is in the audit log, or never will be."""
        with self._lock:
            self.unsent -= 1

    def put_back(self, job: Job, now: float) -> None:
        """Take a question back that could not be asked to its end."""
        self.in_flight -= 1
        heapq.heappush(self._retries, (now, next(self._order), job))

    def ended(self, job: Job, outcome: Outcome, now: float, *, is_shared: bool) -> bool:
        """Note what came of a question, and tell whether it will be asked again.

        Args:
            job: The question.
            outcome: What came of it.
            now: The time.
            is_shared: Whether its server is that of all questions; one of a customer says nothing
                about the provider.
        """
        self.in_flight -= 1
        doubt = outcome.doubt
        if doubt is Doubt.RATE_LIMITED or (doubt is None and outcome.retry_after_s is not None):
            # The latter: it answered, and then refused to say what the secret may do.
            self._limit(outcome, now)
        else:
            self._recover()
            if is_shared:
                self._judge(doubt, now)
        if self.given_up or doubt is None or not doubt.is_passing:
            return False
        if job.attempts >= self.limits.retries:
            return False
        job.attempts += 1
        wait_s = outcome.retry_after_s or _BACKOFF_S * 2**job.attempts
        if doubt is not Doubt.RATE_LIMITED and wait_s > self.limits.patience:
            return False
        heapq.heappush(self._retries, (now + wait_s, next(self._order), job))
        return True

    def give_up(self, why: str) -> None:
        """Ask nothing more in this run."""
        self.given_up = self.given_up or why

    def _limit(self, outcome: Outcome, now: float) -> None:
        """Leave a provider alone that has had enough, and go slower after that."""
        self._limited += 1
        wait_s = outcome.retry_after_s
        if wait_s is None:
            wait_s = _FIRST_PAUSE_S * 2 ** (self._limited - 1)
        if wait_s > self.limits.patience:
            self.give_up(f"asked to be left alone for {wait_s:,.0f} s")
        with self._lock:
            self._paused_until = max(self._paused_until, now + wait_s)
            self._slowed = max(self._slowed / 2, _SLOWEST)

    def _recover(self) -> None:
        """Go a little faster again, up to the rate."""
        self._limited = 0
        with self._lock:
            self._slowed = min(self._slowed * _FASTER, 1.0)

    def _judge(self, doubt: Doubt | None, now: float) -> None:
        """Open the circuit after failures in a row; one question then tells whether it is well."""
        if doubt is None or doubt not in _FAILURES:
            self._failures, self._openings, self._is_probing = 0, 0, False
            return
        if now < self._paused_until:
            # It began before the circuit was opened, and tells nothing new.
            return
        self._failures += 1
        if self._failures < self.limits.failures and not self._is_probing:
            return
        self._failures, self._is_probing = 0, True
        self._openings += 1
        if self._openings >= _OPENINGS:
            self.give_up(f"does not answer ({doubt.value})")
        with self._lock:
            wait_s = self.limits.pause * 2 ** (self._openings - 1)
            self._paused_until = max(self._paused_until, now + wait_s)
