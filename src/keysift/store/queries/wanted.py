"""Which findings a list shows: filters as conditions on ``summaries``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

from keysift.model import Confidence, Privilege, Severity
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.choose import Filters
from keysift.store.queries.glob import matches, rest_of
from keysift.store.queries.standing import TRIAGE, VERDICTS
from keysift.store.queries.sums import CUT
from keysift.store.types import SQLITE


class Wanted(Filters, frozen=True, kw_only=True):
    """Which findings are wanted: what ``choose`` asks, and what lists ask besides.

    Attributes:
        search: Words, each of which must be in the detector's id, the mask, the name of a project
            or a path (in sdists: below the first folder); upper and lower case are the same.
        detectors: Only of these types, for instance those of a provider; None: of all.
        severities: Only of these severities.
        confidences: Only of these confidences.
        presence: Only with one of these as ``still_present``: True, False, None for not known.
            With ``project`` or ``project_id`` it is about that project, else about all together.
        privileges: Only with one of these as the privilege; None for not known.
        is_canary: Only canaries, or none of them.
    """

    search: str = ""
    detectors: frozenset[str] | None = None
    severities: tuple[Severity, ...] = ()
    confidences: tuple[Confidence, ...] = ()
    presence: tuple[bool | None, ...] = ()
    privileges: tuple[Privilege | None, ...] = ()
    is_canary: bool | None = None


def conditions(connection: Connection, wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    """Return what a row of ``summaries`` must fulfil.

    Args:
        connection: Tells which database it is.
        wanted: The filters.
    """
    return (
        *_of_what_is(connection, wanted),
        *_of_what_was_said(wanted),
        *_of_places(connection, wanted),
    )


def has(connection: Connection, text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Return the condition that a text has a word in it."""
    # Faster than LIKE, and no character of the word means anything.
    function = sa.func.instr if connection.dialect.name == SQLITE else sa.func.strpos
    return function(text, word, type_=sa.Integer) > 0


