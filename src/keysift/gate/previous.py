"""The release before: what it has already, a new one does not leak for the first time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from packaging.version import InvalidVersion, Version

from keysift.crawl.session import Observer, Session
from keysift.crawl.worker import Witness
from keysift.errors import TargetError, UsageError
from keysift.gate.distribution import Distribution, Kind, Listing, Named, find, name
from keysift.gate.release import inspect, problems, release_of
from keysift.model import Artifact, Confidence, Severity
from keysift.report.gate.result import Identity, Previous, identity

if TYPE_CHECKING:
    from keysift.sources.project_page import IndexFile
    from keysift.sources.pypi import Release as IndexRelease

LATEST: Final = "latest"


class Known(Struct, frozen=True):
    """What the release before has.

    Attributes:
        previous: What it is.
        secrets: Identities of its secrets, uncertain ones too.
        problems: Rule and path of what else is wrong with it.
        gaps: What of it could not be looked at, a line each: it may be known too.
    """

    previous: Previous
    secrets: frozenset[Identity] = frozenset()
    problems: frozenset[tuple[str, str]] = frozenset()
    gaps: tuple[str, ...] = ()


class Against(Struct, frozen=True):
    """What to compare with.

    Attributes:
        path: Distributions on disk; None for the index.
        version: A release in the index; None for the newest one other than what is checked.
    """

    path: Path | None = None
    version: str | None = None


def parse(text: str) -> Against:
    """Return what ``--against`` says: ``latest``, a file or directory, or a version.

    Raises:
        UsageError: It is none of them.
    """
    if text == LATEST:
        return Against()
    if Path(text).exists():
        return Against(path=Path(text))
    try:
        return Against(version=str(Version(text)))
    except InvalidVersion:
        raise UsageError(
            f"--against {text}: there is no such file or directory, and it is no version; "
            "write latest, a version such as 1.4.2, or a path"
        ) from None


def on_disk(path: Path, session: Session, observer: Observer) -> Known:
    """Return what distributions on disk have.

    Args:
        path: A file, or a directory of them.
        session: One of its own, without exclusions.
        observer: Is told how it goes on.

    Raises:
        TargetError: There are none.
    """
    files = find([str(path)])
    distributions = inspect(files, session, observer)
    return _known(Previous(name=str(path), artifacts=_names(distributions)), distributions, session)


def in_index(
    release: Sequence[Named],
    against: Against,
    session: Session,
    observer: Observer,
    *,
    index_url: str | None,
    environ: Mapping[str, str],
) -> Known:
    """Return what a release in the index has.

    Args:
        release: What is checked: files of one project.
        against: Which release.
        session: One of its own.
        observer: Is told how it goes on.
        index_url: The index; None for pip's.
        environ: The environment, for pip's configuration.

    Raises:
        TargetError: The version that was named is not there.
        IndexUnavailableError: The index did not give what it should.
    """
    # The HTTP stack costs more start-up time than checking a wheel.
    from keysift.sources.pypi import Index, grouped  # noqa: PLC0415

    index = Index(index_url, environ=environ)
    project = release[0].project
    page = index.project(project)
    releases = grouped(page.files) if page is not None else []
    chosen = _chosen(releases, release[0], against, index.name)
    if chosen is None:
        return Known(Previous(name=f"{project}: {index.name} has no release before it"))
    files = _alike(chosen, release)
    listings: dict[str, Listing] = {}

    def witness(artifact: Artifact) -> Witness:
        listings[artifact.name] = Listing(name(artifact.name))
        return listings[artifact.name].note

    session.scan_published(files, index.session, witness, observer)
    distributions = [listing.distribution() for listing in listings.values()]
    named = Previous(name=f"{project} {chosen.version}", artifacts=_names(distributions))
    return _known(named, distributions, session)


def _chosen(
    releases: list[IndexRelease], checked: Named, against: Against, index: str
) -> IndexRelease | None:
    from keysift.sources.pypi import newest  # noqa: PLC0415 (as above)

    if against.version is not None:
        wanted = Version(against.version)
        found = next((one for one in releases if one.number == wanted), None)
        if found is None:
            raise TargetError(f"--against {wanted}: {index} has no {checked.project} {wanted}")
        return found
    others = [one for one in releases if one.number != Version(checked.version)]
    return newest(others) if others else None


def _alike(chosen: IndexRelease, release: Sequence[Named]) -> list[IndexFile]:
    """Return those files of a release that are like the ones that are checked.

    That is its sdist, and the wheels for the same platforms; where there are none, one wheel.
    """
    tags = {tag for one in release for tag in one.tags}
    sdists: list[IndexFile] = []
    wheels: list[tuple[IndexFile, Named]] = []
    for file in chosen.files:
        try:
            named = name(file.artifact.name)
        except TargetError:
            continue  # An egg, an installer: nothing like them is checked.
        if named.kind is Kind.SDIST:
            sdists.append(file)
        elif named.kind is Kind.WHEEL:
            wheels.append((file, named))
    same = [file for file, named in wheels if tags.intersection(named.tags)]
    return [*sdists, *(same or [file for file, _ in wheels[:1]])]


def _known(previous: Previous, distributions: Sequence[Distribution], session: Session) -> Known:
    found = session.result(confidence=Confidence.LOW, severity=Severity.INFO, version="")
    remarks: list[str] = []
    release = release_of(distributions, None)
    other = problems(release, environ=None, remark=remarks.append)
    gaps = [
        f"{skip.artifact} {skip.path}".strip()
        for skip in found.coverage.skips
        if skip.reason.is_gap
    ]
    return Known(
        previous,
        secrets=frozenset(map(identity, found.findings)),
        problems=frozenset((one.rule, one.path) for one in other),
        gaps=(*remarks, *gaps),
    )


def _names(distributions: Sequence[Distribution]) -> tuple[str, ...]:
    return tuple(one.display for one in distributions)
