"""How far a crawl is: what it did, and how much it knows that there is to do."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field


class Counts(Struct):
    """What a crawl did, in numbers.

    Attributes:
        projects: Projects looked at.
        pages: Projects of which something had changed.
        added: Files that were new.
        changed: Other changes: yanks, files deleted, restored or replaced, projects removed.
        artifacts: Files scanned.
        findings: Matches in them.
        incomplete: Files of which something could not be looked at.
        failed: Files that could not be scanned.
        unread: Projects whose page could not be read.
        fetched_bytes: Bytes fetched of files.
        published_bytes: Bytes of those files as they are published.
    """

    projects: int = 0
    pages: int = 0
    added: int = 0
    changed: int = 0
    artifacts: int = 0
    findings: int = 0
    incomplete: int = 0
    failed: int = 0
    unread: int = 0
    fetched_bytes: int = 0
    published_bytes: int = 0


class Standing(Struct):
    """How far a crawl is.

    Attributes:
        counts: What it did.
        projects_known: Projects that it has something to do with; 0 before the list is read.
        artifacts_known: Files to scan, of the projects looked at so far.
        is_all_known: Whether every project was looked at, so that no more files will be known.
        unfinished: Of each project that is not done, how many files are left.
        reasons: Why files and pages could not be had, with how often.
    """

    counts: Counts = field(default_factory=Counts)
    projects_known: int = 0
    artifacts_known: int = 0
    is_all_known: bool = False
    unfinished: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def projects_done(self) -> int:
        """Projects that were looked at and have no file left to scan."""
        return self.counts.projects - len(self.unfinished)

    @property
    def artifacts_done(self) -> int:
        """Files that were scanned, or could not be."""
        return self.counts.artifacts + self.counts.failed

    @property
    def part_done(self) -> float:
        """Which part of the work is done, from 0 to 1, as far as that is known.

        By files once all of them are known; before, by projects, of which the next ones may be
        larger or smaller than those so far.
        """
        if self.is_all_known:
            return self.artifacts_done / self.artifacts_known if self.artifacts_known else 1.0
        return self.projects_done / self.projects_known if self.projects_known else 0.0

    def began(self, project: str, artifacts: int) -> None:
        """Note files of a project that are to be scanned."""
        self.artifacts_known += artifacts
        self.unfinished[project] += artifacts

    def ended(self, project: str) -> None:
        """Note that a file was scanned, or cannot be."""
        self.unfinished[project] -= 1
        if not self.unfinished[project]:
            del self.unfinished[project]
