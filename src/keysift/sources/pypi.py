"""Projects of a package index: which releases and files it has, and where they come from.

Pages are read by pypi-simple: JSON (PEP 691, 700) where the index speaks it, else HTML (PEP 503).
"""

from __future__ import annotations

import difflib
import json
import logging
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import requests
from msgspec import Struct, field
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    ACCEPT_JSON_PREFERRED,
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    ProjectPage,
    UnsupportedRepoVersionError,
)

from keysift.errors import IndexUnavailableError, TargetError
from keysift.model import Artifact
from keysift.net.page import Page, read_page
from keysift.net.redact import origin, without_credentials
from keysift.net.session import open_session
from keysift.sources.pip_configuration import pip_index_url
from keysift.sources.spec import ProjectTarget, normalise

_JSON: Final = ("application/vnd.pypi.simple.v1+json", "application/json")
_HTML: Final = ("application/vnd.pypi.simple.v1+html", "text/html")
_LISTED: Final = 5
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

# The reader of HTML has opinions about pages, which are for those who ask logging for them.
logging.getLogger("bs4").addHandler(logging.NullHandler())


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


class Release(Struct, frozen=True):
    """A release with its files.

    Attributes:
        version: As its first file has it; empty when no file name can be read.
        number: The same for comparing; None when it is not a version of PEP 440.
        files: In order of their names.
    """

    version: str
    number: Version | None
    files: tuple[IndexFile, ...]

    @property
    def is_yanked(self) -> bool:
        """Whether all of its files are yanked."""
        return all(file.artifact.yanked is not None for file in self.files)

    @property
    def uploaded(self) -> datetime:
        """When its last file arrived; long ago when the index does not say."""
        return max(file.artifact.uploaded or _LONG_AGO for file in self.files)


