"""How, of what and of which time figures were made."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Made(Struct, frozen=True, kw_only=True):
    """How the figures were made.

    Attributes:
        version: Version of keysift.
        at: When they were measured (UTC).
        level: Confidence of all intervals and bands, such as 0.95.
        k: Projects that every group of an anonymised report has at least; None: not anonymised.
        is_demo: Whether the store is made up.
    """

    version: str
    at: datetime
    level: float
    k: int | None = None
    is_demo: bool = False


class Scope(Struct, frozen=True, kw_only=True):
    """What was measured.

    Attributes:
        projects: Globs of names of which a project fulfils one; empty: all projects. Always empty
            in an anonymised report.
        org: Name of the configured list that they are from; None: of none, or anonymised.
        is_part: Whether projects were chosen, whether it is told which or not.
        indexes: Addresses of the indexes that the projects are in; none in an anonymised report.
        index_count: How many these are.
        confidence: Secrets count from this confidence on.
        severity: Secrets count from this severity on.
    """

    projects: tuple[str, ...] = ()
    org: str | None = None
    is_part: bool = False
    indexes: tuple[str, ...] = ()
    index_count: int = 0
    confidence: str = "medium"
    severity: str = "info"


class Period(Struct, frozen=True, kw_only=True):
    """Which time the figures are about (UTC); None: nothing has such a time.

    Attributes:
        first_upload: Earliest upload of a scanned artifact of the scope.
        last_upload: Latest upload of one.
        first_scan: Earliest of the last scans of these artifacts.
        last_scan: Latest of them.
        last_read: When the page of a project of the scope was last read.
        first_check: When a provider was first asked about a counted secret.
        last_check: When one was last asked.
    """

    first_upload: datetime | None = None
    last_upload: datetime | None = None
    first_scan: datetime | None = None
    last_scan: datetime | None = None
    last_read: datetime | None = None
    first_check: datetime | None = None
    last_check: datetime | None = None

    @property
    def known_until(self) -> datetime | None:
        """When the store last learned anything: the latest scan, reading or check."""
        times = (self.last_scan, self.last_read, self.last_check)
        return max((time for time in times if time is not None), default=None)
