"""The page of one project: its files, and what the index says about it.

Pages are read by pypi-simple: JSON (PEP 691, 700, 792) where the index speaks it, else HTML
(PEP 503).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import pypi_simple
from msgspec import Struct, field

from keysift.errors import IndexUnavailableError
from keysift.model import Artifact
from keysift.net.page import Page
from keysift.net.redact import origin
from keysift.net.serial import as_serial
from keysift.sources.formats import HTML, check_whole, is_json, reading
from keysift.sources.spec import normalise

# The reader of HTML has opinions about pages, which are for those who ask logging for them.
logging.getLogger("bs4").addHandler(logging.NullHandler())


_STATUSES: Final = ("active", "archived", "quarantined", "deprecated")
# Compared one by one: what a page says may be anything that JSON has, lists too.
_LARGEST: Final = 2**63 - 1
"""What file systems and databases can count."""


class IndexFile(Struct, frozen=True, kw_only=True):
    """A file of a release, not downloaded yet.

    Attributes:
        artifact: What the index says about it.
        url: Where it is; may hold credentials.
        hashes: Announced hex digests by algorithm; may be empty.
    """

    artifact: Artifact
    url: str
    hashes: Mapping[str, str] = field(default_factory=dict)


class Project(Struct, frozen=True, kw_only=True):
    """A project, as its page is now.

    Attributes:
        name: Its normalised name.
        files: Of all releases, in the order of the page; may be empty.
        status: ``active``, ``archived``, ``quarantined`` or ``deprecated`` (PEP 792); None when the
            index says nothing.
        serial: The number of its last change; None where the index does not count them.
        etag: To ask later whether the page has changed.
    """

    name: str
    files: tuple[IndexFile, ...]
    status: str | None = None
    serial: int | None = None
    etag: str | None = None


def parse_project(page: Page, name: str, target: str) -> Project:
    """Read the page of a project.

    Args:
        page: The page.
        name: The project's normalised name.
        target: What the user asked for, for the artifacts.

    Raises:
        IndexUnavailableError: It is not the page of a project, or only a part of it.
    """
    with reading(page):
        if is_json(page):
            parsed = pypi_simple.ProjectPage.from_json_data(_understood(page.body), page.url)
        else:
            check_whole(page)
            parsed = pypi_simple.ProjectPage.from_html(name, page.body, page.url, page.charset)
    packages = parsed.packages
    if page.content_type in HTML:
        packages = [
            package for package in (_named(one, name) for one in packages) if _is_file(package)
        ]
        if not packages and parsed.repository_version is None:
            raise IndexUnavailableError(
                f"{origin(page.url)} answers with a web page that is not a list of files; does the "
                "address of the index end as it should (often in /simple/)?"
            )
    serial = as_serial(parsed.last_serial)
    return Project(
        name=name,
        files=tuple(_index_file(package, name, target) for package in packages),
        status=None if parsed.status is None else parsed.status.value,
        serial=page.serial if serial is None else serial,
        etag=page.etag,
    )


def _understood(body: bytes) -> Any:  # noqa: ANN401 (whatever JSON says)
    """Return what a page says, without a status that PEP 792 does not know: files matter more."""
    said = json.loads(body)
    if isinstance(said, dict):
        marker = said.get("project-status")
        status = marker.get("status") if isinstance(marker, dict) else marker
        if status is not None and status not in _STATUSES:
            del said["project-status"]
    return said


def is_behind(serial: int | None, listed: int | None) -> bool:
    """Tell whether a page is older than the list of projects says: a cache served it.

    Args:
        serial: Of the page (``Project.serial``), or of the one that "not modified" refers to.
        listed: What the list says (``ProjectList.projects``).
    """
    return serial is not None and listed is not None and serial < listed


def _named(
    package: pypi_simple.DistributionPackage, project: str
) -> pypi_simple.DistributionPackage:
    """Return the file of a link under the name that its address ends in, if its text is no name.

    The text is the name where PEP 503 is kept. Apache and nginx cut the names of a directory short
    in the text, and some pages have words there.
    """
    if package.package_type is not None:
        return package
    name = unquote(urlsplit(package.url).path.rpartition("/")[2])
    try:
        _, version, kind = pypi_simple.parse_filename(name, project)
    except pypi_simple.UnparsableFilenameError:
        return package
    return replace(package, filename=name, version=version, package_type=kind)


def _is_file(package: pypi_simple.DistributionPackage) -> bool:
    """Tell a file from the other links that simple HTML pages hold (parent directory, help)."""
    return package.package_type is not None or bool(package.digests)


def _index_file(package: pypi_simple.DistributionPackage, name: str, target: str) -> IndexFile:
    artifact = Artifact(
        target=target,
        name=package.filename,
        project=name,
        version=package.version,
        purl=package_url(name, package.version, package.filename),
        sha256=package.digests.get("sha256", "").lower() or None,
        size_bytes=_size(package.size),
        uploaded=_uploaded(package.upload_time),
        yanked=(package.yanked_reason or "") if package.is_yanked else None,
    )
    return IndexFile(artifact=artifact, url=package.url, hashes=package.digests)


def _uploaded(said: datetime | None) -> datetime | None:
    """Return an upload time in UTC; None for one that is no time there, such as one of year 0."""
    if said is None or said.tzinfo is None:
        return said and said.replace(tzinfo=UTC)
    try:
        return said.astimezone(UTC)
    except OverflowError:
        return None


def _size(announced: int | None) -> int | None:
    """Return a size as files have it; an index may announce any number."""
    return announced if announced is not None and 0 <= announced <= _LARGEST else None


def package_url(name: str, version: str | None, file_name: str) -> str:
    """Return the package URL of a file (purl-spec, type ``pypi``)."""
    release = f"@{_quoted(version)}" if version else ""
    return f"pkg:pypi/{_quoted(normalise(name))}{release}?file_name={_quoted(file_name)}"


def _quoted(text: str) -> str:
    # purl-spec leaves letters, digits, . - _ ~ and the colon as they are.
    return quote(text, safe=":", errors="replace")
