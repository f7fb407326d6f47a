"""Where in a project a member of a wheel comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from keysift.gate.distribution import Distribution, Kind, Member

SOURCE_FOLDERS: Final = ("", "src/", "lib/", "python/", "py/")
"""Where packages stand in a project, the usual places first."""

_DATA: Final = ".data"
_MAX_MOVES: Final = 20


class Origins:
    """Finds members of wheels in the project that they were built from.

    Args:
        sdist: Of the same release; None when there is none.
        directory: The project's; None when it is not known.
    """

    def __init__(self, sdist: Distribution | None, directory: Path | None) -> None:
        self._directory = directory
        self._members: Mapping[str, Member] = sdist.members if sdist is not None else {}
        self._by_content: dict[tuple[str, Member], list[str]] = {}
        for path, member in self._members.items():
            self._by_content.setdefault(_content(path, member), []).append(path)
        self._moves: dict[str, tuple[tuple[str, str], ...]] = {}

    def of(self, distribution: Distribution, path: str) -> str | None:
        """Return where a member stands in the project, None when that is not known.

        Args:
            distribution: What holds it.
            path: Below its root.
        """
        if distribution.kind is Kind.SDIST:
            return path
        inside = installed(path)
        if inside is None:
            return None
        for source in self._candidates(distribution, inside):
            if source in self._members or self._is_in_directory(source):
                return source
        alike = self.alike(distribution, path)
        return alike[0] if len(alike) == 1 else None

    def of_subject(self, distribution: Distribution, subject: str, member: str) -> str | None:
        """Return where a subject stands in the project: a member, or a directory above it.

        Args:
            distribution: What holds it.
            subject: Below its root; a directory ends with ``/``.
            member: A member that is the subject or stands below it.
        """
        source = self.of(distribution, member)
        rest = member[len(subject) :]
        if source is None or not source.endswith(rest):
            return None
        return source[: len(source) - len(rest)]

    def alike(self, distribution: Distribution, path: str) -> list[str]:
        """Return the files of the sdist that have the name and the content of a member."""
        member = distribution.members.get(path)
        return self._by_content.get(_content(path, member), []) if member is not None else []

    def _candidates(self, distribution: Distribution, inside: str) -> list[str]:
        found = [folder + inside for folder in SOURCE_FOLDERS]
        for before, after in self._learnt(distribution):
            if inside.startswith(before):
                found.append(after + inside[len(before) :])
        return found

    def _learnt(self, distribution: Distribution) -> tuple[tuple[str, str], ...]:
        """Return which directories became which ones, as members show that are only once there."""
        known = self._moves.get(distribution.display)
        if known is not None:
            return known
        moves: Counter[tuple[str, str]] = Counter()
        for path, member in distribution.members.items():
            inside = installed(path)
            alike = self._by_content.get(_content(path, member), [])
            if inside is not None and len(alike) == 1:
                moves[_move(inside, alike[0])] += 1
        learnt = tuple(move for move, _ in moves.most_common(_MAX_MOVES))
        self._moves[distribution.display] = learnt
        return learnt

    def _is_in_directory(self, path: str) -> bool:
        return self._directory is not None and (self._directory / path).is_file()


def installed(path: str) -> str | None:
    """Return where a member of a wheel is installed, below site-packages or a scheme's directory.

    None for the wheel's own metadata. Source: the binary distribution format, "The .data
    directory".
    """
    first, slash, rest = path.partition("/")
    if first.endswith(".dist-info") and slash:
        return None
    if first.endswith(_DATA) and slash:
        return rest.partition("/")[2] or None
    return path


def _content(path: str, member: Member) -> tuple[str, Member]:
    return (path.rpartition("/")[2], member)


def _move(inside: str, source: str) -> tuple[str, str]:
    """Return what stands before the directories that two paths have in common at their ends."""
    one, other = inside.split("/"), source.split("/")
    while one and other and one[-1] == other[-1]:
        one.pop()
        other.pop()
    return ("".join(f"{part}/" for part in one), "".join(f"{part}/" for part in other))
