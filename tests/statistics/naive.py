"""Figures of a store, counted again without haste: rows are read, and nothing is summed in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import Connection

from keysift.catalogue import Catalogue
from keysift.model import Confidence, Doubt, Severity, TriageStatus, Verdict
from keysift.statistics.place import extension_of, place_of
from keysift.store import tables as t
from keysift.store.queries.describe import describe
from keysift.store.queries.values import Life

_SILENT: Final = {one.value for one in Doubt if one.is_open}


class Row(Struct, frozen=True):
    """An occurrence with everything around it."""

    secret: int
    project: int
    name: str
    release: int
    artifact: int
    kind: str
    uploaded_at: datetime | None
    yanked: bool
    deleted: bool
    path: str
    severity: str
    confidence: str
    mode: str | None


class Naive(Struct):
    """A counted secret.

    Attributes:
        id: Its number.
        detector: Its type.
        rows: Its occurrences in the scope.
        lives: Its lives in the projects of the scope.
        verdict: The one that stands.
        triage: The last decision.
        answers: All clear ones, in the order of the ledger.
    """

    id: int
    detector: str
    first_seen_at: datetime
    rows: list[Row]
    lives: tuple[Life, ...]
    verdict: Verdict
    triage: TriageStatus
    answers: list[tuple[datetime, Verdict]] = field(default_factory=list)

    @property
    def introduced_at(self) -> datetime | None:
        """The earliest upload."""
        return min((row.uploaded_at for row in self.rows if row.uploaded_at), default=None)

    @property
    def year(self) -> str:
        """Its year, as a name."""
        date = self.introduced_at
        return "" if date is None else str(date.year)

    @property
    def projects(self) -> set[int]:
        """The projects that it stands in."""
        return {row.project for row in self.rows}

    @property
    def presence(self) -> str:
        """What is left of it."""
        states = [life.still_present for life in self.lives]
        if True in states:
            return "newest"
        if None in states:
            return "unknown"
        if any(not row.yanked and not row.deleted for row in self.rows):
            return "old"
        return "yanked" if any(not row.deleted for row in self.rows) else "deleted"

    @property
    def artifact(self) -> str:
        """The kinds of artifacts that have it."""
        kinds = {row.kind for row in self.rows}
        return "+".join(sorted(kinds)) if kinds <= {"sdist", "wheel"} else "other"


class Counts(Struct):
    """What a group has."""

    secrets: int
    occurrences: int
    projects: int
    verdicts: dict[str, int]
    projects_by_verdict: dict[str, int]


class World:
    """Everything that a store has, in memory.

    Args:
        connection: From ``Store.reading``.
        catalogue: Says who issues what.
        globs: The scope.
        confidence: Secrets count from this confidence on.
        severity: Secrets count from this severity on.
    """

    def __init__(
        self,
        connection: Connection,
        catalogue: Catalogue,
        globs: tuple[str, ...] = (),
        confidence: Confidence = Confidence.MEDIUM,
        severity: Severity = Severity.INFO,
    ) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._globs = globs
        self.projects = [one for one in self._all(t.projects) if self._is_meant(one["name"])]
        numbers = {one["id"] for one in self.projects}
        self.releases = [one for one in self._all(t.releases) if one["project_id"] in numbers]
        self._release = {one["id"]: one for one in self.releases}
        self.artifacts = [
            one for one in self._all(t.artifacts) if one["release_id"] in self._release
        ]
        self._holding = {row.artifact_id for row in connection.execute(sa.select(t.occurrences))}
        self.left_out: Counter[str] = Counter()
        self.secrets = list(self._count(confidence, severity))

    def _all(self, table: sa.Table) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sa.select(table)).mappings()]

    def _is_meant(self, name: str) -> bool:
        return not self._globs or any(fnmatchcase(name, glob) for glob in self._globs)

    def _count(self, confidence: Confidence, severity: Severity) -> Iterable[Naive]:
        rows, outdated = self._rows()
        standing = {one.id: one for one in describe(self._connection, [*rows])}
        decided = {row["secret_id"]: row["status"] for row in self._ordered(t.triage)}
        checks: dict[int, list[dict[str, Any]]] = {}
        for row in self._ordered(t.verdicts):
            checks.setdefault(row["secret_id"], []).append(row)
        self.left_out["outdated"] = len(outdated - rows.keys())
        facts = {one["id"]: one for one in self._all(t.secrets)}
        for number, own in sorted(rows.items()):
            triage = TriageStatus(decided.get(number, "open"))
            said = checks.get(number, [])
            best = max(Confidence(row.confidence).rank for row in own)
            worst = max(Severity(row.severity).rank for row in own)
            if any(check["verdict"] == "canary" for check in said):
                self.left_out["canaries"] += 1
            elif best < confidence.rank:
                self.left_out["low_confidence"] += 1
            elif worst < severity.rank:
                self.left_out["low_severity"] += 1
            elif triage is TriageStatus.FALSE_POSITIVE:
                self.left_out["false_positives"] += 1
            elif triage is TriageStatus.TEST:
                self.left_out["tests"] += 1
            else:
                yield Naive(
                    id=number,
                    detector=facts[number]["detector"],
                    first_seen_at=facts[number]["first_seen_at"],
                    rows=own,
                    lives=tuple(
                        life
                        for life in standing[number].lives
                        if self._is_meant(life.introduced.project)
                    ),
                    verdict=_standing(said),
                    triage=triage,
                    answers=[
                        (check["checked_at"], Verdict(check["verdict"]))
                        for check in said
                        if check["verdict"] in {"active", "inactive"}
                    ],
                )

    def _ordered(self, table: sa.Table) -> list[dict[str, Any]]:
        return sorted(self._all(table), key=lambda row: int(row["id"]))

    def _rows(self) -> tuple[dict[int, list[Row]], set[int]]:
        """Return the occurrences that count, by secret, and all secrets that stand in the scope."""
        blobs = {one["id"]: one for one in self._all(t.blobs)}
        matches = {one["id"]: one for one in self._all(t.matches)}
        paths = {one["id"]: one["path"] for one in self._all(t.paths)}
        artifacts = {one["id"]: one for one in self.artifacts}
        names = {one["id"]: one["name"] for one in self.projects}
        found: dict[int, list[Row]] = {}
        standing: set[int] = set()
        for row in self._all(t.occurrences):
            artifact = artifacts.get(row["artifact_id"])
            if artifact is None:
                continue
            match = matches[row["match_id"]]
            standing.add(match["secret_id"])
            if match["confirmed_by"] != blobs[match["blob_id"]]["ruleset_id"]:
                continue
            project = self._release[artifact["release_id"]]["project_id"]
            found.setdefault(match["secret_id"], []).append(
                Row(
                    match["secret_id"],
                    project,
                    names[project],
                    artifact["release_id"],
                    artifact["id"],
                    artifact["kind"],
                    artifact["uploaded_at"],
                    artifact["yanked"] is not None,
                    artifact["deleted_at"] is not None,
                    paths[row["path_id"]] + match["below"],
                    match["severity"],
                    row["confidence"],
                    match["facts"].get("mode"),
                )
            )
        return found, standing

    def is_scanned(self, artifact: dict[str, Any]) -> bool:
        """Tell whether an artifact was looked at."""
        read = artifact["state"] == "scanned" and (artifact["is_complete"] or artifact["files"])
        return bool(read) or artifact["id"] in self._holding

    def provider(self, secret: Naive) -> str:
        """Return who issues a secret."""
        known = self._catalogue.by_id.get(secret.detector)
        return "" if known is None else known.provider

    def category(self, secret: Naive) -> str:
        """Return what its provider is for."""
        known = self._catalogue.by_id.get(secret.detector)
        return "" if known is None else known.category.value

    def groups(
        self,
        names: Callable[[Naive], Iterable[str]],
        row: Callable[[Row], str] | None = None,
    ) -> dict[str, Counts]:
        """Return what is counted of groups.

        Args:
            names: The groups that a secret is in.
            row: The group of an occurrence, when those are counted by themselves.
        """
        found: dict[str, list[Naive]] = {}
        for secret in self.secrets:
            for name in set(names(secret)):
                found.setdefault(name, []).append(secret)
        return {name: self._counts(name, own, row) for name, own in found.items()}

    def _counts(self, name: str, own: list[Naive], group: Callable[[Row], str] | None) -> Counts:
        occurrences = [row for secret in own for row in secret.rows]
        verdicts = Counter(secret.verdict.value for secret in own)
        return Counts(
            secrets=len(own),
            occurrences=sum(group is None or group(row) == name for row in occurrences),
            projects=len({row.project for row in occurrences}),
            verdicts=dict(verdicts),
            projects_by_verdict={
                verdict: len(
                    {
                        project
                        for secret in own
                        if secret.verdict.value == verdict
                        for project in secret.projects
                    }
                )
                for verdict in verdicts
            },
        )


def _standing(checks: list[dict[str, Any]]) -> Verdict:
    """Return the verdict that stands: the last that says something, or that nothing could be."""
    if not checks:
        return Verdict.UNCHECKED
    telling = [
        check
        for check in checks
        if not (
            check["verdict"] == "unknown" and (check["doubt"] is None or check["doubt"] in _SILENT)
        )
    ]
    return Verdict(telling[-1]["verdict"]) if telling else Verdict.UNKNOWN


def places(secret: Naive) -> set[str]:
    """Return the kinds of files that a secret stands in."""
    return {place_of(row.path).value for row in secret.rows}


def extensions(secret: Naive) -> set[str]:
    """Return the extensions of these files."""
    return {extension_of(row.path) for row in secret.rows}
