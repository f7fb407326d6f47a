"""Asks many providers about many credentials: as fast as their limits allow, and never faster.

One thread decides what is asked next, hands answers to the caller and holds all state; others only
ask. What has been answered is handed on before another question is sent in its place, so that a
kill costs at most the questions that were being asked: ``total_concurrency`` of them.
"""

from __future__ import annotations

import heapq
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import count
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from msgspec import Struct, field

from keysift.catalogue.validity import Validity
from keysift.model import CannotAskError, Outcome
from keysift.net.asking import Asker, Reply
from keysift.verify.ask import ask
from keysift.verify.audit import AuditLog, in_words
from keysift.verify.credential import Credential, Question
from keysift.verify.lane import Job, Lane
from keysift.verify.limits import Limits
from keysift.verify.offline import decided
from keysift.verify.request import endpoint_of, placeholders

_REMEMBERED: Final = 65_536
"""Credentials whose outcome is remembered, for others that are the same."""

_DAILY: Final = "its daily budget of {:,} requests is used up"
_TOTAL: Final = "the daily budget of {:,} requests is used up"
_STOPPED: Final = "stopped"


class Answered(Struct, frozen=True):
    """What came of asking about a credential.

    Attributes:
        credential: Which.
        table: How it was asked.
        outcome: What came of it.
    """

    credential: Credential
    table: Validity
    outcome: Outcome


class Told(Protocol):
    """Takes answers, and keeps them before it returns."""

    def __call__(self, answers: Sequence[Answered], /) -> None:
        """Take some answers."""


class Queue(Struct, frozen=True):
    """What one provider is to be asked.

    Attributes:
        size: How many questions.
        questions: They, made as they are wanted; None for one that cannot be asked.
    """

    size: int
    questions: Iterator[Question | None]


class Tally(Struct):
    """What a run did.

    Attributes:
        requests: Requests sent.
        answered: Credentials by what came of them.
        postponed: Credentials that were not asked about, by provider: how many, and why.
        is_stopped: Whether somebody stopped it.
    """

    requests: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    postponed: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_stopped: bool = False


