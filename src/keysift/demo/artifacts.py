"""Projects, releases and files as rows, with what crawls did with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from msgspec import Struct

from keysift.demo import misses
from keysift.demo.filler import Filler
from keysift.demo.projects import BEGAN, File, Project, Release, version_columns
from keysift.demo.timeline import Run, Timeline
from keysift.model import SkipReason
from keysift.store import tables as t

_NEWEST: Final = 2
"""The ruleset that looks now."""

_RESCANNED: Final = (0.02, 0.06)
"""Parts of the projects of which the last scan was with the first and the second ruleset."""

_FAILED: Final = 0.004
_RETRIED: Final = 0.0008
_UNFINISHED: Final = 0.12
"""Part of the files that the last crawl left to the next one."""

_INCOMPLETE: Final = 0.016
_INTENDED: Final = 0.02
_REPLACED: Final = 0.0006
_TAKEN_BACK: Final = 0.05
"""Part of yanks that were taken back."""

_DELETED: Final = 0.006
_REMOVED: Final = 0.013


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

    def prepare(self, project: Project) -> None:
        """Settle when crawls saw the files of a project, and what became of those."""
        project.part = self._chance.random()
        for release in project.releases:
            run = self._timeline.run_after(release.uploaded_at)
            for file in release.files:
                file.first_run = run
            if release.is_withdrawn or self._chance.random() < _DELETED:
                self._delete(release)
        last = project.releases[-1].files[0].first_run
        removed = last + 1 + int(self._chance.expovariate(0.1))
        if self._chance.random() < _REMOVED and removed < len(self._timeline.runs):
            project.removed_run = removed
            for release in project.releases:
                if release.deleted_run is None or release.deleted_run > removed:
                    release.deleted_run = removed

    def _delete(self, release: Release) -> None:
        """Have a release deleted some time after it was seen, unless that is too late."""
        run = release.files[0].first_run + 1 + int(self._chance.expovariate(0.4))
        if release.deleted_run is None and run < len(self._timeline.runs):
            release.deleted_run = run

    def _ruleset(self, release: Release, scanned_with: int) -> int:
        """Return with which ruleset the files of a release were scanned last.

        Args:
            release: The release.
            scanned_with: The ruleset with which the project was scanned last, as a whole.
        """
        runs = self._timeline.runs
        if release.deleted_run is not None:
            # What is gone is not scanned again.
            scanned_with = min(scanned_with, runs[release.deleted_run - 1].ruleset)
        return max(scanned_with, runs[release.files[0].first_run].ruleset)

    def write(self, project: Project, *, is_leaky: bool) -> None:
        """Write a project with all its files.

        Args:
            project: The project, prepared.
            is_leaky: Whether secrets are found in it: then all its files were scanned.
        """
        chance, runs = self._chance, self._timeline.runs
        draw = chance.random()
        older = next((one for one, below in enumerate(_RESCANNED) if draw < below), _NEWEST)
        work = _Work(
            project=project,
            scanned_with=_NEWEST if is_leaky else older,
            is_leaky=is_leaky,
            members=int(chance.lognormvariate(3.2, 1.1)) + 4,
        )
        self._project(work)
        for run in {release.files[0].first_run for release in project.releases}:
            runs[run].counts["projects"] += 1
            runs[run].counts["pages"] += 1
        for release in project.releases:
            self._release(work, release)

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

    def _project(self, work: _Work) -> None:
        project, runs = work.project, self._timeline.runs
        first, newest = project.releases[0], project.releases[-1]
        serial = _serial(newest.uploaded_at, self._chance)
        removed = None if project.removed_run is None else runs[project.removed_run].at(work.project.part)
        work.number = self._filler.add(
            t.projects,
            registry_id=1,
            name=project.name,
            listed_serial=None if removed else serial,
            serial=None if removed else serial,
            etag=None,
            status=project.status,
            first_seen_at=runs[first.files[0].first_run].at(work.project.part * 0.1),
            read_at=removed or runs[newest.files[0].first_run].at(work.project.part * 0.2),
            removed_at=removed,
        )

    def _release(self, work: _Work, release: Release) -> None:
        sort_key, is_prerelease = version_columns(release.version)
        number = self._filler.add(
            t.releases,
            project_id=work.number,
            version=release.version,
            sort_key=sort_key,
            is_prerelease=is_prerelease,
        )
        ruleset = self._ruleset(release, work.scanned_with)
        run = self._timeline.runs[release.files[0].first_run]
        seen_at = run.at(work.project.part * 0.2)
        scan = run if ruleset == run.ruleset else self._timeline.rescans[ruleset]
        scanned_at = scan.at(0.2 + 0.8 * work.project.part)
        release.ruleset = ruleset
        release.scanned_at = run.at(0.2 + 0.8 * work.project.part)
        deleted_at = None
        if release.deleted_run is not None:
            deleted_at = self._timeline.runs[release.deleted_run].at(work.project.part)
        run.counts["added"] += len(release.files)
        scan.counts["artifacts"] += len(release.files)
        if scan is not run:
            run.counts["artifacts"] += len(release.files)
        for file in release.files:
            row = self._file(file, release, number, seen_at, deleted_at)
            self._scan(row, work, ruleset, scanned_at, scan)
            file.number = self._filler.add(t.artifacts, **row)
            if deleted_at is not None or release.yanked is not None:
                self._events(file, release, seen_at, deleted_at)
            if self._chance.random() < _REPLACED and deleted_at is None:
                self._replaced(row, work, file.first_run)

    def _file(
        self,
        file: File,
        release: Release,
        number: int,
        seen_at: datetime,
        deleted_at: datetime | None,
    ) -> dict[str, Any]:
        """Return what the index says of a file."""
        digest = self._digest()
        return {
            "release_id": number,
            "name": file.name,
            "kind": file.kind,
            "url": f"https://files.invalid/{digest[:2]}/{digest[2:16]}/{file.name}",
            "hashes": {"sha256": digest},
            "sha256": digest,
            "size_bytes": file.size_bytes,
            "uploaded_at": release.uploaded_at,
            "yanked": release.yanked,
            "first_seen_at": seen_at,
            "deleted_at": deleted_at,
        }

    def _scan(
        self,
        row: dict[str, Any],
        work: _Work,
        ruleset: int,
        scanned_at: datetime,
        scan: Run,
    ) -> None:
        """Add what became of scanning a file."""
        chance = self._chance
        row |= _UNSCANNED
        draw = 1.0 if work.is_leaky else chance.random()
        is_last = scan is self._timeline.runs[-1]
        if draw < _FAILED + _RETRIED:
            failure = misses.failure(chance)
            is_passing = failure.startswith(_PASSING)
            is_final = draw < _FAILED or not is_passing
            # What cannot be reached is tried in three crawls before it counts as failed.
            row |= {
                "state": "failed" if is_final else "pending",
                "failure": failure,
                "attempts": 2 if not is_final else 3 if is_passing else 1,
            }
            scan.counts["failed"] += 1
            scan.counts["artifacts"] -= 1
            return
        if is_last and draw < _UNFINISHED:
            scan.counts["artifacts"] -= 1
            return
        size = row["size_bytes"]
        is_wheel = row["kind"] == "wheel"
        fetched = int(size * (0.4 + 0.6 * work.project.part)) if is_wheel else size
        row |= {
            "state": "scanned",
            "ruleset_id": ruleset + 1,
            "scanned_at": scanned_at,
            "fetched_bytes": fetched,
            "files": work.members + (0 if is_wheel else 6),
            "content_bytes": int(size * 3.6),
            "is_complete": self._misses(work, is_large=is_wheel and size > 3_000_000),
        }
        counts = scan.counts
        counts["incomplete"] += not row["is_complete"]
        counts["fetched_bytes"] += fetched
        counts["published_bytes"] += size

    def _misses(self, work: _Work, *, is_large: bool) -> int:
        """Add what was not looked at in the next file; returns 1 when that leaves no gap."""
        chance = self._chance
        draw = chance.random()
        if is_large and draw < 0.8:
            count = chance.randrange(1, 40)
            detail = f"{count} shared libraries and programs were not looked at"
            self._skip(SkipReason.EXCLUDED, detail, "", chance.randrange(10**6, 10**8))
        if draw < _INCOMPLETE:
            for _ in range(chance.choice((1, 1, 1, 1, 2, 3))):
                self._miss(misses.gap(chance), work)
            return 0
        if draw < _INCOMPLETE + _INTENDED:
            self._miss(misses.intended(chance), work)
        return 1

    def _miss(self, miss: misses.Miss, work: _Work) -> None:
        path = miss.path.format(package=work.project.package)
        self._skip(miss.reason, miss.detail, path, miss.size_bytes or None)

    def _skip(self, reason: SkipReason, detail: str, path: str, size_bytes: int | None) -> None:
        self._filler.add(
            t.skips,
            artifact_id=self._filler.counts.get("artifacts", 0) + 1,
            path=path,
            reason=reason.value,
            detail=detail,
            size_bytes=size_bytes,
        )

    def _events(
        self, file: File, release: Release, seen_at: datetime, deleted_at: datetime | None
    ) -> None:
        """Add what the index changed about a file after it was seen."""
        end = self._timeline.now if deleted_at is None else deleted_at
        times = [seen_at + (end - seen_at) * part for part in (0.3, 0.6, 0.9)]
        is_taken_back = self._chance.random() < _TAKEN_BACK
        changes: list[tuple[str, str | None]] = []
        if release.yanked is not None:
            changes = [("yanked", release.yanked)]
            if is_taken_back:
                changes += [("unyanked", None), ("yanked", release.yanked)]
        elif is_taken_back:
            changes = [("deleted", None), ("restored", None)]
        for (kind, detail), at in zip(changes, times, strict=False):
            self._event(file, kind, detail, at)
        if deleted_at is not None:
            self._event(file, "deleted", None, deleted_at)

    def _replaced(self, row: dict[str, Any], work: _Work, run: int) -> None:
        """Add another file of the same name, which the index had before."""
        if not run:
            return
        digest = self._digest()
        older = row | _UNSCANNED | {
            "sha256": digest,
            "hashes": {"sha256": digest},
            "uploaded_at": row["uploaded_at"] - timedelta(days=31),
            "first_seen_at": self._timeline.runs[run - 1].at(work.project.part),
            "deleted_at": row["first_seen_at"],
        }
        number = self._filler.add(t.artifacts, **older)
        self._filler.add(
            t.events,
            artifact_id=number,
            kind="replaced",
            detail=row["sha256"],
            seen_at=row["first_seen_at"],
        )

    def _event(self, file: File, kind: str, detail: str | None, seen_at: datetime) -> None:
        self._filler.add(
            t.events, artifact_id=file.number, kind=kind, detail=detail, seen_at=seen_at
        )

    def _digest(self) -> str:
        return f"{self._chance.getrandbits(256):064x}"


class _Work(Struct):
    """A project as it is written.

    Attributes:
        project: The project.
        scanned_with: The ruleset with which it was scanned last, from 0.
        is_leaky: Whether secrets are found in it.
        members: Files in each of its files.
        number: Of its row.
    """

    project: Project
    scanned_with: int
    is_leaky: bool
    members: int
    number: int = 0


_UNSCANNED: Final[dict[str, Any]] = {
    "state": "pending",
    "failure": None,
    "attempts": 0,
    "ruleset_id": None,
    "scanned_at": None,
    "fetched_bytes": None,
    "files": None,
    "content_bytes": None,
    "is_complete": None,
}
_PASSING: Final = ("not_served", "download_failed")


def _serial(at: datetime, chance: Random) -> int:
    """Return the number of a change of the index at a time."""
    days = (at - BEGAN).days
    return int(days * days * 1.1) + chance.randrange(1000)
