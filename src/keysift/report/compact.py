r"""One line a place, for editors: ``path:line:column: severity: message [detector]``.

It is the form of compilers, which problem matchers, errorformats, compilation buffers and grep
read. Severities are those of editors: ``error`` (critical, high), ``warning`` (medium) and ``info``
(low, info). A member of an archive stands behind ``!/``. A path never holds a colon before a digit
(such a colon is written ``\x3a``), so the first one ends it, and it is always on one line.

What could not be looked at is a warning: it may hold secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from keysift.model import Severity, SkipReason, Verdict
from keysift.report.escape import visible
from keysift.report.gate.result import GateResult, Level, Problem, identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from keysift.model import Coverage, Finding, Occurrence
    from keysift.report.result import ScanResult

_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
    Severity.INFO: "info",
}
_OF_PROBLEMS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "info"}
_KNOWN: Final = "info"
_INCOMPLETE: Final = "incomplete"
_NOWHERE: Final = "-"
_AMBIGUOUS: Final = re.compile(r":(?=[0-9])")


class _Line(Struct, frozen=True, order=True):
    """A line before it is written; they are sorted by place."""

    path: str
    line: int
    column: int
    level: str
    message: str
    code: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}"
        return f"{where}: {self.level}: {visible(self.message)} [{visible(self.code)}]"


def write_compact(result: ScanResult, stream: TextIO, *, reveal: bool = False) -> None:
    """Write one line for each place of each secret, in the order of the places."""
    lines = [
        one for finding in result.findings for one in _of_finding(result, finding, reveal=reveal)
    ]
    _write((*lines, *_of_gaps(result.coverage)), stream)


def write_gate_compact(
    result: GateResult, stream: TextIO, *, reveal: bool = False, blocking_only: bool = False
) -> None:
    """Write one line for each place of each secret, and one for each other problem.

    Problems stand where they are in the project. What the release before has too is ``info``.

    Args:
        result: Of a check.
        stream: Where to.
        reveal: Values instead of masks.
        blocking_only: Leave out what does not block.
    """
    lines: list[_Line] = []
    for finding in result.new_findings if blocking_only else result.scan.findings:
        level = _KNOWN if identity(finding) in result.known else None
        lines += _of_finding(result.scan, finding, reveal=reveal, level=level)
    for problem in result.blocking if blocking_only else result.problems:
        lines.append(_of_problem(problem))
    _write(lines, stream)


def _write(lines: Iterable[_Line], stream: TextIO) -> None:
    stream.writelines(f"{line}\n" for line in dict.fromkeys(sorted(lines)))


def _of_finding(
    result: ScanResult, finding: Finding, *, reveal: bool, level: str | None = None
) -> Iterator[_Line]:
    text = result.text_of(finding)
    shown = finding.secret.reveal_text() if reveal else finding.secret.mask
    canary = finding.verdict is Verdict.CANARY
    advice = f"; revoke it at {text.revoke}" if text.revoke and not canary else ""
    told = f"{finding.name} {shown}" + (" (canary)" if canary else "") + advice
    for place in finding.occurrences:
        yield _Line(
            path=_path(place),
            line=place.line,
            column=place.column,
            level=level or _LEVELS[finding.severity],
            message=told,
            code=finding.detector,
        )
    if not finding.occurrences:
        yield _Line(_NOWHERE, 1, 1, level or _LEVELS[finding.severity], told, finding.detector)


def _of_problem(problem: Problem) -> _Line:
    path = problem.path or (problem.places[0].artifact if problem.places else _NOWHERE)
    detail = f" ({problem.detail})" if problem.detail else ""
    return _Line(
        path=_safe(path),
        line=1,
        column=1,
        level=_KNOWN if problem.is_known else _OF_PROBLEMS[problem.level],
        message=f"{problem.title}{detail}: {problem.why}",
        code=problem.rule,
    )


def _of_gaps(coverage: Coverage) -> Iterator[_Line]:
    """Yield a line for what was missed; failed targets have had their sentence."""
    for skip in coverage.skips:
        if skip.reason.is_gap and skip.reason is not SkipReason.TARGET_FAILED:
            path = "!/".join(filter(None, (skip.artifact, skip.path))) or _NOWHERE
            detail = f": {skip.detail}" if skip.detail else ""
            told = f"could not be looked at, {skip.reason.value.replace('_', ' ')}{detail}"
            yield _Line(_safe(path), 1, 1, "warning", told, _INCOMPLETE)


def _path(place: Occurrence) -> str:
    return _safe("!/".join(filter(None, (place.artifact, place.path))))


def _safe(path: str) -> str:
    return _AMBIGUOUS.sub(r"\\x3a", visible(path))
