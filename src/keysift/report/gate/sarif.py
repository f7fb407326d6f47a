"""SARIF 2.1.0 of a check: the secrets as in any log, and the problems as results of their rules.

Secrets stand where they are in the project, as far as that is at hand: viewers match places with a
checkout, in which there is no wheel. What the previous release has too is ``unchanged``; what the
configuration accepts is suppressed, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import structs

from keysift.report.ci.checked import places, problem_message, problem_path
from keysift.report.escape import visible
from keysift.report.gate.result import GateResult, Level, Problem, identity, together
from keysift.report.location import file_uri
from keysift.report.place import Fingerprints
from keysift.report.result import ScanResult, worst_first
from keysift.report.sarif import (
    OWN_FINGERPRINT,
    VIEWER_FINGERPRINT,
    file_location,
    plain,
    sarif_log,
    write_log,
)
from keysift.report.sarif_log import (
    Descriptor,
    Location,
    Log,
    Notification,
    PhysicalLocation,
    ProblemProperties,
    Region,
    Result,
    ResultProperties,
    Rule,
    RuleConfiguration,
    RuleProperties,
    Suppression,
    Text,
)

if TYPE_CHECKING:
    from typing import TextIO

_SCORES: Final = {Level.ERROR: "7.0", Level.WARNING: "4.0", Level.NOTE: "0.5"}
_RANKS: Final = {Level.ERROR: 80.0, Level.WARNING: 50.0, Level.NOTE: 10.0}


def write_gate_sarif(result: GateResult, stream: TextIO, *, root: str | None = None) -> None:
    """Write the result of a check as one SARIF log; always masked.

    Args:
        result: What to write.
        stream: Where to.
        root: The working directory, which places are relative to.
    """
    write_log(gate_log(result, root), stream)


def gate_log(result: GateResult, root: str | None = None) -> Log:
    """Return the log of a check."""
    scan = _located(result)
    log = sarif_log(scan, root)
    run = log.runs[0]
    findings = worst_first(scan.findings)
    for one in run.results:
        if isinstance(one.properties, ResultProperties):
            finding = findings[one.properties.finding - 1]
            _mark(one, result, is_known=identity(finding) in result.known)
    shown = [*((one, "") for one in result.problems), *result.accepted]
    alike: dict[str, list[Problem]] = {}
    for problem, _ in shown:
        alike.setdefault(problem.rule, []).append(problem)
    indices = {rule: len(run.tool.driver.rules) + place for place, rule in enumerate(alike)}
    run.tool.driver.rules += map(_rule, alike.values())
    prints = Fingerprints()
    for problem, reason in shown:
        one = _result(problem, result, root, indices[problem.rule], prints)
        _mark(one, result, is_known=problem.is_known, reason=reason)
        run.results.append(one)
    run.invocations[0].tool_execution_notifications += (
        Notification(descriptor=Descriptor(id="remark"), level="warning", message=plain(remark))
        for remark in result.remarks
    )
    return log


def _located(result: GateResult) -> ScanResult:
    """Return the secrets at the places in the project that they come from."""
    moved = [
        structs.replace(one, occurrences=list(places(one, result.sources)))
        for one in result.scan.findings
    ]
    return structs.replace(result.scan, findings=moved)


def _mark(one: Result, result: GateResult, *, is_known: bool, reason: str = "") -> None:
    if result.previous:
        one.baseline_state = "unchanged" if is_known else "new"
    if result.accepted:
        one.suppressions = [Suppression(justification=visible(reason))] if reason else []


def _result(
    problem: Problem, result: GateResult, root: str | None, index: int, prints: Fingerprints
) -> Result:
    path = problem_path(problem, result.sources)
    own = prints.of(problem.rule, path, problem.path)
    # A whole file or directory is meant; viewers refuse a result without a line.
    where = PhysicalLocation(
        artifact_location=file_location(file_uri(path, root)), region=Region(start_line=1)
    )
    return Result(
        rule_id=problem.rule,
        rule_index=index,
        level=problem.level.value,
        message=plain(problem_message(problem)),
        locations=[Location(physical_location=where)] if path else [],
        partial_fingerprints={OWN_FINGERPRINT: own, VIEWER_FINGERPRINT: own},
        rank=_RANKS[problem.level],
        properties=ProblemProperties(
            path=visible(problem.path),
            places=[visible(f"{one.artifact}: {one.path}") for one in problem.places],
            files=problem.files,
        ),
    )


def _rule(problems: list[Problem]) -> Rule:
    """Return a rule with what it found here to be done: the same lines as in the text report."""
    first = problems[0]
    return Rule(
        id=first.rule,
        name=first.title,
        short_description=Text(text=first.title),
        full_description=Text(text=first.why),
        help=Text(text="\n".join((first.why, *_fixes(problems)))),
        default_configuration=RuleConfiguration(level=first.level.value),
        properties=RuleProperties(
            security_severity=_SCORES[first.level], tags=["security", "packaging"]
        ),
    )


def _fixes(problems: list[Problem]) -> list[str]:
    lines: list[str] = []
    for fix in together(fix for one in problems for fix in one.fixes):
        if not fix.file:
            lines.append(visible(fix.what))
            continue
        lines.append(f"{fix.headline}, in {visible(fix.file)}:")
        lines += (f"    {visible(line)}" for line in fix.lines)
        lines += map(visible, fix.remarks)
    return lines
