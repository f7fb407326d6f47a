"""What measuring a store costs: time and memory with 100,000 secrets in a million occurrences.

The store is that of ``store.py`` but for its secrets, which live for fewer releases, stand in files
of all kinds, and were asked about and judged by people now and then.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from benchmarks import store as made_up
from keysift.catalogue import Catalogue, load
from keysift.statistics.measure import Plan, measure
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.upkeep import analyse

_PATHS: Final = (
    "tests/test_api.py",
    "docs/usage.md",
    "examples/demo.py",
    "package/settings.py",
    "package/.env",
    "README.md",
    "package/__pycache__/settings.cpython-311.pyc",
    "notebooks/work.ipynb",
    "package/client.py",
    "package/data.json",
)
_CHECKED: Final = ("active", "inactive", "inactive", "unknown", "not_checkable")


def fill(store: Store, secrets: int) -> None:
    """Fill an empty store, with about ten occurrences a secret."""
    chance = random.Random(1)
    detectors = [one.id for one in load().detectors]
    with store.writing() as connection:
        filler = made_up.Filler(connection)
        filler.add(t.registries, url="https://index.invalid/simple/")
        filler.add(t.rulesets, digest="0", version="1", detectors={}, first_used_at=made_up.BEGIN)
        holders = max(2, secrets // 7)
        artifacts = [
            made_up.add_project(filler, chance, number, made_up.RELEASES)
            for number in range(holders)
        ]
        for number in range(holders * 5):
            made_up.add_project(filler, chance, holders + number, 5)
        for number in range(secrets):
            _secret(filler, chance, number, artifacts, detectors)
        filler.finish()
        _ledger(connection, chance, secrets)
    analyse(store)


def _secret(
    filler: made_up.Filler,
    chance: random.Random,
    number: int,
    artifacts: list[list[list[int]]],
    detectors: list[str],
) -> None:
    secret = filler.add(
        t.secrets,
        detector=chance.choice(detectors),
        fingerprint=f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}",
        mask="made…up",
        first_seen_at=made_up.BEGIN,
    )
    for _ in range(2 if chance.random() < 0.1 else 1):
        project = chance.randrange(len(artifacts))
        begin = chance.randrange(made_up.RELEASES - 8)
        end = made_up.RELEASES if chance.random() < 0.1 else begin + chance.randrange(1, 8)
        kinds = chance.choice([(0,), (0, 1), (0, 1), (0, 1)])
        match = 0
        for index in range(begin, end):
            if index == begin or chance.random() < 0.2:
                match = made_up.add_match(filler, chance, secret)
            for kind in kinds:
                folder = f"project-{project}-{index}/" if kind == 0 else ""
                path = made_up.add_path(filler, folder + _PATHS[number % len(_PATHS)])
                filler.add(
                    t.occurrences,
                    artifact_id=artifacts[project][index][kind],
                    match_id=match,
                    path_id=path,
                    confidence=chance.choice(made_up.CONFIDENCES),
                )


def _ledger(connection: Connection, chance: random.Random, secrets: int) -> None:
    checks = [
        {
            "secret_id": number,
            "verdict": chance.choice(_CHECKED),
            "checked_at": made_up.BEGIN + timedelta(days=4000 + 100 * time),
            "privilege": chance.choice(["low", "high", None]),
        }
        for number in range(1, secrets, 2)
        for time in range(3)
    ]
    decisions = [
        {
            "secret_id": number,
            "status": chance.choice(["false-positive", "test", "accepted", "open"]),
            "note": "",
            "author": "ada",
            "decided_at": made_up.BEGIN,
        }
        for number in range(1, secrets, 20)
    ]
    connection.execute(sa.insert(t.verdicts), checks)
    connection.execute(sa.insert(t.triage), decisions)


def _measured(location: str, catalogue: Catalogue) -> None:
    store = Store(location)
    rows = {one.name: made_up.count_of(store, one) for one in (t.secrets, t.occurrences)}
    print(", ".join(f"{number:,} {name}" for name, number in rows.items()), flush=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, begun = time.perf_counter(), time.process_time()
    with store.reading() as connection:
        found = measure(connection, catalogue, Plan())
    taken, spent = time.perf_counter() - began, time.process_time() - begun
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  {taken:.1f} s, {spent:.1f} s of this process; {found.headline.secrets:,} counted")
    print(f"  {before / 1024:.0f} MB before, {after / 1024:.0f} MB at most", flush=True)
    store.close()


def main() -> None:
    """Fill and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--secrets", type=int, default=100_000)
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--store", help="measure this one, which is filled when it is missing")
    chosen = options.parse_args()
    if chosen.store:
        if not Path(chosen.store).exists():
            fill(Store(chosen.store), chosen.secrets)
        _measured(chosen.store, load())
        return
    for name in chosen.databases:
        with made_up.server() if name == "postgresql" else made_up.file() as location:
            made_up.PATHS.clear()
            print(name, end=": ", flush=True)
            store = Store(location)
            fill(store, chosen.secrets)
            store.close()
            _measured(location, load())


if __name__ == "__main__":
    sys.exit(main())
