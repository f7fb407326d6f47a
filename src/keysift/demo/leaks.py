"""Which secrets a made-up project publishes, where, and in which of its releases."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from keysift.catalogue import Detector
from keysift.demo import places
from keysift.demo.leak import Held, Leak, Leaked, Origin
from keysift.demo.places import Located, Place
from keysift.demo.projects import Project, Release
from keysift.demo.specimens import Specimen, Specimens
from keysift.demo.weights import Draw
from keysift.detect.setting import is_recorded, setting_of_path
from keysift.detect.weighing import weigh
from keysift.model import Confidence, Match

RATE: Final = 0.06
"""Part of the projects with a secret: much more than on the real index, where a scan of all found
secrets in 0.65 % of the projects. Of 20,000 projects that would be too few to look at."""

_ALWAYS: Final = 0.6
"""Part of the leaks that are still there in the newest release."""

_AGAIN: Final = 0.06
_SHARED: Final = 0.16
_TEMPLATES: Final = 4
_FROM_TEMPLATE: Final = 0.6
"""Of what was copied, the part that is from one of these few, which count as templates."""

_FORGOTTEN: Final = 0.015
"""Part of the less sure secrets that the newest ruleset finds no more."""

_CANARY_EACH: Final = 300
"""Of so many secrets one is a canary; counted, so that a small index has one too."""

_ENCODED: Final = 0.04
_SECOND: Final = 0.4
_SIZES: Final = ((1, 2, 3, 4, 6, 9), (64, 17, 8, 5, 4, 2))
_TRIES: Final = 6
_WITHDRAWN: Final = ("contains credentials", "accidentally published secrets", "leaked token", "")


class Leaks:
    """Makes leaks.

    Args:
        specimens: Kinds of secrets.
        draw: Which of them, by year.
        chance: Draws.

    Attributes:
        secrets: All secrets so far.
    """

    def __init__(self, specimens: Specimens, draw: Draw, chance: Random) -> None:
        self._specimens = specimens
        self._draw = draw
        self._chance = chance
        self._drawn = 0
        self._made: list[tuple[Project, Leak]] = []
        self.secrets: list[Leaked] = []

    def origin(self) -> Origin | None:
        """Return what a project was made from that has a leak; None for most."""
        chance = self._chance
        if len(self._made) < _TEMPLATES or chance.random() > _SHARED * RATE:
            return None
        if chance.random() < _FROM_TEMPLATE:
            return Origin(*chance.choice(self._made[:_TEMPLATES]), is_template=True)
        return Origin(*chance.choice(self._made[-200:]), is_template=False)

    def of(self, project: Project, origin: Leak | None = None) -> list[Leak]:
        """Return the leaks of a project: none, for most. Releases may be withdrawn because of them.

        Args:
            project: The project.
            origin: A leak that it has from another project.
        """
        chance = self._chance
        size = len(project.releases)
        made = [] if origin is None else self._copied(project, origin)
        taken = {one.key for leak in made for one in leak.copies}
        # What publishes more often leaks more often; on average over all projects this is the rate.
        if chance.random() < RATE * (0.1 + 0.22 * min(size, 120) ** 0.75):
            number = 1 + sum(chance.random() < 0.2 for _ in range(2 if size < 12 else 5))
            for _ in range(number):
                made += self._leak(project, taken)
        for leak in made:
            self._withdraw(project.releases, leak)
        return made

    def _leak(self, project: Project, taken: set[str]) -> list[Leak]:
        """Return a new leak; none when there is no place left for it."""
        chance = self._chance
        size = len(project.releases)
        begin = 0 if chance.random() < 0.5 else chance.randrange(size)
        release = project.releases[begin]
        secrets = [self._secret(release.uploaded_at.year)]
        place, copies = self._place(project, release, secrets[0], taken)
        if not copies:
            return []
        taken |= {one.key for one in copies}
        number = chance.choices(*_SIZES)[0]
        while len(secrets) < number:
            other = self._secret(release.uploaded_at.year)
            if places.fits(place, other.detector) and _is_believed_anywhere(
                other.specimen, self._specimens, project, release, copies
            ):
                secrets.append(other)
            else:
                number -= 1
        end, again = self._life(begin, size)
        line = chance.randrange(1, 60)
        held = []
        for secret in secrets:
            # Of several secrets in a file, some are taken out before the others.
            until = end if chance.random() < 0.85 else chance.randrange(begin + 1, end + 1)
            held.append(Held(secret, until, line))
            line += chance.randrange(1, 12)
        held[0].until = end
        leak = Leak(copies, begin, end, again, held)
        self.secrets += secrets
        self._made.append((project, leak))
        return [leak]

    def _copied(self, project: Project, origin: Leak) -> list[Leak]:
        """Return a leak of another project in this one, if it was published after that."""
        first = origin.held[0].secret.published_at
        later = (
            number
            for number, release in enumerate(project.releases)
            if first is not None and release.uploaded_at > first
        )
        begin = next(later, None)
        if begin is None:
            return []
        end, _ = self._life(begin, len(project.releases))
        held = [Held(one.secret, end, one.line) for one in origin.held]
        return [Leak(origin.copies, begin, end, None, held, origin=origin)]

    def _secret(self, year: int) -> Leaked:
        chance = self._chance
        self._drawn += 1
        specimen = chance.choice(self._specimens.of(self._draw.detector(chance, year)))
        if self._drawn % _CANARY_EACH == _CANARY_EACH // 4:
            specimen = self._specimens.canary
        is_sure = specimen.match.confidence is Confidence.HIGH
        return Leaked(
            specimen=specimen,
            is_forgotten=not is_sure and chance.random() < _FORGOTTEN,
            encoding=("base64",) if is_sure and chance.random() < _ENCODED else (),
        )

    def _place(
        self, project: Project, release: Release, secret: Leaked, taken: set[str]
    ) -> tuple[Place, tuple[Located, ...]]:
        """Return where a secret stands; no copies when it is believed in no place that is left."""
        kinds = [file.kind for file in release.files]
        detector = secret.specimen.match.detector
        year = release.uploaded_at.year
        for _ in range(_TRIES):
            place = places.place(detector, year, self._chance, kinds=kinds)
            copies = places.located(place, self._chance)
            if not taken.isdisjoint(one.key for one in copies):
                continue
            if _is_believed_anywhere(secret.specimen, self._specimens, project, release, copies):
                own = {one.key for one in copies}
                return place, copies + self._second(release, taken | own)
        return place, ()

    def _second(self, release: Release, taken: set[str]) -> tuple[Located, ...]:
        """Return another file that holds the same, now and then: an example, a script, a page."""
        if self._chance.random() > _SECOND:
            return ()
        kinds = [file.kind for file in release.files]
        place = places.place("", release.uploaded_at.year, self._chance, kinds=kinds)
        more = places.located(place, self._chance)
        return more if taken.isdisjoint(one.key for one in more) else ()

    def _life(self, begin: int, size: int) -> tuple[int, tuple[int, int] | None]:
        """Return before which release a leak ends, and when it is back."""
        chance = self._chance
        if chance.random() < _ALWAYS:
            return size, None
        end = min(size, begin + 1 + int(chance.expovariate(1 / max(1.0, 0.35 * (size - begin)))))
        if size - end < 3 or chance.random() > _AGAIN:
            return end, None
        back = chance.randrange(end + 1, size)
        return end, (back, chance.randrange(back + 1, size + 1))

    def _withdraw(self, releases: Sequence[Release], leak: Leak) -> None:
        """Have the releases of a short leak yanked, now and then."""
        if leak.end - leak.begin > 3 or leak.end == len(releases) or self._chance.random() > 0.18:
            return
        reason = self._chance.choice(_WITHDRAWN)
        is_deleted = self._chance.random() < 0.25
        for release in releases[leak.begin : leak.end]:
            release.yanked = reason
            release.is_withdrawn = is_deleted


def believed(specimen: Specimen, detector: Detector, path: str) -> Confidence | None:
    """Return how sure it is that a secret at a path is one; None: it would not be reported."""
    match = specimen.match
    placed = weigh(match, detector, lambda: setting_of_path(path), is_recorded=is_recorded(path))
    return placed.confidence if isinstance(placed, Match) else None


def _is_believed_anywhere(
    specimen: Specimen,
    specimens: Specimens,
    project: Project,
    release: Release,
    copies: tuple[Located, ...],
) -> bool:
    detector = specimens.detectors[specimen.match.detector]
    return any(
        believed(specimen, detector, one.whole(project, release, file.kind)) is not None
        for one in copies
        for file in release.files
        if file.kind in one.copy.kinds
    )
