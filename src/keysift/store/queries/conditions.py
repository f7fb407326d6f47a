"""What lists ask, as conditions on ``summaries``."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from keysift.store import tables as t
from keysift.store.queries.glob import matches
from keysift.store.queries.standing import TRIAGE, VERDICTS
from keysift.store.queries.wanted import Wanted
from keysift.store.queries.whereabouts import among, any_of, has, of_life, of_places


def conditions(connection: Connection, wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    """Return what a row of ``summaries`` must fulfil.

    Args:
        connection: Tells which database it is.
        wanted: The filters.
    """
    return (
        *_of_what_is(connection, wanted),
        *_of_what_was_said(wanted),
        *of_places(connection, wanted),
    )


def conditions_of_lives(connection: Connection, wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    """Return what a row of ``lives`` with its row of ``summaries`` must fulfil.

    That is what ``conditions`` are when its project is the only one that is asked for.

    Args:
        connection: Tells which database it is.
        wanted: The filters; not for projects.
    """
    return (
        *_of_what_is(connection, wanted),
        *_of_what_was_said(wanted),
        *of_life(connection, wanted),
    )


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
        found.append(among(connection, sa.select(t.haystacks.c.secret_id).where(*has_all)))
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
        found.append(any_of(c.privilege, ranks))
    if wanted.is_canary is not None:
        found.append(c.is_canary == int(wanted.is_canary))
    return found
