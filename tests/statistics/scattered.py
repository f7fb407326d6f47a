"""A store with secrets scattered over many projects at random: for what depends on how many."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.database import Store

BEGIN: Final = datetime(2016, 1, 1, tzinfo=UTC)
DETECTORS: Final = (
    "github-pat",
    "github-oauth-token",
    "gitlab-pat",
    "npm-access-token",
    "slack-bot-token",
    "stripe-secret-key",
    "aws-access-key",
    "gone-detector",
)
INDEX: Final = "https://zzindexzz.invalid/simple/"
PATHS: Final = (
    "tests/test_a.py",
    "src/settings.py",
    "src/zzsecretpathzz.py",
    "README.md",
    "data/x.zzextensionzz",
    "src/__pycache__/a.cpython-311.pyc",
    "old/a.pyo",
)
VERDICTS: Final = ("active", "inactive", "unknown", "not_checkable")


def fill(store: Store, seed: int, *, projects: int, secrets: int) -> None:
    """Fill an empty store.

    Args:
        store: The store.
        seed: The same seed does the same.
        projects: How many projects; half of them may stay clean.
        secrets: How many secrets.
    """
    dice = random.Random(seed)
    with store.writing() as connection:
        _frame(connection)
        artifacts = [_project(connection, dice, number) for number in range(1, projects + 1)]
        for number in range(1, secrets + 1):
            _secret(connection, dice, number, artifacts)


def name_of(project: int) -> str:
    """Return the name of a project, which stands nowhere else."""
    return f"zzproject{project}zz"


def _insert(connection: Connection, table: sa.Table, **row: Any) -> None:  # noqa: ANN401 (columns)
    connection.execute(sa.insert(table).values(**row))


def _frame(connection: Connection) -> None:
    _insert(connection, t.registries, id=1, url=INDEX)
    _insert(
        connection, t.rulesets, id=1, digest="0", version="1", detectors={}, first_used_at=BEGIN
    )
    for number, path in enumerate(PATHS, 1):
        _insert(connection, t.paths, id=number, digest=bytes([number]), path=path)


def _project(connection: Connection, dice: random.Random, number: int) -> list[int]:
    """Add a project of up to three releases; returns the numbers of its artifacts."""
    name = name_of(number)
    _insert(
        connection,
        t.projects,
        id=number,
        registry_id=1,
        name=name,
        first_seen_at=BEGIN,
        read_at=BEGIN + timedelta(days=3000),
    )
    found = []
    for index in range(dice.randrange(1, 4)):
        release = number * 10 + index
        version = f"{index}.0.zzversionzz"
        _insert(
            connection,
            t.releases,
            id=release,
            project_id=number,
            version=version,
            sort_key=bytes([index + 1]),
            is_prerelease=0,
        )
        _insert(
            connection,
            t.artifacts,
            id=release,
            release_id=release,
            name=f"{name}-{version}.tar.gz",
            kind=dice.choice(("sdist", "wheel", "egg")),
            url=f"https://files.invalid/{release}",
            hashes={},
            sha256=str(release),
            size_bytes=1000,
            uploaded_at=BEGIN + timedelta(days=dice.randrange(5) * 370 + dice.randrange(90)),
            yanked="broken" if dice.random() < 0.1 else None,
            first_seen_at=BEGIN,
            state="scanned",
            attempts=0,
            ruleset_id=1,
            scanned_at=BEGIN,
            fetched_bytes=1000,
            files=3,
            content_bytes=3000,
            is_complete=1,
        )
        found.append(release)
    return found


def _secret(
    connection: Connection, dice: random.Random, number: int, artifacts: list[list[int]]
) -> None:
    _insert(
        connection,
        t.secrets,
        id=number,
        # A few types are frequent, most are not.
        detector=DETECTORS[min(int(dice.expovariate(0.6)), len(DETECTORS) - 1)],
        fingerprint=f"{number:032x}",
        mask="zzmaskzz",
        first_seen_at=BEGIN,
    )
    _insert(connection, t.blobs, id=number, digest=number.to_bytes(32, "big"), ruleset_id=1)
    _match(connection, dice, number)
    holders = artifacts[: max(1, len(artifacts) // 2)] if dice.random() < 0.7 else artifacts
    for own in dice.sample(holders, min(len(holders), dice.choice((1, 1, 1, 2, 9)))):
        for artifact in dice.sample(own, dice.randrange(1, len(own) + 1)):
            _insert(
                connection,
                t.occurrences,
                artifact_id=artifact,
                match_id=number,
                path_id=1 + min(int(dice.expovariate(0.7)), len(PATHS) - 1),
                confidence="high",
            )
    _judge(connection, dice, number)


def _match(connection: Connection, dice: random.Random, number: int) -> None:
    _insert(
        connection,
        t.matches,
        id=number,
        blob_id=number,
        secret_id=number,
        below="",
        part="",
        line=1,
        column=1,
        start=1,
        end=2,
        encoding=[],
        severity=dice.choice(("critical", "high", "high", "medium")),
        confidence="high",
        facts={"mode": dice.choice(("live", "test", "odd"))},
        parts={},
        found_by=1,
        confirmed_by=1,
    )


def _judge(connection: Connection, dice: random.Random, number: int) -> None:
    for time in range(dice.choice((0, 1, 2))):
        _insert(
            connection,
            t.verdicts,
            secret_id=number,
            verdict=dice.choice(VERDICTS),
            doubt="unexpected_response",
            checked_at=BEGIN + timedelta(days=2500 + 30 * time),
            powers=dice.choice((["read"], ["read", "write"], ["admin"], None)),
            privilege=dice.choice(("low", "high", "admin", None)),
            warnings=dice.choice((["root"], None)),
        )
    if dice.random() < 0.2:
        _insert(
            connection,
            t.triage,
            secret_id=number,
            status=dice.choice(("accepted", "revoked", "false-positive", "open")),
            note="zznotezz",
            author="zzauthorzz",
            decided_at=BEGIN,
        )
