"""A page of everything that pages are made of, full of hostile text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import altair as alt
from jinja2 import ChoiceLoader, FileSystemLoader
from litestar import Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template

from keysift.web.dashboard import Asked
from keysift.web.shown import Chart, Column, Pager
from keysift.web.templating import page

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}${7}\u202egnp.exe\x00\x1b[31m"
    "\u2066javascript:alert(1)\u2069</title></textarea></script><!--"
)
"""Markup, a template, a terminal's colours, and text that turns around what follows."""

_COUNTS = [("critical", 120), ("high", 480), ("medium", 230), ("low", 90), ("info", 12)]


def add_gallery(application: Litestar) -> None:
    """Let an application answer for ``/gallery``."""
    engine = application.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    own = FileSystemLoader(Path(__file__).parent / "templates")
    loader = engine.engine.loader
    assert loader is not None
    engine.engine.loader = ChoiceLoader([loader, own])
    application.register(gallery)


@get("/gallery", sync_to_thread=False)
def gallery(request: Asked) -> Template:
    """Show everything."""
    columns = (
        Column("Choose", kind="tick"),
        Column("Severity", link="/gallery?sort=severity", sorted="descending"),
        Column("Secret", link="/gallery?sort=detector"),
        Column("Verdict", link="/gallery?sort=verdict"),
        Column("Project", link="/gallery?sort=project"),
        Column("Places", kind="number", link="/gallery?sort=places"),
        Column("Introduced", link="/gallery?sort=introduced"),
    )
    return page(
        request,
        "gallery.html",
        hostile=HOSTILE,
        columns=columns,
        pager=Pager("51 to 55 of 12,345", before="/gallery?before=1", after="/gallery?after=2"),
        bars=_bars(),
        lines=_lines(),
        now=datetime(2026, 3, 14, 15, 9, tzinfo=UTC),
    )


def _bars() -> Chart:
    rows: list[dict[str, Any]] = [
        *({"severity": name, "findings": count} for name, count in _COUNTS),
        {"severity": HOSTILE, "findings": 77},
    ]
    order = [row["severity"] for row in rows]
    colours = [f"var(--{name})" for name, _ in _COUNTS] + ["var(--muted)"]
    drawn = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("findings:Q", title="Findings"),
            y=alt.Y("severity:N", sort=order, title=None),
            color=alt.Color(
                "severity:N", scale=alt.Scale(domain=order, range=colours), legend=None
            ),
            tooltip=[
                alt.Tooltip("severity:N", title="Severity"),
                alt.Tooltip("findings:Q", title="Findings", format=","),
            ],
            href=alt.value("/findings"),
        )
        .properties(width="container", height=180)
    )
    return _chart("bars", "Findings by severity", drawn, ("Severity", "Findings"), rows)


def _lines() -> Chart:
    rows: list[dict[str, Any]] = [
        {"year": f"{year}-01-01", "kind": kind, "findings": (year - 2014) ** 2 * factor}
        for kind, factor in (("sdist only", 3), ("wheel only", 2), ("both", 5))
        for year in range(2015, 2027)
    ]
    drawn = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("year:T", title=None),
            y=alt.Y("findings:Q", title="Findings"),
            color=alt.Color("kind:N", title=None),
            tooltip=["kind:N", "findings:Q", alt.Tooltip("year:T", format="%Y")],
        )
        .properties(width="container", height=180)
    )
    return _chart("lines", "Findings by year", drawn, ("Year", "Kind", "Findings"), rows)


def _chart(
    name: str, title: str, drawn: alt.Chart, columns: tuple[str, ...], rows: list[dict[str, Any]]
) -> Chart:
    return Chart(
        id=name,
        title=title,
        description="Secrets, each counted once, of high and medium confidence.",
        spec=drawn.to_dict(),
        columns=columns,
        rows=[list(row.values()) for row in rows],
    )
