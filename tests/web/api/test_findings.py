"""The API tells what the store knows, in the shapes of the command line's documents."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from keysift.catalogue.validities import Validities
from keysift.cli.environment import Environment
from keysift.cli.main import main
from keysift.model import Role, Severity, Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.types import storable
from keysift.verify.plan import Planner
from keysift.web.verifying import Verifying
from tests.store.history import History
from tests.store.samples import catalogue, found, value
from tests.web.api.serving import Program, serving

HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE secrets; --",
    "\u202egnp.exe",
    "\x1b[31mred",
    "a\x00b",
    "\ud800",
    "%00%0d%0aset-cookie: a=b",
    "../../etc/passwd",
    "{{7*7}}",
    "\U0001d4b3" * 50,
)


def fill(store: Store) -> History:
    """Publish three projects, with secrets of several kinds and a judgement or two."""
    history = History(store)
    history.publish("alpha", "1.0", found(1), found(2, severity=Severity.HIGH))
    history.publish("alpha", "2.0", found(1))
    history.publish("beta", "1.0", found(1), found(3, "aws-access-key"))
    history.upload("gamma", "1.0", "gamma-1.0-py3-none-any.whl", found(4))
    history.announce("gamma", "2.0", "gamma-2.0.tar.gz")
    history.judged(1, Verdict.UNKNOWN, Verdict.ACTIVE)
    history.decided(2, "accepted")
    return history


def test_the_list_is_that_of_the_command_line(store: Store, tmp_path: Path) -> None:
    """One thing has one shape: the items are those of ``keysift findings --format json``."""
    fill(store)
    with serving(store) as program:
        listed = program.get("/findings", count=True)
    assert listed["total"] == 4
    assert (listed["next"], listed["previous"]) == (None, None)
    assert sorted(_plain(listed["items"])) == sorted(_plain(_printed(store, tmp_path)))


def test_filters_are_those_of_the_store(store: Store) -> None:
    """Each filter leaves what it says, and all of them together what fulfils all."""
    history = fill(store)
    number = {seed: history.number(seed) for seed in (1, 2, 4)}
    number[3] = history.number(3, "aws-access-key")

    def seeds(program: Program, **filters: Any) -> set[int]:  # noqa: ANN401 (parameters)
        ids = {one["id"] for one in program.get("/findings", **filters)["items"]}
        return {seed for seed, one in number.items() if one in ids}

    with serving(store) as program:
        assert seeds(program, project="be*") == {1, 3}
        assert seeds(program, detector="aws-*") == {3}
        assert seeds(program, severity=["high"]) == {2}
        assert seeds(program, severity=["high", "critical"]) == {1, 2, 3, 4}
        assert seeds(program, verdict="active") == {1}
        assert seeds(program, triage="accepted") == {2}
        assert seeds(program, kind="wheel") == {4}
        assert seeds(program, present="no") == {2}
        assert seeds(program, provider="github", triage="open") == {1, 4}
        assert seeds(program, search="gamma") == {4}
        assert seeds(program, year=2020) == {1, 2, 3, 4}
        assert seeds(program, year=2021) == set()
        facets = program.get("/findings/facets", project="alpha")
    assert facets["severity"] == {"critical": 1, "high": 1}
    assert facets["triage"] == {"open": 1, "accepted": 1}
    assert {one["name"]: one["findings"] for one in facets["project"]} == {
        "alpha": 2,
        "beta": 2,
        "gamma": 1,
    }


def test_a_finding_has_all_that_happened(store: Store) -> None:
    """Answers, events and decisions come in the order in which they happened."""
    history = fill(store)
    history.delete("alpha", "alpha-1.0.tar.gz")
    with serving(store) as program:
        whole = program.get(f"/findings/{history.number(1)}")
        other = program.get(f"/findings/{history.number(2)}")
        places = program.get(f"/findings/{history.number(1)}/occurrences")
    assert [one["verdict"] for one in whole["answers"]] == ["unknown", "active"]
    assert [(one["artifact"], one["kind"]) for one in whole["events"]] == [
        ("alpha-1.0.tar.gz", "deleted")
    ]
    assert whole["remedy"]["revoke"].startswith("https://")
    assert [one["status"] for one in other["decisions"]] == ["accepted"]
    assert [one["path"] for one in places["items"]] == [
        "alpha-1.0/a.py",
        "alpha-2.0/a.py",
        "beta-1.0/a.py",
    ]
    assert "value" not in whole["finding"]


def test_a_decision_is_added(store: Store) -> None:
    """Whoever's token it is decided; the answer is the whole trail."""
    history = fill(store)
    number = history.number(2)
    with serving(store) as program:
        body = {"status": "revoked", "note": " gone "}
        made = program.post(f"/findings/{number}/triage", body).json()
        assert program.get("/findings", triage="revoked")["items"][0]["id"] == number
        assert program.post("/findings/999/triage", body).status_code == 404
    assert [(one["status"], one["note"]) for one in made] == [
        ("accepted", "why"),
        ("revoked", "gone"),
    ]
    assert made[-1]["author"] == "token read/triage/reveal"


