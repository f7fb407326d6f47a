"""Findings of a store for people: one line a finding, the worst first, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keysift.model import Secret, Severity, TriageStatus, Verdict
from keysift.report.escape import visible
from keysift.report.listing import WHOLE, Listing
from keysift.report.page import Page, Style
from keysift.report.summary import count
from keysift.report.table import Column, write_table
from keysift.store.queries.values import StoredFinding

if TYPE_CHECKING:
    from typing import TextIO

_SECRET: Final = 4
_COLUMNS: Final = (
    Column("ID", is_number=True),
    Column("SEVERITY"),
    Column("SURE"),
    Column("DETECTOR", narrowest=10),
    Column("SECRET", narrowest=7),
    Column("WHERE", narrowest=12),
    Column("SINCE"),
    Column("STATE", narrowest=16),
)
"""``SECRET`` is the one at ``_SECRET``; a mask of a short value has seven cells."""

_SEVERITIES: Final = {
    Severity.CRITICAL: Style.ALARM,
    Severity.HIGH: Style.ALARM,
    Severity.MEDIUM: Style.WARNING,
    Severity.LOW: Style.PLAIN,
    Severity.INFO: Style.FAINT,
}


def write_listing_text(listing: Listing, stream: TextIO, *, color: bool, width: int) -> None:
    """Write a table of one line a finding, and what it is a part of.

    Values that the listing has stand in the place of their masks, and are not shortened.
    """
    page = Page(stream, color=color, width=width)
    findings = list(listing.findings)
    if findings:
        columns = list(_COLUMNS)
        if listing.values:
            # A value is there to be copied.
            columns[_SECRET] = Column("SECRET")
        write_table(page, columns, [_row(finding, listing) for finding in findings])
        page.raw()
    for line, style in _summary(listing, len(findings)):
        page.paragraph(line, style)


def _state(finding: StoredFinding) -> tuple[str, Style]:
    """Return where a secret is now, then what its provider and people say of it."""
    where, style = _now(finding)
    words = [where]
    if finding.verdict is not Verdict.UNCHECKED:
        words.append(finding.verdict.value.replace("_", " "))
    if finding.triage is not TriageStatus.OPEN:
        words.append(finding.triage.value)
    if finding.is_outdated:
        words.append("outdated")
    return ", ".join(words), style


def _now(finding: StoredFinding) -> tuple[str, Style]:
    if finding.still_present:
        return "present", Style.ALARM
    if finding.is_deleted_only:
        return "deleted", Style.FAINT
    if finding.is_yanked_only:
        return "yanked", Style.FAINT
    if finding.still_present is None:
        return "unknown", Style.WARNING
    if finding.removed_in is not None:
        return f"gone in {visible(finding.removed_in.version)}", Style.PLAIN
    # In a pre-release, or in a yanked file of the newest release.
    return "not in newest", Style.PLAIN


def _row(finding: StoredFinding, listing: Listing) -> list[tuple[str, Style]]:
    since = finding.first_uploaded_at
    value = listing.values.get(finding.id, {}).get(WHOLE)
    return [
        (str(finding.id), Style.PLAIN),
        (finding.severity.value, _SEVERITIES[finding.severity]),
        (finding.confidence.value, Style.PLAIN),
        (visible(finding.detector), Style.PLAIN),
        (visible(finding.mask) if value is None else _shown(value), Style.STRONG),
        (_where(finding), Style.PLAIN),
        ("" if since is None else f"{since:%Y-%m}", Style.PLAIN),
        _state(finding),
    ]


def _shown(value: Secret) -> str:
    return visible(value.reveal_text())


def _where(finding: StoredFinding) -> str:
    """Return project and releases: ``demo 1.0 to 1.4``."""
    if finding.projects > 1:
        return f"{count(finding.projects, 'project')}, {count(finding.releases, 'release')}"
    first, last = finding.introduced, finding.last_seen
    versions = visible(first.version)
    if last.version != first.version:
        versions += f" to {visible(last.version)}"
    return f"{visible(first.project)} {versions}".rstrip()


def _summary(listing: Listing, shown: int) -> list[tuple[str, Style]]:
    if not listing.total:
        found = ("No finding fulfils what was asked for.", Style.PLAIN)
    else:
        grades = ", ".join(
            f"{number:,} {grade.value}" for grade, number in listing.by_severity.items() if number
        )
        secrets = listing.total - listing.canaries
        numbers = [f"{count(secrets, 'secret')}: {grades}"] if secrets else []
        numbers += [count(listing.canaries, "canary", "canaries")] if listing.canaries else []
        found = (f"{'; '.join(numbers)}.", Style.STRONG)
    lines = [found]
    if shown and shown < listing.total:
        first, last = listing.offset + 1, listing.offset + shown
        more = "" if last == listing.total else f"; --offset {last} shows the next"
        lines.append((f"Shown are {first:,} to {last:,}{more}, --limit 0 all.", Style.FAINT))
    lines.append(_looked(listing))
    return lines


def _looked(listing: Listing) -> tuple[str, Style]:
    looked = listing.looked
    scanned = f"{count(looked.scanned, 'file')} scanned"
    if looked.is_complete:
        return f"{scanned}, nothing passed over.", Style.FAINT
    missed = [
        f"{number:,} {what}"
        for number, what in (
            (looked.pending, "not scanned yet"),
            (looked.failed, "failed"),
            (looked.incomplete, "not read to the end"),
        )
        if number
    ]
    return f"{scanned}; {', '.join(missed)}: what these hold is not known.", Style.WARNING
