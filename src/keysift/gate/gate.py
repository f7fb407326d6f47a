"""The gate: distributions in, what speaks against publishing them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from keysift.crawl.session import Observer, Session
from keysift.errors import KeysiftError
from keysift.gate.allowed import Allowed, accepted_of
from keysift.gate.catalogue import VERSIONS
from keysift.gate.directory import project_directory
from keysift.gate.distribution import Distribution, Kind
from keysift.gate.exclusion import Built, exclusions, located
from keysift.gate.gaps import gaps
from keysift.gate.release import File, inspect, problems, release_of
from keysift.gate.standing import sources
from keysift.gate.unwanted import is_example
from keysift.model import Confidence, Finding, Severity
from keysift.report.gate.result import (
    GAPS,
    Fix,
    GateResult,
    Inspected,
    Level,
    Place,
    Problem,
    identity,
    together,
)

_BUILD_FILES: Final = frozenset(
    {
        "Cargo.toml",
        "CMakeLists.txt",
        "MANIFEST.in",
        "meson.build",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
    }
)

if TYPE_CHECKING:
    from keysift.gate.previous import Against, Known


class Wishes(Struct, frozen=True, kw_only=True):
    """How to check.

    Attributes:
        against: What to compare with; None for nothing.
        directory: Where the project stands; None to look for it.
        working_directory: Where to look for it.
        use_git: Whether to compare with what git tracks.
        is_strict: Whether warnings count.
        allowed: What is accepted.
        index_url: The package index; None for pip's.
        environ: The environment.
        confidence: Leave out secrets that are less certain.
        severity: Leave out secrets that are less severe.
        keep_suppressed: Whether to list suppressed matches.
        version: Of keysift, for the report.
    """

    against: Against | None
    directory: Path | None
    working_directory: Path
    use_git: bool
    is_strict: bool
    allowed: tuple[Allowed, ...]
    index_url: str | None
    environ: Mapping[str, str]
    confidence: Confidence
    severity: Severity
    keep_suppressed: bool
    version: str


class Checked(Struct, frozen=True):
    """What came of a check.

    Attributes:
        result: For the report.
        errors: What could not be compared with.
    """

    result: GateResult
    errors: tuple[KeysiftError, ...]


def check(
    files: Sequence[File],
    wishes: Wishes,
    session: Session,
    sessions: Callable[[], Session],
    observer: Observer,
) -> Checked:
    """Check distributions.

    Args:
        files: From ``keysift.gate.distribution.find``.
        wishes: How.
        session: For the distributions; it has scanned nothing.
        sessions: Makes one for a release before, which ignores nothing.
        observer: Is told how it goes on.
    """
    releases = [_inspected(group, wishes, session, observer) for group in _by_release(files)]
    remarks: list[str] = []
    environ = wishes.environ if wishes.use_git else None
    found = [
        one
        for release in releases
        for one in problems(release, environ=environ, remark=remarks.append)
    ]
    found += _stale(releases)
    found += gaps(session.coverage.skips, releases)
    known, errors = _known(files, wishes, sessions, observer)
    remarks += (
        f"{one.previous.name}: could not look at {gap}" for one in known for gap in one.gaps
    )
    remarks += map(str, errors)
    scan = session.result(
        confidence=wishes.confidence,
        severity=wishes.severity,
        version=wishes.version,
        keep_suppressed=wishes.keep_suppressed,
    )
    sizes = {named.display: file.size_bytes for file, named in files}
    accepted, left = accepted_of(found, wishes.allowed)
    completed = [_completed(one, releases, known) for one in left]
    result = GateResult(
        scan=scan,
        distributions=[
            _described(one, release, sizes[one.display])
            for release in releases
            for one in release.distributions
        ],
        problems=completed,
        accepted=accepted,
        fixes={identity(one): _fixes(one, releases) for one in scan.findings},
        known=frozenset(
            identity(one)
            for one in scan.findings
            if any(identity(one) in before.secrets for before in known)
        ),
        sources=sources(scan.findings, found, releases, wishes.working_directory),
        previous=[one.previous for one in known],
        remarks=remarks,
        is_strict=wishes.is_strict,
        is_uncompared=bool(errors),
    )
    return Checked(result, errors)


def _by_release(files: Iterable[File]) -> list[list[File]]:
    """Return the files by project and version; signatures come with the first."""

    def release(file: File) -> tuple[str, str]:
        return (file[1].project, file[1].version)

    groups = [list(group) for _, group in groupby(sorted(files, key=release), key=release)]
    if len(groups) > 1 and groups[0][0][1].kind is Kind.SIGNATURE:
        signatures = groups.pop(0)
        groups[0] += signatures
    return groups


def _inspected(
    files: Sequence[File], wishes: Wishes, session: Session, observer: Observer
) -> Built:
    distributions = inspect(files, session, observer)
    directory = wishes.directory or project_directory(
        files[0][1].project, Path(files[0][0].path), wishes.working_directory
    )
    return release_of(distributions, directory)


def _stale(releases: Sequence[Built]) -> list[Problem]:
    """Return a problem for each project of which several versions were named."""
    versions: dict[str, list[Distribution]] = {}
    for release in releases:
        for one in release.distributions:
            if one.kind is not Kind.SIGNATURE:
                versions.setdefault(one.named.project, []).append(one)
    return [
        Problem(
            rule=VERSIONS,
            title="several versions of a project",
            level=Level.WARNING,
            why="What is left of an earlier build would be uploaded with the new one.",
            path=project,
            places=tuple(Place(one.display, "") for one in distributions),
            files=len(distributions),
            fixes=(Fix(what="Empty the directory before each build."),),
        )
        for project, distributions in versions.items()
        if len({one.named.version for one in distributions}) > 1
    ]


def _known(
    files: Sequence[File],
    wishes: Wishes,
    sessions: Callable[[], Session],
    observer: Observer,
) -> tuple[list[Known], tuple[KeysiftError, ...]]:
    """Return what is known, and what could not be compared with: then nothing is."""
    against = wishes.against
    if against is None:
        return [], ()
    # Most checks compare with nothing, and packaging takes time to start.
    from keysift.gate.previous import in_index, on_disk  # noqa: PLC0415

    if against.path is not None:
        return [on_disk(against.path, sessions(), observer)], ()
    known: list[Known] = []
    errors: list[KeysiftError] = []
    for group in _by_release(files):
        named = [one for _, one in group if one.kind is not Kind.SIGNATURE]
        if not named:
            continue  # Signatures alone are of no release that could be compared.
        try:
            known.append(
                in_index(
                    named,
                    against,
                    sessions(),
                    observer,
                    index_url=wishes.index_url,
                    environ=wishes.environ,
                )
            )
        except KeysiftError as error:
            errors.append(error)
    return known, tuple(errors)


def _completed(problem: Problem, releases: Sequence[Built], known: Sequence[Known]) -> Problem:
    """Return a problem with how to mend it, and whether it is new."""
    fixes = problem.fixes
    for release in releases:
        fixes = fixes or exclusions(release, problem.places)
    key = (problem.rule, problem.path)
    # What could not be looked at may have changed since.
    is_known = problem.rule not in GAPS and any(key in one.problems for one in known)
    return structs.replace(problem, fixes=fixes, is_known=is_known)


def _fixes(finding: Finding, releases: Sequence[Built]) -> tuple[Fix, ...]:
    """Return how to leave out the files that hold a secret.

    Nothing for what a package needs: its modules, and the files that it is built with.
    """
    fixes: dict[Fix, None] = {}
    places: dict[str, tuple[Built, list[Place]]] = {}
    for occurrence in finding.occurrences:
        member = occurrence.path.partition("!/")[0]
        place = Place(occurrence.artifact or "", member)
        found = located(place, releases)
        if found is None or _is_needed(found.distribution, found.source or found.below):
            continue
        named = found.distribution.named
        key = f"{named.project} {named.version} {found.source or member}"
        places.setdefault(key, (found.built, []))[1].append(place)
    for built, group in places.values():
        fixes.update(dict.fromkeys(exclusions(built, group)))
    return tuple(together(fixes))


def _is_needed(distribution: Distribution, path: str) -> bool:
    if path.rpartition("/")[2] in _BUILD_FILES:
        return True
    if not path.endswith((".py", ".pyi", ".so", ".pyd")):
        return False
    # An sdist alone does not say which of its modules are installed.
    return distribution.kind is Kind.WHEEL or not is_example(path, distribution.named.project)


def _described(distribution: Distribution, release: Built, size_bytes: int) -> Inspected:
    named = distribution.named
    backend = release.project.backend
    return Inspected(
        path=distribution.display,
        kind=distribution.kind.value,
        project=named.project,
        version=named.version,
        files=len(distribution.members),
        size_bytes=size_bytes,
        backend=backend.value if backend is not None else "",
    )
