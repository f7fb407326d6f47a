"""Where the secrets of git objects stand: the changes that brought them in.

A version of a file that still holds a secret is no new place of it: a change introduces a secret
when none of the versions before it holds that secret. The same blob elsewhere is not one either:
there is one place for what one commit after the other carries along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from msgspec import Struct, structs

from keysift.crawl.seen import Found, Held, Seen, Sighting, SuppressedSighting
from keysift.model import (
    Artifact,
    Commit,
    Coverage,
    Match,
    Remark,
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

_Identities: TypeAlias = frozenset[Identity]

_SUBMODULE: Final = "another repository; scan it by itself: keysift scan --git {}"
_CONFLICT: Final = "a conflict about it is not resolved; git add it first"
_KNOWN: Final = "a version before this change holds it already"


class Holdings:
    """What objects hold, by the names of the objects.

    Args:
        seen: What scanning them gave.
    """

    def __init__(self, seen: Seen) -> None:
        self._secrets: dict[str, dict[Identity, list[Sighting]]] = {}
        self._suppressed: dict[str, dict[Identity, list[SuppressedSighting]]] = {}
        self.skips: dict[str, list[Skip]] = {}
        self.remarks: dict[str, list[Remark]] = {}
        self._echoes = seen.echoes
        self._last: tuple[str, dict[Identity, list[Found]]] = ("", {})
        self._echoed: dict[int, tuple[_Identities, _Identities]] = {}
        for one in seen.sightings:
            held = self._secrets.setdefault(one.artifact.name, {})
            held.setdefault(_identity(one.match), []).append(one)
        for other in seen.suppressed:
            doubted = self._suppressed.setdefault(other.artifact.name, {})
            doubted.setdefault(_identity(other.match), []).append(other)
        for skip in seen.coverage.skips:
            self.skips.setdefault(skip.artifact, []).append(skip)
        for remark in seen.remarks:
            name = remark.artifact or remark.path.partition("!/")[0]
            self.remarks.setdefault(name, []).append(remark)

    def names(self) -> set[str]:
        """Return the objects that there is something to say about."""
        return {*self._secrets, *self._echoes, *self._suppressed, *self.skips, *self.remarks}

    def of(self, name: str) -> set[Identity]:
        """Return the secrets that an object holds."""
        held = set(self._secrets.get(name, ()))
        for kept, _ in self._echoed_by(name):
            held |= kept
        return held

    def doubts(self, name: str) -> set[Identity]:
        """Return what an object holds that is not believed to be a secret there."""
        held = set(self._suppressed.get(name, ()))
        for _, doubted in self._echoed_by(name):
            held |= doubted
        return held

    def among(self, names: Iterable[str]) -> set[Identity]:
        """Return the secrets that any of these objects holds."""
        return {identity for name in names for identity in self.of(name)}

    def doubted(self, names: Iterable[str]) -> set[Identity]:
        """Return what any of these objects holds and is not believed to be a secret there."""
        return {identity for name in names for identity in self.doubts(name)}

    def sightings(self, name: str, identity: Identity) -> list[Sighting]:
        """Return where an object holds a secret."""
        located = self._located(name).get(identity, ())
        echoed = [one for one in located if isinstance(one, Sighting)]
        return [*self._secrets.get(name, {}).get(identity, ()), *echoed]

    def suppressed(self, name: str, identity: Identity) -> list[SuppressedSighting]:
        """Return where an object holds what is not believed to be a secret."""
        located = self._located(name).get(identity, ())
        echoed = [one for one in located if isinstance(one, SuppressedSighting)]
        return [*self._suppressed.get(name, {}).get(identity, ()), *echoed]

    def _located(self, name: str) -> dict[Identity, list[Found]]:
        """Return what an object carries along, with its places; one object is asked for often."""
        if self._last[0] != name:
            located: dict[Identity, list[Found]] = {}
            echoes = self._echoes.get(name)
            for one in () if echoes is None else echoes.sightings():
                located.setdefault(_identity(one.match), []).append(one)
            self._last = (name, located)
        return self._last[1]

    def _echoed_by(self, name: str) -> Iterator[tuple[_Identities, _Identities]]:
        """Yield the secrets and the doubts that an object carries along."""
        echoes = self._echoes.get(name)
        for echo in () if echoes is None else echoes.echoes:
            known = self._echoed.get(id(echo.held))
            if known is None:
                known = self._echoed[id(echo.held)] = _identities(echo.held)
            yield known


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
        self._names = names
        self._excluded = excluded
        self._lists_known = lists_known
        self._noted: set[str] = set()
        self._introduced: dict[tuple[str, Identity], _Place] = {}
        self._known: dict[tuple[str, Identity], _Place] = {}
        self._doubted: dict[tuple[str, Identity], tuple[_Place, SuppressedSighting]] = {}
        self._skips: dict[tuple[str, SkipReason, str], Skip] = {}
        self._remarks: dict[tuple[str, str], Remark] = {}
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

    def close(self) -> None:
        """Place what no change brought in."""
        for name in sorted(self._names - self._noted):
            path = self._left_out.get(name)
            if path is not None:
                self._skip(Skip(path=path, reason=SkipReason.EXCLUDED, detail="in the history"))
                continue
            kind, _, commit = name.partition(" ")
            place = _Place(
                name, name if commit else f"blob {name}", commit if kind == "commit" else ""
            )
            for identity in self._holdings.of(name):
                self._introduced[name, identity] = place
            self._note(place, set())

    def commits(self) -> set[str]:
        """Return the ids of all commits that are places."""
        doubted = (place for place, _ in self._doubted.values())
        places = (*self._introduced.values(), *self._known.values(), *doubted)
        return {place.commit for place in places if place.commit}

    def result(self, commits: Mapping[str, Commit], head: set[Identity] | None) -> Seen:
        """Return all that was found, where it stands.

        Args:
            commits: Those that `commits` named.
            head: The secrets in the commit that is checked out; None when that does not matter.
        """
        seen = Seen(
            coverage=Coverage(skips=list(self._skips.values())),
            remarks=list(self._remarks.values()),
        )
        for key, place in self._introduced.items():
            for sighting in self._holdings.sightings(*key):
                in_head = None if head is None else key[1] in head
                artifact = self._artifact(place, sighting.artifact, commits, in_head=in_head)
                member = _moved(sighting.member, place)
                seen.sightings.append(structs.replace(sighting, artifact=artifact, member=member))
        known = (
            (place, _as_known(one))
            for key, place in self._known.items()
            if key not in self._introduced
            for one in self._holdings.sightings(*key)
        )
        counts: Counter[str] = Counter()
        for place, doubted in (*self._doubted.values(), *known):
            counts[doubted.suppressed.reason.value] += 1
            in_head = None if head is None else _identity(doubted.match) in head
            artifact = self._artifact(place, doubted.artifact, commits, in_head=in_head)
            path = _moved(doubted.path, place)
            seen.suppressed.append(structs.replace(doubted, artifact=artifact, path=path))
        seen.coverage.suppressed = dict(counts)
        return seen

    def _take(self, change: Change) -> None:
        path = shown(change.path)
        if is_excluded(self._excluded, path.split("/")):
            self._left_out.setdefault(change.new, path)
            return
        place = _Place(change.new, path, change.commit)
        before = self._holdings.among(change.olds)
        for identity in self._holdings.of(change.new):
            key = (change.new, identity)
            if identity not in before:
                self._introduced.setdefault(key, place)
            elif self._lists_known:
                self._known.setdefault(key, place)
        if change.new not in self._noted:
            self._note(place, before | self._holdings.doubted(change.olds))

    def _note(self, place: _Place, before: set[Identity]) -> None:
        """Place what is not reported, and what was not looked at."""
        self._noted.add(place.name)
        for identity in self._holdings.doubts(place.name):
            if identity not in before:
                for one in self._holdings.suppressed(place.name, identity):
                    where = f"{place.path} {one.part} {one.suppressed.reason.value}"
                    self._doubted.setdefault((where, identity), (place, one))
        for skip in self._holdings.skips.get(place.name, ()):
            path = _moved(skip.path, place)
            self._skip(structs.replace(skip, artifact=place.path, path=path))
        for remark in self._holdings.remarks.get(place.name, ()):
            path = _moved(remark.path, place)
            placed = structs.replace(remark, artifact=remark.artifact and place.path, path=path)
            # Each version of a file has the same comment.
            self._remarks.setdefault((path, remark.text), placed)

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


def _identities(held: tuple[Held, ...]) -> tuple[_Identities, _Identities]:
    """Return the secrets among what is held, and what is not believed to be one."""
    kept: set[Identity] = set()
    doubted: set[Identity] = set()
    for one in held:
        known = kept if isinstance(one.sighting, Sighting) else doubted
        known.add(_identity(one.sighting.match))
    return frozenset(kept), frozenset(doubted)


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
