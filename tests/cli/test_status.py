"""``keysift status`` as a user runs it on a store of known truth."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from keysift.catalogue.validities import load_validities
from keysift.cli.exit import ExitCode
from keysift.model import Verdict
from keysift.report.schema import status_schema
from keysift.store.asked import note_asking
from keysift.store.database import Store
from tests.cli.conftest import Console
from tests.store.history import History
from tests.store.samples import found

NOW = datetime.now(UTC)

TEXT = """\
9 secrets: 3 active, 2 inactive, 1 unknown, 1 not checkable, 2 not asked.
1 canary besides: asking would raise an alarm.
Last checked DATE.
Since DATE: 1 secret works no more (3).
Since DATE: 1 secret works again (2).

PROVIDER      ACTIVE  INACTIVE  UNKNOWN  NOT CHECKABLE  NOT ASKED
GitHub             3         1        1              0          1
AWS                0         0        0              0          1
npm                0         1        0              0          0
Private keys       0         0        0              1          0

Still active, by year of first upload
YEAR       ACTIVE  ANSWERED  SHARE
2017            2      of 3    67%  ██
2020            0      of 1     0%
not known       1      of 1   100%  █

Still active, by what they may do
PRIVILEGE  ACTIVE
admin           1
high            0
medium          0
low             1
not known       1
1 of them is broader than needed: `keysift show ID` says why.

Unknown, by reason
SECRETS  REASON
      1  refused, which proves nothing

Due to be asked about
PROVIDER  NOW  WITHIN 7 DAYS  WITHIN 30 DAYS
GitHub      3              5               6
Together 3 now, 5 within 7 days, 6 within 30 days. `keysift verify --due` asks.
2 secrets never: cannot be checked safely (see `keysift detectors list --validity`).
1 secret never: asked about only when their type is named (--ask-also).
"""


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def _year(year: int) -> datetime:
    return datetime(year, 7, 1, tzinfo=UTC)


@pytest.fixture
def known(keysift: Console, tmp_path: Path) -> Console:
    """Return a console whose store has something of everything that is counted."""
    location = str(tmp_path / "store.db")
    keysift.variables["KEYSIFT_STORE"] = location
    store = Store(location)
    history = History(store)
    validities = load_validities()
    github = validities.of("github-pat")
    assert github is not None

    old = [found(seed, start=100 * seed) for seed in (1, 2, 3)]
    history.publish("demo", "1.0", *old, uploaded=_year(2017))
    history.publish("demo", "1.1", found(4, "npm-access-token"), uploaded=_year(2020))
    history.publish("dateless", "1.0", found(5), found(6, start=200), uploaded=None)
    history.publish("new", "1.0", found(7), found(8, start=200), uploaded=_year(2026))
    history.publish("keys", "1.0", found(9, "aws-access-key"), uploaded=_year(2026))
    history.publish("keys", "1.1", found(10, "private-key-openssh"), uploaded=_year(2026))

    def said(seed: int, days: float, verdict: Verdict, **told: Any) -> None:  # noqa: ANN401 (columns)
        history.answered(seed, _ago(days), verdict, validity=github.version, **told)

    said(1, 2, Verdict.ACTIVE)
    said(1, 0.2, Verdict.ACTIVE, privilege="admin", powers=["root"], warnings=["root"])
    said(2, 60, Verdict.INACTIVE)
    said(2, 0.2, Verdict.ACTIVE, privilege="low", powers=["read"])
    said(3, 60, Verdict.ACTIVE)
    said(3, 0.2, Verdict.INACTIVE)
    history.answered(4, _ago(40), Verdict.INACTIVE, "npm-access-token")
    said(5, 0.1, Verdict.ACTIVE)
    for days in (3, 2, 1):
        said(6, days, Verdict.UNKNOWN, doubt="doubtful_refusal")
    history.judged(8, Verdict.CANARY)
    openssh = "private-key-openssh"
    history.answered(10, _ago(3), Verdict.NOT_CHECKABLE, openssh, detail="it opens any server")
    with store.writing() as connection:
        note_asking(connection, _ago(0.5))
    store.close()
    return keysift


def scrubbed(console: Console) -> str:
    """Return what was printed without its times."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "DATE", console.out)


def test_text_is_the_accepted_one(known: Console) -> None:
    """The whole report, without colours, is the accepted one."""
    assert known("status") == ExitCode.CLEAN
    assert scrubbed(known) == TEXT
    assert known.err == ""


def test_json_fits_its_schema_and_says_the_same(known: Console, tmp_path: Path) -> None:
    """The document validates, and its numbers are those of the text."""
    report = tmp_path / "status.json"
    assert known("status", "-f", "json", "-o", str(report)) == ExitCode.CLEAN
    document = json.loads(report.read_text("utf-8"))
    schema = json.loads(status_schema())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert document["secrets"] == sum(document["verdicts"].values()) == 9
    assert [one["provider"] for one in document["providers"]][:2] == ["GitHub", "AWS"]
    assert document["years"][-1] == {"year": None, "active": 1, "inactive": 0}
    assert document["privileges"] == {"low": 1, "medium": 0, "high": 0, "admin": 1, "not_known": 1}
    assert document["changes"]["newly_inactive"] == {"secrets": 1, "ids": [3]}
    assert document["due"] == {"now": 3, "in_7_days": 5, "in_30_days": 6}
    assert document["never_due"] == {"not_checkable": 2, "by_name": 1}
    assert document["unknown_reasons"] == {"doubtful_refusal": 1}


def test_committed_schema_is_the_generated_one() -> None:
    """The schema in docs describes every property."""
    path = Path(__file__).parents[2] / "docs" / "schemas" / "status-1.schema.json"
    assert path.read_text("utf-8") == status_schema()
    for name, definition in json.loads(status_schema())["$defs"].items():
        for field, described in definition.get("properties", {}).items():
            if field != "schema" or name == "StatusDocument":
                assert described.get("description"), f"{name}.{field}"


def test_since_says_another_time(known: Console) -> None:
    """What is new is counted from the time that is asked for."""
    known("status", "--since", "90d")
    assert "no secret died, none came back." in known.out
    assert known("status", "--since", "soon") == ExitCode.USAGE
    assert "--since takes a number of days" in known.err


def test_filters_choose(known: Console) -> None:
    """Only what the filters choose is counted; a type that is named is due."""
    known("status", "--project", "dateless")
    assert known.out.startswith("2 secrets: 1 active, 1 unknown.")
    known("status", "--detector", "aws-access-key")
    assert known.out.startswith("1 secret: 1 not asked.")
    assert "Together 1 now" in known.out
    known("status", "--project", "absent")
    assert known.out == "No secret fulfils what was asked for.\n"


def test_a_store_without_runs_says_so(keysift: Console, tmp_path: Path) -> None:
    """Without a run of asking there is nothing new, which is not the same as no change."""
    location = str(tmp_path / "store.db")
    store = Store(location)
    history = History(store)
    history.publish("demo", "1.0", found(1))
    history.judged(1, Verdict.ACTIVE)
    store.close()
    keysift("status", "--store", location)
    assert "No run of keysift verify is known: --since 7d tells what is new." in keysift.out
