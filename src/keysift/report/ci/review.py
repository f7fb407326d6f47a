"""What every CI system is told about a run, before it takes the form of one of them.

Always masked: what a CI system keeps is read by many. There is no ``reveal``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from keysift.model import Finding, Occurrence, Severity, Skip
from keysift.report.advice import remedy
from keysift.report.gate.result import Fix, Level
from keysift.report.place import Fingerprints, is_inside, member, sentence
from keysift.report.result import DetectorText, ScanResult, worst_first
from keysift.report.sarif_rules import level_of
from keysift.report.summary import conclusion, skip_line


class Kind(Enum):
    """What an annotation is about."""

    SECRET = "secret"  # noqa: S105 (a kind of thing)
    PROBLEM = "problem"
    GAP = "gap"


class Annotation(Struct, frozen=True, kw_only=True):
    """One thing to say about one place. Texts are as found; whoever writes them escapes them.

    Attributes:
        kind: What it is about.
        rule: Id of the detector, of the rule, or the reason of a gap.
        title: What it is, in a few words.
        message: What it is, in a sentence.
        severity: How bad it is.
        path: The file or directory, as shown; empty when it is about none.
        line: From 1; None when it is about a whole file.
        column: The same.
        inner: Where in an archive or a structured file; empty for a loose file.
        mask: Of the secret; empty when it is about none.
        containers: The files that were looked at and have it: distributions, archives, loose files.
        revoke: Where to revoke it: a link; empty when that is not known.
        advice: What else to do, a sentence each.
        fingerprint: Names it in this run and the next. It tells nothing about a value.
        is_known: Whether the previous release has it too.
        fails: Whether it makes the run fail.
    """

    kind: Kind
    rule: str
    title: str
    message: str
    severity: Severity
    path: str
    containers: tuple[str, ...]
    fingerprint: str
    line: int | None = None
    column: int | None = None
    inner: str = ""
    mask: str = ""
    revoke: str = ""
    advice: tuple[str, ...] = ()
    is_known: bool = False
    fails: bool = True

    @property
    def level(self) -> Level:
        """How loud it is to be told: nothing that makes a run fail is a mere note."""
        if self.is_known:
            return Level.NOTE
        level = Level(level_of(self.severity))
        return Level.WARNING if self.fails and level is Level.NOTE else level

    @property
    def steps(self) -> tuple[str, ...]:
        """What to do, a sentence each."""
        return (*([f"Revoke it: {self.revoke}"] if self.revoke else []), *self.advice)


class Review(Struct, frozen=True, kw_only=True):
    """What a CI system is told about a run.

    Attributes:
        command: What ran: ``keysift scan``.
        conclusion: What came of it, in a sentence.
        annotations: The worst first.
        containers: The files that were looked at, where the run knows them.
        others: How many more files were looked at.
        changes: What to change in the project, a list or file each.
        remarks: What else was not done, a sentence each.
    """

    command: str
    conclusion: str
    annotations: Sequence[Annotation]
    containers: Sequence[str] = ()
    others: int = 0
    changes: Sequence[Fix] = ()
    remarks: Sequence[str] = ()


def review_of_scan(result: ScanResult) -> Review:
    """Return what a CI system is told about a scan."""
    prints = Fingerprints()
    annotations = [
        annotation
        for finding in worst_first(result.findings)
        for annotation in of_finding(
            finding,
            {place: (place.artifact or place.path,) for place in finding.occurrences},
            result.text_of(finding),
            prints,
        )
    ]
    annotations += of_skips(result.coverage.skips, prints)
    named = {name for one in annotations for name in one.containers}
    return Review(
        command="keysift scan",
        conclusion=conclusion(result)[0],
        annotations=ordered(annotations),
        others=max(0, result.coverage.artifacts - len(named)),
    )


def ordered(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return annotations by how loud they are; those of one level stay in order."""
    return sorted(annotations, key=lambda one: (one.is_known, -one.level.rank))


def of_finding(
    finding: Finding,
    places: Mapping[Occurrence, tuple[str, ...]],
    text: DetectorText,
    prints: Fingerprints,
    *,
    is_known: bool = False,
) -> Iterable[Annotation]:
    """Yield an annotation for each place of a secret.

    Args:
        finding: The secret.
        places: Where it stands, with the files that were looked at and have it.
        text: About its type.
        prints: Makes the fingerprints.
        is_known: Whether the previous release has it too.
    """
    mask = finding.secret.mask
    advice = (remedy(finding),)
    for place, containers in places.items():
        inside = is_inside(place)
        yield Annotation(
            kind=Kind.SECRET,
            rule=finding.detector,
            title=finding.name,
            message=sentence(finding, place, mask=mask),
            severity=finding.severity,
            path=place.artifact or place.path,
            # In an archive, lines are not those of the file.
            line=None if inside else place.line,
            column=None if inside else place.column,
            inner=f"{member(place)}:{place.line}:{place.column}" if inside else "",
            mask=mask,
            containers=containers,
            revoke=text.revoke,
            advice=advice,
            fingerprint=prints.of(finding.detector, place.artifact or "", member(place), mask),
            is_known=is_known,
            fails=not is_known,
        )


def of_skips(skips: Iterable[Skip], prints: Fingerprints) -> Iterable[Annotation]:
    """Yield an annotation for each thing that may have held a secret and was not looked at."""
    for skip in skips:
        if not skip.reason.is_gap:
            continue
        container = skip.artifact or skip.path
        yield Annotation(
            kind=Kind.GAP,
            rule=skip.reason.value,
            title="could not be looked at",
            message=f"Could not be looked at and may hold secrets: {skip_line(skip)}",
            severity=Severity.MEDIUM,
            path=container,
            inner=skip.path if skip.artifact else "",
            containers=(container,) if container else (),
            fingerprint=prints.of("skip", skip.reason.value, skip.artifact, skip.path),
        )
