"""The denominators: what there is, what was looked at, and what is left out."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from keysift.statistics.values.common import Share


class RulesetUse(Struct, frozen=True, kw_only=True):
    """A catalogue of detectors that artifacts of the scope were scanned with.

    Attributes:
        digest: Of the catalogue.
        version: Version of keysift that first used it.
        detectors: Types of secret that it looks for.
        first_used_at: When it was first used (UTC).
        is_newest: Whether it is the one that the store began to use last.
        artifacts: Artifacts whose last scan used it, of those that were scanned.
    """

    digest: str
    version: str
    detectors: int
    first_used_at: datetime
    is_newest: bool
    artifacts: Share


class ProjectCoverage(Struct, frozen=True, kw_only=True):
    """Projects of the scope that the store knows.

    Attributes:
        listed: All of them, those that their index has no more included.
        removed: Those that their index has no more.
        unread: Those whose page was not read yet, and that were not removed.
        scanned: Those of which at least one artifact was scanned.
        complete: Those of which every artifact that the index has was scanned, with nothing passed
            over; at least one.
    """

    listed: int
    removed: int
    unread: int
    scanned: int
    complete: int


class ReleaseCoverage(Struct, frozen=True, kw_only=True):
    """Releases of the projects of the scope, as their index has versions.

    Attributes:
        listed: All that the store knows.
        scanned: Those of which at least one artifact was scanned.
        complete: Those of which every artifact that the index has was scanned, with nothing passed
            over; at least one.
        yanked: Those whose artifacts are all yanked, as far as the index still has them.
        deleted: Those of which the index has no artifact any more.
    """

    listed: int
    scanned: int
    complete: int
    yanked: int
    deleted: int


class ArtifactCoverage(Struct, frozen=True, kw_only=True):
    """Artifacts of the projects of the scope: files of releases.

    ``listed`` is the sum of ``scanned``, ``unreadable``, ``failed``, ``pending`` and ``gone``.

    Attributes:
        kind: sdist, wheel, egg or other; empty: all of them.
        listed: All that the store knows, deleted ones included.
        scanned: Those that were opened and looked at.
        incomplete: Those of the scanned ones in which something was passed over that may hold a
            secret.
        unreadable: Those that were fetched and of which nothing could be read.
        failed: Those whose last scan failed.
        pending: Those that were not scanned yet.
        gone: Those that the index deleted before they were scanned.
        yanked: Those that are yanked, and not deleted, scanned or not.
        deleted: Those that the index has no more, scanned or not.
        bytes: Sum of their sizes, as far as these are known.
        unsized: Those whose size is not known.
        scanned_bytes: Sum of the sizes of the scanned ones, as far as known.
        fetched_bytes: Bytes fetched for their last scans.
        content_bytes: Bytes of the content of their members that were looked at.
        members: Files in the scanned ones.
    """

    kind: str
    listed: int
    scanned: int
    incomplete: int
    unreadable: int
    failed: int
    pending: int
    gone: int
    yanked: int
    deleted: int
    bytes: int
    unsized: int
    scanned_bytes: int
    fetched_bytes: int
    content_bytes: int
    members: int


class Skipped(Struct, frozen=True, kw_only=True):
    """What was not looked at inside artifacts of the scope, for one reason.

    Attributes:
        reason: Why, as in ``keysift.scan/1``.
        is_gap: Whether a secret may have been missed; not with links, devices and what was
            excluded on purpose.
        skips: How often: members, or whole artifacts.
        artifacts: Artifacts in which it happened.
        bytes: Sum of the sizes, as far as these are known.
        unsized: Skips of an unknown size.
    """

    reason: str
    is_gap: bool
    skips: int
    artifacts: int
    bytes: int
    unsized: int


class Coverage(Struct, frozen=True, kw_only=True):
    """The denominators: what there is, and what of it was looked at.

    Attributes:
        projects: Projects.
        releases: Releases.
        artifacts: Artifacts, all kinds together.
        kinds: The same for each kind that there is.
        skipped: What was passed over, the most frequent reason first.
        rulesets: What they were scanned with, the newest first.
    """

    projects: ProjectCoverage
    releases: ReleaseCoverage
    artifacts: ArtifactCoverage
    kinds: tuple[ArtifactCoverage, ...]
    skipped: tuple[Skipped, ...]
    rulesets: tuple[RulesetUse, ...]


class NotCounted(Struct, frozen=True, kw_only=True):
    """Secrets that stand in projects of the scope and are in no other figure.

    Each is counted once, for the first of these reasons that holds. In an anonymised report None
    stands for numbers below ``k``, and for a larger one when a single number would be None.

    Attributes:
        outdated: The ruleset that looked last finds them no more.
        canaries: They are known to raise an alarm when they are used, and open nothing.
        low_confidence: No occurrence of theirs is as sure as the scope asks for.
        low_severity: None of their matches is as severe as the scope asks for.
        false_positives: People set them aside as no secrets.
        tests: People set them aside as made for tests.
    """

    outdated: int | None
    canaries: int | None
    low_confidence: int | None
    low_severity: int | None
    false_positives: int | None
    tests: int | None
