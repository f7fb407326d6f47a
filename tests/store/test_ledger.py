"""What a crawl writes, and that writing it twice changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from msgspec import structs
from sqlalchemy import Connection

from keysift.catalogue import Catalogue, load
from keysift.errors import StoreError
from keysift.model import Secret, Skip, SkipReason
from keysift.store import ledger
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.disclosures import Viewer, disclose
from keysift.store.excerpts import unpacked
from keysift.store.queries.history import sealed_values
from keysift.store.records import Scanned
from keysift.store.sealing import Sealed
from tests.store.samples import KEY, SEALER, Writer, found, index_file, lines, member, value


def rows(connection: Connection, table: sa.Table) -> list[dict[str, Any]]:
    """Return a table without the times at which we saw something."""
    return [
        {
            name: cell
            for name, cell in row.items()
            if not name.endswith("_at") and name not in {"nonce", "sealed"}
        }
        for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
    ]


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return all tables."""
    return {table.name: rows(connection, table) for table in t.metadata.sorted_tables}


def test_the_migrations_make_the_tables(store: Store) -> None:
    """A store that was migrated has just what the tables say."""
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []


def test_every_column_is_explained() -> None:
    """Whoever opens the database finds a sentence on each table and column."""
    for table in t.metadata.sorted_tables:
        assert table.comment
        assert all(column.comment for column in table.columns), table.name


def test_a_store_of_a_newer_keysift_is_refused(store: Store, location: str) -> None:
    """Writing to tables that we do not know would damage them."""
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'future'"))
    with pytest.raises(StoreError, match="newer keysift"):
        Store(location)


def test_one_crawl_at_a_time(store: Store) -> None:
    """The lock of a store is free again when it is given back."""
    first, second = store.lock(), store.lock()
    assert first.take()
    assert not second.take()
    first.give()
    assert second.take()
    second.give()


def test_a_secret_in_many_releases_is_one_secret(store: Store) -> None:
    """The same content in three files is one blob, one match and three occurrences."""
    with store.writing() as connection:
        writer = Writer(connection)
        names = [f"demo-{version}.tar.gz" for version in (1, 2, 3)]
        writer.page("demo", *(index_file("demo", name[5:6], name) for name in names))
        for name in names:
            writer.scanned(name, member(f"{name[:6]}/a.py", found(1)))
    with store.reading() as connection:
        assert len(rows(connection, t.secrets)) == 1
        assert len(rows(connection, t.blobs)) == 1
        assert len(rows(connection, t.matches)) == 1
        assert len(rows(connection, t.occurrences)) == 3
        assert len(rows(connection, t.paths)) == 3


def test_writing_twice_changes_nothing(store: Store) -> None:
    """A result that is written again after a crash leaves the store as it was."""

    def write(connection: Connection) -> dict[str, list[dict[str, Any]]]:
        writer = Writer(connection)
        writer.page("demo", index_file("demo", "1", "demo-1.tar.gz"))
        skip = Skip(path="b.zip", reason=SkipReason.ENCRYPTED, detail="encrypted")
        content = member("a.py", found(1), found(2, start=60, end=99))
        writer.scanned("demo-1.tar.gz", content, skips=(skip,), files=3)
        return {
            name: [{key: cell for key, cell in row.items() if key != "id"} for row in table]
            for name, table in everything(connection).items()
            if name != t.stale_projects.name
        }

    with store.writing() as connection:
        once = write(connection)
    with store.writing() as connection:
        assert write(connection) == once
    assert once["skips"] == [
        {
            "artifact_id": 1,
            "path": "b.zip",
            "reason": "encrypted",
            "detail": "encrypted",
            "size_bytes": None,
        }
    ]
    assert once["artifacts"][0]["is_complete"] == 0


def test_values_are_sealed(store: Store) -> None:
    """The database holds no value, and the key gives back each of them."""
    with store.writing() as connection:
        writer = Writer(connection)
        writer.page("demo", index_file("demo", "1", "demo-1.tar.gz"))
        writer.scanned("demo-1.tar.gz", member("a.py", found(1)))
        dump = repr(everything(connection)).encode()
        assert value(1).reveal() not in dump
        sealed = connection.execute(sa.select(t.values).where(t.values.c.name == "")).one()
        opened = SEALER.open(
            Sealed(sealed.key_id, sealed.nonce, sealed.sealed), sealed.secret_id, ""
        )
        assert opened == value(1)
        with pytest.raises(StoreError, match="tag does not fit"):
            SEALER.open(
                Sealed(sealed.key_id, sealed.nonce, sealed.sealed), sealed.secret_id + 1, ""
            )


