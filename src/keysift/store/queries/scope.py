"""Which projects a measurement is about, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

from keysift.store import tables as t
from keysift.store.queries.glob import matches

_GLOB: Final = frozenset("*?[")


def in_scope(connection: Connection, globs: Sequence[str]) -> Select[Any] | None:
    """Return the numbers of the projects whose name fulfils one of some globs; None: of all.

    Args:
        connection: Tells which database it is.
        globs: Names, or globs of names; none at all: every project is meant.
    """
    if not globs:
        return None
    names = [glob for glob in globs if not _GLOB.intersection(glob)]
    conditions: list[ColumnElement[bool]] = [
        matches(connection, t.projects.c.name, glob) for glob in globs if glob not in names
    ]
    if names:
        conditions.append(t.projects.c.name.in_(names))
    return sa.select(t.projects.c.id).where(sa.or_(*conditions))


def of_scope(projects: Select[Any] | None, column: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that the number of a project is in the scope."""
    return sa.true() if projects is None else column.in_(projects)
