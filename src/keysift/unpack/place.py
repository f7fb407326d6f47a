"""Where in an artifact a container stands, and what to call its members."""

from __future__ import annotations

from msgspec import Struct

from keysift.unpack.names import NESTING


class Place(Struct, frozen=True):
    """A container.

    Attributes:
        name: Its path, or the file name of the artifact itself: names bytes that no member owns.
        is_artifact: True for the artifact itself, whose members have no prefix and whose skips
            have an empty path.
    """

    name: str
    is_artifact: bool

    @property
    def prefix(self) -> str:
        """What stands before the path of each member."""
        return "" if self.is_artifact else self.name + NESTING

    @property
    def path(self) -> str:
        """What a skip of the container as a whole calls it."""
        return "" if self.is_artifact else self.name
