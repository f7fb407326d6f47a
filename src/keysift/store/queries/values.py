"""The answers: findings, their life in a project, their places, as values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct, field

from keysift.model import Confidence, Outcome, Reason, Severity, TriageStatus, Verdict

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Seen(Struct, frozen=True, kw_only=True):
    """A release, as a point in the life of a secret.

    Attributes:
        project: Normalised name.
        version: As its files have it; may be empty.
        uploaded_at: Upload of the first of its files that has the secret (for a release without
            the secret: of its first file); None when the index does not say.
    """

    project: str
    version: str
    uploaded_at: datetime | None


class Life(Struct, frozen=True, kw_only=True):
    """A secret in one project.

    Releases of a project are in the order of PEP 440; versions that it cannot compare come before
    all others, in the order of their uploads. Versions that are equal (1.0, 1.0.0) are one release.

    Attributes:
        index: Address of the index, without credentials.
        introduced: First release that has it.
        last_seen: Last release that has it.
        removed_in: First release after that which was looked at and does not have it.
        still_present: Whether the newest release has it, in a file that is neither yanked nor
            deleted. Newest is what pip would take: no pre-release while there is a final one.
            None: files of that release were not looked at, so nobody knows.
        first_uploaded_at: Earliest upload of a file that has it.
        last_uploaded_at: Latest upload of a file that has it.
        releases: Releases that have it.
        artifacts: Files that have it.
        yanked: Those of them that are yanked (and not deleted).
        deleted: Those of them that the index has no more.
        places: Occurrences: matches at a path of a file.
        kinds: Kinds of the files that have it: sdist, wheel, egg, other; sorted.
        returns: How often a release has it again after one that was looked at and does not; in the
            order of versions, where that of uploads does not contradict.
        is_late: Whether a release before the first one that has it was looked at.
        read_at: When the project's page was last read: what is present was so then.
    """

    index: str
    introduced: Seen
    last_seen: Seen
    removed_in: Seen | None
    still_present: bool | None
    first_uploaded_at: datetime | None
    last_uploaded_at: datetime | None
    releases: int
    artifacts: int
    yanked: int
    deleted: int
    places: int
    kinds: tuple[str, ...]
    returns: int
    is_late: bool
    read_at: datetime | None


class Ruleset(Struct, frozen=True):
    """What was looked for.

    Attributes:
        digest: Of the catalogue.
        version: Version of keysift that first used it.
    """

    digest: str
    version: str


class Lived(Struct, frozen=True, kw_only=True):
    """A secret in all its projects.

    Attributes:
        lives: One for each project that has it, the first upload first.
    """

    lives: tuple[Life, ...]

    @property
    def introduced(self) -> Seen:
        """The first release that has it, of the project that was the first to have it."""
        return self.lives[0].introduced

    @property
    def last_seen(self) -> Seen:
        """The last release that has it, of the project that was the last to have it."""
        return self._last.last_seen

    @property
    def still_present(self) -> bool | None:
        """Whether any project still has it; None: as far as was looked none, but nobody knows."""
        states = {life.still_present for life in self.lives}
        if True in states:
            return True
        return None if None in states else False

    @property
    def removed_in(self) -> Seen | None:
        """The release that removed it from the last project to have it.

        None as long as any project has not removed it.
        """
        everywhere = all(life.removed_in is not None for life in self.lives)
        return self._last.removed_in if everywhere else None

    @property
    def first_uploaded_at(self) -> datetime | None:
        """The earliest upload that has it."""
        times = [life.first_uploaded_at for life in self.lives]
        return min((time for time in times if time is not None), default=None)

    @property
    def last_uploaded_at(self) -> datetime | None:
        """The latest upload that has it."""
        times = [life.last_uploaded_at for life in self.lives]
        return max((time for time in times if time is not None), default=None)

    @property
    def projects(self) -> int:
        """Number of projects that have it."""
        return len(self.lives)

    @property
    def releases(self) -> int:
        """Number of releases that have it."""
        return sum(life.releases for life in self.lives)

    @property
    def artifacts(self) -> int:
        """Number of files that have it."""
        return sum(life.artifacts for life in self.lives)

    @property
    def places(self) -> int:
        """Number of its occurrences."""
        return sum(life.places for life in self.lives)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the files that have it; ``("sdist",)``: wheels are free of it."""
        return tuple(sorted({kind for life in self.lives for kind in life.kinds}))

    @property
    def is_yanked_only(self) -> bool:
        """Whether what the index still has of it is yanked, all of it."""
        left = sum(life.artifacts - life.deleted for life in self.lives)
        return left > 0 and left == sum(life.yanked for life in self.lives)

    @property
    def is_deleted_only(self) -> bool:
        """Whether the index has no file with it any more."""
        return all(life.artifacts == life.deleted for life in self.lives)

    @property
    def _last(self) -> Life:
        # The latest of equals, and of those without a time, is the one that stands last.
        return max(reversed(self.lives), key=lambda life: life.last_uploaded_at or _LONG_AGO)