class Engine:
    """Asks about credentials, once.

    Args:
        asker: Sends requests.
        limits: The bounds.
        audit: Where each request is written down.
        tell: Takes the answers; it is called by one thread.
        stopping: Called when somebody stopped it, with the number of answers that are waited for.
    """

    def __init__(
        self,
        asker: Asker,
        limits: Limits,
        audit: AuditLog,
        tell: Told,
        stopping: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._asker = asker
        self._tell_stopping = stopping
        self._limits = limits
        self._audit = audit
        self._tell = tell
        self._tally = Tally()
        self._lanes: dict[str, Lane] = {}
        self._ready: list[tuple[float, int, Lane]] = []
        self._order = count()
        self._jobs: SimpleQueue[tuple[Job, Lane, float] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Job, Lane, Outcome | BaseException] | None] = SimpleQueue()
        self._is_stopped = False
        self._is_stopping = threading.Event()
        self._in_flight = 0
        self._queued: set[str] = set()
        self._known: OrderedDict[bytes, Outcome] = OrderedDict()
        self._asking: dict[bytes, Job] = {}
        self._salt = secrets.token_bytes(16)
        self._budget = _Budget(audit, limits, self._lanes)

    def stop(self) -> None:
        """Ask nothing more; what is being asked is waited for. May be called by a signal."""
        # No lock: the thread that a signal interrupts may hold it, and would wait for itself.
        self._is_stopped = True
        self._results.put(None)

    def run(self, queues: Mapping[str, Queue]) -> Tally:
        """Ask about all credentials.

        Args:
            queues: What to ask, by provider.

        Raises:
            KeysiftError: The audit log or the store fails. What was answered before is kept.
        """
        for provider, queue in queues.items():
            lane = Lane(provider, queue.questions, queue.size, self._limits.of(provider))
            self._lanes[provider] = lane
            self._push(lane)
        room = sum(lane.limits.concurrency for lane in self._lanes.values())
        size = max(min(self._limits.total_concurrency, room), 1)
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]
        for worker in workers:
            worker.start()
        try:
            self._dispatch(size)
        finally:
            self._is_stopping.set()
            for _ in workers:
                self._jobs.put(None)
        for worker in workers:
            worker.join()
        return self._finished()

    def _finished(self) -> Tally:
        self._tally.requests = self._audit.requests
        self._tally.is_stopped = any(lane.given_up == _STOPPED for lane in self._lanes.values())
        for lane in self._lanes.values():
            if lane.waiting:
                self._tally.postponed[lane.provider] = (lane.waiting, lane.given_up)
        return self._tally

    def _dispatch(self, size: int) -> None:
        """Hand out questions and take answers until there are none left."""
        while True:
            while self._in_flight < size and not self._is_stopped:
                # Answers that came meanwhile are handed on first: what needs no request is many.
                if not self._begin_one() or not self._results.empty():
                    break
            if self._is_stopped and not self._is_stopping.is_set():
                self._is_stopping.set()
                for lane in self._lanes.values():
                    lane.give_up(_STOPPED)
                self._tell_stopping(self._in_flight)
            if not self._in_flight and not self._ready:
                return
            if self._is_stopping.is_set() and not self._in_flight:
                return
            self._settle(self._received(size))

    def _received(self, size: int) -> list[tuple[Job, Lane, Outcome | BaseException]]:
        """Wait for answers, but not longer than until the next question may be asked."""
        wait_s: float | None = None
        if self._ready and self._in_flight < size and not self._is_stopped:
            wait_s = max(self._ready[0][0] - time.monotonic(), 0.0)
        received: list[tuple[Job, Lane, Outcome | BaseException]] = []
        try:
            one = self._results.get(timeout=wait_s)
            while True:
                if one is not None:
                    received.append(one)
                one = self._results.get_nowait()
        except Empty:
            return received

    def _begin_one(self) -> bool:
        """Begin the next question whose time has come, and tell whether there was one."""
        now = time.monotonic()
        if not self._ready or self._ready[0][0] > now:
            return False
        lane = heapq.heappop(self._ready)[2]
        self._queued.discard(lane.provider)
        ready_at = lane.ready_at()
        if ready_at is not None and ready_at <= now and self._has_budget(lane):
            job = lane.next(now)
            if job is not None:
                self._begin(job, lane, now)
        self._push(lane)
        return True

    def _begin(self, job: Job, lane: Lane, now: float) -> None:
        question = job.question
        outcome = decided(question)
        if outcome is None and not job.attempts:
            digest = self._digest(question)
            outcome = self._known.get(digest)
            same = self._asking.get(digest)
            if outcome is None and same is not None:
                same.followers.append(question)
                return
            if outcome is None:
                self._asking[digest] = job
        if outcome is not None:
            self._hand_on([Answered(question.credential, question.table, outcome)])
            return
        self._in_flight += 1
        lane.began()
        self._jobs.put((job, lane, lane.reserve(now)))

    def _has_budget(self, lane: Lane) -> bool:
        try:
            with self._budget.counting:
                self._budget.check(lane)
        except _NotNowError as error:
            self._give_up(lane, error)
        return not lane.given_up

    def _give_up(self, lane: Lane, error: _NotNowError) -> None:
        for one in self._lanes.values() if error.is_total else (lane,):
            one.give_up(error.why)

    def _push(self, lane: Lane) -> None:
        ready_at = lane.ready_at()
        if ready_at is not None and lane.provider not in self._queued:
            self._queued.add(lane.provider)
            # Those whose time has come take turns.
            turn = max(ready_at, time.monotonic())
            heapq.heappush(self._ready, (turn, next(self._order), lane))

    def _settle(self, received: list[tuple[Job, Lane, Outcome | BaseException]]) -> None:
        """Hand answers on, then let other questions take their places."""
        now = time.monotonic()
        answers: list[Answered] = []
        failure: BaseException | None = None
        for job, lane, outcome in received:
            self._in_flight -= 1
            if isinstance(outcome, _NotNowError):
                self._give_up(lane, outcome)
                lane.put_back(job, now)
                continue
            if isinstance(outcome, BaseException):
                failure = failure or outcome
                lane.in_flight -= 1
                continue
            is_shared = not job.question.table.host
            if lane.ended(job, outcome, now, is_shared=is_shared):
                continue
            digest = self._digest(job.question)
            self._asking.pop(digest, None)
            self._remember(digest, outcome)
            answers += [
                Answered(one.credential, one.table, outcome)
                for one in (job.question, *job.followers)
            ]
        if answers:
            self._hand_on(answers)
        for _, lane, _ in received:
            self._push(lane)
        if failure is not None:
            raise failure

    def _hand_on(self, answers: Sequence[Answered]) -> None:
        self._tell(answers)
        for one in answers:
            self._tally.answered[one.outcome.verdict.value] += 1

    def _remember(self, digest: bytes, outcome: Outcome) -> None:
        self._known[digest] = outcome
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _digest(self, question: Question) -> bytes:
        """Return what tells credentials apart: how is asked, and all that is sent of them."""
        digest = blake2b(question.table.version.encode(), digest_size=16, key=self._salt)
        table = question.table
        names = placeholders(table).union(*(placeholders(table.second(one)) for one in table.more))
        for name in sorted(names):
            value = question.credential.values.get(name, b"")
            digest.update(b"%d:%s" % (len(value), value))
        return digest.digest()

    def _work(self) -> None:
        """Ask, in a thread of its own, until there is nothing more to ask."""
        while (one := self._jobs.get()) is not None:
            job, lane, at = one
            gate = _Gate(self._asker, self._budget, job.question, lane, self._is_stopping)
            try:
                gate.wait(at)
                outcome: Outcome | BaseException = ask(
                    job.question.table, job.question.credential.values, gate
                )
            except BaseException as error:  # noqa: BLE001 (raised again by the thread that waits)
                outcome = error
            gate.close()
            self._results.put((job, lane, outcome))


