"""Where the secrets of git objects stand: the changes that brought them in.

A version of a file that still holds a secret is no new place of it: a change introduces a secret
when none of the versions before it holds that secret. The same blob elsewhere is not one either:
there is one place for what one commit after the other carries along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct, structs

from keysift.crawl.worker import Seen, Sighting, SuppressedSighting
from keysift.model import (
    Artifact,
    Commit,
    Coverage,
    Match,
    Secret,
    Skip,
    SkipReason,
    Suppressed,
    SuppressReason,
)
from keysift.sources.files import is_excluded
from keysift.sources.git.changes import Change
from keysift.sources.git.command import shown_path
from keysift.sources.ignore import Rules
from keysift.unpack.names import printable

Identity: TypeAlias = tuple[str, Secret]
"""Detector and value: what a secret is known by."""

_SUBMODULE: Final = "another repository; scan it by itself: keysift scan --git {}"
_CONFLICT: Final = "a conflict about it is not resolved; git add it first"
_KNOWN: Final = "a version before this change holds it already"


class Holdings:
    """What objects hold, by the names of the objects.

    Args:
        seen: What scanning them gave.
    """

    def __init__(self, seen: Seen) -> None:
        self.secrets: dict[str, dict[Identity, list[Sighting]]] = {}
        self.suppressed: dict[str, dict[Identity, list[SuppressedSighting]]] = {}
        self.skips: dict[str, list[Skip]] = {}
        for one in seen.sightings:
            held = self.secrets.setdefault(one.artifact.name, {})
            held.setdefault(_identity(one.match), []).append(one)
        for other in seen.suppressed:
            doubted = self.suppressed.setdefault(other.artifact.name, {})
            doubted.setdefault(_identity(other.suppressed.match), []).append(other)
        for skip in seen.coverage.skips:
            self.skips.setdefault(skip.artifact, []).append(skip)

    def names(self) -> set[str]:
        """Return the objects that there is something to say about."""
        return {*self.secrets, *self.suppressed, *self.skips}

    def doubted(self, names: Iterable[str]) -> set[Identity]:
        """Return what any of these objects holds and is not believed to be a secret there."""
        return {identity for name in names for identity in self.suppressed.get(name, ())}

    def among(self, names: Iterable[str]) -> set[Identity]:
        """Return the secrets that any of these objects holds."""
        return {identity for name in names for identity in self.secrets.get(name, ())}


class _Place(Struct, frozen=True):
    """Where an object stands: a path, and the commit that put it there; both may be unknown."""

    name: str
    path: str
    commit: str = ""


class Placement:
    """Gathers what changes introduce.

    Args:
        target: What the user named.
        holdings: What the objects hold.
        names: Those objects that are to be placed; others are only what changes rest on.
        excluded: Paths to leave out.
        lists_known: Whether secrets that a version before the change holds are listed as known.
    """

    def __init__(
        self,
        target: str,
        holdings: Holdings,
        names: set[str],
        excluded: Rules,
        *,
        lists_known: bool = False,
    ) -> None:
        self._target = target
        self._holdings = holdings
        self._excluded = excluded
        self._lists_known = lists_known
        self._names = names
        self._noted: set[str] = set()
        self._introduced: set[tuple[str, Identity]] = set()
        self._found: list[tuple[_Place, Sighting]] = []
        self._doubted: list[tuple[_Place, SuppressedSighting]] = []
        self._known: dict[tuple[str, Identity], tuple[_Place, list[Sighting]]] = {}
        self._skips: dict[tuple[str, SkipReason, str], Skip] = {}
        self._left_out: dict[str, str] = {}

    def add(self, changes: Iterable[Change]) -> None:
        """Take changes, those of older commits first."""
        for change in changes:
            if change.is_submodule:
                path = shown(change.path)
                detail = _SUBMODULE.format(path)
                self._skip(Skip(path=path, reason=SkipReason.SUBMODULE, detail=detail))
            elif not change.new:
                path = shown(change.path)
                self._skip(Skip(path=path, reason=SkipReason.UNREADABLE, detail=_CONFLICT))
            elif change.new in self._names:
                self._take(change)

    def finish(self) -> set[str]:
        """Place what no change brought in; returns the ids of all commits that are places."""
        for name in sorted(self._names - self._noted):
            path = self._left_out.get(name)
            if path is not None:
                self._skip(Skip(path=path, reason=SkipReason.EXCLUDED, detail="in the history"))
                continue
            kind, _, commit = name.partition(" ")
            path = name if commit else f"blob {name}"
            place = _Place(name, path, commit if kind == "commit" else "")
            for sightings in self._holdings.secrets.get(name, {}).values():
                self._found.extend((place, one) for one in sightings)
            self._note(place, set())
        places = (place for place, _ in (*self._found, *self._doubted, *self._known.values()))
        return {place.commit for place in places if place.commit}

    def result(self, commits: Mapping[str, Commit], head: set[Identity] | None) -> Seen:
        """Return all that was found, where it stands.

        Args:
            commits: Those that ``finish`` named.
            head: The secrets in the commit that is checked out; None when that does not matter.
        """
        seen = Seen(coverage=Coverage(skips=list(self._skips.values())))
        for place, sighting in self._found:
            in_head = None if head is None else _identity(sighting.match) in head
            artifact = self._artifact(place, sighting.artifact, commits, in_head=in_head)
            moved = structs.replace(
                sighting, artifact=artifact, member=_moved(sighting.member, place)
            )
            seen.sightings.append(moved)
        known = (
            (place, _as_known(one))
            for key, (place, sightings) in self._known.items()
            if key not in self._introduced
            for one in sightings
        )
        counts: Counter[str] = Counter()
        for place, doubted in (*self._doubted, *known):
            counts[doubted.suppressed.reason.value] += 1
            in_head = None if head is None else _identity(doubted.suppressed.match) in head
            artifact = self._artifact(place, doubted.artifact, commits, in_head=in_head)
            seen.suppressed.append(
                structs.replace(doubted, artifact=artifact, path=_moved(doubted.path, place))
            )
        seen.coverage.suppressed = dict(counts)
        return seen

    def _take(self, change: Change) -> None:
        path = shown(change.path)
        if is_excluded(self._excluded, path.split("/")):
            self._left_out.setdefault(change.new, path)
            return
        place = _Place(change.new, path, change.commit)
        before = self._holdings.among(change.olds)
        for identity, sightings in self._holdings.secrets.get(change.new, {}).items():
            key = (change.new, identity)
            if identity not in before:
                if key not in self._introduced:
                    self._introduced.add(key)
                    self._found.extend((place, one) for one in sightings)
            elif self._lists_known:
                self._known.setdefault(key, (place, sightings))
        if change.new not in self._noted:
            self._note(place, before | self._holdings.doubted(change.olds))

    def _note(self, place: _Place, before: set[Identity]) -> None:
        """Place what is not reported, and what was not looked at."""
        self._noted.add(place.name)
        for identity, doubted in self._holdings.suppressed.get(place.name, {}).items():
            if identity not in before:
                self._doubted.extend((place, one) for one in doubted)
        for skip in self._holdings.skips.get(place.name, ()):
            path = _moved(skip.path, place)
            self._skip(structs.replace(skip, artifact=place.path, path=path))

    def _skip(self, skip: Skip) -> None:
        self._skips.setdefault((f"{skip.artifact}\0{skip.path}", skip.reason, skip.detail), skip)

    def _artifact(
        self,
        place: _Place,
        scanned: Artifact,
        commits: Mapping[str, Commit],
        *,
        in_head: bool | None,
    ) -> Artifact:
        return structs.replace(
            scanned,
            target=self._target,
            name=place.path,
            commit=commits.get(place.commit),
            in_head=in_head,
        )


def shown(path: bytes) -> str:
    """Return a path as reports have it."""
    return printable(shown_path(path))


def _identity(match: Match) -> Identity:
    return match.detector, match.secret


def _moved(path: str, place: _Place) -> str:
    """Return a path that begins with the name of an object, with that of the file instead."""
    return place.path + path.removeprefix(place.name) if path.startswith(place.name) else path


def _as_known(sighting: Sighting) -> SuppressedSighting:
    return SuppressedSighting(
        artifact=sighting.artifact,
        path=sighting.path,
        part=sighting.part,
        suppressed=Suppressed(match=sighting.match, reason=SuppressReason.KNOWN, detail=_KNOWN),
    )
