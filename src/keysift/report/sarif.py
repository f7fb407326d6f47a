"""SARIF 2.1.0, laid out for code-scanning viewers.

One result a place: viewers show the first location of a result only. A viewer opens a file and
jumps to a line, so a result in a loose file points at the line, and a result inside an archive
(or in a part of a structured file, such as a notebook's cell) points at the first line of the
file and names the member in the message and as a logical location. Places are relative: viewers
match them with a checkout, and refuse logs with addresses of another scheme. For artifacts of a
registry the message says the package URL.

A log is made to be published: it never holds a value or a fingerprint of one. Partial
fingerprints are digests of detector, path and mask, all of which the log shows anyway, and of the
number of the place among equal ones; so they survive a moved line. There is no ``reveal``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import UNSET

from keysift.model import Confidence
from keysift.report.describe import coverage_document
from keysift.report.escape import visible
from keysift.report.location import file_uri, release_uri
from keysift.report.place import Fingerprints, is_inside, member, sentence
from keysift.report.result import ScanResult, worst_first
from keysift.report.sarif_log import (
    ArtifactLocation,
    Descriptor,
    Driver,
    Invocation,
    Level,
    Location,
    Log,
    LogicalLocation,
    Notification,
    PhysicalLocation,
    Region,
    Result,
    ResultProperties,
    Run,
    RunProperties,
    Text,
    Tool,
)
from keysift.report.sarif_rules import level_of, rule

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.model import Finding, Occurrence, Skip

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

OWN_FINGERPRINT: Final = "keysiftPlace/v1"
VIEWER_FINGERPRINT: Final = "primaryLocationLineHash"
_ROOT = "%SRCROOT%"
"""The conventional name for the root of the sources; each viewer knows its own."""

_RANKS = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0}
"""SARIF's rank is a priority from 0 to 100 that viewers sort by."""


def write_sarif(result: ScanResult, stream: TextIO, *, root: str | None = None) -> None:
    """Write the result as one SARIF log; always masked.

    Args:
        result: What to write.
        stream: Where to.
        root: The working directory, which places are relative to.
    """
    write_log(sarif_log(result, root), stream)


def write_log(log: Log, stream: TextIO) -> None:
    """Write a log, indented."""
    encoded = msgspec.json.encode(log)
    stream.write(msgspec.json.format(encoded, indent=2).decode())
    stream.write("\n")


def sarif_log(result: ScanResult, root: str | None = None) -> Log:
    """Return the log of a result. Its rules are the detectors that found something."""
    findings = worst_first(result.findings)
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.detector, finding)
    rules = [rule(detector, result.text_of(finding)) for detector, finding in first.items()]
    order = {detector: index for index, detector in enumerate(first)}
    prints = Fingerprints()
    results: list[Result] = []
    for number, finding in enumerate(findings, 1):
        subject = _Subject(finding, number, order[finding.detector], finding.secret.mask, root)
        results.extend(_result(subject, place, prints) for place in finding.occurrences)
    coverage = coverage_document(result.coverage)
    return Log(
        schema=SARIF_SCHEMA,
        runs=[
            Run(
                tool=Tool(driver=Driver(name="keysift", version=result.version, rules=rules)),
                invocations=[
                    Invocation(
                        execution_successful=coverage.complete,
                        tool_execution_notifications=[
                            _notification(skip) for skip in result.coverage.skips
                        ],
                    )
                ],
                results=results,
                properties=RunProperties(ruleset=result.ruleset, coverage=coverage),
            )
        ],
    )


class _Subject(msgspec.Struct, frozen=True):
    """What all results of one finding share: its number in the log, its rule's, its mask."""

    finding: Finding
    number: int
    rule: int
    mask: str
    root: str | None


