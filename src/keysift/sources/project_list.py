"""The list of all projects of an index, of which there may be a million.

JSON (PEP 691) is decoded by msgspec, since pypi-simple leaves out the serials of the projects; HTML
(PEP 503, and what web servers show for a directory) is read link by link, without a tree of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct
from pypi_simple import IndexPage, Link, parse_links_stream

from keysift.errors import IndexUnavailableError
from keysift.net.page import Page
from keysift.net.redact import origin
from keysift.net.serial import as_serial
from keysift.sources.formats import check_whole, is_json, reading
from keysift.sources.spec import is_name, normalise

MAX_LIST_BYTES: Final = 256 * 1024 * 1024
"""A million projects take about 70 MB."""

_CHUNK: Final = 64 * 1024
_VERSION: Final = b"pypi:repository-version"
# What a page of PEP 629 says about itself, and no other page does.


class ProjectList(Struct, frozen=True):
    """All projects of an index.

    Attributes:
        projects: Normalised names, sorted, each with the number of its last change; None where the
            index does not count them.
        serial: The number of the last change of the index, or None.
        etag: To ask later whether the list has changed.
    """

    projects: Mapping[str, int | None]
    serial: int | None = None
    etag: str | None = None


def parse_project_list(page: Page) -> ProjectList:
    """Read the list of projects.

    Raises:
        IndexUnavailableError: It is not a list of projects, or only a part of one.
    """
    with reading(page):
        if is_json(page):
            projects, serial = _from_json(page)
        else:
            check_whole(page)
            projects, serial = _from_html(page), None
    return ProjectList(
        projects={name: projects[name] for name in sorted(projects)},
        serial=page.serial if serial is None else serial,
        etag=page.etag,
    )


class _Entry(Struct, gc=False):
    """A project of PEP 691, with the serial that PyPI adds; elsewhere it may be anything."""

    name: str
    serial: Any = msgspec.field(name="_last-serial", default=None)


class _Json(Struct):
    """The list of PEP 691; pypi-simple looks at what it says about itself."""

    meta: dict[str, Any]
    projects: list[_Entry]


def _from_json(page: Page) -> tuple[dict[str, int | None], int | None]:
    decoded = msgspec.json.decode(page.body, type=_Json)
    about = IndexPage.from_json_data({"meta": decoded.meta, "projects": []})
    projects: dict[str, int | None] = {}
    odd = None
    while decoded.projects:
        entry = decoded.projects.pop()  # so that they are never all there twice
        if not is_name(entry.name):
            # Nobody can ask for such a project, and the others are there.
            odd = entry.name
            continue
        name, serial = normalise(entry.name), as_serial(entry.serial)
        known = projects.get(name)
        # Of a name that stands there twice, the last change counts.
        projects[name] = serial if known is None else max(known, serial or 0)
    if odd is not None and not projects:
        raise IndexUnavailableError(
            f"{origin(page.url)} lists {odd[:60]!r}, which is not the name of a project"
        )
    return projects, as_serial(about.last_serial)


def _from_html(page: Page) -> dict[str, int | None]:
    """Return the projects of a page of HTML.

    Web servers show directories with a slash at the end, and other files beside them; some indexes
    show projects without one.
    """
    with_slash: dict[str, int | None] = {}
    without: dict[str, int | None] = {}
    is_index = _VERSION in page.body
    links = _Links(page.url)
    for link in parse_links_stream(_pieces(page.body), page.url, page.charset):
        name = links.project(link)
        if name is not None:
            (with_slash if link.url.endswith("/") else without)[name] = None
        elif not is_index and not links.is_navigation(link):
            raise _no_list(page)
    if not is_index and not with_slash and not without:
        raise _no_list(page)
    return with_slash or without


class _Links:
    """Tells the links of a page: to projects, to sort the list or to leave it, to anything else.

    Args:
        url: Address of the page.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        # Behind a proxy, addresses often have the scheme and port that the index sees.
        self._host = parts.hostname
        self._directory = parts.path.rpartition("/")[0] + "/"

    def project(self, link: Link) -> str | None:
        """Return the normalised name of the project that a link leads to, or None.

        A project lies below the page, or its link is called by its name, as PEP 503 wants.
        """
        parts = urlsplit(link.url)
        if parts.hostname != self._host:
            return None
        parent, _, last = parts.path.removesuffix("/").rpartition("/")
        name = unquote(last)
        if not is_name(name) or self._directory.startswith(f"{parent}/{last}/"):
            return None
        is_called = is_name(link.text) and normalise(link.text) == normalise(name)
        return normalise(name) if is_called or f"{parent}/" == self._directory else None

    def is_navigation(self, link: Link) -> bool:
        """Tell whether a link sorts the list, or leads to a directory around it or a file in it."""
        parts = urlsplit(link.url)
        path = parts.path or "/"
        return parts.hostname == self._host and (
            self._directory.startswith(path if path.endswith("/") else f"{path}/")
            or path.rpartition("/")[0] + "/" == self._directory
        )


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]


def _no_list(page: Page) -> IndexUnavailableError:
    return IndexUnavailableError(
        f"{origin(page.url)} answers with a web page that is not a list of projects; does the "
        "address of the index end as it should (often in /simple/)?"
    )