def test_decisions_about_many_are_all_or_none(store: Store) -> None:
    """A filter that matches another number than expected decides nothing, and says how many."""
    history = fill(store)
    ids = [history.number(1), history.number(2)]
    body: dict[str, Any] = {"status": "test", "filter": {"project": "beta"}, "expected": 3}
    with serving(store) as program:
        refused = program.post("/triage", body)
        assert refused.status_code == 409
        assert refused.json()["type"] == "/api#number-differs"
        assert refused.json()["matched"] == 2
        assert program.get("/findings", triage="test", count=True)["total"] == 0
        assert program.post("/triage", body | {"expected": 2}).json() == {"decided": 2}
        assert program.get("/findings", triage="test", count=True)["total"] == 2
        by_number = {"status": "revoked", "ids": [*ids, ids[0]]}
        missing = program.post("/triage", {"status": "revoked", "ids": [*ids, 10_000]})
        assert missing.status_code == 404
        assert program.get("/findings", triage="revoked", count=True)["total"] == 0
        assert program.post("/triage", by_number).json() == {"decided": 2}
        for wrong in (
            {"status": "test"},
            {"status": "test", "filter": {}},
            {"status": "test", "ids": ids, "filter": {}, "expected": 1},
            {"status": "test", "ids": ids, "expected": 2},
        ):
            assert program.post("/triage", wrong).json()["type"] == "/api#bad-body"


def test_a_value_is_shown_after_it_was_written_down(store: Store) -> None:
    """The entry is there, for whoever looks, with name and address; other answers have no value."""
    history = fill(store)
    number = history.number(1)
    plain = value(1).reveal_text()
    with serving(store) as program:
        assert plain not in program.ask("GET", f"/findings/{number}").text
        answer = program.ask("POST", f"/findings/{number}/reveal")
        assert answer.status_code == 200
        assert answer.json()["value"] == plain
        assert answer.json()["parts"]["key_id"]["value"]
        assert answer.json()["excerpt"] is None
        entries = program.get("/disclosures")
        assert program.get("/disclosures", finding=number + 1) == []
    assert [(one["finding"], one["who"], one["channel"]) for one in entries] == [
        (number, "token read/triage/reveal", "api")
    ]
    assert entries[0]["source"] == "access token"


def test_a_value_that_cannot_be_shown_leaves_no_entry(store: Store) -> None:
    """Without a key, or without a value, it is a conflict that says so."""
    history = fill(store)
    number = history.number(1)
    with serving(store, sealer=None) as program:
        refused = program.ask("POST", f"/findings/{number}/reveal")
        assert refused.json()["type"] == "/api#no-key"
        assert program.get("/disclosures") == []
    with store.writing() as connection:
        connection.execute(sa.delete(t.values))
        connection.execute(sa.delete(t.access_tokens))
    with serving(store) as program:
        refused = program.ask("POST", f"/findings/{number}/reveal")
        assert (refused.status_code, refused.json()["type"]) == (409, "/api#value-not-kept")
        assert program.get("/disclosures") == []


