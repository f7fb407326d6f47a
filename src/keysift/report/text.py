"""The report that people read: findings grouped by secret, the worst first, then the coverage."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct

from keysift.model import Confidence, Finding, Occurrence, Reason, Secret, Severity, Verdict
from keysift.report.advice import remedy
from keysift.report.escape import visible
from keysift.report.outcome_text import outcome_lines
from keysift.report.page import Margin, Page, Style
from keysift.report.result import ScanResult, worst_first
from keysift.report.summary import count, shorten, write_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TextIO

    from keysift.store.queries.values import Place

_INDENT = 2
_GUTTER = 10
_PLACES = 5

BADGES = {
    Severity.CRITICAL: Style.CRITICAL_BADGE,
    Severity.HIGH: Style.HIGH_BADGE,
    Severity.MEDIUM: Style.MEDIUM_BADGE,
    Severity.LOW: Style.LOW_BADGE,
    Severity.INFO: Style.INFO_BADGE,
}

CONFIDENCE = {
    Confidence.HIGH: "high confidence",
    Confidence.MEDIUM: "medium confidence",
    Confidence.LOW: "low confidence",
}

VERDICTS = {
    Verdict.ACTIVE: ("still works", Style.ALARM),
    Verdict.INACTIVE: ("no longer works", Style.GOOD),
    Verdict.UNKNOWN: ("asked, no clear answer", Style.WARNING),
    Verdict.NOT_CHECKABLE: ("cannot be checked", Style.FAINT),
    Verdict.CANARY: ("canary token: using it raises an alarm", Style.WARNING),
}


class TextView(Struct, frozen=True, kw_only=True):
    """How the text report looks.

    Attributes:
        color: ANSI colours; only for a terminal.
        width: Columns of the terminal.
        verbose: Every place and every skip instead of the first few, and why each is believed.
        show_suppressed: List ``ScanResult.suppressed``.
        summary: Say at the end what was looked at.
    """

    color: bool = False
    width: int = 80
    verbose: bool = False
    show_suppressed: bool = False
    summary: bool = True


DEFAULT_VIEW = TextView()


def write_text(
    result: ScanResult,
    stream: TextIO,
    *,
    reveal: bool = False,
    view: TextView = DEFAULT_VIEW,
) -> None:
    """Write the result for a person, masked unless ``reveal``.

    Untrusted text is escaped, so that nothing in a package can move the cursor, forge a line or
    reorder what is shown. The stream must be able to encode Unicode.
    """
    page = Page(stream, color=view.color, width=view.width)
    write_findings(page, result, result.findings, view=view, reveal=reveal)
    if view.show_suppressed:
        write_suppressed(page, result, verbose=view.verbose)
    if view.summary:
        write_summary(page, result, verbose=view.verbose, listed=view.show_suppressed)


def write_findings(
    page: Page,
    result: ScanResult,
    findings: Iterable[Finding],
    *,
    view: TextView,
    reveal: bool,
    advise: Callable[[Finding], None] = lambda _: None,
) -> None:
    """Write findings, those of one type and remedy together, the worst first.

    Args:
        page: Where to.
        result: Whose texts about types are used.
        findings: What to write.
        view: How it looks.
        reveal: Whether to show values.
        advise: Writes more about a finding, below its places.
    """
    groups: dict[tuple[Severity, str, str], list[Finding]] = {}
    for finding in worst_first(findings):
        kind = (finding.severity, finding.detector, remedy(finding))
        groups.setdefault(kind, []).append(finding)
    for alike in groups.values():
        _write_group(page, result, alike, view=view, reveal=reveal, advise=advise)
        page.raw()


def _write_group(
    page: Page,
    result: ScanResult,
    findings: list[Finding],
    *,
    view: TextView,
    reveal: bool,
    advise: Callable[[Finding], None],
) -> None:
    """Write the secrets of one type, and once what all of them mean and how to fix them."""
    first = findings[0]
    text = result.text_of(first)
    several = f" · {count(len(findings), 'secret')}" if len(findings) > 1 else ""
    badge = f" {first.severity.value.upper()} "
    title = (visible(text.name) + several, Style.STRONG)
    page.heading((badge, BADGES[first.severity]), title, (visible(first.detector), Style.FAINT))
    for finding in findings:
        _write_identity(page, finding, reveal=reveal)
        if view.verbose:
            write_reasons(page, finding.score, finding.reasons, Margin(_INDENT, _GUTTER))
        _write_places(page, finding.occurrences, verbose=view.verbose)
        advise(finding)
        if several:
            page.raw()
    write_field(page, "Risk", visible(text.what))
    write_field(page, "Revoke", visible(text.revoke), Style.LINK)
    write_field(page, "Rotate", visible(text.rotate))
    write_field(page, "Fix", visible(remedy(first)))


def _write_identity(page: Page, finding: Finding, *, reveal: bool) -> None:
    shown = _shown(finding.secret, reveal=reveal)
    write_field(page, "Secret", shown[0], Style.STRONG)
    for line in shown[1:]:
        page.line((line, Style.STRONG), indent=_INDENT + _GUTTER)
    for name, part in sorted(finding.parts.items()):
        label = visible(name).replace("_", " ")
        write_field(page, "", f"{label} {' '.join(_shown(part, reveal=reveal))}")
    sure = CONFIDENCE[finding.confidence]
    if finding.proof is not None:
        sure += f", proved by {visible(finding.proof)}"
    write_field(page, "Sure", sure)
    if finding.verdict is not Verdict.UNCHECKED:
        write_field(page, "Verdict", *VERDICTS[finding.verdict])
    if finding.outcome is not None:
        for label, words, style in outcome_lines(finding.outcome):
            write_field(page, label.capitalize(), words, style)
    facts = " · ".join(
        f"{visible(name).replace('_', ' ')} {shorten(visible(fact))}"
        for name, fact in finding.facts.items()
    )
    write_field(page, "Facts", facts)


def _write_places(page: Page, occurrences: list[Occurrence], *, verbose: bool) -> None:
    shown = occurrences if verbose else occurrences[:_PLACES]
    label = "Found"
    for artifact, places in groupby(shown, key=lambda place: place.artifact):
        group = list(places)
        indent = 0
        if artifact is not None:
            write_field(page, label, [shorten(visible(artifact))])
            write_field(page, "", _provenance(group[0]), Style.FAINT)
            label, indent = "", 2
        for place in group:
            write_field(page, label, place_words(place), indent=indent)
            label = ""
    rest = occurrences[len(shown) :]
    if rest:
        artifacts = len({place.artifact for place in rest if place.artifact is not None})
        more = f"and {len(rest):,} more"
        more += f" in {count(artifacts, 'artifact')}" if artifacts else ""
        more += _uploads(rest)
        write_field(page, "", f"{more} (--verbose lists them)", Style.FAINT)


def _provenance(place: Occurrence) -> str:
    notes = []
    if place.uploaded is not None:
        notes.append(f"uploaded {place.uploaded:%Y-%m-%d}")
    if place.yanked is not None:
        notes.append(f"yanked: {shorten(visible(place.yanked))}" if place.yanked else "yanked")
    return " · ".join(notes)


def _uploads(places: list[Occurrence]) -> str:
    """Return since when and until when a secret was published."""
    days = sorted(f"{place.uploaded:%Y-%m-%d}" for place in places if place.uploaded is not None)
    if not days:
        return ""
    return f", uploaded {days[0]}" + (f" to {days[-1]}" if days[-1] != days[0] else "")


def place_words(place: Occurrence | Place) -> list[str]:
    """Return words of which the first is what an editor opens: ``path:line:column``."""
    notes = [visible(place.part)] if place.part is not None else []
    if place.encoding:
        notes.append("decoded from " + ", then ".join(visible(name) for name in place.encoding))
    if isinstance(place, Occurrence):
        notes += _commit_notes(place)
    where = f"{shorten(visible(place.path))}:{place.line}:{place.column}"
    return [where, *f"({', '.join(notes)})".split()] if notes else [where]


def _commit_notes(place: Occurrence) -> list[str]:
    commit = place.commit
    notes = []
    if commit is not None:
        notes.append(f"commit {commit.abbreviation}")
        notes.append(f"{commit.date:%Y-%m-%d}")
        notes.append(shorten(visible(commit.author)))
    if place.in_head is not None:
        notes.append("still in HEAD" if place.in_head else "not in HEAD")
    return notes


def write_reasons(page: Page, score: int | None, reasons: Sequence[Reason], margin: Margin) -> None:
    """Write what a secret scores, and what that is the sum of."""
    if score is None:
        return
    page.labelled("Score", [f"{score}, the sum of"], Style.PLAIN, margin=margin)
    for one in reasons:
        words = [f"{one.points:+4d}", *visible(one.text).split()]
        page.labelled("", words, Style.FAINT, margin=margin)


def write_suppressed(page: Page, result: ScanResult, *, verbose: bool) -> None:
    """Write what matched and was judged not to be a secret."""
    if not result.suppressed:
        return
    page.line(("Suppressed", Style.STRONG))
    page.raw()
    for item in result.suppressed:
        artifact = "" if item.artifact is None else f"{shorten(visible(item.artifact))} "
        part = "" if item.part is None else f" ({visible(item.part)})"
        where = f"{artifact}{shorten(visible(item.path))}:{item.line}:{item.column}{part}"
        detail = f": {visible(item.detail)}" if item.detail else ""
        page.paragraph(where, indent=_INDENT)
        why = f"{visible(item.detector)} {visible(item.mask)} {item.reason.value}{detail}"
        page.paragraph(why, Style.FAINT, indent=_INDENT + 2)
        if verbose:
            write_reasons(page, item.score, item.reasons, Margin(_INDENT + 2, _GUTTER))
    page.raw()


def write_field(
    page: Page, label: str, text: str | list[str], style: Style = Style.PLAIN, *, indent: int = 0
) -> None:
    """Write a line of a finding: a label, and text or words beside it."""
    words = text.split() if isinstance(text, str) else text
    page.labelled(label, words, style, margin=Margin(_INDENT, _GUTTER + indent))


def _shown(secret: Secret, *, reveal: bool) -> list[str]:
    return shown_lines(secret) if reveal else [visible(secret.mask)]


def shown_lines(secret: Secret) -> list[str]:
    """Return the lines of a value, safe to show; at least one."""
    return [visible(line) for line in secret.reveal_text().splitlines()] or [""]
