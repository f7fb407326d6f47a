"""One counted secret, as far as the figures need it: what is known of it at the end of reading."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.model import Confidence, Privilege, Severity, TriageStatus, Verdict
from keysift.statistics.place import PLACES
from keysift.statistics.study import seen
from keysift.store.queries.lifetimes import Lifetime
from keysift.store.queries.values import Life
from keysift.survival import Span

_PLACES: Final = tuple((number, place.value) for number, place in enumerate(PLACES))
_KIND_BITS: Final = {"sdist": 1, "wheel": 2}
_OTHER_KIND: Final = 4
_ARTIFACTS: Final = {1: "sdist", 2: "wheel", 3: "sdist+wheel"}

_NEWEST: Final = 1
_UNKNOWN: Final = 2
_LISTED: Final = 4
_YANKED: Final = 8
PRESENCES: Final = ("newest", "unknown", "old", "yanked", "deleted")
"""Where a secret still is: see ``Statistics.by_presence``."""


class Told(Struct, frozen=True, kw_only=True, gc=False):
    """What providers said of a secret.

    Attributes:
        verdict: The one that stands.
        privilege: How much it may do, as far as the check that stands told.
        is_broad: Whether it seems broader than it needs to be.
        firm_before: The last clear answer before the time that changes are counted from.
        answers: When a clear answer came, and whether it was that it works, in the order of time.
    """

    verdict: Verdict = Verdict.UNCHECKED
    privilege: Privilege | None = None
    is_broad: bool = False
    firm_before: Verdict | None = None
    answers: tuple[tuple[datetime, bool], ...] = ()


UNASKED: Final = Told()
"""Of a secret that nobody ever asked about."""


class Counted(Struct, kw_only=True, gc=False):
    """A counted secret. The attributes from ``introduced_at`` on are filled in as projects come.

    Attributes:
        id: Its number.
        detector: Id of its type.
        provider: Who issues it; empty: the type is in the catalogue no more.
        category: What the provider is for; empty: the same.
        mask: What may be shown of it.
        severity: The worst of its matches.
        confidence: The best of its occurrences.
        triage: What people decided last.
        first_seen_at: When the store first saw it.
        told: What providers said.
        mode: ``live`` or ``test``; empty: not known.
        powers: What it may do, as words.
        introduced_at: Earliest upload that has it.
        is_late: Whether, in the project that had it first, an earlier release was without it.
        kinds: Bits for the kinds of artifacts that have it.
        places: Bits for the kinds of files that have it, by their numbers.
        extensions: Extensions of these files.
        states: Bits for what is left of it in its projects.
        occurrences: How many it has.
        releases: How many have it.
        projects: How many have it.
        returns: How often it came back into a project.
        was_rid: Whether any project was ever rid of it.
        removed_at: When the last project got rid of it; None: not all did, or nobody knows.
        is_everywhere_removed: Whether each project so far got rid of it.
        is_added: Whether it is counted already.
    """

    id: int
    detector: str
    provider: str
    category: str
    mask: str
    severity: Severity
    confidence: Confidence
    triage: TriageStatus
    first_seen_at: datetime
    told: Told
    mode: str
    powers: tuple[str, ...]
    introduced_at: datetime | None = None
    is_late: bool = False
    kinds: int = 0
    places: int = 0
    extensions: frozenset[str] = frozenset()
    states: int = 0
    occurrences: int = 0
    releases: int = 0
    projects: int = 0
    returns: int = 0
    was_rid: bool = False
    removed_at: datetime | None = None
    is_everywhere_removed: bool = True
    is_added: bool = False

    def live(self, life: Life) -> None:
        """Take in the life of the secret in one project."""
        if not self.projects or _is_earlier(life.first_uploaded_at, self.introduced_at):
            self.introduced_at, self.is_late = life.first_uploaded_at, life.is_late
        for kind in life.kinds:
            self.kinds |= _KIND_BITS.get(kind, _OTHER_KIND)
        self.states |= _state(life)
        self.occurrences += life.places
        self.releases += life.releases
        self.projects += 1
        self.returns += life.returns
        self.was_rid = self.was_rid or life.returns > 0 or life.removed_in is not None
        self._remove(life)

    def stand(self, places: int, extensions: frozenset[str]) -> None:
        """Take in the files of one project that it stands in."""
        self.places |= places
        if not extensions <= self.extensions:
            self.extensions |= extensions

    def _remove(self, life: Life) -> None:
        removed = removed_at(life)
        if removed is None or not self.is_everywhere_removed:
            self.is_everywhere_removed, self.removed_at = False, None
        elif self.removed_at is None or removed > self.removed_at:
            self.removed_at = removed

    @property
    def presence(self) -> str:
        """One of ``PRESENCES``."""
        if self.states & _NEWEST:
            return "newest"
        if self.states & _UNKNOWN:
            return "unknown"
        if self.states & _LISTED:
            return "old"
        return "yanked" if self.states & _YANKED else "deleted"

    @property
    def artifacts(self) -> str:
        """The kinds of artifacts that have it: ``sdist``, ``wheel``, ``sdist+wheel``, ``other``."""
        return _ARTIFACTS.get(self.kinds, "other")

    @property
    def issuer(self) -> str:
        """Who issues it, else its type."""
        return self.provider or self.detector

    @property
    def published_at(self) -> datetime:
        """When it was introduced, else when the store first saw it."""
        return self.introduced_at or self.first_seen_at

    @property
    def life(self) -> Lifetime:
        """What is known of how long it works."""
        return Lifetime(
            detector=self.detector,
            kinds=(),
            published_at=self.published_at,
            has_upload=self.introduced_at is not None,
            is_canary=False,
            answers=self.told.answers,
        )

    @property
    def is_watched(self) -> bool:
        """Whether a curve of survival rests on it."""
        if not self.told.answers:
            return False
        span = seen(self.life)
        return isinstance(span, Span) and not span.is_empty

    @property
    def is_active(self) -> bool:
        """Whether the provider said last that it works."""
        return self.told.verdict is Verdict.ACTIVE

    @property
    def place_names(self) -> list[str]:
        """The kinds of files that have it."""
        return [name for number, name in _PLACES if self.places & 1 << number]


def _is_earlier(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one < other)


def removed_at(life: Life) -> datetime | None:
    """Return when a project got rid of a secret; None: it did not, or nobody knows when.

    That is the upload of the release that does not have it; where an old branch had the secret
    even after that, the last upload that has it.
    """
    if life.removed_in is None or life.removed_in.uploaded_at is None:
        return None
    last = life.last_uploaded_at
    removed = life.removed_in.uploaded_at
    return removed if last is None or removed > last else last


def _state(life: Life) -> int:
    left = life.artifacts - life.deleted
    state = 0
    if left > life.yanked:
        state |= _LISTED
    elif left:
        state |= _YANKED
    if life.still_present:
        state |= _NEWEST
    elif life.still_present is None:
        state |= _UNKNOWN
    return state
