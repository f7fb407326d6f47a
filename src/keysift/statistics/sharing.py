"""Secrets that several projects share: which stand in the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import nlargest
from typing import Final, TypeAlias

from keysift.statistics.counted import Counted
from keysift.statistics.values import SharedGroup

MOST_GROUPS: Final = 20
MOST_NAMES: Final = 10
"""Projects, or types, that are named."""

Projects: TypeAlias = tuple[int, ...]
"""Numbers of projects, sorted."""


def largest(
    standing: Iterable[tuple[Counted, Projects]], names: Mapping[int, str]
) -> tuple[SharedGroup, ...]:
    """Return the largest groups of projects that share secrets, the most projects first.

    Args:
        standing: Secrets that stand in two or more projects, with these.
        names: Names of projects.
    """
    groups: dict[Projects, list[Counted]] = {}
    for secret, projects in standing:
        groups.setdefault(projects, []).append(secret)
    chosen = nlargest(
        MOST_GROUPS,
        groups.items(),
        key=lambda item: (len(item[0]), len(item[1]), [-number for number in item[0]]),
    )
    return tuple(_group(projects, secrets, names) for projects, secrets in chosen)


def _group(projects: Projects, secrets: list[Counted], names: Mapping[int, str]) -> SharedGroup:
    return SharedGroup(
        projects=len(projects),
        secrets=len(secrets),
        active=sum(secret.is_active for secret in secrets),
        detectors=tuple(sorted({secret.detector for secret in secrets})[:MOST_NAMES]),
        names=tuple(sorted(names[number] for number in projects)[:MOST_NAMES]),
    )