@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_hostile_text_comes_back_as_it_is_or_escaped(store: Store, index: int) -> None:
    """What packages and people write stays JSON, and is looked for as it is."""
    text = HOSTILE[index]
    history = History(store)
    facts = {"what": text}
    history.upload("demo", "1.0", "demo-1.0.tar.gz", found(1, facts=facts))
    history.scanned("demo-1.0.tar.gz", found(2, facts=facts), path=f"x/{text}")
    with serving(store) as program:
        assert len(program.get("/findings")["items"]) == 2
        number = history.number(2)
        places = program.get(f"/findings/{number}/occurrences")["items"]
        assert [one["path"] for one in places] == [f"x/{storable(text)}"]
        safe = text.encode("utf-8", "replace").decode()
        sent = {"status": "open", "note": safe}
        note = program.post(f"/findings/{number}/triage", sent).json()[-1]["note"]
        assert note == storable(safe)
        for name in ("search", "project", "path", "detector", "provider"):
            program.get("/findings", **{name: safe})


def test_the_rest_is_told_too(store: Store) -> None:
    """Projects, artifacts, coverage, checks and runs."""
    fill(store)
    with serving(store) as program:
        projects = program.get("/projects", sort="name", count=True)
        assert [one["name"] for one in projects["items"]] == ["alpha", "beta", "gamma"]
        assert projects["total"] == 3
        alpha = program.get(f"/projects/{projects['items'][0]['id']}")
        assert [(one["version"], one["findings"], one["newest"]) for one in alpha["releases"]] == [
            ("2.0", 1, True),
            ("1.0", 2, False),
        ]
        files = program.get("/artifacts", count=True)
        assert files["total"] == 5
        waiting = program.get("/artifacts", state="pending")["items"]
        assert [one["name"] for one in waiting] == ["gamma-2.0.tar.gz"]
        whole = program.get(f"/artifacts/{files['items'][0]['id']}")
        assert whole["artifact"] == files["items"][0]
        assert program.get(f"/artifacts/{files['items'][0]['id']}/skips")["items"] == []
        coverage = program.get("/coverage")
        assert coverage["looked"]["pending"] == 1
        assert coverage["artifacts"]["scanned"] == 4
        assert program.get("/verification")["verdicts"]["active"] == 1
        assert program.get("/statistics")["headline"]["verdicts"]["active"] == 1
        assert program.get("/runs") == {"items": [], "next": None, "previous": None}
        assert program.get("/version")["api"] == 1
        assert program.get("/me")["roles"] == ["read", "triage", "reveal"]


def test_what_is_counted_is_counted_again_when_the_store_changes(store: Store) -> None:
    """An answer of a provider shows at once."""
    history = fill(store)
    with serving(store) as program:
        assert program.get("/verification")["verdicts"]["inactive"] == 0
        history.answered(2, datetime.now(UTC), Verdict.INACTIVE)
        assert program.get("/verification")["verdicts"]["inactive"] == 1


def test_what_is_due_is_asked_as_the_dashboard_was_told(store: Store, tmp_path: Path) -> None:
    """Not as keysift comes: whoever has no questions has nothing to ask."""
    fill(store)
    with serving(store) as program:
        assert program.get("/verification")["due"]["in_30_days"] > 0
    with store.writing() as connection:
        connection.execute(sa.delete(t.access_tokens))
    none = Verifying(planner=Planner(catalogue(), Validities(())), audit=tmp_path)
    with serving(store, verifying=none) as program:
        assert set(program.get("/verification")["due"].values()) == {0}


def _plain(documents: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(one, sort_keys=True) for one in documents]


def _printed(store: Store, folder: Path) -> list[dict[str, Any]]:
    stream = io.StringIO()
    location = store.engine.url.render_as_string(hide_password=False)
    if store.is_sqlite:
        location = str(store.engine.url.database)
    variables = {"KEYSIFT_STORE": location, "KEYSIFT_CACHE_DIR": str(folder / "cache")}
    environment = Environment(variables, folder, stream, io.StringIO())
    main(["findings", "-f", "json", "--confidence", "low"], environment)
    documents: list[dict[str, Any]] = json.loads(stream.getvalue())["findings"]
    return documents


def test_a_token_with_less_sees_less(store: Store) -> None:
    """A token to read neither decides nor reveals."""
    history = fill(store)
    number = history.number(1)
    with serving(store, [Role.READ]) as program:
        program.get("/findings")
        refused = program.post(f"/findings/{number}/triage", {"status": "open"})
        assert refused.status_code == 403
        assert program.ask("POST", f"/findings/{number}/reveal").status_code == 403
        assert program.ask("GET", "/disclosures").status_code == 403
