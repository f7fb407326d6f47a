"""Stores to look at: with many findings of all kinds, and with hostile texts in every field."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.model import Confidence, Part, Reason, Secret, Severity, TriageStatus, Verdict
from keysift.store import keys, ledger
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.summaries import refresh
from keysift.store.triage import decide_all
from tests.store.samples import BEGIN, KEY, SEALER, Writer, found, index_file, member

DETECTORS = ("github-pat", "pypi-api-token", "slack-bot-token", "aws-access-key", "private-key")

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe\u2066",
    "\x01\x1b[31m\x7f\u2028\u200b",
    "</title></script></textarea><!--",
    "../../etc/passwd",
    "&lt;b&gt; &amp;",
    "=cmd|' /C calc'!A0",
    "é🔑漢字",
    "long" * 2500,
)
"""Texts that would do something, were they not escaped."""


def adopt(connection: Connection) -> None:
    """Let a store have the keys of the tests."""
    keys.adopt_fingerprint_key(connection, KEY)
    keys.adopt_sealer(connection, SEALER)


def many(store: Store, number: int, *, projects: int = 40) -> None:
    """Write down findings of all kinds, some of which are the same in most columns."""
    chance = Random(7)
    with store.writing() as connection:
        adopt(connection)
        writer = Writer(connection)
        for project in range(projects):
            seeds = range(1 + project, 1 + number, projects)
            _project(writer, f"project-{project:03}", seeds, chance)
        numbers = list(connection.scalars(sa.select(t.secrets.c.id)))
        _judge(connection, numbers, chance)
    refresh(store)


def _project(writer: Writer, name: str, seeds: Iterable[int], chance: Random) -> None:
    versions = [f"{major}.0" for major in range(1, 2 + chance.randrange(3))]
    files = [f"{name}-{version}.tar.gz" for version in versions]
    listed = []
    for version, file in zip(versions, files, strict=True):
        when = BEGIN + timedelta(days=30 * chance.randrange(40))
        uploaded = None if chance.random() < 0.1 else when
        listed.append(index_file(name, version, file, uploaded=uploaded))
    writer.page(name, *listed)
    matches = [
        found(
            seed,
            DETECTORS[seed % len(DETECTORS)],
            severity=chance.choice(list(Severity)),
            confidence=chance.choice(list(Confidence)),
        )
        for seed in seeds
    ]
    for position, file in enumerate(files):
        having = [one for index, one in enumerate(matches) if index % len(files) <= position]
        members = [member(f"{file}/{index}.py", one) for index, one in enumerate(having)]
        writer.scanned(file, *members, files=max(1, len(members)))


def _judge(connection: Connection, numbers: list[int], chance: Random) -> None:
    privileges = (None, None, "low", "medium", "high", "admin")
    rows = [
        {
            "secret_id": number,
            "verdict": chance.choice(list(Verdict)).value,
            "privilege": chance.choice(privileges),
            "checked_at": BEGIN + timedelta(hours=chance.randrange(2000)),
        }
        for number in numbers
        if chance.random() < 0.5
    ]
    connection.execute(sa.insert(t.verdicts), rows)
    for status in TriageStatus:
        some = [number for number in numbers if chance.random() < 0.1]
        decide_all(connection, some, status, note="why", author="ada")


def hostile(store: Store) -> int:
    """Write down a finding for each hostile text, which is in all its fields.

    Returns:
        Number of the last one, of the longest text.
    """
    with store.writing() as connection:
        adopt(connection)
        writer = Writer(connection)
        for seed, text in enumerate(HOSTILE, start=1):
            _evil(writer, seed, text)
        _rename(connection)
        number: int = connection.execute(sa.select(sa.func.max(t.secrets.c.id))).scalar_one()
    refresh(store)
    return number


def _evil(writer: Writer, seed: int, text: str) -> None:
    project, file = f"evil-{seed}", f"evil-{seed}.tar.gz"
    writer.page(project, index_file(project, "1.0", file, yanked=text))
    parts = (Part(f"half {text}", Secret(f"{text}{seed}".encode()), 0, 9),)
    match = found(
        seed,
        proof=text,
        facts={text: text, "fact": text},
        parts=parts,
        encoding=(text,),
        reasons=(Reason(text, 10, text),),
    )
    writer.scanned(file, member(f"{text}/a.py", match), files=1)


def _rename(connection: Connection) -> None:
    """Put the texts where only somebody who writes to the database can put them."""
    for seed, text in enumerate(HOSTILE, start=1):
        numbers = sa.select(t.projects.c.id).where(t.projects.c.name == f"evil-{seed}")
        project = connection.execute(numbers).scalar_one()
        release = sa.select(t.releases.c.id).where(t.releases.c.project_id == project)
        blobs = sa.select(t.matches.c.secret_id).join(
            t.occurrences, t.occurrences.c.match_id == t.matches.c.id
        )
        having = blobs.join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        secret = connection.execute(having.where(t.artifacts.c.release_id.in_(release))).scalar()
        changes = (
            (t.artifacts, t.artifacts.c.release_id.in_(release), {"name": text}),
            (t.releases, t.releases.c.project_id == project, {"version": text}),
            (t.projects, t.projects.c.id == project, {"name": text}),
            (t.secrets, t.secrets.c.id == secret, {"detector": text, "mask": text}),
        )
        for table, which, values in changes:
            connection.execute(sa.update(table).where(which).values(values))
        artifact = sa.select(t.artifacts.c.id).where(t.artifacts.c.name == text)
        told = {"secret_id": secret, "detail": text, "checked_at": ledger.now()}
        said = {"verdict": "unknown", "doubt": "unexpected_response", "facts": {text: text}}
        connection.execute(sa.insert(t.verdicts).values(told | said))
        line = {"status": "open", "note": f"{text}\n{text}", "author": text}
        row = {"secret_id": secret, "decided_at": ledger.now()} | line
        connection.execute(sa.insert(t.triage).values(row))
        seen = {"kind": "yanked", "detail": text, "seen_at": ledger.now()}
        number = connection.execute(artifact).scalar_one()
        connection.execute(sa.insert(t.events).values({"artifact_id": number} | seen))
