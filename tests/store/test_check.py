"""Each kind of damage is found and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from keysift.model import Skip, SkipReason, fingerprint_key
from keysift.store import tables as t
from keysift.store.cached import rebuild
from keysift.store.check import counts, problems
from keysift.store.database import Store
from keysift.store.ledger import now
from keysift.store.sealing import Sealer
from keysift.store.stale import is_fresh, mark_all
from keysift.store.summaries import refresh
from tests.store.filled import VALUES, change, fill
from tests.store.samples import KEY, SEALER, Writer, index_file, value


def found(store: Store, sealer: Sealer | None = SEALER) -> list[str]:
    """Return what is wrong."""
    return list(problems(store, sealer, KEY))


def add(store: Store, table: sa.Table, **row: Any) -> None:  # noqa: ANN401 (columns)
    """Write a row that nothing of ours writes."""
    with store.writing() as connection:
        connection.execute(sa.insert(table).values(row))


def remove(store: Store, table: sa.Table, *which: sa.ColumnElement[bool]) -> None:
    """Delete rows that nothing of ours deletes."""
    with store.writing() as connection:
        connection.execute(sa.delete(table).where(*which))


def test_a_sound_store_has_no_problem(store: Store) -> None:
    """Whatever a crawl writes passes: scanned, failed, skipped, deleted, yanked."""
    fill(store)
    with store.writing() as connection:
        writer = Writer(connection)
        names = [f"more-{number}.tar.gz" for number in range(4)]
        writer.page("more", *(index_file("more", "1", name) for name in names))
        writer.scanned(names[0], skips=(Skip(path="a", reason=SkipReason.ENCRYPTED),))
        writer.scanned(names[1], skips=(Skip(path="a", reason=SkipReason.LINK),))
        number = connection.scalars(
            sa.select(t.artifacts.c.id).where(t.artifacts.c.name == names[2])
        ).one()
        writer.ledger.failed(connection, number, "it hangs")
        writer.page("more", index_file("more", "1", names[0], yanked="broken"))
    assert found(store) == []


def test_an_empty_store_has_no_problem(store: Store) -> None:
    """Nothing was crawled, so nothing is wrong."""
    assert found(store, None) == []


def test_what_nothing_refers_to_is_named(store: Store) -> None:
    """Blobs, matches, paths and secrets that stand nowhere."""
    fill(store)
    remove(store, t.occurrences, t.occurrences.c.match_id == 1)
    remove(store, t.matches, t.matches.c.secret_id == 3)
    kinds = {problem.split()[0] for problem in found(store)}
    assert kinds == {"blob", "match", "path", "secret"}


def test_a_secret_that_was_judged_needs_no_match(store: Store) -> None:
    """Purging leaves the decisions of people, on secrets that stand nowhere any more."""
    fill(store)
    add(store, t.verdicts, secret_id=3, verdict="inactive", checked_at=now())
    remove(store, t.matches, t.matches.c.secret_id == 3)
    assert not [problem for problem in found(store) if problem.startswith("secret")]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"scanned_at": None, "ruleset_id": None}, "it is not known when or by which ruleset"),
        ({"attempts": 1}, "scanned, and failed"),
        ({"failure": "no"}, "scanned, and failed"),
        ({"state": "failed"}, "failed, but it is not known why"),
        ({"is_complete": 0}, "not complete, but nothing was passed over"),
        ({"is_complete": None}, "not complete, but nothing was passed over"),
    ],
)
def test_an_artifact_that_contradicts_itself_is_named(
    store: Store, values: dict[str, Any], problem: str
) -> None:
    """The ledger of the crawl says what happened to a file; it must be possible."""
    fill(store)
    change(store, t.artifacts, t.artifacts.c.id == 2, **values)
    assert any(
        line.startswith("artifact 2 (demo-2.tar.gz): ") and problem in line for line in found(store)
    )


def test_a_gap_makes_an_artifact_incomplete(store: Store) -> None:
    """What is called complete has no gap."""
    fill(store)
    add(store, t.skips, artifact_id=1, path="a", reason="corrupt", detail="")
    assert found(store) == [
        "artifact 1 (demo-1.tar.gz): complete, but parts of it were passed over"
    ]


def test_files_of_a_project_that_is_gone_are_gone(store: Store) -> None:
    """An index that has no project has none of its files."""
    fill(store)
    change(store, t.projects, removed_at=now())
    assert len([line for line in found(store) if "its project is gone" in line]) == 2


def test_secrets_in_an_artifact_that_was_never_scanned(store: Store) -> None:
    """Where nobody looked nothing was found."""
    fill(store)
    change(store, t.artifacts, t.artifacts.c.id == 1, state="pending", scanned_at=None)
    assert found(store) == ["artifact 1 (demo-1.tar.gz): holds secrets, but was never scanned"]


def test_a_value_that_does_not_open_is_named_and_not_shown(store: Store) -> None:
    """Damage, a value at another place, and one that is not what the fingerprint says."""
    fill(store)
    first = (t.values.c.secret_id == 1, t.values.c.name == "")
    change(store, t.values, *first, sealed=b"damaged")
    other = SEALER.seal(value(9), 2, "")
    change(store, t.values, t.values.c.secret_id == 2, t.values.c.name == "", **other.columns())
    lines = found(store)
    assert lines == [
        "secret 1: a sealed value is damaged: its tag does not fit",
        "secret 2: the sealed value has another fingerprint",
    ]
    assert value(9).reveal_text() not in "".join(lines)


@pytest.mark.parametrize("sealer", [None, Sealer(b"o" * 32)])
def test_without_the_key_that_is_one_problem(store: Store, sealer: Sealer | None) -> None:
    """A key that is missing is named once, not once a value."""
    fill(store)
    line = f"values sealed with key {SEALER.key_id}, which was not found: {VALUES}"
    assert found(store, sealer) == [line]


def test_another_fingerprint_key_cannot_compare(store: Store) -> None:
    """What could not be looked at is said."""
    fill(store)
    lines = list(problems(store, SEALER, fingerprint_key(b"o" * 32)))
    assert lines == ["values are not compared with their fingerprints: another key made those"]


def test_a_flood_of_one_kind_is_cut(store: Store) -> None:
    """Of a thousand problems of a kind the first are lines, and the rest a number."""
    fill(store)
    with store.writing() as connection:
        rows = [{"digest": str(number).encode(), "path": "x"} for number in range(100)]
        connection.execute(sa.insert(t.paths).values(rows))
    lines = found(store)
    assert len(lines) == 21
    assert lines[-1].startswith("… and 80 more like that")


def test_rows_are_counted(store: Store) -> None:
    """The summary has the number of rows of each table."""
    fill(store)
    rows = counts(store)
    assert rows.keys() == t.metadata.tables.keys()
    assert (rows["secrets"], rows["secret_values"], rows["runs"]) == (3, VALUES, 0)


def test_sqlite_looks_for_references_to_nothing(tmp_path: Path) -> None:
    """Rows that another program deleted without their dependants are found."""
    opened = Store(str(tmp_path / "store.db"))
    fill(opened)
    with opened.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("DELETE FROM paths WHERE id = 1")
    assert any("refers to a row of paths that is not there" in line for line in found(opened))
    opened.close()


def test_sqlite_looks_at_its_own_pages(tmp_path: Path) -> None:
    """An index that misses a row of its table is found."""
    opened = Store(str(tmp_path / "store.db"))
    fill(opened)
    with opened.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA writable_schema=ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, 'state IN (', 'state NOT IN (')"
            " WHERE name = 'artifacts'"
        )
    opened.close()
    again = Store(str(tmp_path / "store.db"))
    assert any(line.startswith("database: CHECK constraint failed") for line in found(again))
    again.close()


@pytest.mark.parametrize(
    ("table", "changes", "told"),
    [
        (t.summaries, {"places": 77}, "list of findings: secret 1 "),
        (t.summaries, {"triage": 1}, "list of findings: secret 1 "),
        (t.lives, {"still_present": 0}, "list of findings: secret 1 "),
        (t.haystacks, {"text": "nothing"}, "list of findings: secret 1 "),
        (t.tallies, {"findings": 77}, "list of projects: the numbers of project 1 "),
        (t.tallies, {"releases": 77}, "list of projects: the numbers of project 1 "),
    ],
)
def test_lists_that_say_something_else_are_named(
    store: Store, table: sa.Table, changes: dict[str, Any], told: str
) -> None:
    """As long as it is not known that they are behind; made anew they are right."""
    fill(store)
    refresh(store)
    assert found(store) == []
    first = next(iter(table.primary_key))
    change(store, table, first == 1, **changes)
    [problem] = [line for line in found(store) if line.startswith(told)]
    assert "keysift store rebuild" in problem
    with store.writing() as connection:
        mark_all(connection)
    assert found(store) == []
    rebuild(store)
    assert found(store) == []
    with store.reading() as connection:
        assert is_fresh(connection)


def test_a_list_without_a_secret_is_named(store: Store) -> None:
    """And one that has a secret which stands nowhere."""
    fill(store)
    refresh(store)
    remove(store, t.summaries, t.summaries.c.secret_id == 1)
    # Nor is it counted in its project.
    assert [line.partition(" is")[0].partition(" are")[0] for line in found(store)] == [
        "list of findings: secret 1",
        "list of projects: the numbers of project 1",
    ]
    rebuild(store)
    remove(store, t.occurrences, t.occurrences.c.match_id == 1)
    assert [line for line in found(store) if line.startswith("list of findings: secret 1 ")]
