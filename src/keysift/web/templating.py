"""Pages from templates. Whatever is put into them is hostile, and becomes harmless by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from keysift._version import __version__
from keysift.report.escape import visible, well_formed
from keysift.report.summary import human_bytes
from keysift.web.dashboard import Asked, dashboard_of
from keysift.web.recognise import CSRF_FIELD
from keysift.web.sessions import FlashKind

NAVIGATION: Final = (
    ("/", "Overview"),
    ("/findings", "Findings"),
    ("/projects", "Projects"),
    ("/coverage", "Coverage"),
    ("/verification", "Verification"),
    ("/crawl", "Crawl"),
)
"""Address and name of each page in the menu."""

_ESCAPED: Final = Markup('<span class="escape">{}</span>')
_SHORT: Final = 80
_LONG: Final = 240
_NONE: Final = "\N{EN DASH}"
_THEMES: Final = frozenset({"light", "dark"})
_THEME_COOKIE: Final = "keysift-theme"


def page(request: Asked, name: str, /, status_code: int = 200, **context: Any) -> Template:  # noqa: ANN401 (whatever a template shows)
    """Return a page.

    Args:
        request: What it answers.
        name: Of the template, which extends ``base.html``.
        status_code: Of the answer.
        **context: What the template shows.
    """
    dashboard = dashboard_of(request)
    session = request.scope.get("auth")
    theme = request.cookies.get(_THEME_COOKIE)
    shared = {
        "me": request.scope.get("user"),
        "csrf": "" if session is None else session.csrf,
        "flashes": [] if session is None else session.taken(),
        "here": request.url.path,
        "theme": theme if theme in _THEMES else "",
        "notice": dashboard.settings.notice,
        "left": 0 if dashboard.figures is None else dashboard.figures.left,
    }
    return Template(name, context=shared | context, status_code=status_code, media_type="text/html")


def back(request: Asked, address: str, kind: FlashKind, sentence: str) -> Redirect:
    """Send whoever changed something to a page, which tells them what came of it.

    Args:
        request: The change.
        address: Of the page.
        kind: Whether it went well.
        sentence: What came of it.
    """
    if request.auth is not None:
        request.auth.flash(kind, sentence)
    return Redirect(address, status_code=303)


def templates(static: Callable[[str], str]) -> TemplateConfig[JinjaTemplateEngine]:
    """Return what makes pages of templates.

    Args:
        static: Returns the address of a static file.
    """
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment(static)))


def environment(static: Callable[[str], str]) -> Environment:
    """Return Jinja as all templates have it: see ``templates``."""
    made = Environment(
        loader=PackageLoader("keysift.web"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        # Before it is escaped for HTML, all text loses what a viewer would obey.
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "static": static,
        "navigation": NAVIGATION,
        "csrf_field": CSRF_FIELD,
        "version": __version__,
    }
    made.filters |= {
        "exact": exact,
        "code": code,
        "hostile": hostile,
        "lines": str.splitlines,
        "number": number,
        "share": share,
        "day": day,
        "moment": moment,
        "iso": datetime.isoformat,
        "second": second,
        "size": size,
        "short": short,
        "long": long,
    }
    return made


def _shown(value: object) -> object:
    return visible(value) if type(value) is str else value


def exact(text: str) -> Markup:
    """Return a text with nothing replaced, for values of fields that are sent back."""
    return escape(well_formed(text))


def hostile(text: str) -> Markup:
    """Return a text in which what is not visible by itself is marked as such."""
    return Markup().join(
        char if char.isprintable() else _ESCAPED.format(visible(char)) for char in text
    )


def code(text: str) -> Markup:
    """Return some of a line of a file: tabs stay, all else that is not visible is marked."""
    return Markup("\t").join(map(hostile, text.split("\t")))


def short(text: str) -> str:
    """Return a text for a cell: what is longer than a name lacks its middle."""
    return _cut(text, _SHORT)


def long(text: str) -> str:
    """Return a text for a line: what is longer than a path lacks its middle."""
    return _cut(text, _LONG)


def _cut(text: str, limit: int) -> str:
    half = limit // 2
    return text if len(text) <= limit else f"{text[:half]}…{text[-half:]}"


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"


def size(value: int | None) -> str:
    """Return a size in bytes for people."""
    return _NONE if value is None else human_bytes(value)


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent."""
    return f"{100 * part / whole:.1f} %" if whole else _NONE


def day(value: datetime | None) -> str:
    """Return a day (UTC)."""
    return _NONE if value is None else value.astimezone(UTC).strftime("%Y-%m-%d")


def second(value: datetime) -> str:
    """Return a time of day (UTC)."""
    return value.astimezone(UTC).strftime("%H:%M:%S")


def moment(value: datetime | None) -> str:
    """Return a minute (UTC)."""
    return _NONE if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
