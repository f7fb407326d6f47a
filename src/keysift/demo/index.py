"""Projects and releases as rows, with when crawls saw them."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Final

from keysift.demo.files import Files, Scan
from keysift.demo.filler import Filler
from keysift.demo.projects import BEGAN, Project, Release, version_columns
from keysift.demo.timeline import NEWEST, Timeline
from keysift.store import tables as t

_RESCANNED: Final = (0.02, 0.06)
"""Parts of the projects of which the last scan was with the first ruleset, or the second one."""

_DELETED: Final = 0.006
_REMOVED: Final = 0.013
_SEEN: Final = 0.2
"""A project has its turn in the first fifth of a crawl; its files are scanned later on."""


class Index:
    """Writes an index.

    Args:
        filler: Adds rows.
        timeline: When crawls were.
        chance: Draws.
    """

    def __init__(self, filler: Filler, timeline: Timeline, chance: Random) -> None:
        self._filler = filler
        self._timeline = timeline
        self._chance = chance
        self._files = Files(filler, timeline, chance)

    def prepare(self, project: Project) -> None:
        """Settle when crawls saw the files of a project, and what became of those."""
        project.part = self._chance.random()
        for release in project.releases:
            release.first_run = self._timeline.run_after(release.uploaded_at)
            if release.is_withdrawn or self._chance.random() < _DELETED:
                self._delete(release)
        removed = project.releases[-1].first_run + 1 + int(self._chance.expovariate(0.1))
        if self._chance.random() < _REMOVED and removed < len(self._timeline.runs):
            project.removed_run = removed
            for release in project.releases:
                if release.deleted_run is None or release.deleted_run > removed:
                    release.deleted_run = removed

    def write(self, project: Project, *, is_leaky: bool) -> None:
        """Write a project with all its files.

        Args:
            project: The project, prepared.
            is_leaky: Whether secrets are found in it: then all its files were scanned.
        """
        draw = self._chance.random()
        older = next((one for one, below in enumerate(_RESCANNED) if draw < below), NEWEST)
        members = int(self._chance.lognormvariate(3.2, 1.1)) + 4
        number = self._project(project)
        for run in {release.first_run for release in project.releases}:
            counts = self._timeline.runs[run].counts
            counts["projects"] += 1
            counts["pages"] += 1
        for release in project.releases:
            scan = self._scan(project, release, NEWEST if is_leaky else older)
            scan.members = members
            scan.is_sure = is_leaky
            self._files.write(project, release, self._release(number, release), scan)

    def unread(self, name: str) -> None:
        """Write a project that the list has, and whose page was not read yet."""
        run = self._timeline.runs[-1]
        self._filler.add(
            t.projects,
            registry_id=1,
            name=name,
            listed_serial=_serial(run.began_at, self._chance),
            serial=None,
            etag=None,
            status=None,
            first_seen_at=run.began_at,
            read_at=None,
            removed_at=None,
        )

    def _project(self, project: Project) -> int:
        runs = self._timeline.runs
        first, newest = project.releases[0], project.releases[-1]
        serial = _serial(newest.uploaded_at, self._chance)
        removed = (
            None if project.removed_run is None else runs[project.removed_run].at(project.part)
        )
        return self._filler.add(
            t.projects,
            registry_id=1,
            name=project.name,
            listed_serial=None if removed else serial,
            serial=None if removed else serial,
            etag=None,
            status=project.status,
            first_seen_at=runs[first.first_run].at(project.part * _SEEN / 2),
            read_at=removed or runs[newest.first_run].at(project.part * _SEEN),
            removed_at=removed,
        )

    def _release(self, project: int, release: Release) -> int:
        sort_key, is_prerelease = version_columns(release.version)
        return self._filler.add(
            t.releases,
            project_id=project,
            version=release.version,
            sort_key=sort_key,
            is_prerelease=is_prerelease,
        )

    def _scan(self, project: Project, release: Release, scanned_with: int) -> Scan:
        """Return when the files of a release were seen and scanned.

        Args:
            project: The project.
            release: The release.
            scanned_with: The ruleset with which the project as a whole was scanned last.
        """
        runs, part = self._timeline.runs, project.part
        first = runs[release.first_run]
        deleted_at: datetime | None = None
        if release.deleted_run is not None:
            deleted_at = runs[release.deleted_run].at(part)
            # What is gone is not scanned again.
            scanned_with = min(scanned_with, runs[release.deleted_run - 1].ruleset)
        release.ruleset = max(scanned_with, first.ruleset)
        release.scanned_at = first.at(_SEEN + (1 - _SEEN) * part)
        last = first
        if release.ruleset > first.ruleset:
            last = self._timeline.rescans[release.ruleset]
        return Scan(
            first=first,
            last=last,
            ruleset=release.ruleset + 1,
            seen_at=first.at(part * _SEEN),
            scanned_at=last.at(_SEEN + (1 - _SEEN) * part),
            deleted_at=deleted_at,
        )

    def _delete(self, release: Release) -> None:
        """Have a release deleted some time after it was seen, unless that is too late."""
        run = release.first_run + 1 + int(self._chance.expovariate(0.4))
        if run < len(self._timeline.runs):
            release.deleted_run = run


def _serial(at: datetime, chance: Random) -> int:
    """Return the number of a change of the index at a time."""
    days = (at - BEGAN).days
    return int(days * days * 1.1) + chance.randrange(1000)
