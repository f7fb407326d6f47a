"""What people have decided to ignore, as one run applies it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from keysift.crawl.seen import Seen, Sighting
from keysift.detect.comments import Comments
from keysift.ignoring.baseline import Entry, Known
from keysift.ignoring.rules import RuleBook
from keysift.model import Coverage, Finding, Remark, RemarkKind, Suppressed, SuppressReason
from keysift.report.result import SuppressedFinding

_NAMED: Final = 3
"""Stale entries that a remark names."""


class Ignoring(Struct, frozen=True, kw_only=True):
    """What is ignored.

    Attributes:
        comments: Which comments in files count; None: nobody's.
        in_published: Whether they count in what a registry serves, too. Others wrote that.
        known: The baseline; None: there is none.
        is_whole: Whether the targets are all that the baseline is about, wherever it stands.
        rules: Rules by path and detector; None: there are none.
        report_unused: Whether a rule that ignores nothing is a remark.
    """

    comments: Comments | None = None
    in_published: bool = False
    known: Known | None = None
    is_whole: bool = False
    rules: RuleBook | None = None
    report_unused: bool = False


NOTHING: Final = Ignoring()
"""Everything that is found is reported."""


def obey(seen: Seen, rules: RuleBook) -> None:
    """Take the matches away that rules ignore; they are counted and kept as suppressed."""
    kept: list[Sighting] = []
    for sighting in seen.sightings:
        match = sighting.placed
        rule = rules.answer(match.detector, sighting.artifact, sighting.path)
        if rule is None:
            kept.append(sighting)
            continue
        ignored = Suppressed(match=match, reason=SuppressReason.RULE, detail=rule.reason)
        seen.suppress(sighting.artifact, sighting.path, sighting.part, ignored)
    seen.sightings = kept


def unused_rules(rules: RuleBook) -> Iterable[Remark]:
    """Yield what a report says about rules that ignored nothing."""
    for number, rule in rules.unused():
        text = f"rule {number} of `ignore` in the configuration ({rule.reason}) ignored nothing"
        yield Remark(kind=RemarkKind.UNUSED_RULE, text=text)


class Settled(Struct):
    """What a baseline makes of findings.

    Attributes:
        kept: Findings that it does not know.
        ignored: The places of the others.
        used: Its entries that fit a finding.
        remarks: What is the matter with it.
    """

    kept: list[Finding]
    ignored: list[SuppressedFinding] = field(default_factory=list)
    used: set[Entry] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)


def settle(findings: Sequence[Finding], known: Known) -> Settled:
    """Take the findings away that a baseline knows."""
    entries = known.entries_of((one.detector, one.secret) for one in findings)
    settled = Settled([], used=set(entries.values()))
    for finding in findings:
        entry = entries.get((finding.detector, finding.secret))
        if entry is None:
            settled.kept.append(finding)
        else:
            settled.ignored.extend(_places(finding, entry))
    return settled


def _places(finding: Finding, entry: Entry) -> Iterable[SuppressedFinding]:
    for place in finding.occurrences:
        yield SuppressedFinding(
            detector=finding.detector,
            mask=finding.secret.mask,
            reason=SuppressReason.BASELINE,
            detail=entry.reason or "no reason given",
            score=finding.score,
            reasons=finding.reasons,
            artifact=place.artifact,
            path=place.path,
            line=place.line,
            column=place.column,
            part=place.part,
        )


def stale(
    known: Known, used: set[Entry], others: Iterable[Finding], detectors: Container[str]
) -> list[Entry]:
    """Return the entries of a baseline that fit nothing any more.

    Args:
        known: The baseline.
        used: Entries that fit something.
        others: What was found and is not reported for another reason: it is still there.
        detectors: Those in use; the run says nothing about others.
    """
    unused = [
        one
        for one in known.baseline.entries.values()
        if one not in used and one.detector in detectors
    ]
    if not unused:
        return []
    names = {one.detector for one in unused}
    identities = ((one.detector, one.secret) for one in others if one.detector in names)
    there = set(known.entries_of(identities).values())
    gone = (one for one in unused if one not in there)
    return sorted(gone, key=lambda one: (one.detector, one.hash))


def decides(ignoring: Ignoring, directories: Iterable[Path], coverage: Coverage) -> bool:
    """Tell whether what a run did not find is not there.

    It must have looked at everything in the directory that the baseline stands in, so that a scan
    of a few files calls nothing stale.

    Args:
        ignoring: With a baseline.
        directories: Those that were scanned.
        coverage: Of the run.
    """
    if ignoring.known is None or not coverage.complete:
        return False
    if ignoring.is_whole:
        return True
    where = ignoring.known.path.resolve()
    return any(where.is_relative_to(directory.resolve()) for directory in directories)


def stale_remark(known: Known, gone: Sequence[Entry]) -> Remark:
    """Return what a report says about stale entries, of which there is one at least."""
    named = ", ".join(f"{one.detector} {one.hash[:8]}" for one in gone[:_NAMED])
    more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
    verb = "was" if len(gone) == 1 else "were"
    text = (
        f"{len(gone)} stale: {named}{more} {verb} not found any more; "
        "`keysift baseline update` removes what is stale"
    )
    return Remark(kind=RemarkKind.STALE_ENTRY, text=text, path=str(known.path))
