"""What lists ask of the places of findings: in which project, kind of file and path they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import json
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select

from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.glob import matches, rest_of
from keysift.store.queries.sums import CUT
from keysift.store.queries.wanted import Wanted
from keysift.store.types import SQLITE


def has(connection: Connection, text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Return the condition that a text has a word in it."""
    # Faster than LIKE, and no character of the word means anything.
    function = sa.func.instr if connection.dialect.name == SQLITE else sa.func.strpos
    return function(text, word, type_=sa.Integer) > 0


def among(connection: Connection, secrets: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that a finding is among those of a query, which may be very many."""
    column: ColumnElement[int] = t.summaries.c.secret_id
    if connection.dialect.name == SQLITE:
        # It would look them up one by one and sort them, where a page needs the first only: what
        # is computed it cannot look up.
        column = column + sa.literal_column("0", sa.Integer)
    return column.in_(secrets)


def is_one_of(
    connection: Connection, column: ColumnElement[int], numbers: Sequence[int]
) -> ColumnElement[bool]:
    """Return the condition that a column is one of numbers, as many as one likes."""
    if connection.dialect.name == SQLITE:
        # One value, where it takes some ten thousand: https://www.sqlite.org/json1.html#jeach
        each = sa.func.json_each(json.encode(numbers).decode()).table_valued("value")
        return column.in_(sa.select(each.c.value))
    return column == sa.any_(sa.bindparam(None, list(numbers), sa.ARRAY(sa.BigInteger)))


def any_of(column: ColumnElement[Any], values: list[int | None]) -> ColumnElement[bool]:
    """Return the condition that a column has one of several values, or none."""
    known = [value for value in values if value is not None]
    if None not in values:
        return column.in_(known)
    return sa.or_(column.in_(known), column.is_(None)) if known else column.is_(None)


def of_places(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
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


def of_life(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the same, asked of a row of ``lives`` instead of all projects together."""
    found = _of_one_life(wanted)
    if wanted.path is not None:
        found += _of_path(connection, wanted, wanted.path, project=t.lives.c.project_id)
    return found


def _of_path(
    connection: Connection, wanted: Wanted, path: str, project: ColumnElement[int] | None = None
) -> list[ColumnElement[bool]]:
    """Return what is asked of a place when its path is: only the occurrences tell all paths."""
    found: list[ColumnElement[bool]] = []
    if text := rest_of(path).casefold():
        # What a search looks through tells most of those that have none.
        is_cut = sa.func.substr(t.haystacks.c.text, 1, 1) == CUT
        may_have = sa.or_(has(connection, t.haystacks.c.text, text), is_cut)
        found.append(among(connection, sa.select(t.haystacks.c.secret_id).where(may_have)))
    if wanted.still_present:
        found.append(t.summaries.c.still_present == 1)
    query = _standing(connection, wanted, path)
    if project is not None:
        query = query.where(t.releases.c.project_id == project)
    return [*found, query.correlate(t.summaries, t.lives).exists()]


def _standing(connection: Connection, wanted: Wanted, path: str) -> Select[Any]:
    """Return the query of such places of a finding."""
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
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
    )
    if wanted.kind is not None:
        query = query.where(t.artifacts.c.kind == wanted.kind)
    if wanted.still_present:
        query = query.where(parts.is_listed(), _is_newest(t.matches.c.secret_id))
    if wanted.project_id is not None:
        query = query.where(t.releases.c.project_id == wanted.project_id)
    if wanted.project is not None:
        query = query.where(t.releases.c.project_id.in_(_projects(connection, wanted.project)))
    return query


def _is_newest(secret: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a release is the newest, and one that has this secret."""
    newest, life = t.releases.alias("newest"), t.lives.alias("life")
    equal = sa.or_(
        t.releases.c.id == newest.c.id,
        # Another way to write the same version.
        t.releases.c.sort_key == newest.c.sort_key,
    )
    return (
        sa.select(life.c.present_in)
        .join(newest, newest.c.id == life.c.present_in)
        .where(life.c.secret_id == secret, life.c.project_id == t.releases.c.project_id, equal)
        .correlate_except(life, newest)
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
    own = wanted if wanted.names_projects else replace(wanted, presence=())
    return query.where(*_of_one_life(own))


def _of_one_life(wanted: Wanted) -> list[ColumnElement[bool]]:
    life = t.lives.c
    found: list[ColumnElement[bool]] = []
    if wanted.presence:
        found.append(_present(life.still_present, wanted))
    if wanted.still_present:
        found.append(life.still_present == 1)
    if wanted.kind is not None:
        kinds = life.present_kinds if wanted.still_present else life.kinds
        found.append(_lists(kinds, wanted.kind))
    return found


def _projects(connection: Connection, glob: str) -> Select[Any]:
    query = sa.select(t.projects.c.id).where(matches(connection, t.projects.c.name, glob))
    # The index of names has the registry first.
    return query.where(t.projects.c.registry_id.in_(sa.select(t.registries.c.id)))


def _present(column: ColumnElement[int | None], wanted: Wanted) -> ColumnElement[bool]:
    return any_of(column, [None if one is None else int(one) for one in wanted.presence])


def _lists(kinds: ColumnElement[str], kind: str) -> ColumnElement[bool]:
    return ("," + kinds + ",").contains(f",{kind},", autoescape=True)
