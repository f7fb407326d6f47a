"""From a row of the ledger to what came of a check."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from keysift.model import Doubt, Excess, Outcome, Power, Privilege, Verdict

OUTCOME: Final = (
    "verdict",
    "doubt",
    "detail",
    "facts",
    "powers",
    "warnings",
    "privilege",
    "checked_at",
)
"""Columns of ``verdicts`` that say what came of a check, and when."""


def outcome_of(row: Row[Any]) -> Outcome:
    """Return what came of a check.

    Args:
        row: With the columns of ``OUTCOME``.
    """
    verdict, doubt = Verdict(row.verdict), doubt_of(row)
    # What the ledger says of an answer that is clear is what could not be learned beside it.
    is_answer = verdict is Verdict.ACTIVE
    return Outcome(
        verdict,
        doubt,
        "" if is_answer else row.detail or "",
        facts=row.facts or {},
        powers=tuple(Power(one) for one in row.powers or ()),
        privilege=None if row.privilege is None else Privilege(row.privilege),
        warnings=tuple(Excess(one) for one in row.warnings or ()),
        unclear=row.detail or "" if is_answer else "",
    )


def doubt_of(row: Row[Any]) -> Doubt | None:
    """Return why the verdict of a row is unknown."""
    return None if row.doubt is None else Doubt(row.doubt)
