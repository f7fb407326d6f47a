"""What a crawl costs and how that grows, on an index with a known truth.

Builds an index of 300 projects with 20 releases each (``benchmarks/world.py``) and serves it from
loopback, in a process of its own. Crawls a quarter, a half and the whole of it by the real command
into SQLite and into PostgreSQL, compares the database with the truth, then has the index change and
crawls again, and once more with nothing to do. Prints one table. The machine may have other work:
compare figures of one run only.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from msgspec import Struct

from benchmarks.building import Built, build
from benchmarks.databases import databases
from benchmarks.hosting import Host
from benchmarks.measuring import Cost, measure
from benchmarks.truth import KEY, Index, check, opened
from benchmarks.world import World
from keysift.store import tables as t
from tests.detector_file import TEXT

PROJECTS: Final = 300
RELEASES: Final = 20
SIZES: Final = (0.25, 0.5, 1.0)

_PLACES: Final = ("occurrences", "paths", "matches", "blobs", "secrets")


class Run(Struct):
    """A crawl, and what the store says of it."""

    cost: Cost
    requests: int
    counts: dict[str, int]


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


def warm_up(detectors: Path) -> None:
    """Have the detectors compiled, which is done once on a machine."""
    command = [sys.executable, "-m", "keysift", "scan", "-q", "--detectors", str(detectors)]
    measure([*command, str(detectors)])


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
        warm_up(detectors)
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
