"""Commit: what brought something into the history of a git repository."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Commit(Struct, frozen=True, kw_only=True):
    """A commit, as git names and describes it.

    Attributes:
        id: Its whole object id, in lower-case hex digits.
        author: Name of its author, as written there.
        email: Address of its author, as written there; may be empty.
        date: When it was authored, in UTC. A date that no calendar has is 1970-01-01.
    """

    id: str
    author: str
    email: str
    date: datetime

    @property
    def abbreviation(self) -> str:
        """As much of the id as people need."""
        return self.id[:10]
