"""Files of releases as rows, with what crawls did with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from msgspec import Struct

from keysift.demo import misses
from keysift.demo.filler import Filler
from keysift.demo.projects import File, Project, Release
from keysift.demo.timeline import Run, Timeline
from keysift.model import SkipReason
from keysift.store import tables as t

_FAILED: Final = 0.004
_RETRIED: Final = 0.0008
_UNFINISHED: Final = 0.12
"""Part of the files that the last crawl left to the next one."""

_INCOMPLETE: Final = 0.016
_INTENDED: Final = 0.02
_REPLACED: Final = 0.0006
_TAKEN_BACK: Final = 0.05
"""Part of the yanks that were taken back, for a while."""

_LARGE: Final = 3_000_000
"""From here on wheels have shared libraries."""

_PASSING: Final = ("not_served", "download_failed")
_ATTEMPTS: Final = 3
"""What cannot be reached is tried in so many crawls before it counts as failed."""


class Scan(Struct):
    """When the files of a release were seen and scanned.

    Attributes:
        first: The crawl that saw them first.
        last: The one that scanned them last.
        ruleset: Number of the one it used.
        seen_at: When they were seen.
        scanned_at: When they were scanned last.
        deleted_at: When they were gone.
        members: Files in each of them.
        is_sure: Whether they are known to have been scanned.
    """

    first: Run
    last: Run
    ruleset: int
    seen_at: datetime
    scanned_at: datetime
    deleted_at: datetime | None
    members: int = 0
    is_sure: bool = False


class Files:
    """Writes files.

    Args:
        filler: Adds rows.
        timeline: When crawls were.
        chance: Draws.
    """

    def __init__(self, filler: Filler, timeline: Timeline, chance: Random) -> None:
        self._filler = filler
        self._timeline = timeline
        self._chance = chance

    def write(self, project: Project, release: Release, number: int, scan: Scan) -> None:
        """Write the files of a release.

        Args:
            project: The project.
            release: The release.
            number: Of its row.
            scan: When they were seen and scanned.
        """
        random = self._chance.random
        scan.first.counts["added"] += len(release.files)
        for file in release.files:
            row = self._row(project, release, number, scan, file)
            file.number = self._filler.add_row(t.artifacts, row)
            if scan.deleted_at is not None or release.yanked is not None:
                self._events(file, release, scan)
            elif random() < _REPLACED and release.first_run:
                self._replaced(row, self._timeline.runs[release.first_run - 1].at(project.part))

    def _row(
        self, project: Project, release: Release, number: int, scan: Scan, file: File
    ) -> dict[str, Any]:
        """Return what is known of a file: what the index says, and what became of scanning it."""
        digest = self._digest()
        size = file.size_bytes
        is_wheel = file.kind == "wheel"
        row = {
            "release_id": number,
            "name": file.name,
            "kind": file.kind,
            "url": f"https://files.invalid/{digest[:2]}/{digest[2:16]}/{file.name}",
            "hashes": {"sha256": digest},
            "sha256": digest,
            "size_bytes": size,
            "uploaded_at": release.uploaded_at,
            "yanked": release.yanked,
            "first_seen_at": scan.seen_at,
            "deleted_at": scan.deleted_at,
            "state": "scanned",
            "failure": None,
            "attempts": 0,
            "ruleset_id": scan.ruleset,
            "scanned_at": scan.scanned_at,
            "fetched_bytes": int(size * (0.4 + 0.6 * project.part)) if is_wheel else size,
            "files": scan.members + (0 if is_wheel else 6),
            "content_bytes": int(size * 3.6),
            "is_complete": 1,
        }
        draw = 1.0 if scan.is_sure else self._chance.random()
        if draw < _FAILED + _RETRIED:
            row |= _UNSCANNED | self._failure(is_final=draw < _FAILED)
            scan.last.counts["failed"] += 1
        elif draw < _UNFINISHED and scan.last is self._timeline.runs[-1]:
            row |= _UNSCANNED
        else:
            self._scanned(row, project, scan)
        return row

    def _scanned(self, row: dict[str, Any], project: Project, scan: Scan) -> None:
        """Note what was looked at in a file, and what was not."""
        counts = scan.last.counts
        counts["artifacts"] += 1
        counts["fetched_bytes"] += row["fetched_bytes"]
        counts["published_bytes"] += row["size_bytes"]
        if scan.first is not scan.last:
            scan.first.counts["artifacts"] += 1
        draw = self._chance.random()
        if draw < 0.8 and row["size_bytes"] > _LARGE and row["kind"] == "wheel":
            count = self._chance.randrange(1, 40)
            detail = f"{count} shared libraries and programs were not looked at"
            self._skip(SkipReason.EXCLUDED, detail, "", row["size_bytes"] * 2)
        if draw < _INCOMPLETE:
            for _ in range(self._chance.choice((1, 1, 1, 1, 2, 3))):
                self._miss(misses.gap(self._chance), project)
            row["is_complete"] = 0
            counts["incomplete"] += 1
        elif draw < _INCOMPLETE + _INTENDED:
            self._miss(misses.intended(self._chance), project)

    def _failure(self, *, is_final: bool) -> dict[str, Any]:
        """Return why a file could not be scanned."""
        failure = misses.failure(self._chance)
        if failure.startswith(_PASSING):
            attempts = _ATTEMPTS if is_final else self._chance.randrange(1, _ATTEMPTS)
            state = "failed" if is_final else "pending"
            return {"state": state, "failure": failure, "attempts": attempts}
        return {"state": "failed", "failure": failure, "attempts": 1}

    def _miss(self, miss: misses.Miss, project: Project) -> None:
        path = miss.path.format(package=project.package)
        self._skip(miss.reason, miss.detail, path, miss.size_bytes or None)

    def _skip(self, reason: SkipReason, detail: str, path: str, size_bytes: int | None) -> None:
        """Note what was not looked at in the file whose row comes next."""
        self._filler.add(
            t.skips,
            artifact_id=self._filler.counts.get("artifacts", 0) + 1,
            path=path,
            reason=reason.value,
            detail=detail,
            size_bytes=size_bytes,
        )

    def _events(self, file: File, release: Release, scan: Scan) -> None:
        """Note what the index changed about a file after it was seen."""
        end = scan.deleted_at or self._timeline.now
        times = [scan.seen_at + (end - scan.seen_at) * part for part in (0.3, 0.6, 0.9)]
        is_taken_back = self._chance.random() < _TAKEN_BACK
        changes: list[tuple[str, str | None]] = []
        if release.yanked is not None:
            changes = [("yanked", release.yanked)]
            if is_taken_back:
                changes += [("unyanked", None), ("yanked", release.yanked)]
        elif is_taken_back:
            changes = [("deleted", None), ("restored", None)]
        for (kind, detail), at in zip(changes, times, strict=False):
            self._event(file.number, kind, detail, at)
        if scan.deleted_at is not None:
            self._event(file.number, "deleted", None, scan.deleted_at)

    def _replaced(self, row: dict[str, Any], seen_at: datetime) -> None:
        """Add another file of the same name, which the index had before, and nobody scanned."""
        digest = self._digest()
        older = {
            **row,
            **_UNSCANNED,
            "sha256": digest,
            "hashes": {"sha256": digest},
            "uploaded_at": row["uploaded_at"] - timedelta(days=31),
            "first_seen_at": seen_at,
            "deleted_at": row["first_seen_at"],
        }
        number = self._filler.add_row(t.artifacts, older)
        self._event(number, "replaced", row["sha256"], row["first_seen_at"])

    def _event(self, number: int, kind: str, detail: str | None, seen_at: datetime) -> None:
        run = self._timeline.run_after(seen_at) - 1
        self._timeline.runs[run].counts["changed"] += 1
        self._filler.add(t.events, artifact_id=number, kind=kind, detail=detail, seen_at=seen_at)

    def _digest(self) -> str:
        return f"{self._chance.getrandbits(256):064x}"


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
