"""The page: one HTML file that needs nothing else, and may fetch nothing.

Its scripts are named by their digests in its own Content-Security-Policy, so that nothing that
came into the file as data can run. Pictures stand in it as SVG, for paper and for who runs no
scripts; Vega, which Altair's maintainers bundle in ``vl_convert``, draws them again in the width of
the window and tells their numbers under the pointer, with its interpreter instead of ``eval``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from keysift.errors import UsageError
from keysift.report.escape import visible
from keysift.report.html import charts
from keysift.report.html.figure import Cell, Column, Figure
from keysift.report.html.words import decimal

if TYPE_CHECKING:
    from typing import TextIO

    from jinja2 import Environment

_ASSETS: Final = resources.files("keysift.report.html") / "assets"


class Card(Struct, frozen=True, kw_only=True):
    """A headline figure.

    Attributes:
        title: What it is.
        value: The figure, as text.
        note: Of what, and how sure.
    """

    title: str
    value: str
    note: str


class Section(Struct, frozen=True, kw_only=True):
    """A part of the story.

    Attributes:
        name: Unique in the report: letters, digits and dashes.
        title: Of the part.
        text: Its paragraphs.
        figures: Its figures.
    """

    name: str
    title: str
    text: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


class Fact(Struct, frozen=True, kw_only=True):
    """A line of the method: a name and what is to be said.

    Attributes:
        name: What it is about.
        text: What is to be said.
    """

    name: str
    text: str


class Page(Struct, frozen=True, kw_only=True):
    """A report.

    Attributes:
        title: Of the report.
        subtitle: What it is about: scope and period.
        notice: What a reader must know before anything else, or None.
        made: When and by what it was made.
        cards: The headline.
        sections: The story.
        method: How it was measured.
        limits: What it does not tell.
    """

    title: str
    subtitle: str
    notice: str | None
    made: str
    cards: Sequence[Card]
    sections: Sequence[Section]
    method: Sequence[Fact]
    limits: Sequence[str]


def write_page(page: Page, stream: TextIO) -> None:
    """Write a page.

    Args:
        page: The report.
        stream: Where to; UTF-8.

    Raises:
        UsageError: Altair, vl-convert or Jinja is not installed.
    """
    charts.library()
    import vl_convert  # noqa: PLC0415 (an optional dependency)

    style, script = _asset("report.css"), _asset("report.js")
    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    specs = {
        figure.name: figure.draw()
        for section in page.sections
        for figure in section.figures
        if figure.draw is not None
    }
    pictures = {name: vl_convert.vegalite_to_svg(json.dumps(spec)) for name, spec in specs.items()}
    template = _environment().get_template("report.html")
    pieces = template.generate(
        page=page,
        style=style,
        script=script,
        library=library,
        pictures=pictures,
        specs=specs,
        policy=_policy(style, script, library),
    )
    stream.writelines(pieces)


def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 (optional)
    except ModuleNotFoundError:
        raise UsageError(charts.MISSING) from None
    environment = Environment(
        loader=PackageLoader("keysift.report.html", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Names of projects are strangers' texts: what would not be seen is made visible.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters |= {"cell": cell, "data": data, "numeric": is_numeric}
    return environment


def cell(value: Cell, column: Column) -> str:
    """Return a cell of a table as text."""
    if value is None:
        return "n/a"
    if isinstance(value, str):
        return value
    if column.is_share:
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else decimal(value)


def is_numeric(column: int, rows: Sequence[tuple[Cell, ...]]) -> bool:
    """Tell whether a column of a table holds numbers, which stand to the right."""
    return any(isinstance(row[column], int | float) for row in rows)


def data(value: Any) -> Any:  # noqa: ANN401 (Markup, of an optional dependency)
    """Return JSON for a ``script`` that is data: nothing in it ends the element."""
    from markupsafe import Markup  # noqa: PLC0415 (comes with Jinja)

    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)  # noqa: S704 (escaped the line above)


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _policy(style: str, *scripts: str) -> str:
    allowed = " ".join(_source(script) for script in scripts)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {allowed}",
            f"style-src {_source(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
