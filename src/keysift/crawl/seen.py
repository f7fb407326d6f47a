"""What was seen in artifacts, and where: what workers hand back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct, field, structs

from keysift.model import Artifact, Coverage, Match, Remark, Suppressed


class Sighting(Struct, frozen=True, kw_only=True):
    """A match at its place in an artifact.

    Attributes:
        artifact: The artifact.
        member: Path of the member of it.
        digest: Of that member's content; empty when members are not shared.
        below: Path below that member, for archives inside archives, from its ``!/`` on.
        part: Part of a structured file, None for raw bytes.
        match: The match, as it is wherever its content stands.
        placed: The same with what its path says about it.
    """

    artifact: Artifact
    member: str
    digest: bytes = b""
    below: str = ""
    part: str | None
    match: Match
    placed: Match

    @property
    def path(self) -> str:
        """The whole path."""
        return self.member + self.below


class SuppressedSighting(Struct, frozen=True, kw_only=True):
    """A suppressed match at its place in an artifact."""

    artifact: Artifact
    path: str
    part: str | None
    suppressed: Suppressed

    @property
    def match(self) -> Match:
        """The match, as that of a `Sighting`."""
        return self.suppressed.match


Found: TypeAlias = Sighting | SuppressedSighting
"""A match at its place, reported or not."""


class Held(Struct, frozen=True):
    """What stands in lines that a version of a file shares with others.

    Attributes:
        sighting: As it was found in one of them.
        offset: Bytes from the beginning of the lines to the value.
        lines: The same in lines.
    """

    sighting: Found
    offset: int
    lines: int


class Echo(Struct, frozen=True):
    """Lines that a version of a file shares with one that was scanned, and what they hold.

    Attributes:
        start: Their first byte in this version.
        line: Number of the first of them, from 1.
        held: What they hold.
    """

    start: int
    line: int
    held: tuple[Held, ...]


class Echoes(Struct, frozen=True):
    """What an object holds because a version of it does.

    Attributes:
        artifact: The object.
        echoes: Where.
    """

    artifact: Artifact
    echoes: tuple[Echo, ...]

    def sightings(self) -> Iterator[Found]:
        """Yield what it holds as if it had been scanned itself."""
        for echo in self.echoes:
            for one in echo.held:
                start, line = echo.start + one.offset, echo.line + one.lines
                yield _moved(one.sighting, self.artifact, start, line)


class Seen(Struct):
    """What one or more artifacts held.

    Attributes:
        sightings: Matches with their places.
        suppressed: Matches that are not reported, with their places.
        coverage: What was looked at.
        remarks: What is the matter with comments that should ignore secrets.
        echoes: What objects of git hold that a version of them was seen to hold, by their names.
    """

    sightings: list[Sighting] = field(default_factory=list)
    suppressed: list[SuppressedSighting] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    remarks: list[Remark] = field(default_factory=list)
    echoes: dict[str, Echoes] = field(default_factory=dict)

    def suppress(
        self, artifact: Artifact, path: str, part: str | None, suppressed: Suppressed
    ) -> None:
        """Add a match that is not reported, and count it."""
        counts = self.coverage.suppressed
        counts[suppressed.reason.value] = counts.get(suppressed.reason.value, 0) + 1
        self.suppressed.append(
            SuppressedSighting(artifact=artifact, path=path, part=part, suppressed=suppressed)
        )

    def add(self, other: Seen) -> None:
        """Add what other artifacts held."""
        self.sightings.extend(other.sightings)
        self.suppressed.extend(other.suppressed)
        self.coverage.add(other.coverage)
        self.remarks.extend(other.remarks)
        self.echoes |= other.echoes


def _moved(sighting: Found, artifact: Artifact, start: int, line: int) -> Found:
    if isinstance(sighting, SuppressedSighting):
        match = _shifted(sighting.match, start, line)
        suppressed = structs.replace(sighting.suppressed, match=match)
        return structs.replace(
            sighting, artifact=artifact, path=artifact.name, suppressed=suppressed
        )
    return structs.replace(
        sighting,
        artifact=artifact,
        member=artifact.name,
        match=_shifted(sighting.match, start, line),
        placed=_shifted(sighting.placed, start, line),
    )


def _shifted(match: Match, start: int, line: int) -> Match:
    by = start - match.start
    return structs.replace(
        match,
        start=start,
        end=match.end + by,
        line=line,
        parts=tuple(
            structs.replace(part, start=part.start + by, end=part.end + by) for part in match.parts
        ),
        excerpt=match.excerpt
        and structs.replace(match.excerpt, line=match.excerpt.line + line - match.line),
    )