class Index:
    """A package index.

    Args:
        url: Its address, with credentials or without; None for the one of pip.
        session: What to send requests with; None for a new one with the credentials of ``url``.
        environ: The environment, for pip's configuration.

    Raises:
        ConfigurationError: The address, or pip's configuration, is wrong.
    """

    def __init__(
        self,
        url: str | None = None,
        session: requests.Session | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        url = url or pip_index_url(environ or {}) or PYPI_SIMPLE_ENDPOINT
        self.url = without_credentials(url).rstrip("/") + "/"
        self.session = session if session is not None else open_session(url)

    @property
    def name(self) -> str:
        """What to call it in messages: its address without credentials or path."""
        return origin(self.url)

    def releases(self, name: str, *, target: str | None = None) -> list[Release]:
        """Return the releases of a project, the newest first.

        What cannot be compared (versions from before PEP 440, file names that say no version)
        comes last, the latest upload first.

        Args:
            name: The project.
            target: What the user asked for, for the artifacts and for messages.

        Raises:
            TargetError: The index has no such project, or it has no files.
            CredentialsError: The index wants (other) credentials.
            IndexUnavailableError: The index cannot be reached, or does not answer as one.
        """
        name = normalise(name)
        target = target or f"pypi:{name}"
        page = read_page(self.session, f"{self.url}{name}/", ACCEPT_JSON_PREFERRED)
        if page is None:
            raise TargetError(
                f"{target}: {self.name} has no project {name}; check the spelling and the index"
            )
        project = self._parsed(page, name)
        packages = project.packages
        if page.content_type in _HTML:
            packages = [package for package in packages if _is_file(package)]
            if not packages and project.repository_version is None:
                raise IndexUnavailableError(
                    f"{self.name} answers with a web page that is not a list of files; does the "
                    "address of the index end as it should (often in /simple/)?"
                )
        if not packages:
            status = f" (status: {project.status.value})" if project.status is not None else ""
            raise TargetError(f"{target}: the project has no files{status}")
        return _grouped(_index_file(package, name, target) for package in packages)

    def select(
        self, project: ProjectTarget, *, target: str | None = None, all_releases: bool = False
    ) -> list[IndexFile]:
        """Return the files of a target.

        Without a version that is the newest final release; a pre-release only when there is no
        final one, and a yanked release only when there is no other (``Artifact.yanked`` tells).

        Args:
            project: The project, and what of it.
            target: What the user wrote, for the artifacts and for messages.
            all_releases: Every release, unless ``project`` names one.

        Raises:
            TargetError: There is no such project, release or file.
            CredentialsError: The index wants (other) credentials.
            IndexUnavailableError: The index cannot be reached, or does not answer as one.
        """
        target = target or f"pypi:{project.name}"
        releases = self.releases(project.name, target=target)
        if project.version is not None:
            files = _release(releases, project.version, target).files
        elif all_releases:
            files = tuple(file for release in releases for file in release.files)
        else:
            files = newest(releases).files
        if project.file_name is None:
            return list(files)
        chosen = [file for file in files if file.artifact.name == project.file_name]
        if not chosen:
            names = [file.artifact.name for file in files]
            raise TargetError(f"{target}: the release has no such file; it has {_few(names)}")
        return chosen

    def _parsed(self, page: Page, name: str) -> ProjectPage:
        try:
            # A minor version newer than pypi-simple is no reason to warn users of keysift.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if page.content_type in _JSON:
                    return ProjectPage.from_json_data(json.loads(page.body), page.url)
                if page.content_type in _HTML:
                    return ProjectPage.from_html(name, page.body, page.url, page.charset)
        except UnsupportedRepoVersionError as error:
            raise IndexUnavailableError(
                f"{self.name} speaks version {error.declared_version[:20]} of the protocol of "
                f"indexes; this keysift knows {error.supported_version}"
            ) from None
        except (ValueError, RecursionError, AssertionError):
            raise IndexUnavailableError(
                f"{self.name} answers with a page that is not one of a package index"
            ) from None
        raise IndexUnavailableError(
            f"{self.name} answers with {page.content_type[:60]!r}, not with a page of a package "
            "index"
        )


def newest(releases: list[Release]) -> Release:
    """Return the release that is meant when no version is given.

    Args:
        releases: At least one, the newest first.
    """
    return max(
        releases,
        key=lambda release: (
            not release.is_yanked,
            release.number is not None,
            release.number is not None and not release.number.is_prerelease,
            _rank(release),
        ),
    )


def _release(releases: list[Release], version: str, target: str) -> Release:
    wanted = _number(version)
    for release in releases:
        if release.version == version or (wanted is not None and release.number == wanted):
            return release
    versions = [release.version for release in releases if release.version]
    near = difflib.get_close_matches(version, versions, n=3)
    hint = f"; similar ones: {_few(near)}" if near else ""
    raise TargetError(
        f"{target}: the project has no release {version}; the newest is "
        f"{newest(releases).version}{hint}"
    )


def _grouped(files: Iterable[IndexFile]) -> list[Release]:
    groups: dict[Version | str, list[IndexFile]] = {}
    for file in files:
        version = file.artifact.version or ""
        groups.setdefault(_number(version) or version, []).append(file)
    releases = [_as_release(group) for group in groups.values()]
    return sorted(releases, key=_rank, reverse=True)


def _as_release(files: list[IndexFile]) -> Release:
    files.sort(key=lambda file: file.artifact.name)
    version = files[0].artifact.version or ""
    return Release(version, _number(version), tuple(files))


def _rank(release: Release) -> tuple[bool, Version, datetime, str]:
    number = release.number
    return (number is not None, number or Version("0"), release.uploaded, release.version)


def _number(version: str) -> Version | None:
    try:
        return Version(version)
    except InvalidVersion:
        return None


def _is_file(package: DistributionPackage) -> bool:
    """Tell a file from the other links that simple HTML pages hold (parent directory, help)."""
    return package.package_type is not None or bool(package.digests)


def _index_file(package: DistributionPackage, name: str, target: str) -> IndexFile:
    uploaded = package.upload_time
    if uploaded is not None:
        aware = uploaded if uploaded.tzinfo is not None else uploaded.replace(tzinfo=UTC)
        uploaded = aware.astimezone(UTC)
    artifact = Artifact(
        target=target,
        name=package.filename,
        project=name,
        version=package.version,
        purl=package_url(name, package.version, package.filename),
        sha256=package.digests.get("sha256", "").lower() or None,
        size_bytes=package.size if package.size is not None and package.size >= 0 else None,
        uploaded=uploaded,
        yanked=(package.yanked_reason or "") if package.is_yanked else None,
    )
    return IndexFile(artifact=artifact, url=package.url, hashes=package.digests)


def package_url(name: str, version: str | None, file_name: str) -> str:
    """Return the package URL of a file (purl-spec, type ``pypi``)."""
    release = f"@{_quoted(version)}" if version else ""
    return f"pkg:pypi/{_quoted(normalise(name))}{release}?file_name={_quoted(file_name)}"


def _quoted(text: str) -> str:
    # purl-spec leaves letters, digits, . - _ ~ and the colon as they are.
    return quote(text, safe=":", errors="replace")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
