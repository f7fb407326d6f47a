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
_PADDING_PIXELS: Final = 12
_KINDS: Final = ("sdist", "wheel", "egg", "other")
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
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
        "secret."
    )
    if any(life.removed_in is not None for life in finding.lives[:PROJECTS]):
        words += " A line marks the release that removed it."
    left = finding.projects - PROJECTS
    if left > 0:
        words += f" {count(left, 'more project')} that have it are left out."
    if is_cut:
        words += f" Only the latest {UPLOADS:,} files are shown."
    return words


def _spec(points: Sequence[Point], lives: Sequence[Life]) -> dict[str, Any]:
    shown = [one for one in points if one.uploaded_at is not None]
    if not shown:
        return _nothing()
    rows = sorted({_row(one.project, one.kind) for one in shown})
    looks = [look for look in _LOOKS if look[0] in {one.state for one in shown}]
    states = [state for state, _, _ in looks]
    place = {
        "x": {
            "field": "at",
            "type": "temporal",
            "title": None,
            "scale": {"type": "utc", "padding": _PADDING_PIXELS},
        },
        "y": {"field": "row", "type": "nominal", "title": None, "sort": rows},
    }
    marks = {
        "data": {"values": [_value(one) for one in shown]},
        "mark": {"type": "point", "size": 60, "filled": False, "strokeWidth": 2},
        "encoding": place
        | {
            "color": _scale(states, [colour for _, colour, _ in looks]),
            "shape": _scale(states, [shape for _, _, shape in looks]),
            "tooltip": [
                {"field": name, "type": "nominal", "title": name.capitalize()}
                for name in ("project", "release", "files", "uploaded", "state")
            ],
        },
    }
    removed = list(_removals(lives, rows))
    removals = {
        "data": {"values": removed},
        "mark": {"type": "tick", "thickness": 2, "size": 22, "color": "var(--good)"},
        "encoding": place
        | {"tooltip": [{"field": "removed", "type": "nominal", "title": "Removed in"}]},
    }
    return {
        "$schema": _SCHEMA,
        "width": "container",
        "height": _ROW_PIXELS * len(rows),
        "layer": [marks, removals] if removed else [marks],
    }


def _nothing() -> dict[str, Any]:
    """Return a sentence in the place of a picture: nothing has a time."""
    return {
        "$schema": _SCHEMA,
        "width": "container",
        "height": _ROW_PIXELS,
        "data": {"values": [{}]},
        "mark": {"type": "text", "text": "No index says when these files were uploaded."},
    }


def _scale(states: Sequence[str], looks: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "state",
        "type": "nominal",
        "scale": {"domain": list(states), "range": list(looks)},
        "legend": {"title": None},
    }


def _value(one: Point) -> dict[str, str | None]:
    return {
        "row": _row(one.project, one.kind),
        "at": None if one.uploaded_at is None else one.uploaded_at.isoformat(),
        "project": _short(one.project),
        "release": _short(one.version) or "(no version)",
        "files": one.kind,
        "uploaded": _day(one.uploaded_at),
        "state": one.state,
    }


def _removals(lives: Sequence[Life], rows: Sequence[str]) -> Iterable[dict[str, str]]:
    for life in lives:
        removed = life.removed_in
        if removed is None or removed.uploaded_at is None:
            continue
        at = removed.uploaded_at.isoformat()
        for row in (_row(removed.project, kind) for kind in _KINDS):
            if row in rows:
                yield {"row": row, "at": at, "removed": _short(removed.version)}


def _row(project: str, kind: str) -> str:
    return f"{_short(project)} · {kind}"


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _day(time: datetime | None) -> str:
    return "not known" if time is None else f"{time:%Y-%m-%d}"
