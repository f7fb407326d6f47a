"""In which state a store is: what is counted over all of it need not be counted twice."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t

_GROWING: Final = (
    *(t.registries, t.projects, t.releases, t.artifacts, t.events, t.rulesets, t.matches),
    *(t.verdicts, t.triage, t.runs),
)


def state(connection: Connection) -> tuple[Any, ...]:
    """Return what is another value as soon as findings are; cheap to ask for.

    Most tables only grow. What changes the findings of a project marks it, and what was added up
    takes the mark away. A file that was scanned without a finding is not pending any more.
    """
    pending = sa.select(sa.func.count()).where(t.artifacts.c.state == "pending")
    marks = sa.select(sa.func.sum(t.stale_projects.c.changes))
    newest = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in _GROWING]
    query = sa.select(*newest, pending.scalar_subquery(), marks.scalar_subquery())
    return tuple(connection.execute(query).one())
