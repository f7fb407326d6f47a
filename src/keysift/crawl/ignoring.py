"""What people have decided to ignore, as one run applies it."""

from __future__ import annotations

from msgspec import Struct

from keysift.detect.comments import Comments


class Ignoring(Struct, frozen=True, kw_only=True):
    """What is ignored.

    Attributes:
        comments: Which comments in files count; None: nobody's.
        in_published: Whether they count in what a registry serves, too. Others wrote that.
    """

    comments: Comments | None = None
    in_published: bool = False
