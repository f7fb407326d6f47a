"""Paths put together by the directories that hold nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator


def parents(path: str) -> Iterator[str]:
    """Yield the directories above a path, the outermost first; each ends with ``/``."""
    end = path.find("/") + 1
    while end:
        yield path[:end]
        end = path.find("/", end) + 1


def collapse(paths: Collection[str], among: Iterable[str]) -> dict[str, list[str]]:
    """Return each path below the outermost directory that holds no other files.

    Args:
        paths: Some files.
        among: All files, these included.

    Returns:
        Paths by subject: a directory that ends with ``/`` and holds two of them at least, or the
        path itself.
    """
    all_of = Counter(parent for path in among for parent in parents(path))
    these = Counter(parent for path in paths for parent in parents(path))
    groups: dict[str, list[str]] = {}
    for path in sorted(paths):
        subject = next(
            (
                parent
                for parent in parents(path)
                if these[parent] == all_of[parent] and these[parent] > 1
            ),
            path,
        )
        groups.setdefault(subject, []).append(path)
    return groups
