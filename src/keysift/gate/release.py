"""One release that is about to be published: what its files hold besides secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import structs

from keysift.crawl.session import Observer, Session
from keysift.crawl.worker import Witness
from keysift.errors import KeysiftError
from keysift.gate.comparison import compare
from keysift.gate.declared import outside
from keysift.gate.distribution import Distribution, Kind, Listing, Named
from keysift.gate.exclusion import Built
from keysift.gate.grouping import parents
from keysift.gate.origin import Origins
from keysift.gate.project import project_of
from keysift.gate.tracked import NoWorkTreeError, untracked
from keysift.gate.unwanted import Noticed
from keysift.report.gate.result import Level, Place, Problem
from keysift.sources.files import LocalFile

File: TypeAlias = tuple[LocalFile, Named]


def inspect(files: Iterable[File], session: Session, observer: Observer) -> list[Distribution]:
    """Scan the files of one release for secrets, and return what they hold besides.

    Args:
        files: The files.
        session: Keeps the secrets.
        observer: Is told how it goes on.
    """
    listings: dict[LocalFile, Listing] = {file: Listing(named) for file, named in files}

    def witness(file: LocalFile) -> Witness:
        return listings[file].note

    session.scan_release(listings, witness, observer)
    return [listing.distribution() for listing in listings.values()]


def release_of(distributions: Sequence[Distribution], directory: Path | None) -> Built:
    """Return distributions of one release with what they were built from.

    Args:
        distributions: The distributions.
        directory: The project's, when it is known.
    """
    project = project_of(distributions, directory)
    sdist = _sdist_of(distributions)
    return Built(tuple(distributions), project, Origins(sdist, directory))


def _sdist_of(distributions: Iterable[Distribution]) -> Distribution | None:
    return next((one for one in distributions if one.kind is Kind.SDIST), None)


def problems(
    release: Built, *, environ: Mapping[str, str] | None, remark: Callable[[str], None]
) -> list[Problem]:
    """Return what is wrong with a release, apart from secrets; the worst first.

    Args:
        release: The release.
        environ: The environment, to ask git; None not to ask.
        remark: Is told what could not be looked at.
    """
    found = list(_unwanted(release))
    covered = {(place.artifact, place.path) for one in found for place in one.places}
    structure = list(_structure(release))
    if environ is not None and release.project.directory is not None:
        generated = release.project.generated
        try:
            structure += untracked(
                release.distributions,
                release.origins,
                release.project.directory,
                generated,
                environ,
            )
        except NoWorkTreeError:
            pass  # A project need not be in git; then there is nothing to compare.
        except KeysiftError as error:
            remark(f"not compared with what git tracks: {error}")
    # What is wrong by itself is not said again for where it stands.
    found += (one for one in structure if not _is_covered(one, covered))
    return sorted(found, key=_urgency)


def _urgency(problem: Problem) -> tuple[int, str, str]:
    return (-problem.level.rank, problem.rule, problem.path)


def _is_covered(problem: Problem, covered: set[tuple[str, str]]) -> bool:
    return bool(problem.places) and all(
        any(
            (place.artifact, above) in covered
            for above in (place.path, *parents(place.path.rstrip("/")))
        )
        for place in problem.places
    )


def _structure(release: Built) -> Iterator[Problem]:
    sdist = _sdist_of(release.distributions)
    seen: dict[tuple[str, str], Problem] = {}
    for wheel in release.distributions:
        if wheel.kind is not Kind.WHEEL or not wheel.is_listed:
            continue
        found = list(outside(wheel, release.project))
        if sdist is not None and sdist.is_listed:
            found += compare(wheel, sdist, release.project.generated)
        for one in found:
            key = (one.rule, one.path)
            seen[key] = _together(seen[key], one) if key in seen else one
    yield from seen.values()


def _together(one: Problem, other: Problem) -> Problem:
    """Return one problem for two wheels of a release that have the same."""
    return structs.replace(
        one,
        places=tuple(sorted({*one.places, *other.places})),
        files=max(one.files, other.files),
        level=max(one.level, other.level, key=lambda level: level.rank),
    )


def _unwanted(release: Built) -> Iterator[Problem]:
    """Yield what breaks a rule about files: once for all distributions that hold it."""
    groups: dict[tuple[str, str], list[tuple[Distribution, Noticed]]] = {}
    for one in release.distributions:
        subjects: set[tuple[str, str]] = set()
        for member, noticed in sorted(_outermost(one).items()):
            if (noticed.rule.id, noticed.subject) in subjects:
                continue  # Another file of the same directory.
            subjects.add((noticed.rule.id, noticed.subject))
            source = release.origins.of_subject(one, noticed.subject, member)
            groups.setdefault((noticed.rule.id, source or noticed.subject), []).append(
                (one, noticed)
            )
    for (_, path), places in groups.items():
        rule = places[0][1].rule
        distinct = {Place(one.display, one.root + noticed.subject) for one, noticed in places}
        yield Problem(
            rule=rule.id,
            title=rule.title,
            level=max((noticed.level for _, noticed in places), key=lambda level: level.rank),
            why=rule.why,
            path=path,
            places=tuple(sorted(distinct)),
            files=_size(path, places),
        )


def _size(path: str, places: list[tuple[Distribution, Noticed]]) -> int:
    """Count the files behind a problem, in the distribution that has most of them."""
    if not path.endswith("/"):
        return 1
    return max(
        sum(member.startswith(noticed.subject) for member in one.members) for one, noticed in places
    )


def _outermost(distribution: Distribution) -> dict[str, Noticed]:
    """Return what was noticed, without what stands in a directory that is at least as bad."""
    folders = {
        one.subject: one.level for one in distribution.noticed.values() if one.subject.endswith("/")
    }

    def is_inside(one: Noticed) -> bool:
        above = parents(one.subject.rstrip("/"))
        return any(folder in folders and _covers(folders[folder], one.level) for folder in above)

    return {path: one for path, one in distribution.noticed.items() if not is_inside(one)}


def _covers(folder: Level, level: Level) -> bool:
    return folder.rank >= level.rank
