"""When secrets are asked about again, and from which row of the ledger their verdict is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keysift.catalogue import load
from keysift.catalogue.validities import Validities
from keysift.catalogue.validity import Validity
from keysift.model import Doubt, Verdict
from keysift.verify.plan import Chosen, Planner, Unasked, When
from keysift.verify.schedule import Check, Standing, standing_of, standings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TABLE = Validity(detectors=("github-pat",), url="https://api.acme.example/user")
VALIDITIES = Validities(
    (
        TABLE,
        Validity(detectors=("npm-access-token",), by_name="it may raise an alarm"),
        Validity(detectors=("pypi-api-token",), not_checkable="asking would publish something"),
    )
)


def check(verdict: Verdict, days: float = 1, doubt: Doubt | None = None, secret: int = 1) -> Check:
    """Return a row of the ledger, written so many days ago."""
    return Check(secret, verdict, doubt, TABLE.version, NOW - timedelta(days=days))


def standing(*checks: Check) -> Standing:
    """Return where a secret stands."""
    return standing_of(checks)


def test_what_says_nothing_changes_nothing() -> None:
    """A provider that could not be asked leaves the answer before it, and its row, standing."""
    answer = check(Verdict.ACTIVE, 9)
    found = standing(answer, check(Verdict.UNKNOWN, 2, Doubt.NETWORK), check(Verdict.UNKNOWN, 1))
    assert (found.verdict, found.told) == (Verdict.ACTIVE, answer)
    refused = check(Verdict.UNKNOWN, 1, Doubt.DOUBTFUL_REFUSAL)
    assert standing(answer, refused).told == refused
    nothing = standing(check(Verdict.UNKNOWN, 1, Doubt.TIMEOUT))
    assert (nothing.verdict, nothing.told) == (Verdict.UNKNOWN, None)


def test_each_secret_has_a_standing() -> None:
    """Rows of several secrets, one after the other, give one standing each."""
    rows = [check(Verdict.ACTIVE), check(Verdict.INACTIVE), check(Verdict.INACTIVE, secret=7)]
    one, other = standings(rows)
    assert (one.secret, one.verdict, one.since, one.before) == (
        1,
        Verdict.INACTIVE,
        1,
        Verdict.ACTIVE,
    )
    assert (other.secret, other.since, other.before) == (7, 1, None)


@pytest.mark.parametrize(
    ("detector", "checks", "due"),
    [
        ("github-pat", [], 0),
        ("github-pat", [check(Verdict.ACTIVE, 2), check(Verdict.ACTIVE, 1)], 6),
        ("github-pat", [check(Verdict.ACTIVE, 40)], -39),
        ("github-pat", [check(Verdict.INACTIVE, 400)], -370),
        # A change is made sure of at once; the schedule begins after that.
        ("github-pat", [check(Verdict.ACTIVE, 9), check(Verdict.INACTIVE, 1)], -1),
        (
            "github-pat",
            [check(Verdict.ACTIVE, 9), check(Verdict.INACTIVE, 1), check(Verdict.INACTIVE, 1)],
            29,
        ),
        # That a provider was not well hides no change, and begins no schedule anew.
        (
            "github-pat",
            [
                check(Verdict.ACTIVE, 9),
                check(Verdict.UNKNOWN, 5, Doubt.NETWORK),
                check(Verdict.INACTIVE, 2),
            ],
            -2,
        ),
        (
            "github-pat",
            [
                check(Verdict.ACTIVE, 40),
                check(Verdict.ACTIVE, 39),
                check(Verdict.UNKNOWN, 32, Doubt.TIMEOUT),
                check(Verdict.ACTIVE, 31),
            ],
            -1,
        ),
        ("github-pat", [check(Verdict.ACTIVE, 9), check(Verdict.UNKNOWN, 3, Doubt.TLS)], -2),
        ("github-pat", [check(Verdict.CANARY)], Unasked.CANARY),
        ("npm-access-token", [], Unasked.BY_NAME),
        ("pypi-api-token", [], Unasked.NOT_CHECKABLE),
        ("slack-bot-token", [], Unasked.NO_QUESTION),
    ],
)
def test_a_planner_says_when_or_why_not(
    detector: str, checks: list[Check], due: int | Unasked
) -> None:
    """What can be asked about is due some time; of everything else the reason is told."""
    planner = Planner(load(), VALIDITIES)
    where = standing(*checks) if checks else None
    found = planner.due(detector, where, NOW)
    assert found == (due if isinstance(due, Unasked) else NOW + timedelta(days=due))
    plan = planner.plan([Chosen(1, detector)], {1: where} if where else {}, When.DUE, NOW)
    if isinstance(due, Unasked):
        assert list(plan.unasked) == [due]
    else:
        assert plan.size == (due <= 0)
