"""Everything about one secret for people: what it is, what to do, where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from keysift.model import Outcome, Secret, TriageStatus, Verdict
from keysift.report.advice import remedy
from keysift.report.escape import visible
from keysift.report.listing import WHOLE, as_finding
from keysift.report.outcome_document import advised
from keysift.report.outcome_text import DOUBTS, outcome_lines
from keysift.report.page import Margin, Page, Style
from keysift.report.result import DetectorText
from keysift.report.summary import count, shorten
from keysift.report.text import (
    BADGES,
    CONFIDENCE,
    VERDICTS,
    place_words,
    shown_lines,
    write_reasons,
)
from keysift.store.queries.history import Answer, Event
from keysift.store.queries.values import Life, Place, Seen, StoredFinding
from keysift.store.triage import Decision

if TYPE_CHECKING:
    from typing import TextIO

_INDENT: Final = 2
_GUTTER: Final = 12
_RELEASES: Final = 8
_PLACES: Final = 5


class Biography(Struct, frozen=True, kw_only=True):
    """One secret with all that happened to it.

    Attributes:
        finding: The secret.
        text: About its detector.
        places: All its occurrences, in order.
        events: What the index changed about files that have it.
        answers: What its provider said.
        decisions: What people decided.
        values: Its values by name, when they are revealed.
        advice: Advice of its provider for a narrower secret; empty: there is none.
    """

    finding: StoredFinding
    text: DetectorText
    places: Sequence[Place]
    events: Sequence[Event]
    answers: Sequence[Answer]
    decisions: Sequence[Decision]
    values: Mapping[str, Secret] = field(default_factory=dict)
    advice: str = ""


def write_biography(
    biography: Biography, stream: TextIO, *, color: bool, width: int, verbose: bool
) -> None:
    """Write all of it, masked unless it has values.

    Args:
        biography: What to write.
        stream: Where to; it must be able to encode Unicode.
        color: ANSI colours.
        width: Columns of the terminal.
        verbose: Every release and every place instead of the first few.
    """
    page = Page(stream, color=color, width=width)
    finding, text = biography.finding, biography.text
    badge = f" {finding.severity.value.upper()} "
    page.heading(
        (badge, BADGES[finding.severity]),
        (visible(text.name), Style.STRONG),
        (visible(finding.detector), Style.FAINT),
    )
    _write_identity(page, biography)
    _write_advice(page, biography)
    for life in finding.lives:
        _write_life(page, life, biography.places, verbose=verbose)
    _write_history(page, biography)


def _write_identity(page: Page, biography: Biography) -> None:
    finding = biography.finding
    _field(page, "Number", f"{finding.id}, fingerprint {finding.fingerprint}")
    _write_value(page, "Secret", WHOLE, finding.mask, biography)
    for name, mask in sorted(finding.parts.items()):
        _write_value(page, visible(name).replace("_", " "), name, mask, biography)
    sure = CONFIDENCE[finding.confidence]
    if finding.proof is not None:
        sure += f", proved by {visible(finding.proof)}"
    _field(page, "Sure", sure)
    _write_reasons(page, finding)
    facts = " · ".join(
        f"{visible(name).replace('_', ' ')} {shorten(visible(fact))}"
        for name, fact in finding.facts.items()
    )
    _field(page, "Facts", facts)
    if finding.verdict is not Verdict.UNCHECKED:
        words, style = VERDICTS[finding.verdict]
        _field(page, "Verdict", f"{words} ({_day(finding.checked_at)})", style)
    if finding.outcome is not None:
        for label, words, style in outcome_lines(advised(finding.outcome, biography.advice)):
            _field(page, label.capitalize(), words, style)
    if finding.triage is not TriageStatus.OPEN:
        _field(page, "Triage", finding.triage.value)
    _field(page, "Found by", ruleset_words(finding))


def _write_reasons(page: Page, finding: StoredFinding) -> None:
    write_reasons(page, finding.score, finding.reasons, Margin(_INDENT, _GUTTER))
    if finding.is_lowered:
        words = "lower where it stands: among tests, examples or documentation"
        _field(page, "", words, Style.FAINT)


def ruleset_words(finding: StoredFinding) -> str:
    """Return what found a secret first and last."""
    found, confirmed = finding.found_by, finding.confirmed_by
    sentence = f"ruleset {found.digest} (keysift {visible(found.version)})"
    if confirmed != found:
        sentence += f", last by {confirmed.digest} (keysift {visible(confirmed.version)})"
    if finding.is_outdated:
        sentence += "; the ruleset that looked last finds it no more"
    return sentence


def _write_value(page: Page, label: str, name: str, mask: str, biography: Biography) -> None:
    value = biography.values.get(name)
    lines = [visible(mask)] if value is None else shown_lines(value)
    _field(page, label, [lines[0]], Style.STRONG)
    for line in lines[1:]:
        page.line((line, Style.STRONG), indent=_INDENT + _GUTTER)


def _write_advice(page: Page, biography: Biography) -> None:
    text = biography.text
    page.raw()
    _field(page, "Risk", visible(text.what))
    _field(page, "Revoke", visible(text.revoke), Style.LINK)
    _field(page, "Rotate", visible(text.rotate))
    finding = as_finding(biography.finding, biography.places[:1], text)
    _field(page, "Fix", remedy(finding))
    for number, reference in enumerate(text.references):
        _field(page, "" if number else "Read", visible(reference), Style.LINK)


def _write_life(page: Page, life: Life, places: Sequence[Place], *, verbose: bool) -> None:
    name = life.introduced.project
    page.raw()
    page.line((visible(name), Style.STRONG), (f"  {visible(life.index)}", Style.FAINT))
    page.raw()
    _field(page, "Introduced", seen_words(life.introduced))
    _field(page, "Last seen", seen_words(life.last_seen))
    _field(page, "Now", *standing(life))
    kinds = ", ".join(life.kinds)
    _field(
        page,
        "In",
        f"{count(life.places, 'place')} of {count(life.artifacts, 'file')} ({kinds}) of "
        f"{count(life.releases, 'release')}",
    )
    page.raw()
    here = [place for place in places if (place.index, place.project) == (life.index, name)]
    # The newest release matters most, and stands first.
    releases = [list(group) for _, group in groupby(here, key=lambda place: place.version)]
    releases.reverse()
    shown = releases if verbose else releases[:_RELEASES]
    for release in shown:
        _write_release(page, release, verbose=verbose)
    left = len(releases) - len(shown)
    if left:
        more = f"and {count(left, 'older release')} (--verbose lists them)"
        page.paragraph(more, Style.FAINT, indent=_INDENT)


def _write_release(page: Page, places: Sequence[Place], *, verbose: bool) -> None:
    for artifact, group in groupby(places, key=lambda place: place.artifact):
        files = list(group)
        first = files[0]
        version = visible(first.version) or "(no version)"
        page.line(
            (f"{version}  {visible(artifact)}", Style.PLAIN),
            (f"  {_provenance(first)}".rstrip(), Style.FAINT),
            indent=_INDENT,
        )
        shown = files if verbose else files[:_PLACES]
        for place in shown:
            words = place_words(place)
            page.paragraph(" ".join(words), indent=_INDENT + 4)
        if len(shown) < len(files):
            more = f"and {len(files) - len(shown):,} more (--verbose lists them)"
            page.paragraph(more, Style.FAINT, indent=_INDENT + 4)


def _provenance(place: Place) -> str:
    notes = []
    if place.uploaded_at is not None:
        notes.append(f"uploaded {_day(place.uploaded_at)}")
    if place.yanked is not None:
        reason = shorten(visible(place.yanked))
        notes.append(f"yanked: {reason}" if reason else "yanked")
    if place.deleted_at is not None:
        notes.append(f"deleted, as seen {_day(place.deleted_at)}")
    return " · ".join(notes)


def standing(life: Life) -> tuple[str, Style]:
    """Return how a secret stands in a project now."""
    if life.still_present:
        return "present in the newest release", Style.ALARM
    if life.removed_in is not None:
        removed = f"removed in {seen_words(life.removed_in)}"
        if life.still_present is None:
            removed += "; the newest release was not looked at"
        return removed, Style.PLAIN
    if life.still_present is None:
        return "not known: the newest release was not looked at", Style.WARNING
    return "not in the newest release", Style.PLAIN


def _write_history(page: Page, biography: Biography) -> None:
    lines: list[tuple[datetime, str, str]] = [
        (event.seen_at, visible(event.artifact), event_words(event)) for event in biography.events
    ]
    lines += [
        (answer.checked_at, "verdict", answer_words(answer.outcome)) for answer in biography.answers
    ]
    for decision in biography.decisions:
        note = f": {visible(decision.note)}" if decision.note else ""
        said = f"{decision.status.value}, {visible(decision.author)}{note}"
        lines.append((decision.decided_at, "triage", said))
    if not lines:
        return
    page.raw()
    page.line(("History", Style.STRONG))
    page.raw()
    for time, about, what in sorted(lines, key=lambda line: line[0]):
        _field(page, _day(time), f"{about}: {what}")


def answer_words(outcome: Outcome) -> str:
    """Return a verdict with the reason of a doubt, or with how much the secret may do."""
    words = outcome.verdict.value.replace("_", " ")
    if outcome.privilege is not None:
        words += f", privilege {outcome.privilege.value}"
    reason = [] if outcome.doubt is None else [DOUBTS[outcome.doubt]]
    reason += [visible(outcome.detail)] if outcome.detail else []
    return ": ".join([words, *reason])


def event_words(event: Event) -> str:
    """Return what the index changed, with its reason."""
    if event.detail:
        return f"{event.kind} ({shorten(visible(event.detail))})"
    return event.kind


def seen_words(seen: Seen) -> str:
    """Return a release with its day."""
    version = visible(seen.version) or "(no version)"
    return version if seen.uploaded_at is None else f"{version} ({_day(seen.uploaded_at)})"


def _day(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d}"


def _field(page: Page, label: str, text: str | Sequence[str], style: Style = Style.PLAIN) -> None:
    words = text.split() if isinstance(text, str) else text
    page.labelled(label, words, style, margin=Margin(_INDENT, _GUTTER))
