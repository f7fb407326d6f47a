"""What the files that hold secrets are in each release: the same for a while, then changed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from msgspec import Struct

from keysift.demo.leak import Held, Leak
from keysift.demo.leaks import believed
from keysift.demo.places import Located
from keysift.demo.projects import File, Project, Release
from keysift.demo.specimens import Specimens
from keysift.model import Confidence

_CHANGED: Final = 0.16
"""Part of the releases in which a file is not what it was in the one before."""


class Content(Struct):
    """What a file holds in releases that follow one another.

    Attributes:
        releases: The releases.
        held: The secrets in it.
    """

    releases: list[Release]
    held: list[Held]


class Contents:
    """What a copy of a leak holds, release after release.

    Args:
        project: The project.
        leak: The leak.
        number: Which of its copies.
        located: That copy.
        specimens: What the scanner says of each type.

    Attributes:
        drift: By how many lines the secrets have moved since the first content.
    """

    def __init__(
        self, project: Project, leak: Leak, number: int, located: Located, specimens: Specimens
    ) -> None:
        self.project = project
        self.leak = leak
        self.number = number
        self.located = located
        self.drift = 0
        self._specimens = specimens
        self._sure: dict[tuple[int, str], Confidence | None] = {}
        self._known = leak.origin.contents.get(number) if leak.origin is not None else None

    def known(self) -> tuple[int, dict[int, int]] | None:
        """Return the content that another project had first, once; None for a new one."""
        known, self._known = self._known, None
        return known

    def all(self, chance: Random) -> Iterator[Content]:
        """Yield what the file holds, and in which releases that stays as it is."""
        for span in self.leak.spans:
            content: Content | None = None
            for position in span:
                release = self.project.releases[position]
                if not any(file.kind in self.located.copy.kinds for file in release.files):
                    continue
                held = self._held(position)
                if content is None or held != content.held or chance.random() < _CHANGED:
                    if content is not None:
                        yield content
                        self.drift += chance.randrange(7)
                    content = Content([], held)
                content.releases.append(release)
            if content is not None:
                yield content

    def places(self, content: Content) -> Iterator[tuple[Held, Release, File, Confidence]]:
        """Yield where the secrets of a content are believed to be some, and how sure that is."""
        for release in content.releases:
            for file in release.files:
                if file.kind not in self.located.copy.kinds:
                    continue
                for held in content.held:
                    confidence = self._confidence(held, release, file)
                    if confidence is not None:
                        yield held, release, file, confidence

    def _held(self, position: int) -> list[Held]:
        """Return the secrets in a release; what comes back is what was there at the end."""
        end = self.leak.end
        return [one for one in self.leak.held if one.until > min(position, end - 1)]

    def _confidence(self, held: Held, release: Release, file: File) -> Confidence | None:
        """Return how sure it is that a secret is one where it stands."""
        key = (id(held), file.kind)
        if key not in self._sure:
            path = self.located.whole(self.project, release, file.kind)
            detector = self._specimens.detectors[held.secret.detector]
            self._sure[key] = believed(held.secret.specimen, detector, path)
        return self._sure[key]
