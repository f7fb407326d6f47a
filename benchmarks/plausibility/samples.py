"""The examples that weights are computed from: the labelled sample, and values made up.

The labelled sample (``tests/detect/labelled``) tells what stands in packages, and where. It has few
passwords that are real. So values that are made up, secrets and stand-ins, are set in the places of
its candidates in code and configuration: these tell what values look like.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from msgspec import Struct, structs

from benchmarks.plausibility import made_up
from keysift.catalogue import Catalogue, load
from keysift.detect.evidence.score import FEATURES
from keysift.detect.evidence.view import View
from keysift.detect.evidence.weights import Kind
from keysift.detect.scanner import Scanner
from keysift.detect.setting import Setting, Surroundings, is_recorded, setting_of_path
from keysift.detect.weighing import NAMES, RECORDED, kind, scale
from keysift.model import Match, SuppressReason
from tests.detect import labelling
from tests.detect.labelling import Candidate, Label

SEED = 11
MADE_UP_WEIGHT = 1.0


class Sample(Struct, frozen=True):
    """A value in a text.

    Attributes:
        id: Of the candidate whose place it stands in.
        kind: What is judged.
        names: What can be noticed about it.
        is_true: Whether it is a secret.
        is_made_up: Whether the value is.
        about: For people who look for mistakes.
    """

    id: str
    kind: Kind
    names: frozenset[str]
    is_true: bool
    is_made_up: bool
    about: str


class _Place(Struct, frozen=True):
    """Where a candidate stands."""

    candidate: Candidate
    kind: Kind
    content: bytes
    start: int
    end: int
    label: bytes
    user: bytes
    setting: Setting | None

    def names(self) -> frozenset[str]:
        view = View(
            self.content[self.start : self.end],
            self.content,
            (self.start, self.end),
            label=self.label,
            user=self.user,
        )
        found = {name for name, notices in FEATURES.items() if notices(view)}
        if self.setting is not None:
            found.add(NAMES[self.setting])
            if is_recorded(self.candidate.path):
                found.add(RECORDED)
        return frozenset(found)

    def holding(self, value: bytes) -> _Place:
        content = self.content[: self.start] + value + self.content[self.end :]
        return structs.replace(self, content=content, end=self.start + len(value))


def read(made_up_share: float) -> list[Sample]:
    """Return the samples.

    Args:
        made_up_share: Made-up values for each candidate, secrets and stand-ins each.
    """
    places = list(_places())
    samples = [_sample(place, is_true=place.candidate.label is Label.SECRET) for place in places]
    for wanted in (Kind.KEY, Kind.PASSWORD):
        of_kind = [place for place in places if place.kind is wanted]
        plain = [place for place in of_kind if place.setting is None]
        secret = made_up.key if wanted is Kind.KEY else made_up.password
        for number in range(round(len(of_kind) * made_up_share)):
            turn, at = divmod(number, len(plain))
            # What is made up for a place stays the same when others come.
            random = Random(f"{SEED} {plain[at].candidate.id} {turn}")
            for make, is_true in ((secret, True), (made_up.stand_in, False)):
                place = plain[at].holding(make(random).encode())
                samples.append(_sample(place, is_true=is_true, is_made_up=True))
    return samples


def _sample(place: _Place, *, is_true: bool, is_made_up: bool = False) -> Sample:
    value = place.content[place.start : place.end][:50]
    about = f"{place.label!r} {value!r} {place.candidate.path[-40:]} ({place.candidate.reason})"
    return Sample(place.candidate.id, place.kind, place.names(), is_true, is_made_up, about)


def _places() -> Iterator[_Place]:
    """Yield the places of candidates that evidence decides about."""
    detectors = [one for one in load().detectors if scale(one) is not None]
    catalogue = Catalogue(detectors)
    scanner = Scanner(catalogue)
    for candidate in labelling.read():
        if candidate.label is Label.UNSURE:
            continue
        content, start, end = labelling.expanded(candidate)
        match = _found(scanner, content, start, end)
        if match is None:
            continue
        label, user = (match.facts.get(name, "").encode() for name in ("label", "user"))
        yield _Place(
            candidate,
            kind(catalogue.by_id[match.detector], label),
            content,
            match.start,
            match.end,
            label,
            user,
            Surroundings(content).setting(match.start) or setting_of_path(candidate.path),
        )


def _found(scanner: Scanner, content: bytes, start: int, end: int) -> Match | None:
    examined = scanner.examine(content)
    weighed = [
        *examined.matches,
        *(one.match for one in examined.suppressed if one.reason is SuppressReason.SCORE),
    ]
    return next((one for one in weighed if one.start < end and start < one.end), None)