def _result(subject: _Subject, place: Occurrence, prints: Fingerprints) -> Result:
    finding = subject.finding
    doubt = finding.outcome.doubt if finding.outcome else None
    privilege = finding.outcome.privilege if finding.outcome else None
    warnings = finding.outcome.warnings if finding.outcome else ()
    return Result(
        rule_id=finding.detector,
        rule_index=subject.rule,
        level=level_of(finding.severity),
        message=plain(sentence(finding, place, mask=subject.mask)),
        locations=[_location(subject, place)],
        partial_fingerprints=_fingerprints(subject, place, prints),
        rank=_RANKS[finding.confidence],
        properties=ResultProperties(
            finding=subject.number,
            secret=subject.mask,
            severity=finding.severity.value,
            confidence=finding.confidence.value,
            verdict=finding.verdict.value,
            facts={visible(name): visible(fact) for name, fact in finding.facts.items()},
            proof=UNSET if finding.proof is None else finding.proof,
            reason=doubt.value if doubt else UNSET,
            privilege=privilege.value if privilege else UNSET,
            warnings=[one.value for one in warnings] or UNSET,
            commit=UNSET if place.commit is None else place.commit.id,
            author=UNSET if place.commit is None else visible(place.commit.author),
            email=UNSET if place.commit is None else visible(place.commit.email),
            authored=UNSET if place.commit is None else place.commit.date,
            in_head=UNSET if place.in_head is None else place.in_head,
        ),
    )


def plain(text: str) -> Text:
    """Return untrusted text as a message.

    ``[text](target)`` is a link in a plain text message (3.11.6); a file name must not make one.
    """
    shown = visible(text)
    if "](" in shown:
        shown = shown.replace("[", "\\[").replace("]", "\\]")
    return Text(text=shown)


def _location(subject: _Subject, place: Occurrence) -> Location:
    if place.is_published:
        uri = release_uri(place.artifact or "")
    else:
        uri = file_uri(place.artifact or place.path, subject.root)
    where = file_location(uri)
    if not is_inside(place):
        region = Region(
            start_line=place.line,
            start_column=place.column,
            end_column=_end_column(subject.finding, place),
        )
        return Location(physical_location=PhysicalLocation(artifact_location=where, region=region))
    return Location(
        # Viewers refuse a result without a line.
        physical_location=PhysicalLocation(artifact_location=where, region=Region(start_line=1)),
        logical_locations=[LogicalLocation(fully_qualified_name=member(place))],
    )


def file_location(uri: str) -> ArtifactLocation:
    """Return where a file is; a relative reference is one to the root of the sources."""
    relative = ":" not in uri.partition("/")[0]
    return ArtifactLocation(uri=uri, uri_base_id=_ROOT if relative else UNSET)


def _end_column(finding: Finding, place: Occurrence) -> int | msgspec.UnsetType:
    """Return the column after the secret, when it stands there as it is and on one line.

    Offsets count bytes; only for ASCII does their distance count characters as well.
    """
    value = finding.secret.reveal()
    plain = not place.encoding and place.end - place.start == len(value)
    if plain and value.isascii() and b"\n" not in value and b"\r" not in value:
        return place.column + len(value)
    return UNSET


def _fingerprints(subject: _Subject, place: Occurrence, prints: Fingerprints) -> dict[str, str]:
    own = prints.of(subject.finding.detector, place.artifact or "", member(place), subject.mask)
    if not is_inside(place):
        # A viewer computes its own from the line of the file, and warns about any other.
        return {OWN_FINGERPRINT: own}
    # The first line of an archive says nothing: without this, all its results would be one.
    return {OWN_FINGERPRINT: own, VIEWER_FINGERPRINT: own}


def _notification(skip: Skip) -> Notification:
    level: Level = "warning" if skip.reason.is_gap else "note"
    about = (skip.reason.value, skip.artifact, skip.path, skip.detail)
    text = "Not looked at: " + ": ".join(visible(text) for text in about if text)
    return Notification(
        descriptor=Descriptor(id=f"skip/{skip.reason.value}"), level=level, message=Text(text=text)
    )
