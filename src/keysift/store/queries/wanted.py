"""Which findings a list shows."""

from __future__ import annotations

from keysift.model import Confidence, Privilege, Severity
from keysift.store.queries.choose import Filters


class Wanted(Filters, frozen=True, kw_only=True):
    """Which findings are wanted: what ``choose`` asks, and what lists ask besides.

    Attributes:
        search: Words, each of which must be in the detector's id, the mask, the name of a project
            or a path (in sdists: below the first folder); upper and lower case are the same.
        detectors: Only of these types, for instance those of a provider; None: of all.
        severities: Only of these severities.
        confidences: Only of these confidences.
        presence: Only with one of these as ``still_present``: True, False, None for not known.
            With ``project`` or ``project_id`` it is about that project, else about all together.
        privileges: Only with one of these as the privilege; None for not known.
        is_canary: Only canaries, or none of them.
    """

    search: str = ""
    detectors: frozenset[str] | None = None
    severities: tuple[Severity, ...] = ()
    confidences: tuple[Confidence, ...] = ()
    presence: tuple[bool | None, ...] = ()
    privileges: tuple[Privilege | None, ...] = ()
    is_canary: bool | None = None
