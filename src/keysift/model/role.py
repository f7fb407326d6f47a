"""Role: what a person, or a program with a token, may do in the dashboard."""

from __future__ import annotations

from keysift.model.grade import Grade


class Role(Grade):
    """Each may do what the ones before it may."""

    READ = "read"
    TRIAGE = "triage"
    REVEAL = "reveal"

    @property
    def included(self) -> frozenset[Role]:
        """This one and all before it."""
        return frozenset(one for one in Role if one.rank <= self.rank)