class StoredFinding(Lived, frozen=True, kw_only=True):
    """A secret that the store knows, with what its occurrences say about it.

    Attributes:
        id: Number of the secret.
        detector: Id of the detector; with ``fingerprint`` the identity of the finding.
        fingerprint: Keyed fingerprint, 32 hex digits.
        mask: What may be shown of the value.
        severity: The worst of its matches.
        confidence: The best over its occurrences.
        proof: Name of the proof that its worst match passed.
        facts: What proofs and patterns learned there.
        parts: Masks of its other halves there, by name.
        reasons: What speaks for and against it there, its path aside; empty when that was not
            kept.
        is_lowered: Whether each of its places makes it less sure than they do.
        verdict: The latest; unchecked when nobody asked.
        outcome: What else that answer told; None when nobody asked.
        checked_at: When that was.
        triage: The latest decision; open when there is none.
        found_by: Ruleset that first found it.
        confirmed_by: Ruleset that found it last.
        is_outdated: Whether the ruleset that looked last finds it no more. Then everything here is
            what was known before.
    """

    id: int
    detector: str
    fingerprint: str
    mask: str
    severity: Severity
    confidence: Confidence
    proof: str | None
    facts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    is_lowered: bool = False
    verdict: Verdict
    outcome: Outcome | None = None
    checked_at: datetime | None
    triage: TriageStatus
    found_by: Ruleset
    confirmed_by: Ruleset
    is_outdated: bool

    @property
    def score(self) -> int | None:
        """The sum of the points of its reasons; None when they were not kept."""
        return sum(one.points for one in self.reasons) if self.reasons else None


class Place(Struct, frozen=True, kw_only=True):
    """An occurrence: where a secret stands, in which file of which release.

    Attributes:
        secret_id: Number of the secret.
        index: Address of the index, without credentials.
        project: Normalised name.
        version: The release.
        artifact: File name.
        kind: sdist, wheel, egg or other.
        sha256: Digest of the file, when known.
        uploaded_at: When the index received it (UTC).
        yanked: None when not yanked, else the reason the index gives.
        deleted_at: When we saw that the index has it no more (UTC).
        path: Path inside the file; archives inside it are joined with ``!/``.
        part: Part of a structured file, else None.
        line: From 1.
        column: From 1, in characters.
        start: Byte offset in the file or part.
        end: One past the last byte.
        encoding: Encodings undone, outermost first.
        severity: Of the match.
        confidence: Of the match at this path.
        proof: Name of the proof it passed.
        facts: What proofs and patterns learned.
    """

    secret_id: int
    index: str
    project: str
    version: str
    artifact: str
    kind: str
    sha256: str | None
    uploaded_at: datetime | None
    yanked: str | None
    deleted_at: datetime | None
    path: str
    part: str | None
    line: int
    column: int
    start: int
    end: int
    encoding: tuple[str, ...]
    severity: Severity
    confidence: Confidence
    proof: str | None
    facts: dict[str, str]