def test_the_lines_around_a_secret_are_sealed(store: Store) -> None:
    """Those where it was first seen; they are no half of it, and disclosed with its value."""
    with store.writing() as connection:
        writer = Writer(connection)
        writer.page("demo", *(index_file("demo", "1", f"demo-{one}.tar.gz") for one in "12"))
        first = member("a/\udcff.zip", structs.replace(found(1, excerpt=lines(1)), below="!/b.py"))
        writer.scanned("demo-1.tar.gz", first)
        dump = repr(everything(connection))
        writer.scanned("demo-2.tar.gz", member("c.py", found(1, excerpt=lines(2))))
        assert "three" not in dump
        assert value(1).reveal_text() not in dump
        assert sealed_values(connection, [1])[1].keys() == {"", "key_id"}
    viewer = Viewer(who="ada", source="start token", address="127.0.0.1", channel="page")
    excerpt = disclose(store, SEALER, 1, viewer).excerpt
    assert excerpt is not None
    assert (excerpt.path, excerpt.line) == ("a/\\udcff.zip!/b.py", 1)
    assert excerpt.before == "# <b>one</b>\nkey = '"
    assert (excerpt.found, excerpt.after) == (value(1).reveal_text(), "'\n\tthree\x1b\n")
    assert value(1).reveal_text() not in repr(excerpt)


def test_lines_that_are_no_lines() -> None:
    """They are damage, not a crash."""
    with pytest.raises(StoreError, match="lines around a value"):
        unpacked(Secret(b"\x01 nothing"))


def test_without_a_sealer_no_value_is_kept(store: Store) -> None:
    """With --no-values there are fingerprints and masks only."""
    with store.writing() as connection:
        writer = Writer(connection, sealer=None)
        writer.page("demo", index_file("demo", "1", "demo-1.tar.gz"))
        writer.scanned("demo-1.tar.gz", member("a.py", found(1)))
        assert rows(connection, t.values) == []
        secret = rows(connection, t.secrets)[0]
        assert secret["fingerprint"] == value(1).fingerprint(KEY, "github-pat")
        assert secret["mask"] == value(1).mask


def test_another_ruleset_keeps_what_the_old_one_found(store: Store) -> None:
    """A match that the new ruleset does not find stays, and says who found it last."""
    with store.writing() as connection:
        writer = Writer(connection)
        writer.page("demo", index_file("demo", "1", "demo-1.tar.gz"))
        number = writer.scanned("demo-1.tar.gz", member("a.py", found(1), found(2, start=60)))
        old = ledger.ruleset(connection, load(), "1.0")
        new = ledger.ruleset(connection, Catalogue(load().detectors[:5]), "1.1")
        again = ledger.Ledger(new, KEY, SEALER)
        content = member("a.py", found(1), digest=member("a.py", found(1), found(2)).digest)
        again.scanned(connection, number, Scanned(members=(content,)))
        matches = rows(connection, t.matches)
    assert [(row["found_by"], row["confirmed_by"]) for row in matches] == [(old, new), (old, old)]


def test_a_failed_artifact_says_why(store: Store) -> None:
    """A failure counts, and a scan that succeeds takes it back."""
    with store.writing() as connection:
        writer = Writer(connection)
        writer.page("demo", index_file("demo", "1", "demo-1.tar.gz"))
        number = connection.execute(sa.select(t.artifacts.c.id)).scalar_one()
        writer.ledger.failed(connection, number, "it hangs")
        writer.ledger.failed(connection, number, "it hangs")
        row = rows(connection, t.artifacts)[0]
        assert (row["state"], row["failure"], row["attempts"]) == ("failed", "it hangs", 2)
        writer.scanned("demo-1.tar.gz")
        row = rows(connection, t.artifacts)[0]
        assert (row["state"], row["failure"], row["attempts"]) == ("scanned", None, 0)


def test_any_text_can_be_kept(store: Store) -> None:
    """NUL and half a surrogate pair, which packages hold and indexes say, end no crawl."""
    odd = "a\0b\udc80"
    with store.writing() as connection:
        writer = Writer(connection)
        file = index_file("demo", "1", "demo-1.tar.gz", yanked=odd)
        writer.page("demo", file)
        match = found(1, facts={"label": odd}, encoding=(odd,))
        skip = Skip(path=odd, reason=SkipReason.CORRUPT, detail=odd)
        hidden = structs.replace(match, below=odd, part=odd)
        for _ in range(2):
            writer.scanned("demo-1.tar.gz", member(odd, match, hidden), skips=(skip,))
        kept = "a\\x00b\\udc80"
        assert rows(connection, t.matches)[0]["facts"] == {"label": kept}
        assert {row["below"] for row in rows(connection, t.matches)} == {"", kept}
        assert [row["path"] for row in rows(connection, t.paths)] == [kept]
        assert [row["detail"] for row in rows(connection, t.skips)] == [kept]
        assert [row["yanked"] for row in rows(connection, t.artifacts)] == [kept]


def test_verdicts_are_a_history(store: Store) -> None:
    """What a provider said then cannot be changed; what it says now is another row."""
    with store.writing() as connection:
        secret = {
            "detector": "acme",
            "fingerprint": "0" * 32,
            "mask": "…",
            "first_seen_at": ledger.now(),
        }
        made = sa.insert(t.secrets).values(**secret).returning(t.secrets.c.id)
        number = connection.execute(made).scalar_one()
        verdict = {"secret_id": number, "verdict": "active", "checked_at": ledger.now()}
        connection.execute(sa.insert(t.verdicts).values(**verdict))
    with pytest.raises(StoreError, match="history"), store.writing() as connection:
        connection.execute(sa.update(t.verdicts).values(verdict="inactive"))
