"""Secrets in the releases of a made-up project, as values."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from keysift.demo.places import Located
from keysift.demo.projects import Project
from keysift.demo.specimens import Specimen


class Leaked(Struct, eq=False):
    """A secret.

    Attributes:
        specimen: What the scanner says of it.
        is_forgotten: Whether the newest ruleset finds it no more.
        encoding: Encodings undone to reach it.
        number: Of its row; 0: not written yet.
        published_at: Earliest upload of a file that has it.
        seen_at: When a crawl saw it first.
    """

    specimen: Specimen
    is_forgotten: bool = False
    encoding: tuple[str, ...] = ()
    number: int = 0
    published_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def detector(self) -> str:
        """Id of its type."""
        return self.specimen.match.detector

    def publish(self, at: datetime) -> None:
        """Note that a file that has it was uploaded."""
        if self.published_at is None or at < self.published_at:
            self.published_at = at


class Held(Struct, eq=False):
    """A secret in a leak.

    Attributes:
        secret: The secret.
        until: It stands in releases before this one.
        line: Where it stands, from 1.
    """

    secret: Leaked
    until: int
    line: int


class Leak(Struct, eq=False):
    """Secrets in a file, or in copies of it, of some releases.

    Attributes:
        copies: The files.
        begin: The first release that has it, by its position.
        end: The first release after that without it.
        again: Where it comes back, with where that ends; None: nowhere.
        held: The secrets.
        contents: Number of the content of each copy in the first release, with the numbers of its
            matches by number of the secret; filled in when it is written.
        origin: The leak that it was copied from, which began with the same contents.
    """

    copies: tuple[Located, ...]
    begin: int
    end: int
    again: tuple[int, int] | None
    held: list[Held]
    contents: dict[int, tuple[int, dict[int, int]]] = field(default_factory=dict)
    origin: Leak | None = None

    @property
    def spans(self) -> list[range]:
        """The positions of the releases that have it."""
        spans = [range(self.begin, self.end)]
        return spans if self.again is None else [*spans, range(*self.again)]


class Origin(Struct, frozen=True):
    """What a project was made from.

    Attributes:
        project: The project before.
        leak: What it has of that.
        is_template: Whether it is a template, which many copy, and not a fork.
    """

    project: Project
    leak: Leak
    is_template: bool
