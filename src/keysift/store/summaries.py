"""Keeps the cache of lists: adds up the secrets of projects that changed.

What a list of findings sorts and filters by takes seconds to add up over a million occurrences. It
is kept in ``lives``, ``summaries``, ``haystacks`` and ``tallies``, by the rules of ``describe``.
These can be emptied at any time: with a mark on every project (``stale_projects``), ``refresh``
makes them again.

Adding up reads, and takes no lock of the database: a crawl goes on meanwhile. Only what is
different is written then, some hundred secrets a transaction. A mark is taken back at the end, when
the project has not changed since (``keysift.store.stale`` says why nothing is lost). Killed at any
point, what is left to do is still marked.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.lock import Purpose, hold
from keysift.store.queries.describe import BATCH
from keysift.store.queries.lives import Lives
from keysift.store.queries.standing import JUDGED, judgements
from keysift.store.queries.sums import SUMMED, Sum, kept, secrets_of, sums
from keysift.store.tallies import count_again, look_again
from keysift.store.upkeep import analyse
from keysift.store.upsert import add

PROJECTS: Final = 500
"""Projects whose marks are taken back together."""

CACHE: Final = (t.lives, t.summaries, t.haystacks, t.tallies)
"""Its tables."""

_PAUSE_S: Final = 0.1
_MANY: Final = 1_000
"""Secrets after whose change the database looks how the cache is; then after twice as many."""


def refresh(store: Store, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Add up what changed before this was called; returns the number of projects that had.

    Somebody else who does the same is waited for. What changes meanwhile stays marked.

    Args:
        store: The store.
        progress: Called with the number of projects that are done, and of all.

    Raises:
        StoreError: The store fails.
    """
    with _alone(store):
        with store.reading() as connection:
            projects, changes = _marks(connection)
        done: set[int] = set()
        many = _MANY
        for start in range(0, len(projects), PROJECTS):
            batch = projects[start : start + PROJECTS]
            _add_up(store, batch, done)
            if len(done) >= many:
                analyse(store, CACHE)
                many = 2 * len(done)
            with store.writing() as connection:
                _take_back(connection, batch, changes[start : start + PROJECTS])
            if progress is not None:
                progress(min(start + PROJECTS, len(projects)), len(projects))
        if len(done) >= _MANY:
            analyse(store, CACHE)
    return len(projects)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Wait until nobody else adds up: only then is a mark with the same count the same mark."""
    lock = store.lock(Purpose.REFRESHING)
    while not lock.take():
        time.sleep(_PAUSE_S)
    try:
        yield
    finally:
        lock.give()


def _marks(connection: Connection) -> tuple[array[int], array[int]]:
    """Return the projects that are marked, and how often each changed."""
    projects, changes = array("q"), array("q")
    query = sa.select(t.stale_projects.c.project_id, t.stale_projects.c.changes).order_by(
        t.stale_projects.c.project_id
    )
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        projects.append(row.project_id)
        changes.append(row.changes)
    return projects, changes


def _add_up(store: Store, projects: Sequence[int], done: set[int]) -> None:
    """Add up the secrets of projects, but for those that were since the marks were read."""
    with store.reading() as connection:
        secrets = sorted(set(secrets_of(connection, projects)) - done)
        lives = Lives(connection)
        for start in range(0, len(secrets), BATCH):
            chunk = secrets[start : start + BATCH]
            before, now = kept(connection, chunk), sums(connection, chunk, lives)
            changed = [number for number in chunk if before.get(number) != now.get(number)]
            if changed:
                with store.writing() as writer:
                    _write(writer, changed, before, now)
    done.update(secrets)


def _write(
    connection: Connection,
    changed: Sequence[int],
    before: Mapping[int, Sum],
    now: Mapping[int, Sum],
) -> None:
    """Write secrets that changed, with what stands of them, and the tallies of their projects."""
    hold(connection, Purpose.SUMMING)
    _forget(connection, [number for number in changed if number not in now])
    judged = judgements(connection, changed)
    # A purge may have deleted secrets since they were added up.
    there = [number for number in changed if number in now and number in judged]
    rows = [
        now[number].summary | asdict(judged[number])
        for number in there
        if number not in before or before[number].summary != now[number].summary
    ]
    add(connection, t.summaries, rows, update=[*SUMMED[1:], *JUDGED])
    texts = [
        {"secret_id": number, "text": now[number].haystack}
        for number in there
        if number not in before or before[number].haystack != now[number].haystack
    ]
    add(connection, t.haystacks, texts, update=["text"])
    _write_lives(connection, there, before, now)
    touched = {
        project
        for state in (before, now)
        for number in changed
        if number in state
        for project in state[number].lives
    }
    count_again(connection, sorted(touched))


def _forget(connection: Connection, secrets: Sequence[int]) -> None:
    """Delete secrets that stand nowhere any more."""
    for table in (t.lives, t.summaries, t.haystacks) if secrets else ():
        connection.execute(sa.delete(table).where(table.c.secret_id.in_(secrets)))


def _write_lives(
    connection: Connection,
    secrets: Sequence[int],
    before: Mapping[int, Sum],
    now: Mapping[int, Sum],
) -> None:
    news, gone = [], []
    for number in secrets:
        old = before[number].lives if number in before else {}
        new = now[number].lives
        news += [row for project, row in new.items() if old.get(project) != row]
        gone += [{"secret": number, "project": project} for project in old.keys() - new]
    add(connection, t.lives, news, update=_LIFE)
    if gone:
        connection.execute(_END, gone)


_LIFE: Final = [column.name for column in t.lives.c if not column.primary_key]
_SECRET: Final[sa.BindParameter[int]] = sa.bindparam("secret")
_PROJECT: Final[sa.BindParameter[int]] = sa.bindparam("project")
_END: Final = sa.delete(t.lives).where(
    t.lives.c.secret_id == _SECRET, t.lives.c.project_id == _PROJECT
)


def _take_back(connection: Connection, projects: Sequence[int], changes: Sequence[int]) -> None:
    """Take back the marks of projects that have not changed since they were read."""
    hold(connection, Purpose.SUMMING)
    count_again(connection, projects)
    look_again(connection, projects)
    mark = t.stale_projects.c
    same = sa.tuple_(mark.project_id, mark.changes).in_(list(zip(projects, changes, strict=True)))
    # What a crawl is changing now stays marked.
    free = sa.select(mark.project_id).where(same).with_for_update(skip_locked=True)
    connection.execute(sa.delete(t.stale_projects).where(mark.project_id.in_(free)))
