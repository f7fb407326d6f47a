"""Whether a store is sound: the database, what must hold between its rows, sealed values, lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from keysift.errors import StoreError
from keysift.model import FingerprintKey, SkipReason
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.cached import differences
from keysift.store.database import Store
from keysift.store.sealing import Sealed, Sealer

_MOST: Final = 20
"""Lines of one kind of problem: a damaged disk would give millions."""

_CHUNK: Final = 1000

_SCANNED: Final = t.artifacts.c.state == "scanned"
_GAPS: Final = (
    sa.select(t.skips.c.artifact_id)
    .where(t.skips.c.reason.in_([reason.value for reason in SkipReason if reason.is_gap]))
    .scalar_subquery()
)


def problems(store: Store, sealer: Sealer | None, key: FingerprintKey) -> Iterator[str]:
    """Yield what is wrong, a line each; never a value.

    Args:
        store: What to look at.
        sealer: With the user's keys; None when there are none.
        key: The user's fingerprint key, to compare values with their fingerprints.

    Raises:
        StoreError: The database fails.
    """
    with store.reading() as connection:
        if store.is_sqlite:
            yield from _some("database", _database(connection))
        for sentence, query in _RULES:
            rows = connection.execute(query)
            yield from _some(sentence, (sentence.format(**row._mapping) for row in rows))  # noqa: SLF001 (SQLAlchemy's public name for it)
        yield from _some("value", _values(connection, sealer, key))
        yield from _some("list", differences(connection))


def counts(store: Store) -> dict[str, int]:
    """Return how many rows each table has, by its name."""
    with store.reading() as connection:
        return {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
            for table in t.metadata.sorted_tables
        }


def _some(kind: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield the first lines of one kind, and how many more there are."""
    rest = iter(lines)
    yield from islice(rest, _MOST)
    more = sum(1 for _ in rest)
    if more:
        yield f"… and {more} more like that ({kind})"


def _database(connection: Connection) -> Iterator[str]:
    # Both are SQLite's own: https://www.sqlite.org/pragma.html#pragma_integrity_check
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield f"database: {line}"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"database: row {row} of {table} refers to a row of {parent} that is not there"


def _values(connection: Connection, sealer: Sealer | None, key: FingerprintKey) -> Iterator[str]:
    """Yield the values that do not open, or are not what the fingerprint says."""
    by_key = sa.select(t.values.c.key_id, sa.func.count()).group_by(t.values.c.key_id)
    sealed = {row[0]: row[1] for row in connection.execute(by_key)}
    known = sealer.key_ids if sealer else ()
    for key_id, number in sealed.items():
        if key_id not in known:
            yield f"values sealed with key {key_id}, which was not found: {number:,}"
    if sealer is None or sealed.keys().isdisjoint(known):
        return
    is_ours = keys.is_fingerprint_key(connection, key)
    if not is_ours:
        yield "values are not compared with their fingerprints: another key made those"
    query = (
        sa.select(t.values, t.secrets.c.detector, t.secrets.c.fingerprint)
        .join(t.secrets, t.secrets.c.id == t.values.c.secret_id)
        .where(t.values.c.key_id.in_(known))
        .order_by(t.values.c.secret_id, t.values.c.name)
    )
    for row in connection.execute(query, execution_options={"yield_per": _CHUNK}):
        problem = _value(row, sealer, key if is_ours and not row.name else None)
        if problem:
            yield f"secret {row.secret_id}{f' ({row.name})' if row.name else ''}: {problem}"


def _value(row: Row[Any], sealer: Sealer, key: FingerprintKey | None) -> str | None:
    """Return what is wrong with a value, which is compared with its fingerprint under a key."""
    try:
        value = sealer.open(Sealed(row.key_id, row.nonce, row.sealed), row.secret_id, row.name)
    except StoreError as error:
        return str(error)
    if key is not None and value.fingerprint(key, row.detector) != row.fingerprint:
        return "the sealed value has another fingerprint"
    return None


def _artifacts(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(t.artifacts.c.id, t.artifacts.c.name).where(*conditions)


def _unused(table: sa.Table, user: sa.Column[Any]) -> sa.CompoundSelect[Any]:
    # Except, since an index of what is used need not exist.
    return sa.except_(sa.select(table.c.id), sa.select(user))


_REMEMBERED: Final = sa.union(sa.select(t.triage.c.secret_id), sa.select(t.verdicts.c.secret_id))
"""Secrets that stay when they are found nowhere any more: people or providers judged them."""

_RULES: Final[tuple[tuple[str, sa.Executable], ...]] = (
    ("blob {id}: holds no match", _unused(t.blobs, t.matches.c.blob_id)),
    ("match {id}: stands in no artifact", _unused(t.matches, t.occurrences.c.match_id)),
    ("path {id}: nothing stands there", _unused(t.paths, t.occurrences.c.path_id)),
    (
        "secret {id}: has no match, and nobody judged it",
        sa.except_(
            sa.select(t.secrets.c.id),
            sa.select(t.matches.c.secret_id),
            sa.select(_REMEMBERED.subquery()),
        ),
    ),
    (
        "artifact {id} ({name}): scanned, but it is not known when or by which ruleset",
        _artifacts(
            _SCANNED, sa.or_(t.artifacts.c.ruleset_id.is_(None), t.artifacts.c.scanned_at.is_(None))
        ),
    ),
    (
        "artifact {id} ({name}): scanned, and failed",
        _artifacts(
            _SCANNED, sa.or_(t.artifacts.c.failure.is_not(None), t.artifacts.c.attempts > 0)
        ),
    ),
    (
        "artifact {id} ({name}): failed, but it is not known why",
        _artifacts(
            t.artifacts.c.state == "failed",
            sa.or_(t.artifacts.c.failure.is_(None), t.artifacts.c.attempts == 0),
        ),
    ),
    (
        "artifact {id} ({name}): complete, but parts of it were passed over",
        _artifacts(_SCANNED, t.artifacts.c.is_complete == 1, t.artifacts.c.id.in_(_GAPS)),
    ),
    (
        "artifact {id} ({name}): not complete, but nothing was passed over",
        _artifacts(
            _SCANNED,
            t.artifacts.c.is_complete.is_distinct_from(1),
            t.artifacts.c.id.not_in(_GAPS),
        ),
    ),
    (
        "artifact {id} ({name}): holds secrets, but was never scanned",
        _artifacts(
            t.artifacts.c.scanned_at.is_(None),
            t.artifacts.c.id.in_(sa.select(t.occurrences.c.artifact_id)),
        ),
    ),
    (
        "artifact {id} ({name}): still listed, but its project is gone",
        _artifacts(t.artifacts.c.deleted_at.is_(None), t.projects.c.removed_at.is_not(None))
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id),
    ),
)
"""What must not be there: how to say it of a row, and the rows."""
