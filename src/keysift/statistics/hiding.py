"""Which groups of a table are hidden, so that none tells about fewer than ``k`` projects.

A group is small when it has fewer than ``k`` projects, and any. Small groups are hidden. What is
hidden can be had by subtraction from a total, all of it together; so wherever something is hidden,
a group that is not small is hidden with it (complementary suppression: Hundepool and others,
Statistical Disclosure Control, 2012, chapter 4). Who subtracts learns about ``k`` projects or more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from keysift.statistics.values import Bin, Group, Verdicts

OTHERS: Final = "others"
"""Name of what is hidden, together."""


def is_small(secrets: int, projects: int, k: int) -> bool:
    """Tell whether so many secrets are in too few projects to tell of them."""
    return secrets > 0 and projects < k


def is_safe_part(part: tuple[int, int], whole: tuple[int, int], k: int) -> bool:
    """Tell whether both a part and what it leaves of the whole are none, or in enough projects.

    Nobody has counted the projects of the rest; those of the whole in which no secret of the part
    stands are among them.

    Args:
        part: Secrets and projects.
        whole: The same of what it is a part of.
        k: Projects that are enough.
    """
    secrets, projects = part
    if is_small(secrets, projects, k):
        return False
    rest = whole[0] - secrets
    return rest == 0 or whole[1] - projects >= k


def hidden(sizes: Mapping[str, int], k: int, too: Collection[str] = ()) -> set[str]:
    """Return the names of the groups of a table that are hidden.

    Args:
        sizes: Projects of each group.
        k: Projects that are enough.
        too: Groups that are hidden for another reason.
    """
    away = {name for name, size in sizes.items() if size < k or name in too}
    if away and all(sizes[name] < k for name in away):
        others = [name for name in sizes if name not in away]
        if others:
            away.add(min(others, key=lambda name: (sizes[name], name)))
    return away


def hidden_below(
    groups: Sequence[Group], parents: Mapping[str, Collection[str]], k: int
) -> set[str]:
    """Return the names of the groups of a table that are hidden, when others contain them.

    Where a group of another table holds all of several of these, what of them is hidden is the
    difference to it: so in each that is shown, one that is not small is hidden with the small ones,
    unless all of them are. Of one that is hidden all are.

    Args:
        groups: The table.
        parents: Hidden groups of the tables that hold these, by the table.
        k: Projects that are enough.
    """
    sizes = {group.name: group.projects for group in groups}
    families = _families(groups, parents)
    away = {name for name, size in sizes.items() if size < k} | _orphans(groups, parents)
    before = -1
    while len(away) != before:
        before = len(away)
        for own in families:
            away |= hidden({name: sizes[name] for name in own}, k, away)
        away |= hidden(sizes, k, away)
    return away


def untold(
    groups: Sequence[Group],
    away: Collection[str],
    parents: Mapping[str, Collection[str]],
    k: int,
) -> set[str]:
    """Return the names of the groups whose verdicts are not told; the hidden ones are among them.

    The verdicts of a group are told all together or not at all. Of those that are not, the sum by
    verdict is the difference to what holds them; so for each verdict one of them has enough
    projects, in the whole table and in each group of another table whose verdicts are told.

    Args:
        groups: The table, as it was measured; every secret is in one of them.
        away: Names of the hidden ones.
        parents: Groups of the tables that hold these and whose verdicts are not told.
        k: Projects that are enough.
    """
    by_name = {group.name: group for group in groups}
    silent = {group.name for group in groups if not are_told(group, k)}
    silent |= set(away) | _orphans(groups, parents)
    families = [set(by_name), *_families(groups, parents)]
    before = -1
    while len(silent) != before:
        before = len(silent)
        for own in families:
            for verdict in Verdicts.__struct_fields__:
                sizes = {name: _projects(by_name[name], verdict) for name in own}
                inside = [sizes[name] for name in own & silent if sizes[name]]
                enough = [name for name in own - silent if sizes[name] >= k]
                if inside and max(inside) < k and enough:
                    silent.add(min(enough, key=lambda name: (sizes[name], name)))
    return silent


def _families(groups: Sequence[Group], parents: Mapping[str, Collection[str]]) -> list[set[str]]:
    """Return the groups that each group of another table holds, of those that are shown."""
    families: dict[tuple[str, str], set[str]] = {}
    for group in groups:
        for table, gone in parents.items():
            if table in group.within and group.within[table] not in gone:
                families.setdefault((table, group.within[table]), set()).add(group.name)
    return list(families.values())


def _orphans(groups: Sequence[Group], parents: Mapping[str, Collection[str]]) -> set[str]:
    """Return the groups that one of another table holds that is not shown."""
    return {
        group.name
        for group in groups
        if any(group.within.get(table) in gone for table, gone in parents.items())
    }


def shown(
    groups: Sequence[Group], away: Collection[str], silent: Collection[str], k: int
) -> tuple[Group, ...]:
    """Return a table without what it may not tell; the hidden groups are one, which is the last.

    Of the projects of that one only so much is known that there are as many as in the largest of
    them. When these are too few, it is not told of at all.

    Args:
        groups: The table; every secret is in one of them.
        away: Names of the hidden ones.
        silent: Names of those whose verdicts are not told.
        k: Projects that are enough.
    """
    gone = [group for group in groups if group.name in away]
    kept = [
        without_verdicts(group) if group.name in silent else group
        for group in groups
        if group.name not in away
    ]
    if all(group.projects < k for group in gone):
        return tuple(kept)
    rest = Group(
        name=OTHERS,
        merged=sum(group.merged for group in gone),
        secrets=sum(group.secrets for group in gone),
        occurrences=sum(group.occurrences or 0 for group in gone),
        projects=max(group.projects for group in gone),
        verdicts=None,
        projects_by_verdict=None,
        active=None,
    )
    return (*kept, rest)


G = TypeVar("G", bound=Group)


def without_verdicts(group: G) -> G:
    """Return a group that does not tell the verdicts of its secrets."""
    return replace(group, verdicts=None, projects_by_verdict=None, active=None)


def joined(bins: Sequence[Bin], k: int) -> tuple[Bin, ...]:
    """Return the bars of a histogram, small ones joined with the next that is not, else the last.

    There is none when all of them are small.

    Args:
        bins: The bars, in their order.
        k: Projects that are enough.
    """
    found: list[Bin] = []
    waiting: list[Bin] = []
    for one in bins:
        if one.projects >= k:
            found.append(_join([*waiting, one]))
            waiting = []
        elif waiting or one.secrets:
            waiting.append(one)
        else:
            found.append(one)
    if not waiting:
        return tuple(found)
    last = max((place for place, one in enumerate(found) if one.projects >= k), default=None)
    if last is None:
        return ()
    return (*found[:last], _join([*found[last:], *waiting]))


def _join(bins: Sequence[Bin]) -> Bin:
    return Bin(
        lower=bins[0].lower,
        upper=bins[-1].upper,
        secrets=sum(one.secrets for one in bins),
        projects=max(one.projects for one in bins),
    )


def are_told(group: Group, k: int) -> bool:
    """Tell whether no verdict of a group is in too few projects."""
    told = group.projects_by_verdict
    if told is None or group.verdicts is None:
        return False
    return all(
        not is_small(getattr(group.verdicts, name), getattr(told, name), k)
        for name in Verdicts.__struct_fields__
    )


def _projects(group: Group, verdict: str) -> int:
    told = group.projects_by_verdict
    number: int = 0 if told is None else getattr(told, verdict)
    return number
