"""Projects of a package index: which there are, and which releases and files each has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, overload

import requests
from msgspec import Struct
from packaging.version import Version
from pypi_simple import ACCEPT_JSON_PREFERRED, PYPI_SIMPLE_ENDPOINT

from keysift.errors import IndexUnavailableError, NotServedError, TargetError
from keysift.net.failure import FAILURES, check_status, translate
from keysift.net.page import NotModified, read_page
from keysift.net.redact import origin, without_credentials
from keysift.net.session import open_session
from keysift.sources.pip_configuration import pip_index_url
from keysift.sources.project_list import MAX_LIST_BYTES, ProjectList, parse_project_list
from keysift.sources.project_page import IndexFile, Project, parse_project
from keysift.sources.spec import ProjectTarget, normalise

_LISTED: Final = 5
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


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

    Attributes:
        url: Its address, without credentials.
        session: What requests are sent with.

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
        url = index_address(url, environ or {})
        self.url = without_credentials(url).rstrip("/") + "/"
        self.session = session if session is not None else open_session(url)

    @property
    def name(self) -> str:
        """What to call it in messages: its address without credentials or path."""
        return origin(self.url)

    def ask(self) -> None:
        """Ask the index whether it is there; whatever it has at its address, none of it is read.

        Raises:
            CredentialsError: The index wants (other) credentials.
            IndexUnavailableError: It is not there.
        """
        try:
            with self.session.get(
                self.url, stream=True, headers={"Accept": ACCEPT_JSON_PREFERRED}
            ) as response:
                check_status(response)
        except NotServedError:
            return
        except FAILURES as error:
            raise translate(error, self.url) from None

    @overload
    def projects(self, *, etag: None = None) -> ProjectList: ...

    @overload
    def projects(self, *, etag: str | None) -> ProjectList | NotModified: ...

    def projects(self, *, etag: str | None = None) -> ProjectList | NotModified:
        """Return all projects of the index.

        Args:
            etag: Entity tag of the list that the caller has; ``NotModified`` when it still holds.

        Raises:
            CredentialsError: The index wants (other) credentials.
            IndexUnavailableError: The index cannot be reached, or does not answer with a list.
        """
        page = read_page(
            self.session, self.url, ACCEPT_JSON_PREFERRED, etag=etag, max_bytes=MAX_LIST_BYTES
        )
        if page is None:
            raise IndexUnavailableError(
                f"{self.name} has no list of projects at the address of the index; does it end as "
                "it should (often in /simple/)?"
            )
        return page if isinstance(page, NotModified) else parse_project_list(page)

    @overload
    def project(
        self, name: str, *, target: str | None = None, etag: None = None
    ) -> Project | None: ...

    @overload
    def project(
        self, name: str, *, target: str | None = None, etag: str | None
    ) -> Project | NotModified | None: ...

    def project(
        self, name: str, *, target: str | None = None, etag: str | None = None
    ) -> Project | NotModified | None:
        """Return what the index says about a project; None when it has no such project.

        Args:
            name: The project.
            target: What the user asked for, for the artifacts.
            etag: Entity tag of the page that the caller has; ``NotModified`` when it still holds.

        Raises:
            CredentialsError: The index wants (other) credentials.
            IndexUnavailableError: The index cannot be reached, or does not answer as one.
        """
        name = normalise(name)
        page = read_page(self.session, f"{self.url}{name}/", ACCEPT_JSON_PREFERRED, etag=etag)
        if page is None or isinstance(page, NotModified):
            return page
        return parse_project(page, name, target or f"pypi:{name}")

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
        project = self.project(name, target=target)
        if project is None:
            raise TargetError(
                f"{target}: {self.name} has no project {name}; check the spelling and the index"
            )
        if not project.files:
            status = f" (status: {project.status})" if project.status is not None else ""
            raise TargetError(f"{target}: the project has no files{status}")
        return grouped(project.files)

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


def index_address(url: str | None, environ: Mapping[str, str]) -> str:
    """Return the address of the index that is meant, with the credentials it may hold.

    Args:
        url: The one that the user named; None for the one of pip.
        environ: The environment, for pip's configuration.

    Raises:
        ConfigurationError: Pip's configuration is wrong.
    """
    return url or pip_index_url(environ) or PYPI_SIMPLE_ENDPOINT


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


def grouped(files: Iterable[IndexFile]) -> list[Release]:
    """Return the files of one project as releases, in the order of ``Index.releases``."""
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
    except ValueError:
        # InvalidVersion is one; so is a number of more digits than Python reads.
        return None


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
