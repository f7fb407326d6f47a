"""Tables that would say something wrong do not get through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from keysift.model import Doubt, Verdict
from keysift.verify.ask import ask
from keysift.verify.rehearsal import Act, Stage, rehearse
from keysift.verify.request import at, build
from tests.verify.tables import OTHER, SECRET, table


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Return the server."""
    with Stage() as one:
        yield one


def problems(stage: Stage, **changes: Any) -> str:  # noqa: ANN401 (fields of the table)
    """Return what a rehearsal finds."""
    return "\n".join(rehearse(table(**changes), {"secret": SECRET}, {"secret": OTHER}, stage))


def test_a_table_that_is_right(stage: Stage) -> None:
    """Nothing is wrong with it."""
    assert problems(stage) == ""


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"active_when": [{"status": 200}]}, "a log-in page with status 200 is active"),
        ({"active_when": [{"status": 200, "json": "@"}]}, "an error with status 200 is active"),
        (
            {"active_when": [{"status": 200, "text": "{"}]},
            "an empty JSON object",
        ),
        ({"inactive_when": [{"status": [401, 403]}]}, "a firewall is inactive"),
        ({"inactive_when": [{"status": [401, 404]}]}, "a page that is not there is inactive"),
        ({"inactive_when": [{"status": [401, 400], "text": ""}]}, "a bad request is inactive"),
        ({"inactive_when": [{"status": 403, "text": "no"}]}, "a secret that does not is unknown"),
        ({"headers": {}}, "another secret is active"),
        ({"active_when": [{"status": 200, "json": "user"}]}, "a secret that works is unknown"),
    ],
)
def test_a_table_that_is_wrong(stage: Stage, changes: dict[str, Any], found: str) -> None:
    """Each kind of mistake is noticed."""
    assert found in problems(stage, **changes)


def test_a_provider_with_two_regions(stage: Stage) -> None:
    """A secret of the second region works; what both refuse does not."""
    assert problems(stage, also=["https://eu.acme.example"]) == ""


def test_a_refusal_that_proves_nothing(stage: Stage) -> None:
    """Where other regions are not asked, a refusal is unknown, with the reason."""
    doubtful = table(doubtful="keys of the EU are refused too")
    assert list(rehearse(doubtful, {"secret": SECRET}, {"secret": OTHER}, stage)) == []
    refusal = Act("", 401)
    with stage.playing(refusal):
        outcome = ask(doubtful, {"secret": SECRET}, stage.asker("https://api.acme.example"))
    assert (outcome.verdict, outcome.doubt) == (Verdict.UNKNOWN, Doubt.DOUBTFUL_REFUSAL)
    assert outcome.detail == "keys of the EU are refused too"


def test_a_region_that_does_not_answer(stage: Stage) -> None:
    """One refusal and one failure are not two refusals."""
    regions = table(also=["https://eu.acme.example"])
    with stage.playing(
        Act("", 503), Act("", 401), build(at(regions, regions.also[0]), {"secret": SECRET})
    ):
        outcome = ask(
            regions,
            {"secret": SECRET},
            stage.asker("https://api.acme.example", "https://eu.acme.example"),
        )
    assert outcome.doubt is Doubt.SERVER_ERROR
