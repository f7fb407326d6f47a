"""A small index as the store sees it: projects, files, and what was found in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.catalogue import Catalogue, load
from keysift.catalogue.samples import expand
from keysift.model import (
    Artifact,
    Confidence,
    Excerpt,
    Match,
    Part,
    Secret,
    Severity,
    fingerprint_key,
)
from keysift.sources.project_page import IndexFile, Project, package_url
from keysift.store import ledger, pages
from keysift.store import tables as t
from keysift.store.records import Found, Member, Scanned
from keysift.store.sealing import Sealer

KEY = fingerprint_key(b"f" * 32)
SEALER = Sealer(b"s" * 32)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@cache
def catalogue() -> Catalogue:
    """Return the built-in detectors, read once."""
    return load()


def index_file(project: str, version: str, name: str, **said: object) -> IndexFile:
    """Return a file as a page of an index has it.

    Args:
        project: Normalised name.
        version: The release.
        name: File name.
        **said: Attributes of the artifact that differ from what is usual.
    """
    facts: dict[str, Any] = {
        "target": f"pypi:{project}",
        "name": name,
        "project": project,
        "version": version,
        "purl": package_url(project, version, name),
        "sha256": f"{abs(hash((project, name))):064x}"[:64],
        "size_bytes": 1000,
    } | said
    if "uploaded" not in facts:
        facts["uploaded"] = BEGIN + timedelta(days=365 * int(version.partition(".")[0]))
    artifact = Artifact(**facts)
    return IndexFile(
        artifact=artifact,
        url=f"https://files.invalid/{project}/{name}",
        hashes={"sha256": artifact.sha256} if artifact.sha256 else {},
    )


def value(seed: int) -> Secret:
    """Return a made-up secret."""
    return Secret(expand("{base62:40}", seed).encode())


def found(seed: int, detector: str = "github-pat", **changes: object) -> Found:
    """Return a match of a made-up secret.

    Args:
        seed: Which secret.
        detector: Its type.
        **changes: Attributes of the match that differ from what is usual.
    """
    facts: dict[str, Any] = {
        "detector": detector,
        "secret": value(seed),
        "start": 10,
        "end": 50,
        "line": 2,
        "column": 3,
        "severity": Severity.CRITICAL,
        "confidence": Confidence.HIGH,
        "facts": {"kind": "personal"},
        "parts": (Part("key_id", Secret(expand("{upper:16}", seed).encode()), 0, 9),),
    } | changes
    match = Match(**facts)
    return Found(match=match, confidence=match.confidence)


def lines(seed: int) -> Excerpt:
    """Return a made-up secret with a line before it and one after."""
    before, found = b"# <b>one</b>\nkey = '", value(seed).reveal()
    text = Secret(before + found + b"'\n\tthree\x1b\n")
    return Excerpt(line=1, text=text, start=len(before), end=len(before) + len(found))


def member(path: str, *matches: Found, digest: bytes | None = None) -> Member:
    """Return a member that holds matches; its digest is made of them unless one is given."""
    same = b"/".join(one.match.secret.reveal() for one in matches)
    return Member(path=path, digest=digest or same.ljust(32, b".")[:32], found=matches)


class Writer:
    """Writes to a store as a crawl does.

    Attributes:
        ledger: What writes results.
        registry: Number of the index.
    """

    def __init__(self, connection: Connection, *, sealer: Sealer | None = SEALER) -> None:
        self._connection = connection
        self.registry = ledger.registry(connection, "https://index.invalid/simple/")
        number = ledger.ruleset(connection, catalogue(), "1.0")
        self.ledger = ledger.Ledger(number, KEY, sealer)

    def page(self, project: str, *files: IndexFile, **said: object) -> pages.Changes:
        """Write down a page of a project."""
        number = pages.projects_named(self._connection, self.registry, [project])[project]
        facts: dict[str, Any] = said
        page = Project(name=project, files=files, **facts)
        return pages.page_read(self._connection, number, page)

    def scanned(self, name: str, *members: Member, **said: object) -> int:
        """Write down what a file holds; returns its number."""
        number = artifact_number(self._connection, name)
        facts: dict[str, Any] = said
        self.ledger.scanned(self._connection, number, Scanned(members=members, **facts))
        return number


def artifact_number(connection: Connection, name: str) -> int:
    """Return the number of a file by its name."""
    query = sa.select(t.artifacts.c.id).where(t.artifacts.c.name == name)
    number: int = connection.execute(query).scalar_one()
    return number
