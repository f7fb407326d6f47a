"""The most affected projects, and groups of projects that share secrets."""

from __future__ import annotations

import random

from keysift.statistics.ranking import MOST, Ranking
from keysift.statistics.values import ProjectFigures


def project(name: str, secrets: int, active: int = 0, index: str = "i") -> ProjectFigures:
    """Return a project."""
    return ProjectFigures(
        name=name,
        index=index,
        secrets=secrets,
        occurrences=secrets,
        active=active,
        present=0,
        first=None,
        last=None,
    )


def test_the_most_affected_come_first_in_whatever_order_they_came() -> None:
    """Of equals the one whose name is first."""
    several = [project(f"p{number:03}", number % 7) for number in range(100)]
    expected = sorted(several, key=lambda one: (-one.secrets, one.name))[:MOST]
    for seed in range(5):
        shuffled = list(several)
        random.Random(seed).shuffle(shuffled)
        ranking = Ranking("secrets", "active")
        for one in shuffled:
            ranking.add(one)
        assert list(ranking.projects()) == expected


def test_the_second_measure_decides_about_equals() -> None:
    """And so does the index, at last."""
    ranking = Ranking("secrets", "active")
    for one in (project("a", 2), project("b", 2, 1), project("a", 2, index="h")):
        ranking.add(one)
    assert [(one.name, one.index) for one in ranking.projects()] == [
        ("b", "i"),
        ("a", "h"),
        ("a", "i"),
    ]


def test_projects_without_any_are_no_part_of_it() -> None:
    """A list of the most active ones has active ones alone."""
    ranking = Ranking("active", "secrets")
    ranking.add(project("a", 9))
    assert ranking.projects() == ()
