"""What the first page shows, as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.catalogue import Catalogue
from keysift.model import TriageStatus
from keysift.store.queries.covered import Covered, State
from keysift.store.queries.figures import Figures
from keysift.store.queries.status import Status
from keysift.web.charts import SEVERITIES, VERDICTS, Bar, bars
from keysift.web.links import exactly, findings
from keysift.web.runs_view import ShownRun
from keysift.web.shown import Chart

_TRIAGE: Final = (
    (TriageStatus.OPEN, "open"),
    (TriageStatus.ACCEPTED, "accepted"),
    (TriageStatus.REVOKED, "revoked"),
    (TriageStatus.TEST, "test"),
    (TriageStatus.FALSE_POSITIVE, "false positive"),
)
_DUE: Final = 10


class Figure(Struct, frozen=True):
    """A headline figure.

    Attributes:
        name: What is counted.
        value: The number, or words.
        note: What else to know.
        target: Where it leads.
    """

    name: str
    value: int | str
    note: str = ""
    target: str = ""


class SeverityFigure(Struct, frozen=True):
    """Open findings of one severity.

    Attributes:
        severity: The word.
        number: How many.
        target: Their list.
    """

    severity: str
    number: int
    target: str


class Overview(Struct, frozen=True, kw_only=True):
    """What the first page shows.

    Attributes:
        at: When it was counted (UTC).
        figures: Headline figures.
        severities: Open findings by severity, the worst first.
        open: All of them together.
        charts: Pictures.
        remarks: What else to know of what is counted, in sentences.
        stale: Projects that are still being added up.
        gaps: Files of which not everything was looked at.
        is_new: Whether the store holds nothing.
        runs: The last crawls.
    """

    at: datetime
    figures: Sequence[Figure]
    severities: Sequence[SeverityFigure]
    open: int
    charts: Sequence[Chart]
    remarks: Sequence[str]
    stale: int
    gaps: int
    is_new: bool
    runs: Sequence[ShownRun]


def overview(
    at: datetime,
    counted: Figures,
    looked: Covered,
    due: Status | None,
    runs: Sequence[ShownRun],
    catalogue: Catalogue,
) -> Overview:
    """Return what the first page shows.

    Args:
        at: When the findings were counted.
        counted: The findings.
        looked: What was looked at.
        due: Where checks stand; None: not known, or not yet.
        runs: The last crawls.
        catalogue: Names the types.
    """
    charts = [_years(counted), _types(counted, catalogue), _triage(counted)]
    if due is not None:
        charts.append(due_chart(due))
    return Overview(
        at=at,
        figures=_figures(counted, looked),
        severities=[
            SeverityFigure(word, counted.open[one], findings(severity=word, triage="open"))
            for one, (word, _) in SEVERITIES.items()
        ],
        open=counted.open.total(),
        charts=[one for one in charts if one.spec["data"]["values"]],
        remarks=_remarks(counted),
        stale=counted.stale,
        gaps=looked.gaps,
        is_new=not (looked.projects or looked.artifacts or counted.findings),
        runs=runs,
    )


def _figures(counted: Figures, looked: Covered) -> list[Figure]:
    total = counted.open.total()
    complete, all_files = looked.states[State.COMPLETE], looked.artifacts
    gaps = f"{looked.gaps:,} of {all_files:,} files not, or not all" if looked.gaps else "no gap"
    return [
        Figure(
            "Open findings",
            total,
            f"of {counted.findings:,} in all",
            findings(triage="open"),
        ),
        Figure(
            "Still working",
            counted.active,
            "open, accepted by their providers",
            findings(triage="open", verdict="active"),
        ),
        Figure(
            "In a newest release",
            counted.present,
            "open, and shipped today",
            findings(triage="open", present="yes"),
        ),
        Figure(
            "Projects affected",
            counted.affected,
            f"of {looked.projects - looked.unread:,} looked at",
            "/projects",
        ),
        Figure("Looked at", share(complete, all_files), gaps, "/coverage"),
    ]


def share(part: int, whole: int) -> str:
    """Return a share in percent: some is never shown as none, nor almost all as all."""
    if not whole:
        return "nothing"
    percent = f"{100 * part / whole:.1f}"
    if part and percent == "0.0":
        return "<0.1 %"
    return ">99.9 %" if part < whole and percent == "100.0" else f"{percent} %"


def _remarks(counted: Figures) -> list[str]:
    said = ["Counted are findings of medium and high confidence."]
    if counted.faint:
        said.append(f"{counted.faint:,} of low confidence are left out.")
    if counted.canaries:
        noun = "canary is" if counted.canaries == 1 else "canaries are"
        said.append(f"{counted.canaries:,} {noun} left out: using one raises an alarm.")
    return said


def _years(counted: Figures) -> Chart:
    years = sorted({year for year, _ in counted.years if year is not None})
    # A year in which nothing was uploaded is a gap to be seen.
    known: list[int | None] = list(range(years[0], years[-1] + 1)) if years else []
    if any(year is None for year, _ in counted.years):
        known.append(None)
    return bars(
        "years",
        "Secrets by year of first upload",
        "Each secret once, in the year its first file was uploaded, by what its provider says now.",
        [
            Bar(
                "not known" if year is None else str(year),
                word,
                counted.years[year, verdict],
                "" if year is None else findings(year=year, verdict=verdict.value),
            )
            for year in known
            for verdict, (word, _) in VERDICTS.items()
        ],
        axis="year",
        unit="secrets",
        parts=VERDICTS.values(),
        is_upright=True,
    )


def _types(counted: Figures, catalogue: Catalogue) -> Chart:
    parts = (("open", "var(--series-2)"), ("decided", "var(--series-6)"))
    shown = []
    for one in counted.types:
        detector = catalogue.by_id.get(one.detector)
        name = one.detector if detector is None else detector.name
        target = findings(detector=exactly(one.detector), triage="open")
        shown.append(Bar(name, "open", one.open, target))
        shown.append(
            Bar(name, "decided", one.findings - one.open, findings(detector=exactly(one.detector)))
        )
    rest = f" {counted.other_types:,} more types are rarer." if counted.other_types else ""
    return bars(
        "types",
        "Secrets by type",
        f"The most frequent types, and how many nobody has decided about.{rest}",
        shown,
        axis="type",
        unit="secrets",
        parts=parts,
    )


def _triage(counted: Figures) -> Chart:
    return bars(
        "triage",
        "Decisions",
        "All findings by what was decided about them, and by severity.",
        [
            Bar(
                word,
                severity.value,
                counted.triage[status, severity],
                findings(triage=status.value, severity=severity.value),
            )
            for status, word in _TRIAGE
            for severity in SEVERITIES
        ],
        axis="decision",
        unit="findings",
        parts=SEVERITIES.values(),
    )


def due_chart(due: Status) -> Chart:
    """Return a picture of what is to be asked about, by provider."""
    parts = {
        "now": "var(--series-2)",
        "within 7 days": "var(--series-3)",
        "within 30 days": "var(--series-6)",
    }
    providers = [item for item in due.providers.items() if item[1].due.month]
    providers.sort(key=lambda item: (-item[1].due.now, -item[1].due.month, item[0].casefold()))
    shown = []
    for name, tally in providers[:_DUE]:
        numbers = (
            tally.due.now,
            tally.due.week - tally.due.now,
            tally.due.month - tally.due.week,
        )
        shown += [
            Bar(name or "not known any more", part, number, "/verification")
            for part, number in zip(parts, numbers, strict=True)
        ]
    rest = len(providers) - _DUE
    more = f" {rest:,} more providers have less." if rest > 0 else ""
    return bars(
        "due",
        "Due to be asked about",
        f"Secrets whose providers are to be asked, together {due.due.now:,} now.{more}",
        shown,
        axis="provider",
        unit="secrets",
        parts=parts.items(),
    )
