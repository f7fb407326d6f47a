"""Asking many providers: nothing is lost, doubled, or asked faster than allowed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from keysift.errors import StoreError
from keysift.model import Doubt, Verdict
from keysift.net.asking import Asker
from keysift.verify.audit import AuditLog, Line
from keysift.verify.credential import Question
from keysift.verify.engine import Answered, Engine, Queue, Tally
from keysift.verify.limits import Limits, ProviderLimits
from tests.verify.providers import ACTIVE, INACTIVE, Answer, Providers, question, queue, serving

FAST = Limits(rate=500, concurrency=4, pause=0.05, failures=3)


@pytest.fixture
def providers() -> Iterator[Providers]:
    """Providers that call every secret active."""
    with serving() as running:
        yield running


class Run:
    """A run of the engine, with what it told.

    Args:
        providers: The server.
        directory: Of the audit log.
        limits: The bounds.
    """

    def __init__(self, providers: Providers, directory: Path, limits: Limits = FAST) -> None:
        self.answers: list[Answered] = []
        self.audit = AuditLog(directory)
        names = ("acme", "globex", "hooli")
        self.asker = Asker(elsewhere=providers.elsewhere(*names), total_s=5)
        self.failure: Exception | None = None
        self.waited: list[int] = []
        self.engine = Engine(self.asker, limits, self.audit, self.told, self.waited.append)

    def told(self, answers: Sequence[Answered]) -> None:
        """Keep answers, or fail."""
        if self.failure is not None:
            raise self.failure
        self.answers += answers

    def run(self, **queues: Queue) -> Tally:
        """Ask, and close."""
        try:
            return self.engine.run(queues)
        finally:
            self.asker.close()
            self.audit.close()

    def verdicts(self) -> dict[int, Verdict]:
        """Return the verdicts by the numbers of secrets."""
        assert len({one.credential.key for one in self.answers}) == len(self.answers)
        return {one.credential.key: one.outcome.verdict for one in self.answers}


def lines(directory: Path) -> list[Line]:
    """Return the audit log."""
    return [
        msgspec.json.decode(raw, type=Line)
        for file in sorted(directory.iterdir())
        for raw in file.read_bytes().splitlines()
    ]


def test_each_secret_is_asked_about_once(providers: Providers, tmp_path: Path) -> None:
    """The verdicts are those of the providers, and every request is in the log, twice."""

    def answer(_host: str, secret: str, _times: int) -> Answer:
        return ACTIVE if int(secret.rpartition("-")[2]) % 2 else INACTIVE

    providers.answer = answer
    run = Run(providers, tmp_path / "audit")
    tally = run.run(acme=queue("acme", 40), globex=queue("globex", 5))
    assert set(providers.asked.values()) == {1}
    assert len(providers.asked) == 45 == tally.requests
    assert tally.answered == {"active": 22, "inactive": 23}
    assert not tally.postponed
    written = lines(tmp_path / "audit")
    assert Counter(line.event for line in written) == {"ask": 45, "answer": 45}
    assert {line.endpoint.partition(" ")[0] for line in written} == {"GET"}
    assert Counter(line.outcome for line in written if line.event == "answer") == {
        "status 200": 22,
        "status 401": 23,
    }
    assert b"-secret-" not in b"".join(file.read_bytes() for file in (tmp_path / "audit").iterdir())


def test_no_provider_is_asked_faster_than_its_rate(providers: Providers, tmp_path: Path) -> None:
    """Requests are as far apart as the rate wants, however many may be under way."""
    limits = Limits(rate=20, concurrency=8, providers={"acme": ProviderLimits(rate=10)})
    Run(providers, tmp_path, limits).run(acme=queue("acme", 8), globex=queue("globex", 8))
    for name, rate, burst in (("acme", 10, 6), ("globex", 20, 11)):
        moments = providers.moments[name]
        # What was not used for half a second may be used at once; after that, the rate counts.
        assert moments[-1] - moments[0] >= (len(moments) - burst) / rate - 0.05


def test_the_same_credential_is_asked_about_once(providers: Providers, tmp_path: Path) -> None:
    """Two detectors that found the same share the answer, before and after it came."""
    same = [question("acme", 1), question("acme", 1), question("acme", 2), question("acme", 1)]
    run = Run(providers, tmp_path)
    run.run(acme=Queue(4, iter(same)))
    assert len(run.answers) == 4
    assert set(providers.asked.values()) == {1}


def test_what_may_pass_is_tried_again(providers: Providers, tmp_path: Path) -> None:
    """A server that errs once is asked once more; one that does not understand is not."""

    def answer(host: str, _secret: str, times: int) -> Answer:
        if host == "globex":
            return 404, {}, b"{}"
        return (503, {"Retry-After": "0"}, b"") if times == 1 else ACTIVE

    providers.answer = answer
    run = Run(providers, tmp_path, msgspec.structs.replace(FAST, failures=100))
    tally = run.run(acme=queue("acme", 3), globex=queue("globex", 3))
    assert tally.answered == {"active": 3, "unknown": 3}
    assert {providers.asked[key] for key in providers.asked if key[0] == "acme"} == {2}
    assert {providers.asked[key] for key in providers.asked if key[0] == "globex"} == {1}


def test_too_many_requests_slow_one_provider_down(providers: Providers, tmp_path: Path) -> None:
    """Nobody asks it before it wants to be asked; the others are not kept waiting."""
    seen = Counter[str]()

    def answer(host: str, _secret: str, _times: int) -> Answer:
        seen[host] += 1
        is_first = host == "acme" and seen[host] == 1
        return (429, {"Retry-After": "1"}, b"") if is_first else ACTIVE

    providers.answer = answer
    limits = msgspec.structs.replace(FAST, concurrency=1)
    run = Run(providers, tmp_path, limits)
    tally = run.run(acme=queue("acme", 3), globex=queue("globex", 3))
    assert tally.answered == {"active": 6}
    moments = providers.moments["acme"]
    assert moments[1] - moments[0] >= 1
    assert providers.moments["globex"][-1] < moments[1]


def test_a_provider_that_wants_to_be_left_alone_is(providers: Providers, tmp_path: Path) -> None:
    """What it was not asked about is counted, with the reason, and stays to be asked about."""
    providers.answer = lambda *_: (429, {"Retry-After": "3600"}, b"")
    limits = msgspec.structs.replace(FAST, concurrency=1)
    run = Run(providers, tmp_path, limits)
    tally = run.run(acme=queue("acme", 5))
    assert tally.answered == {"unknown": 1}
    assert tally.postponed == {"acme": (4, "asked to be left alone for 3,600 s")}
    assert run.answers[0].outcome.doubt is Doubt.RATE_LIMITED


def test_a_provider_that_fails_is_not_asked_for_ever(providers: Providers, tmp_path: Path) -> None:
    """After failures in a row one question tells whether it is well again."""
    providers.answer = lambda host, *_: None if host == "acme" else ACTIVE
    limits = msgspec.structs.replace(FAST, concurrency=1, retries=0)
    run = Run(providers, tmp_path, limits)
    tally = run.run(acme=queue("acme", 50), globex=queue("globex", 5))
    # Three failures, then one after each of two pauses.
    assert sum(times for (host, _), times in providers.asked.items() if host == "acme") == 5
    assert tally.answered == {"unknown": 5, "active": 5}
    assert tally.postponed == {"acme": (45, "does not answer (network)")}


def test_a_server_of_a_customer_tells_nothing_of_others(
    providers: Providers, tmp_path: Path
) -> None:
    """Where hosts come with the secrets, one that is gone does not stop the questions."""
    providers.answer = lambda *_: None
    limits = msgspec.structs.replace(FAST, concurrency=1, retries=0)
    run = Run(providers, tmp_path, limits)
    tally = run.run(acme=queue("acme", 20, host=r"api\.acme\.example"))
    assert tally.answered == {"unknown": 20}


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"daily": 6}, "its daily budget of 6 requests is used up"),
        ({"total-daily": 6}, "the daily budget of 6 requests is used up"),
        ({"providers": {"acme": {"daily": 6}}}, "its daily budget of 6 requests is used up"),
    ],
)
def test_budgets_of_a_day(
    providers: Providers, tmp_path: Path, limits: dict[str, Any], why: str
) -> None:
    """What other runs asked today counts."""
    whole = msgspec.convert(msgspec.to_builtins(FAST) | limits, Limits)
    Run(providers, tmp_path, whole).run(acme=queue("acme", 2))
    second = Run(providers, tmp_path, whole)
    tally = second.run(acme=Queue(8, (question("acme", key) for key in range(10, 18))))
    assert providers.asked.total() == 6
    assert tally.postponed == {"acme": (4, why)}


def test_a_budget_that_is_used_up_within_a_question(providers: Providers, tmp_path: Path) -> None:
    """A question that needs one more request than there may be is asked another day."""
    providers.answer = lambda *_: INACTIVE
    limits = msgspec.structs.replace(FAST, daily=3, concurrency=1)
    run = Run(providers, tmp_path, limits)
    tally = run.run(acme=queue("acme", 4, also=["https://api.hooli.example"]))
    assert providers.asked.total() == 3
    assert tally.answered == {"inactive": 1}
    assert tally.postponed["acme"][0] == 3


MORE = {
    "url": "https://api.hooli.example/v1/scopes",
    "told_when": [{"status": 200}],
    "privilege": {"grants": [{"powers": ["read"]}]},
    "side_effects": "none",
    "references": ["https://docs.acme.example/scopes"],
}
"""A second request."""


def test_second_requests_count(providers: Providers, tmp_path: Path) -> None:
    """Neither budget is passed by the second requests of questions that are asked at once."""
    for number, limits in enumerate(({"total_daily": 5}, {"daily": 5})):
        before = providers.asked.total()
        whole = msgspec.structs.replace(FAST, **limits)
        run = Run(providers, tmp_path / str(number), whole)
        tally = run.run(acme=queue("acme", 12, more=[MORE]))
        assert providers.asked.total() - before <= 5
        assert len(run.answers) + tally.postponed["acme"][0] == 12


def test_a_provider_that_has_had_enough_of_second_requests(
    providers: Providers, tmp_path: Path
) -> None:
    """It is left alone, as after any other one."""
    providers.answer = lambda host, *_: (
        (429, {"Retry-After": "1"}, b"") if host == "hooli" else ACTIVE
    )
    run = Run(providers, tmp_path, msgspec.structs.replace(FAST, concurrency=1))
    assert run.run(acme=queue("acme", 2, more=[MORE])).answered == {"active": 2}
    first, second = providers.moments["acme"]
    assert second - first >= 1


def test_who_stops_does_not_hurry(providers: Providers, tmp_path: Path) -> None:
    """A second request whose turn has not come is not sent; its secret stays to be asked about."""
    run = Run(providers, tmp_path, msgspec.structs.replace(FAST, rate=0.2, concurrency=1))

    def answer(_host: str, _secret: str, _times: int) -> Answer:
        threading.Timer(0.2, run.engine.stop).start()
        return INACTIVE

    providers.answer = answer
    tally = run.run(acme=queue("acme", 3, also=["https://api.hooli.example"]))
    assert providers.asked.total() == 1
    assert tally.is_stopped
    assert tally.postponed == {"acme": (3, "stopped")}
    # What is waited for is said once.
    assert len(run.waited) == 1


def test_what_needs_no_request_keeps_nobody_waiting(providers: Providers, tmp_path: Path) -> None:
    """However much of it there is: others are asked meanwhile, and a signal ends it."""
    one = question("acme", 0)

    def canaries() -> Iterator[Question]:
        for key in count(1000):
            traps = msgspec.structs.replace(one.credential, key=key, facts={"canary": "a trap"})
            if len(run.answers) > 2000:
                run.engine.stop()
            yield msgspec.structs.replace(one, credential=traps)
            if key > 9000:
                return

    run = Run(providers, tmp_path)
    tally = run.run(acme=Queue(9000, canaries()), globex=queue("globex", 5))
    assert tally.is_stopped
    assert tally.answered["active"] == 5
    assert len(run.answers) < 3000


def test_stopping(providers: Providers, tmp_path: Path) -> None:
    """What is being asked is waited for, and told; nothing else is asked."""
    run = Run(providers, tmp_path, msgspec.structs.replace(FAST, concurrency=1))
    began = threading.Event()

    def answer(_host: str, _secret: str, _times: int) -> Answer:
        began.set()
        return ACTIVE

    providers.answer = answer

    def stop() -> None:
        began.wait()
        run.engine.stop()

    threading.Thread(target=stop).start()
    tally = run.run(acme=queue("acme", 5000))
    assert tally.is_stopped
    assert 1 <= len(run.answers) == providers.asked.total() < 5000
    assert tally.postponed == {"acme": (5000 - len(run.answers), "stopped")}


def test_a_signal_waits_for_no_lock(
    providers: Providers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that it interrupts may hold it."""
    run = Run(providers, tmp_path)
    with monkeypatch.context() as context:
        context.delattr(threading.Event, "set")
        run.engine.stop()
    assert run.run(acme=queue("acme", 3)).postponed == {"acme": (3, "stopped")}
    assert not providers.asked


