"""Which findings, in which order: one pass over the occurrences, whatever is asked."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, Subquery

from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.glob import matches

ROWS: Final = 1000
"""Rows that are in memory where an answer is read as it comes."""


class Order(Enum):
    """What findings are sorted by; the value is the word of the command line.

    Grades, numbers and the last upload go from the most to the least; the first upload goes from
    the latest, so that what is new stands at the top. Equal ones are in the order of ``SEVERITY``.
    """

    SEVERITY = "severity"
    INTRODUCED = "introduced"
    LAST_SEEN = "last-seen"
    RELEASES = "releases"
    PLACES = "places"
    PROJECTS = "projects"
    DETECTOR = "detector"
    ID = "id"


class Filters(Struct, frozen=True, kw_only=True):
    """Which findings are wanted; what is None or empty does not filter.

    The first four are about an occurrence: one and the same must fulfil all of them.

    Attributes:
        project: Glob of project names.
        path: Glob of paths inside artifacts (with ``!/`` before what is in an archive there).
        still_present: Only what the newest release of a project has (``Life.still_present``).
        kind: Only files of this kind: sdist, wheel, egg, other.
        detector: Glob of detector ids.
        severity: From this severity on.
        confidence: From this confidence on.
        verdicts: With one of these as the latest verdict.
        triage: With one of these as the latest decision.
        year: First uploaded in this year (UTC).
        outdated: What the ruleset that looked last finds no more is wanted, too.
        project_id: Only the project with this number; about an occurrence as well.
    """

    project: str | None = None
    path: str | None = None
    still_present: bool = False
    kind: str | None = None
    detector: str | None = None
    severity: Severity = Severity.INFO
    confidence: Confidence = Confidence.LOW
    verdicts: tuple[Verdict, ...] = ()
    triage: tuple[TriageStatus, ...] = ()
    year: int | None = None
    outdated: bool = False
    project_id: int | None = None

    @property
    def names_projects(self) -> bool:
        """Whether only some projects are wanted."""
        return self.project is not None or self.project_id is not None


class Dated(Struct, frozen=True):
    """A finding that was chosen, as far as the state of its checks needs it.

    Attributes:
        id: Number of the secret.
        detector: Id of the detector.
        first_uploaded_at: Earliest upload that has it (UTC); None when no index says.
        is_kept: Whether its value is in the store, sealed, so that its provider can be asked.
    """

    id: int
    detector: str
    first_uploaded_at: datetime | None
    is_kept: bool


class Chosen(Struct, frozen=True):
    """A finding that was chosen.

    Attributes:
        id: Number of the secret.
        severity: The worst of its matches.
        confidence: The best over its occurrences.
        is_canary: Whether it is known to raise an alarm when it is used.
    """

    id: int
    severity: Severity
    confidence: Confidence
    is_canary: bool


_IS_CANARY: Final = (
    sa.exists()
    .where(t.verdicts.c.secret_id == t.secrets.c.id)
    .where(t.verdicts.c.verdict == Verdict.CANARY.value)
    .label("is_canary")
)

_IS_KEPT: Final = (
    sa.exists()
    .where(t.values.c.secret_id == t.secrets.c.id)
    .where(t.values.c.name == "")
    .label("is_kept")
)


def choose(connection: Connection, filters: Filters, order: Order = Order.SEVERITY) -> list[Chosen]:
    """Return the findings that are wanted, sorted; the same store gives the same order.

    A page of them is a slice of the list; ``describe`` makes values of it.

    Args:
        connection: From ``Store.reading``.
        filters: Which.
        order: What comes first.
    """
    totals = _totals(filters, order, _wanted(connection, filters))
    query = (
        sa.select(t.secrets.c.id, totals.c.severity, totals.c.confidence, _IS_CANARY)
        .join(totals, totals.c.secret_id == t.secrets.c.id)
        .where(*_graded(filters, totals))
        .order_by(*_sorted(connection, order, totals))
    )
    severities, confidences = list(Severity), list(Confidence)
    return [
        Chosen(row.id, severities[row.severity], confidences[row.confidence], bool(row.is_canary))
        for row in connection.execute(query)
    ]


def dated(connection: Connection, filters: Filters) -> Generator[Dated]:
    """Yield the findings that are wanted, by their numbers; they are not all in memory at once.

    Args:
        connection: From ``Store.reading``.
        filters: Which.
    """
    totals = _totals(filters, Order.INTRODUCED, _wanted(connection, filters))
    query = (
        sa.select(t.secrets.c.id, t.secrets.c.detector, totals.c.first, _IS_KEPT)
        .join(totals, totals.c.secret_id == t.secrets.c.id)
        .where(*_graded(filters, totals))
        .order_by(t.secrets.c.id)
    )
    with connection.execute(query, execution_options={"yield_per": ROWS}) as rows:
        for row in rows:
            yield Dated(row.id, row.detector, row.first, bool(row.is_kept))


def _totals(filters: Filters, order: Order, wanted: Select[Any] | None) -> Subquery:
    """Return what is known of each secret in sum: no more tables than the question needs."""
    counting = parts.counting(outdated=filters.outdated).subquery("counting")
    columns: list[ColumnElement[Any]] = [
        counting.c.secret_id,
        sa.func.max(counting.c.severity).label("severity"),
        sa.func.max(parts.rank(t.occurrences.c.confidence, Confidence)).label("confidence"),
    ]
    needs_uploads = filters.year is not None or order in {Order.INTRODUCED, Order.LAST_SEEN}
    needs_releases = order in {Order.RELEASES, Order.PROJECTS}
    if order is Order.PLACES:
        columns.append(sa.func.count().label("places"))
    if needs_uploads:
        uploaded = t.artifacts.c.uploaded_at
        columns += [sa.func.min(uploaded).label("first"), sa.func.max(uploaded).label("last")]
    if needs_releases:
        columns += [
            sa.func.count(t.releases.c.id.distinct()).label("releases"),
            sa.func.count(t.releases.c.project_id.distinct()).label("projects"),
        ]
    query = sa.select(*columns).join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
    if wanted is not None:
        query = query.where(counting.c.secret_id.in_(wanted))
    if needs_uploads or needs_releases:
        query = query.join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
    if needs_releases:
        query = query.join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
    return query.group_by(counting.c.secret_id).subquery("totals")


def _graded(filters: Filters, totals: Subquery) -> list[ColumnElement[bool]]:
    """Return what is asked of a secret in sum."""
    conditions: list[ColumnElement[bool]] = []
    if filters.severity.rank:
        conditions.append(totals.c.severity >= filters.severity.rank)
    if filters.confidence.rank:
        conditions.append(totals.c.confidence >= filters.confidence.rank)
    if filters.year is not None:
        begin = datetime(filters.year, 1, 1, tzinfo=UTC)
        end = datetime(filters.year + 1, 1, 1, tzinfo=UTC)
        conditions += [totals.c.first >= begin, totals.c.first < end]
    return conditions


def _wanted(connection: Connection, filters: Filters) -> Select[Any] | None:
    """Return the secrets that fulfil what can be asked without adding up; None: all of them."""
    conditions: list[ColumnElement[bool]] = []
    if filters.detector is not None:
        conditions.append(matches(connection, t.secrets.c.detector, filters.detector))
    if filters.verdicts:
        said = parts.latest(t.verdicts, "verdict", t.secrets.c.id)
        known = sa.func.coalesce(said, Verdict.UNCHECKED.value)
        conditions.append(known.in_([verdict.value for verdict in filters.verdicts]))
    if filters.triage:
        decided = parts.latest(t.triage, "status", t.secrets.c.id)
        status = sa.func.coalesce(decided, TriageStatus.OPEN.value)
        conditions.append(status.in_([one.value for one in filters.triage]))
    if filters.names_projects or filters.path or filters.still_present or filters.kind:
        conditions.append(t.secrets.c.id.in_(standing(connection, filters)))
    return sa.select(t.secrets.c.id).where(*conditions) if conditions else None


def standing(connection: Connection, filters: Filters) -> Select[Any] | CompoundSelect[Any]:
    """Return the secrets with an occurrence that fulfils what is asked of one.

    Args:
        connection: Tells which database it is.
        filters: What is asked; what does not concern an occurrence is passed over.
    """
    # A query of its own: what is asked for twice, SQLite would write down first, without an index.
    counting = parts.counting(outdated=filters.outdated).subquery("standing")
    query = sa.select(counting.c.secret_id).join(
        t.occurrences, t.occurrences.c.match_id == counting.c.id
    )
    if filters.names_projects or filters.still_present or filters.kind:
        query = query.where(t.occurrences.c.artifact_id.in_(_artifacts(connection, filters)))
    if filters.path is None:
        return query
    query = query.join(t.matches, t.matches.c.id == counting.c.id)
    named = sa.select(t.paths.c.id).where(matches(connection, t.paths.c.path, filters.path))
    whole = t.paths.c.path + t.matches.c.below
    # Few matches are in archives inside archives: only for these the path is put together.
    return query.where(t.matches.c.below == "", t.occurrences.c.path_id.in_(named)).union(
        query.join(t.paths, t.paths.c.id == t.occurrences.c.path_id).where(
            t.matches.c.below != "", matches(connection, whole, filters.path)
        )
    )


def _artifacts(connection: Connection, filters: Filters) -> Select[Any]:
    """Return the artifacts with occurrences that fulfil what is asked of an artifact."""
    query = sa.select(t.artifacts.c.id)
    if filters.kind is not None:
        query = query.where(t.artifacts.c.kind == filters.kind)
    if not filters.names_projects and not filters.still_present:
        return query
    if filters.names_projects:
        projects = sa.select(t.projects.c.id)
        if filters.project is not None:
            projects = projects.where(matches(connection, t.projects.c.name, filters.project))
        if filters.project_id is not None:
            projects = projects.where(t.projects.c.id == filters.project_id)
    else:
        holders = sa.select(t.occurrences.c.artifact_id)
        projects = (
            sa.select(t.releases.c.project_id)
            .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
            .where(t.artifacts.c.id.in_(holders))
            .distinct()
        )
    if filters.still_present:
        ordered = parts.releases(connection, projects)
        newest = sa.select(ordered.c.id).where(ordered.c.is_newest == 1)
        return query.where(parts.is_listed(), t.artifacts.c.release_id.in_(newest))
    of_projects = sa.select(t.releases.c.id).where(t.releases.c.project_id.in_(projects))
    return query.where(t.artifacts.c.release_id.in_(of_projects))


def _sorted(connection: Connection, order: Order, totals: Subquery) -> list[ColumnElement[Any]]:
    detector = parts.bytewise(connection, t.secrets.c.detector)
    by_severity: list[ColumnElement[Any]] = [
        totals.c.severity.desc(),
        totals.c.confidence.desc(),
        detector,
        t.secrets.c.id,
    ]
    match order:
        case Order.SEVERITY:
            return by_severity
        case Order.ID:
            return [t.secrets.c.id]
        case Order.DETECTOR:
            return [detector, *by_severity]
        case Order.INTRODUCED:
            return [totals.c.first.desc().nulls_last(), *by_severity]
        case Order.LAST_SEEN:
            return [totals.c.last.desc().nulls_last(), *by_severity]
        case Order.PLACES | Order.RELEASES | Order.PROJECTS:
            return [totals.c[order.value].desc(), *by_severity]