class _NotNowError(Exception):
    """A question needs another request, and there may be none in this run.

    Attributes:
        why: Why.
        is_total: Whether none may be sent to any provider.
    """

    def __init__(self, why: str, *, is_total: bool) -> None:
        super().__init__(why)
        self.why = why
        self.is_total = is_total


class _Budget:
    """Counts what was sent today, and what is about to be.

    Args:
        audit: Has what was sent.
        limits: The bounds.
        lanes: The ways to all providers, by name.

    Attributes:
        audit: The same.
        counting: Held where a request moves from those to be sent to those in the log: it counts
            once.
    """

    def __init__(self, audit: AuditLog, limits: Limits, lanes: Mapping[str, Lane]) -> None:
        self.audit = audit
        self.counting = threading.Lock()
        self._limits = limits
        self._lanes = lanes

    def check(self, lane: Lane) -> None:
        """Refuse another request that the budgets have no room for.

        Raises:
            _NotNowError: They have none.
        """
        total, daily = self._limits.total_daily, lane.limits.daily
        if self.audit.asked_today() + sum(one.unsent for one in self._lanes.values()) >= total:
            raise _NotNowError(_TOTAL.format(total), is_total=True)
        if self.audit.asked_today(lane.provider) + lane.unsent >= daily:
            raise _NotNowError(_DAILY.format(daily), is_total=False)


class _Gate:
    """Sends the requests of one question: each in its turn, each written down.

    Args:
        asker: Sends them.
        budget: Counts them, with the log where they are written down.
        question: The question.
        lane: The way to its provider.
        stopping: Set when nobody should wait any more.
    """

    def __init__(
        self,
        asker: Asker,
        budget: _Budget,
        question: Question,
        lane: Lane,
        stopping: threading.Event,
    ) -> None:
        self._asker = asker
        self._budget = budget
        self._audit = budget.audit
        self._question = question
        self._lane = lane
        self._stopping = stopping
        self._is_first = True

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Send a request, as ``Asker.ask`` does.

        Raises:
            CannotAskError: There was no whole answer.
            ConfigurationError: It could not be written down, and was not sent.
            _NotNowError: It was not sent, since the run ends or the budget is used up.
        """
        credential, lane = self._question.credential, self._lane
        if not self._is_first:
            # The first one's turn came before it was handed out.
            self.wait(lane.reserve(time.monotonic()))
        endpoint = endpoint_of(self._question.table, method, self._asker.led(url))
        with self._budget.counting:
            if not self._is_first:
                self._budget.check(lane)
            line = self._audit.ask(
                lane.provider, endpoint, credential.detector, credential.fingerprint
            )
            self.close()
        try:
            reply = self._asker.ask(method, url, headers, body)
        except CannotAskError as error:
            self._audit.answer(line, in_words(error.outcome))
            raise
        self._audit.answer(line, f"status {reply.status}")
        return reply

    def wait(self, at: float) -> None:
        """Wait for a turn; who is stopped meanwhile asks nothing out of turn.

        Raises:
            _NotNowError: That happened.
        """
        wait_s = at - time.monotonic()
        if wait_s > 0 and self._stopping.wait(wait_s):
            raise _NotNowError(_STOPPED, is_total=True)

    def close(self) -> None:
        """Note that the first request is in the log now, or will never be."""
        if self._is_first:
            self._is_first = False
            self._lane.sent()
