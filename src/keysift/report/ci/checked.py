"""What a CI system is told about a check: secrets where they stand in the project, and problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import structs

from keysift.model import Finding, Occurrence, Severity
from keysift.report.ci.review import Annotation, Kind, Review, of_finding, ordered
from keysift.report.gate.result import (
    GAPS,
    Fix,
    GateResult,
    Level,
    Place,
    Problem,
    identity,
)
from keysift.report.gate.text import conclusion
from keysift.report.place import Fingerprints
from keysift.report.result import worst_first
from keysift.report.summary import count

_SEVERITIES: Final = {
    Level.ERROR: Severity.HIGH,
    Level.WARNING: Severity.MEDIUM,
    Level.NOTE: Severity.LOW,
}


def review_of_check(result: GateResult) -> Review:
    """Return what a CI system is told about a check."""
    prints = Fingerprints()
    annotations = [
        structs.replace(annotation, advice=(*annotation.advice, *advice))
        for finding in worst_first(result.scan.findings)
        for advice in [_advice(result.fixes.get(identity(finding), ()))]
        for annotation in of_finding(
            finding,
            places(finding, result.sources),
            result.scan.text_of(finding),
            prints,
            is_known=identity(finding) in result.known,
        )
    ]
    blocking = set(result.blocking)
    annotations += (
        _of_problem(one, result, prints, fails=one in blocking) for one in result.problems
    )
    return Review(
        command="keysift check",
        conclusion=_conclusion(result),
        annotations=ordered(annotations),
        containers=[one.path for one in result.distributions],
        changes=changes(result),
        remarks=result.remarks,
    )


def _conclusion(result: GateResult) -> str:
    text = conclusion(result)[0]
    if not result.accepted:
        return text
    accepted = count(len(result.accepted), "problem")
    return f"{text.rstrip('.')}; {accepted} accepted by the configuration."


def changes(result: GateResult) -> list[Fix]:
    """Return what to change in files of the project, so that nothing blocks any more."""
    return result.changes(
        one for one in result.problems if one.level is not Level.NOTE and not one.is_known
    )


def places(finding: Finding, sources: Mapping[Place, str]) -> dict[Occurrence, tuple[str, ...]]:
    """Return where a secret stands in the project, with the distributions that have it.

    Args:
        finding: The secret.
        sources: As in ``GateResult``. What is not there keeps its place in the distribution.
    """
    found: dict[Occurrence, dict[str, None]] = {}
    for one in finding.occurrences:
        found.setdefault(_source_of(one, sources), {})[one.artifact or one.path] = None
    return {place: tuple(artifacts) for place, artifacts in found.items()}


def _source_of(place: Occurrence, sources: Mapping[Place, str]) -> Occurrence:
    outer, inside, inner = place.path.partition("!/")
    source = sources.get(Place(place.artifact or "", outer))
    if source is None:
        return place
    if inside:
        return structs.replace(place, target=source, artifact=source, path=inner)
    return structs.replace(place, target=source, artifact=None, path=source)


def problem_path(problem: Problem, sources: Mapping[Place, str]) -> str:
    """Return the path that a problem is shown at: of the project, else of a distribution."""
    found = (sources[place] for place in problem.places if place in sources)
    artifacts = (place.artifact for place in problem.places)
    return next(found, next(artifacts, problem.path))


def problem_message(problem: Problem) -> str:
    """Return what is wrong, and where, in a sentence."""
    artifacts = ", ".join(dict.fromkeys(place.artifact for place in problem.places))
    about = f"{problem.path}: {problem.title}" if problem.path else problem.title
    several = f" ({problem.files} files)" if problem.files > 1 else ""
    where = f" in {artifacts}" if artifacts else ""
    detail = f": {problem.detail}" if problem.detail else ""
    return f"{about}{several}{where}{detail}. {problem.why}"


def _of_problem(
    one: Problem, result: GateResult, prints: Fingerprints, *, fails: bool
) -> Annotation:
    path = problem_path(one, result.sources)
    artifacts = tuple(dict.fromkeys(place.artifact for place in one.places))
    return Annotation(
        kind=Kind.GAP if one.rule in GAPS else Kind.PROBLEM,
        rule=one.rule,
        title=one.title,
        message=problem_message(one),
        severity=_SEVERITIES[one.level],
        path=path,
        inner=one.path if path in artifacts else "",
        containers=artifacts,
        advice=_advice(one.fixes),
        fingerprint=prints.of(one.rule, path, one.path),
        is_known=one.is_known,
        fails=fails,
    )


def _advice(fixes: Iterable[Fix]) -> tuple[str, ...]:
    return tuple(
        f"{one.headline}, in {one.file}: {' '.join(one.lines)}" if one.file else one.what
        for one in fixes
    )
