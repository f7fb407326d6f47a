"""A Code Quality report for GitLab: its documented subset of the Code Climate format.

GitLab compares the report of a merge request with that of the target branch by fingerprint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from keysift.model import Severity
from keysift.report.ci.review import Annotation, Review
from keysift.report.escape import visible, well_formed
from keysift.report.location import path_below

if TYPE_CHECKING:
    from typing import TextIO

_Severity: TypeAlias = Literal["info", "minor", "major", "critical", "blocker"]

_SEVERITIES: Final[dict[Severity, _Severity]] = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


class Lines(Struct, kw_only=True):
    """The line of a violation, from 1."""

    begin: int


class Location(Struct, kw_only=True):
    """Where a violation stands: a path relative to the repository, and the line."""

    path: str
    lines: Lines


class Violation(Struct, kw_only=True):
    """One entry of the report, with the fields that GitLab reads."""

    description: str
    check_name: str
    fingerprint: str
    severity: _Severity
    location: Location


def write_gitlab(review: Review, stream: TextIO, *, directory: str, root: str) -> None:
    """Write a review as a Code Quality report.

    Args:
        review: What to write.
        stream: Where to.
        directory: The working directory.
        root: The directory of the repository, which paths are relative to.
    """
    report = [_violation(one, directory, root) for one in review.annotations]
    stream.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    stream.write("\n")


def _violation(one: Annotation, directory: str, root: str) -> Violation:
    known = "Known from the release before: " if one.is_known else ""
    return Violation(
        description=visible(" ".join((known + one.message, *one.steps))),
        check_name=one.rule,
        fingerprint=one.fingerprint,
        severity="info" if one.is_known else _SEVERITIES[one.severity],
        location=Location(
            # A path is required; that of nothing in particular is the repository itself.
            path=well_formed(path_below(one.path, directory, root)) if one.path else ".",
            lines=Lines(begin=one.line or 1),
        ),
    )