def _among(connection: Connection, secrets: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that a finding is among those of a query, which may be very many."""
    column: ColumnElement[int] = t.summaries.c.secret_id
    if connection.dialect.name == SQLITE:
        # It would look them up one by one and sort them, where a page needs the first only: what
        # is computed it cannot look up.
        column = column + sa.literal_column("0", sa.Integer)
    return column.in_(secrets)


def _of_what_is(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    c = t.summaries.c
    found: list[ColumnElement[bool]] = []
    if not wanted.outdated:
        found.append(c.is_outdated == 0)
    if wanted.severity.rank:
        found.append(c.severity >= wanted.severity.rank)
    if wanted.severities:
        found.append(c.severity.in_([one.rank for one in wanted.severities]))
    if wanted.confidence.rank:
        found.append(c.confidence >= wanted.confidence.rank)
    if wanted.confidences:
        found.append(c.confidence.in_([one.rank for one in wanted.confidences]))
    if wanted.detector is not None:
        found.append(matches(connection, c.detector, wanted.detector))
    if wanted.detectors is not None:
        found.append(c.detector.in_(sorted(wanted.detectors)))
    if wanted.year is not None:
        begin = datetime(wanted.year, 1, 1, tzinfo=UTC)
        end = datetime(wanted.year + 1, 1, 1, tzinfo=UTC)
        found += [c.first_uploaded_at >= begin, c.first_uploaded_at < end]
    if words := wanted.search.casefold().split():
        text = t.haystacks.c.text
        has_all = [has(connection, text, word) for word in words]
        found.append(_among(connection, sa.select(t.haystacks.c.secret_id).where(*has_all)))
    return found


def _of_what_was_said(wanted: Wanted) -> list[ColumnElement[bool]]:
    c = t.summaries.c
    found: list[ColumnElement[bool]] = []
    if wanted.verdicts:
        found.append(c.verdict.in_([VERDICTS.index(one) for one in wanted.verdicts]))
    if wanted.triage:
        found.append(c.triage.in_([TRIAGE.index(one) for one in wanted.triage]))
    if wanted.privileges:
        ranks = [None if one is None else one.rank for one in wanted.privileges]
        found.append(_any_of(c.privilege, ranks))
    if wanted.is_canary is not None:
        found.append(c.is_canary == int(wanted.is_canary))
    return found


def _of_places(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what is asked of the places of a finding; as in ``choose``, of one and the same."""
    c = t.summaries.c
    found: list[ColumnElement[bool]] = []
    if wanted.presence and not wanted.names_projects:
        found.append(_present(c.still_present, wanted))
    if wanted.path is not None:
        found += _of_path(connection, wanted, wanted.path)
        if not (wanted.names_projects and wanted.presence):
            return found
    if wanted.names_projects or (wanted.still_present and wanted.kind is not None):
        found.append(c.secret_id.in_(_lives(connection, wanted)))
        return found
    if wanted.still_present:
        found.append(c.still_present == 1)
    if wanted.kind is not None:
        found.append(_lists(c.kinds, wanted.kind))
    return found


def _of_path(connection: Connection, wanted: Wanted, path: str) -> list[ColumnElement[bool]]:
    """Return what is asked of a place when its path is: only the occurrences tell all paths."""
    found: list[ColumnElement[bool]] = []
    if text := rest_of(path).casefold():
        # What a search looks through tells most of those that have none.
        is_cut = sa.func.substr(t.haystacks.c.text, 1, 1) == CUT
        may_have = sa.or_(has(connection, t.haystacks.c.text, text), is_cut)
        found.append(_among(connection, sa.select(t.haystacks.c.secret_id).where(may_have)))
    if wanted.still_present:
        found.append(t.summaries.c.still_present == 1)
    found.append(_stands(connection, wanted, path))
    return found


def _stands(connection: Connection, wanted: Wanted, path: str) -> ColumnElement[bool]:
    """Return the condition that a finding has such a place, asked of each."""
    is_current = t.matches.c.confirmed_by == t.blobs.c.ruleset_id
    query = (
        sa.select(t.matches.c.id)
        .join(t.blobs, t.blobs.c.id == t.matches.c.blob_id)
        .join(t.occurrences, t.occurrences.c.match_id == t.matches.c.id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
        .where(t.matches.c.secret_id == t.summaries.c.secret_id)
        # As ``parts.counting`` has it.
        .where(sa.or_(is_current, t.summaries.c.is_outdated == 1))
        .where(matches(connection, t.paths.c.path + t.matches.c.below, path))
    )
    if wanted.names_projects or wanted.still_present or wanted.kind is not None:
        query = query.join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
    if wanted.kind is not None:
        query = query.where(t.artifacts.c.kind == wanted.kind)
    if wanted.names_projects or wanted.still_present:
        query = query.join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
    if wanted.still_present:
        query = query.where(parts.is_listed(), _is_newest(t.matches.c.secret_id))
    if wanted.project_id is not None:
        query = query.where(t.releases.c.project_id == wanted.project_id)
    if wanted.project is not None:
        query = query.where(t.releases.c.project_id.in_(_projects(connection, wanted.project)))
    return query.correlate(t.summaries).exists()


def _is_newest(secret: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a release is the newest, and one that has this secret."""
    newest, life = t.releases.alias("newest"), t.lives.c
    equal = sa.or_(
        t.releases.c.id == newest.c.id,
        # Another way to write the same version.
        t.releases.c.sort_key == newest.c.sort_key,
    )
    return (
        sa.select(life.present_in)
        .join(newest, newest.c.id == life.present_in)
        .where(life.secret_id == secret, life.project_id == t.releases.c.project_id, equal)
        .correlate_except(t.lives, newest)
        .exists()
    )


def _lives(connection: Connection, wanted: Wanted) -> Select[Any]:
    """Return the secrets with a life that is wanted."""
    life = t.lives.c
    query = sa.select(life.secret_id)
    if wanted.project_id is not None:
        query = query.where(life.project_id == wanted.project_id)
    if wanted.project is not None:
        query = query.where(life.project_id.in_(_projects(connection, wanted.project)))
    if wanted.presence and wanted.names_projects:
        query = query.where(_present(life.still_present, wanted))
    if wanted.still_present:
        query = query.where(life.still_present == 1)
    if wanted.kind is not None:
        kinds = life.present_kinds if wanted.still_present else life.kinds
        query = query.where(_lists(kinds, wanted.kind))
    return query


def _projects(connection: Connection, glob: str) -> Select[Any]:
    query = sa.select(t.projects.c.id).where(matches(connection, t.projects.c.name, glob))
    # The index of names has the registry first.
    return query.where(t.projects.c.registry_id.in_(sa.select(t.registries.c.id)))


def _present(column: ColumnElement[int | None], wanted: Wanted) -> ColumnElement[bool]:
    return _any_of(column, [None if one is None else int(one) for one in wanted.presence])


def _any_of(column: ColumnElement[Any], values: list[int | None]) -> ColumnElement[bool]:
    known = [value for value in values if value is not None]
    if None not in values:
        return column.in_(known)
    return sa.or_(column.in_(known), column.is_(None)) if known else column.is_(None)


def _lists(kinds: ColumnElement[str], kind: str) -> ColumnElement[bool]:
    return ("," + kinds + ",").contains(f",{kind},", autoescape=True)
