"""The JSON document ``keysift.check/1``; ``docs/schemas/check-1.schema.json`` is made from this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import Struct

from keysift.report.describe import coverage_document, finding_document, suppressed_document
from keysift.report.document import CoverageDocument, FindingDocument, SuppressedDocument
from keysift.report.escape import well_formed
from keysift.report.gate.result import Fix, GateResult, Inspected, Level, Problem, identity
from keysift.report.result import worst_first

if TYPE_CHECKING:
    from typing import TextIO

CHECK_SCHEMA: Final = "keysift.check/1"
"""Name of the format; a change that breaks readers gets another number."""


class FixDocument(Struct, kw_only=True):
    """What to change in the project.

    Attributes:
        what: What it does.
        file: The file to change; empty when it is no change of a file.
        lines: What to add to it.
        remarks: What else to know, a sentence each.
    """

    what: str
    file: str
    lines: tuple[str, ...]
    remarks: tuple[str, ...]


class PlaceDocument(Struct, kw_only=True):
    """Where something stands.

    Attributes:
        artifact: Path of the distribution.
        path: Path inside it; a directory ends with ``/``.
    """

    artifact: str
    path: str


class ProblemDocument(Struct, kw_only=True):
    """Something that should not be in a package, apart from the secrets.

    Attributes:
        rule: Id of the rule.
        title: What it is.
        level: ``error``, ``warning`` or ``note``.
        why: Why that should not be published.
        path: Where it stands in the project, as far as that is known.
        places: Where it stands in the distributions.
        files: How many files it is.
        detail: What exactly was noticed; may be empty.
        known: Whether the previous release has it too.
        fixes: How to leave it out.
        accepted: The reason why the project accepts it; null when it does not.
    """

    rule: str
    title: str
    level: Level
    why: str
    path: str
    places: list[PlaceDocument]
    files: int
    detail: str
    known: bool
    fixes: list[FixDocument]
    accepted: str | None


class CheckedFindingDocument(FindingDocument, kw_only=True):
    """A secret with all its occurrences.

    Attributes:
        known: Whether the previous release has it too; then it does not block.
        fixes: How to leave the files that hold it out.
    """

    known: bool
    fixes: list[FixDocument]


class DistributionDocument(Struct, kw_only=True):
    """A file that was checked.

    Attributes:
        path: As named.
        kind: ``wheel``, ``sdist`` or ``signature``.
        project: Normalised name; empty for a signature.
        version: As in the file's name; empty for a signature.
        files: Number of members.
        size_bytes: Of the file.
        backend: What built it; empty when that is not known.
    """

    path: str
    kind: str
    project: str
    version: str
    files: int
    size_bytes: int
    backend: str


class PreviousDocument(Struct, kw_only=True):
    """What was compared with.

    Attributes:
        name: For people.
        artifacts: The files that were looked at; none for the first release of a project.
    """

    name: str
    artifacts: tuple[str, ...]


class CheckDocument(Struct, kw_only=True):
    """The whole document.

    Attributes:
        schema: Name and version of this format.
        version: Version of keysift.
        ruleset: Digest of the detectors that were used.
        passed: Whether the distributions may be uploaded: nothing blocks, and what was to be
            compared was.
        strict: Whether warnings block.
        distributions: What was checked.
        findings: The secrets, the worst first.
        problems: What else is wrong, the worst first; what is accepted comes last.
        previous: What was compared with.
        remarks: What was not compared, a sentence each.
        suppressed: Suppressed matches, when they were asked for.
        coverage: What was looked at.
    """

    schema: Literal["keysift.check/1"]
    version: str
    ruleset: str
    passed: bool
    strict: bool
    distributions: list[DistributionDocument]
    findings: list[CheckedFindingDocument]
    problems: list[ProblemDocument]
    previous: list[PreviousDocument]
    remarks: list[str]
    suppressed: list[SuppressedDocument]
    coverage: CoverageDocument


def write_gate_json(result: GateResult, stream: TextIO, *, reveal: bool = False) -> None:
    """Write the result as one indented JSON document, masked unless ``reveal``."""
    encoded = msgspec.json.encode(gate_document(result, reveal=reveal))
    stream.write(msgspec.json.format(encoded, indent=2).decode())
    stream.write("\n")


def gate_document(result: GateResult, *, reveal: bool = False) -> CheckDocument:
    """Return the document of a result; values only when ``reveal``."""
    scan = result.scan
    findings = [
        CheckedFindingDocument(
            **msgspec.structs.asdict(finding_document(one, scan.text_of(one), reveal=reveal)),
            known=identity(one) in result.known,
            fixes=list(map(_fix, result.fixes.get(identity(one), ()))),
        )
        for one in worst_first(scan.findings)
    ]
    return CheckDocument(
        schema=CHECK_SCHEMA,
        version=scan.version,
        ruleset=scan.ruleset,
        passed=not (result.is_refused or result.is_uncompared),
        strict=result.is_strict,
        distributions=list(map(_distribution, result.distributions)),
        findings=findings,
        problems=[
            *(_problem(one, None) for one in result.problems),
            *(_problem(one, reason) for one, reason in result.accepted),
        ],
        previous=[
            PreviousDocument(
                name=well_formed(one.name), artifacts=tuple(map(well_formed, one.artifacts))
            )
            for one in result.previous
        ],
        remarks=list(map(well_formed, result.remarks)),
        suppressed=list(map(suppressed_document, scan.suppressed)),
        coverage=coverage_document(scan.coverage),
    )


def _distribution(one: Inspected) -> DistributionDocument:
    return DistributionDocument(
        path=well_formed(one.path),
        kind=one.kind,
        project=one.project,
        version=one.version,
        files=one.files,
        size_bytes=one.size_bytes,
        backend=one.backend,
    )


def _problem(one: Problem, accepted: str | None) -> ProblemDocument:
    return ProblemDocument(
        rule=one.rule,
        title=one.title,
        level=one.level,
        why=one.why,
        path=well_formed(one.path),
        places=[
            PlaceDocument(artifact=well_formed(place.artifact), path=well_formed(place.path))
            for place in one.places
        ],
        files=one.files,
        detail=well_formed(one.detail),
        known=one.is_known,
        fixes=list(map(_fix, one.fixes)),
        accepted=accepted,
    )


def _fix(one: Fix) -> FixDocument:
    return FixDocument(
        what=one.what,
        file=well_formed(one.file),
        lines=tuple(map(well_formed, one.lines)),
        remarks=tuple(map(well_formed, one.remarks)),
    )
