"""The picture of a finding: the releases of its projects over time, and which of them have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection

from keysift.report.escape import visible
from keysift.report.summary import count
from keysift.store.queries.uploads import Upload, uploads
from keysift.store.queries.values import Life, StoredFinding
from keysift.web.shown import Chart

PROJECTS: Final = 8
"""Projects that the picture has room for."""

UPLOADS: Final = 3_000
"""Files that it shows; the latest of them."""

_ROW_PIXELS: Final = 30
_SHOWN: Final = 40
"""Characters of a name or a version in the picture."""

HAS: Final = "has it"
YANKED: Final = "has it, yanked"
DELETED: Final = "has it, deleted"
FREE: Final = "free of it"
UNKNOWN: Final = "not looked at"

# State, colour, shape: told apart without colours, too.
_LOOKS: Final = (
    (HAS, "var(--critical)", "circle"),
    (YANKED, "var(--medium)", "triangle-up"),
    (DELETED, "var(--low)", "cross"),
    (FREE, "var(--good)", "stroke"),
    (UNKNOWN, "var(--line-strong)", "diamond"),
)


class Point(Struct, frozen=True, kw_only=True):
    """A release, as far as files of one kind go.

    Attributes:
        project: Name of the project.
        kind: sdist, wheel, egg or other.
        version: The release.
        uploaded_at: First upload of these files; None when no index says.
        state: What these files say together; one of the constants of this module.
    """

    project: str
    kind: str
    version: str
    uploaded_at: datetime | None
    state: str


def timeline(connection: Connection, finding: StoredFinding) -> Chart:
    """Return the picture of a finding, with its figures.

    Args:
        connection: From ``Store.reading``.
        finding: The finding.
    """
    lives = finding.lives[:PROJECTS]
    chosen = [(life.index, life.introduced.project) for life in lives]
    files = uploads(connection, finding.id, chosen, limit=UPLOADS)
    shown = points(files)
    return Chart(
        id="timeline",
        title="Releases over time",
        description=_description(finding, shown, is_cut=len(files) == UPLOADS),
        spec=_spec(shown, lives),
        columns=("Project", "Release", "Files", "Uploaded", "State"),
        rows=[
            (one.project, one.version or "(no version)", one.kind, _day(one.uploaded_at), one.state)
            for one in shown
        ],
    )


def points(files: Iterable[Upload]) -> list[Point]:
    """Return the releases of files, for each kind of file, in the order of the files."""
    groups: dict[tuple[str, str, str, str], list[Upload]] = {}
    for one in files:
        groups.setdefault((one.index, one.project, one.version, one.kind), []).append(one)
    return [
        Point(
            project=project,
            kind=kind,
            version=version,
            uploaded_at=min((one.uploaded_at for one in group if one.uploaded_at), default=None),
            state=_state(group),
        )
        for (_, project, version, kind), group in groups.items()
    ]


def _state(files: Sequence[Upload]) -> str:
    having = [one for one in files if one.has]
    if not having:
        return FREE if all(one.is_looked_at for one in files) else UNKNOWN
    if all(one.is_deleted for one in having):
        return DELETED
    if all(one.is_deleted or one.is_yanked for one in having):
        return YANKED
    return HAS


def _description(finding: StoredFinding, shown: Sequence[Point], *, is_cut: bool) -> str:
    having = sum(one.state in {HAS, YANKED, DELETED} for one in shown)
    words = (
        f"Each mark is a release, as sdist or as wheel: {having:,} of {len(shown):,} have the "
        "secret. A line marks the release that removed it."
    )
    left = finding.projects - PROJECTS
    if left > 0:
        words += f" {count(left, 'more project')} that have it are left out."
    if is_cut:
        words += f" Only the latest {UPLOADS:,} files are shown."
    return words


def _spec(shown: Sequence[Point], lives: Sequence[Life]) -> dict[str, Any]:
    used = {one.state for one in shown}
    looks = [one for one in _LOOKS if one[0] in used]
    rows = [_row(one.project, one.kind) for one in shown]
    kinds: dict[str, set[str]] = {}
    for one in shown:
        kinds.setdefault(one.project, set()).add(one.kind)
    states = [state for state, _, _ in looks]
    time = {"field": "at", "type": "temporal", "title": None, "scale": {"type": "utc", "padding": 12}}
    row = {"field": "row", "type": "nominal", "title": None, "sort": sorted(set(rows))}
    marks = {
        "data": {"values": [_value(one, name) for one, name in zip(shown, rows, strict=True)]},
        "transform": [{"filter": "datum.at !== null"}],
        "mark": {"type": "point", "size": 60, "filled": False, "strokeWidth": 2},
        "encoding": {
            "x": time,
            "y": row,
            "color": _scale("State", states, [colour for _, colour, _ in looks]),
            "shape": _scale("State", states, [shape for _, _, shape in looks]),
            "tooltip": [
                {"field": name, "type": "nominal", "title": name.capitalize()}
                for name in ("project", "release", "files", "uploaded", "state")
            ],
        },
    }
    removals = {
        "data": {"values": list(_removals(lives, kinds))},
        "mark": {"type": "tick", "thickness": 2, "size": 22, "color": "var(--good)"},
        "encoding": {
            "x": time,
            "y": row,
            "tooltip": [{"field": "removed", "type": "nominal", "title": "Removed in"}],
        },
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": _ROW_PIXELS * max(1, len(set(rows))),
        "layer": [marks, removals],
    }


def _scale(title: str, states: Sequence[str], looks: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "state",
        "type": "nominal",
        "title": title,
        "scale": {"domain": list(states), "range": list(looks)},
        "legend": {"title": None},
    }


def _value(one: Point, row: str) -> dict[str, str | None]:
    return {
        "row": row,
        "at": None if one.uploaded_at is None else one.uploaded_at.isoformat(),
        "project": _short(one.project),
        "release": _short(one.version) or "(no version)",
        "files": one.kind,
        "uploaded": _day(one.uploaded_at),
        "state": one.state,
    }


def _removals(
    lives: Sequence[Life], kinds: dict[str, set[str]]
) -> Iterable[dict[str, str | None]]:
    for life in lives:
        removed = life.removed_in
        if removed is None or removed.uploaded_at is None:
            continue
        at = removed.uploaded_at.isoformat()
        for kind in sorted(kinds.get(removed.project, ())):
            row = _row(removed.project, kind)
            yield {"row": row, "at": at, "removed": _short(removed.version)}


def _row(project: str, kind: str) -> str:
    return f"{_short(project)} · {kind}"


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _day(time: datetime | None) -> str:
    return "–" if time is None else f"{time:%Y-%m-%d}"
