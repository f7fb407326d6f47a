"""What the page of a project shows, as values: its releases, and which finding each carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.catalogue import Catalogue
from keysift.report.summary import human_bytes
from keysift.store.queries.carried import Carried, File, Finding, Held, Release
from keysift.store.queries.covered import State
from keysift.store.queries.find_artifacts import Scan
from keysift.web.charts import label
from keysift.web.links import address
from keysift.web.shown import Chart, Pager

WINDOW: Final = 20
"""Releases that are shown together."""

_LEAST: Final = 2
_DRAWN_RELEASES: Final = 60
_DRAWN_FINDINGS: Final = 25

_HELD: Final = {
    Held.LISTED: ("●", "carried", "var(--critical)"),
    Held.YANKED: ("◐", "carried by yanked files only", "var(--medium)"),
    Held.DELETED: ("○", "carried by deleted files only", "var(--series-6)"),
}
_ABSENT: Final = ("·", "not found", "absent")
_UNKNOWN: Final = ("?", "not looked at", "unknown")
_PARTLY: Final = ("?", "not found, but not all files were looked at", "unknown")

STATES: Final = {
    State.COMPLETE: "looked at",
    State.INCOMPLETE: "not all of it looked at",
    State.FAILED: "could not be scanned",
    State.PENDING: "not scanned yet",
    State.DELETED: "deleted from the index",
}
"""What became of a file, in words."""

SCANS: Final = {one: STATES[State(one.value)] for one in Scan}
"""The same, of files that may be deleted besides."""


class Mark(Struct, frozen=True):
    """Whether a release carries a finding.

    Attributes:
        sign: For the eye.
        text: In words.
        kind: Names its look.
    """

    sign: str
    text: str
    kind: str


class Row(Struct, frozen=True):
    """A finding, and which releases carry it.

    Attributes:
        finding: The finding.
        name: What its type is called.
        target: Its page.
        marks: For each release that is shown.
    """

    finding: Finding
    name: str
    target: str
    marks: Sequence[Mark]


class ShownFile(Struct, frozen=True):
    """A file of a release.

    Attributes:
        name: Its name.
        target: Its page.
        state: What became of it, in words.
        is_gap: Whether something in it was not looked at.
        size: In words.
        yanked: Reason of its yank; None: it is not yanked.
        findings: How many it carries.
    """

    name: str
    target: str
    state: str
    is_gap: bool
    size: str
    yanked: str | None
    findings: int


class ShownRelease(Struct, frozen=True):
    """A release.

    Attributes:
        version: As its files have it, or words for an empty one.
        uploaded_at: Its first upload (UTC).
        notes: What is special about it.
        is_newest: Whether pip would take it.
        findings: How many it carries.
        files: Its files.
    """

    version: str
    uploaded_at: datetime | None
    notes: Sequence[str]
    is_newest: bool
    findings: int
    files: Sequence[ShownFile]


class ProjectView(Struct, frozen=True, kw_only=True):
    """What the page of a project shows.

    Attributes:
        releases: Some of its releases, the newest first.
        columns: Their versions, the oldest first, as the table has them.
        rows: The findings.
        chart: A picture of it; None without a finding.
        pager: Where among the releases the page is.
        hidden: Findings that no release of these carries.
        total: All its releases.
    """

    releases: Sequence[ShownRelease]
    columns: Sequence[str]
    rows: Sequence[Row]
    chart: Chart | None
    pager: Pager
    hidden: int
    total: int


def project_view(carried: Carried, catalogue: Catalogue, project: int, number: int) -> ProjectView:
    """Return what the page of a project shows.

    Args:
        carried: Its releases and findings.
        catalogue: Names the types.
        project: Its number.
        number: Which page of its releases; 1 has the newest ones.
    """
    total = len(carried.releases)
    end = max(0, total - (number - 1) * WINDOW)
    window = carried.releases[max(0, end - WINDOW) : end]
    seen = {secret for release in window for secret in release.held}
    shown = [one for one in carried.findings if one.id in seen]
    return ProjectView(
        releases=[_release(one) for one in reversed(window)],
        columns=[one.version or "none" for one in window],
        rows=[
            Row(
                one,
                type_name(catalogue, one.detector),
                f"/findings/{one.id}",
                [_mark(release, one.id) for release in window],
            )
            for one in shown
        ],
        chart=_chart(carried, catalogue),
        pager=_pager(project, number, total, len(window)),
        hidden=len(carried.findings) - len(shown),
        total=total,
    )


def type_name(catalogue: Catalogue, detector: str) -> str:
    """Return what a type is called; its id when the catalogue has it no more."""
    found = catalogue.by_id.get(detector)
    return detector if found is None else found.name


def _mark(release: Release, secret: int) -> Mark:
    held = release.held.get(secret)
    if held is not None:
        sign, text, _ = _HELD[held]
        return Mark(sign, text, held.value)
    if not release.is_looked_at:
        return Mark(*_UNKNOWN)
    return Mark(*(_PARTLY if release.is_unknown else _ABSENT))


def _release(release: Release) -> ShownRelease:
    notes = []
    files = [_file(one) for one in release.files]
    if release.files and all(one.state is State.DELETED for one in release.files):
        notes.append("deleted")
    elif release.files and all(
        one.yanked is not None for one in release.files if one.state is not State.DELETED
    ):
        notes.append("yanked")
    if not release.is_looked_at:
        notes.append("not looked at")
    elif any(one.is_gap for one in files):
        notes.append("not all looked at")
    return ShownRelease(
        release.version or "no version",
        release.uploaded_at,
        notes,
        release.is_newest,
        len(release.held),
        files,
    )


def _file(file: File) -> ShownFile:
    return ShownFile(
        file.name,
        f"/coverage/artifacts/{file.id}",
        STATES[file.state],
        file.state in {State.INCOMPLETE, State.FAILED, State.PENDING},
        "" if file.size_bytes is None else human_bytes(file.size_bytes),
        file.yanked,
        file.findings,
    )


def _pager(project: int, number: int, total: int, shown: int) -> Pager:
    path = f"/projects/{project}"
    newest = total - (number - 1) * WINDOW
    text = f"Releases {newest - shown + 1:,} to {newest:,} of {total:,}" if shown else "No release"
    newer = address(path, page=None if number == 2 else number - 1)
    older = address(path, page=number + 1)
    return Pager(text, newer if number > 1 else "", older if newest > WINDOW else "")


def _chart(carried: Carried, catalogue: Catalogue) -> Chart | None:
    # A single release has no course to draw.
    if not carried.findings or len(carried.releases) < _LEAST:
        return None
    releases = carried.releases[-_DRAWN_RELEASES:]
    findings = carried.findings[:_DRAWN_FINDINGS]
    names = {one.id: label(f"{one.id} · {type_name(catalogue, one.detector)}") for one in findings}
    # Versions may be the same text twice; what tells releases apart is their place.
    values = [
        {
            "release": place,
            "version": label(release.version),
            "finding": names[one.id],
            "how": _how(release, one.id),
            "href": f"/findings/{one.id}",
        }
        for place, release in enumerate(releases)
        for one in findings
        if one.id in release.held or not release.is_looked_at
    ]
    looks = {text: colour for _, text, colour in _HELD.values()} | {"not looked at": "var(--line)"}
    labels = [release.version for release in releases]
    spec = {
        "width": "container",
        "height": 20 * len(findings),
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": "var(--surface)", "cursor": "pointer"},
        "encoding": {
            "x": {
                "field": "release",
                "type": "ordinal",
                "scale": {"domain": list(range(len(releases))), "paddingInner": 0.05},
                "axis": {
                    "title": "release",
                    "labelExpr": f"{_array(labels)}[datum.value]",
                    "labelOverlap": "greedy",
                    "labelLimit": 70,
                    "labelAngle": -40,
                    "ticks": False,
                },
            },
            "y": {
                "field": "finding",
                "type": "nominal",
                "sort": list(names.values()),
                "axis": {"title": None, "labelLimit": 170, "ticks": False},
                "scale": {"domain": list(names.values()), "paddingInner": 0.15},
            },
            "color": {
                "field": "how",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(looks), "range": list(looks.values())},
                "legend": {"columns": 1, "labelLimit": 260},
            },
            "href": {"field": "href"},
            "tooltip": [
                {"field": "finding", "title": "finding"},
                {"field": "version", "title": "release"},
                {"field": "how", "title": "it is"},
            ],
        },
    }
    rest = [
        f"the last {len(releases)} of {len(carried.releases):,} releases"
        if len(releases) < len(carried.releases)
        else "all releases",
        f"the worst {len(findings)} of {len(carried.findings)} findings"
        if len(findings) < len(carried.findings)
        else "all findings",
    ]
    return Chart(
        id="carried",
        title="Which releases carry what",
        description=f"Each row is a finding, each column a release: {rest[0]}, {rest[1]}.",
        spec=spec,
        columns=["release", "findings"],
        rows=[[release.version or "no version", len(release.held)] for release in releases],
    )


def _how(release: Release, secret: int) -> str:
    held = release.held.get(secret)
    return "not looked at" if held is None else _HELD[held][1]


def _array(texts: Sequence[str]) -> str:
    """Return texts as an expression of Vega. They are hostile: only plain characters stay."""
    return "[" + ",".join(f"'{''.join(filter(_is_plain, one))[:20]}'" for one in texts) + "]"


def _is_plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in ".-+_!")
