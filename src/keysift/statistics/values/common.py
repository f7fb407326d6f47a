"""What other figures are made of."""

from __future__ import annotations

from msgspec import Struct


class Share(Struct, frozen=True):
    """So many of so many.

    Attributes:
        count: How many.
        of: Of how many.
        share: The one by the other, from 0 to 1; None: of nothing.
        lower: Lower end of its interval.
        upper: Upper end of its interval.
    """

    count: int
    of: int
    share: float | None
    lower: float | None
    upper: float | None


class Count(Struct, frozen=True):
    """Secrets, and the projects that they are in.

    Attributes:
        secrets: Counted secrets.
        projects: Projects in which at least one of them stands.
    """

    secrets: int
    projects: int


class Verdicts(Struct, frozen=True, kw_only=True):
    """Numbers by the verdict that stands now; what they count, says where they stand.

    Attributes:
        active: The provider said last that it works.
        inactive: It said last that it does not.
        unknown: It was asked, and never gave a clear answer that still stands.
        not_checkable: It cannot be checked safely, and somebody wanted to know.
        unchecked: Nobody ever asked.
    """

    active: int
    inactive: int
    unknown: int
    not_checkable: int
    unchecked: int