def test_a_store_that_fails_ends_the_run(providers: Providers, tmp_path: Path) -> None:
    """Whoever takes the answers cannot keep them: nothing more is asked."""
    run = Run(providers, tmp_path, msgspec.structs.replace(FAST, concurrency=1))
    run.failure = StoreError("the disk is full")
    with pytest.raises(StoreError):
        run.run(acme=queue("acme", 500))
    assert providers.asked.total() < 20


def test_what_needs_no_request(providers: Providers, tmp_path: Path) -> None:
    """Canaries, what says that it expired, what lacks a half: no provider hears of them."""
    one = question("acme", 0)
    credentials = [
        msgspec.structs.replace(one.credential, key=1, facts={"canary": "Canarytokens"}),
        msgspec.structs.replace(one.credential, key=2, facts={"expires": "2019-01-01T00:00:00Z"}),
        msgspec.structs.replace(one.credential, key=3, values={}),
    ]
    asked = [msgspec.structs.replace(one, credential=each) for each in credentials]
    reason = question("acme", 4, not_checkable="it signs messages")
    run = Run(providers, tmp_path)
    tally = run.run(acme=Queue(4, iter([*asked, reason])))
    assert not providers.asked
    assert tally.requests == 0
    assert [(one.outcome.verdict, one.outcome.doubt) for one in run.answers] == [
        (Verdict.CANARY, None),
        (Verdict.UNKNOWN, Doubt.EXPIRED_OFFLINE),
        (Verdict.UNKNOWN, Doubt.INCOMPLETE),
        (Verdict.NOT_CHECKABLE, None),
    ]
