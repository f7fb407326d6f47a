"""What was looked at, and what was not: files by state, and what was passed over, by reason."""

from __future__ import annotations

from enum import Enum
from typing import Final

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import Connection

from keysift.store import tables as t


class State(Enum):
    """What became of a file. A file that the index has no more is ``deleted`` and nothing else.

    ``INCOMPLETE`` was scanned, but not all of it.
    """

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    PENDING = "pending"
    DELETED = "deleted"


class Reason(Struct, frozen=True):
    """What was passed over for one reason.

    Attributes:
        reason: The word in every report.
        skips: How often.
        artifacts: In how many files.
        size_bytes: How much, as far as is known.
    """

    reason: str
    skips: int
    artifacts: int
    size_bytes: int


class Covered(Struct, kw_only=True):
    """What was looked at, and what was not.

    Attributes:
        states: Files by what became of them.
        reasons: What was passed over, the most frequent reason first.
        projects: Projects that the index has.
        unread: Those whose page was never read.
        content_bytes: Content that was looked at.
        files: Files inside artifacts that were looked at.
    """

    states: dict[State, int] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    projects: int = 0
    unread: int = 0
    content_bytes: int = 0
    files: int = 0

    @property
    def artifacts(self) -> int:
        """Files that the index has."""
        return sum(number for state, number in self.states.items() if state is not State.DELETED)

    @property
    def gaps(self) -> int:
        """Files of which not everything was looked at, or nothing."""
        return self.artifacts - self.states[State.COMPLETE]


STATE: Final = sa.case(
    (t.artifacts.c.deleted_at.is_not(None), State.DELETED.value),
    (t.artifacts.c.state != "scanned", t.artifacts.c.state),
    (t.artifacts.c.is_complete == 1, State.COMPLETE.value),
    else_=State.INCOMPLETE.value,
)
"""The state of a file, as a word."""


def covered(connection: Connection) -> Covered:
    """Return what was looked at.

    Args:
        connection: From ``Store.reading``.
    """
    made = Covered(states=dict.fromkeys(State, 0), reasons=_reasons(connection))
    sums = (
        sa.func.coalesce(sa.func.sum(t.artifacts.c[name]), 0) for name in ("content_bytes", "files")
    )
    each = sa.select(STATE, sa.func.count(), *sums).group_by(sa.text("1"))
    for state, number, content_bytes, files in connection.execute(each):
        made.states[State(state)] = number
        if state != State.DELETED.value:
            made.content_bytes += int(content_bytes)
            made.files += int(files)
    unread = sa.case((t.projects.c.read_at.is_(None), 1))
    query = sa.select(sa.func.count(), sa.func.count(unread)).where(
        t.projects.c.removed_at.is_(None)
    )
    made.projects, made.unread = connection.execute(query).one()
    return made


def _reasons(connection: Connection) -> list[Reason]:
    number = sa.func.count()
    query = (
        sa.select(
            t.skips.c.reason,
            number,
            sa.func.count(t.skips.c.artifact_id.distinct()),
            sa.func.coalesce(sa.func.sum(t.skips.c.size_bytes), 0),
        )
        .join(t.artifacts, t.artifacts.c.id == t.skips.c.artifact_id)
        .where(t.artifacts.c.deleted_at.is_(None))
        .group_by(t.skips.c.reason)
        .order_by(number.desc(), t.skips.c.reason)
    )
    return [Reason(row[0], row[1], row[2], int(row[3])) for row in connection.execute(query)]
