"""What the dashboard is told about asking providers. It shows that, and never asks itself."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from keysift.verify.limits import Limits
from keysift.verify.plan import Planner


class Verifying(Struct, frozen=True, kw_only=True):
    """How providers are asked, as the command line is configured.

    Attributes:
        planner: Knows what can be asked, and when.
        limits: Bounds of asking.
        audit: Directory of the audit log.
    """

    planner: Planner
    limits: Limits = Limits()
    audit: Path
