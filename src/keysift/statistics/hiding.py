"""Which groups of tables are hidden, so that nothing is told about fewer than ``k`` projects.

A group is small when it has fewer than ``k`` projects, and any. Small groups are hidden. What is
hidden can be had by subtraction from a total, all of it together; so wherever something is hidden,
a group that is not small is hidden with it (complementary suppression: Hundepool and others,
Statistical Disclosure Control, 2012, chapter 4). Who subtracts learns about ``k`` projects or more.

Of tables of the same secrets, sums can be subtracted from one another. Some tables are nested
(types in providers in categories), and one may divide the groups of all of these (severities): what
a reader can compute then, ``conceal`` says and prevents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, product
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct, field
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


class Part(Struct, frozen=True, kw_only=True):
    """Secrets that no table tells apart.

    Attributes:
        row: Its group in each of the nested tables, the finest first.
        column: Its group in the table that divides the groups of these; empty: there is none.
        projects: Projects in which one of the secrets stands, in each layer.
    """

    row: tuple[str, ...]
    column: str = ""
    projects: tuple[int, ...] = ()


Sizes: TypeAlias = Mapping[str, tuple[int, ...]]
"""Projects of each group of a table, in each layer."""


def conceal(
    parts: Sequence[Part], tables: Sequence[Sizes], away: Sequence[set[str]], k: int
) -> None:
    """Hide as many more groups as it takes that nothing small can be computed from the others.

    What is told are sums over groups, and a reader adds and subtracts them. So whatever is computed
    weighs a part by a number that depends on its row (as far as groups of it are told) plus one
    that depends on its column; and when it is a count of secrets, each part is in it or not.
    It follows that a row is in it whole or not at all, unless the weights of the columns differ,
    and then the parts of every row that lies across the same columns are in it. So nothing small
    can be computed when

    - each row, with all the rows that are told apart from it by nothing, is in ``k`` projects; and
    - for every set of columns, what rows that lie partly outside of it have inside of it is
      together in ``k`` projects, or nothing.

    Projects of a union are not known: it has at least as many as the largest of what is in it. The
    groups that are hidden are those that have the fewest projects and do.

    Args:
        parts: What the tables hold.
        tables: The nested tables, the finest first, and the one of the columns, if there is one.
        away: Names of the hidden groups of each table; more are added.
        k: Projects that are enough.
    """
    if parts:
        _Concealing(parts, tables, away, k).run()


Signature: TypeAlias = tuple[str | None, ...]
"""Groups of a row that are told, in each of the nested tables; None: it is not told."""


class _Row(Struct):
    """Parts that are told apart by their columns only.

    Attributes:
        projects: At least so many hold a secret of it.
        columns: The same of what is in each column; None: of the hidden ones.
    """

    projects: int = 0
    columns: dict[str | None, int] = field(default_factory=dict)

    def lies_across(self, columns: Collection[str | None]) -> bool:
        """Tell whether it has something inside of columns, and something outside."""
        inside = sum(name in columns for name in self.columns)
        return 0 < inside < len(self.columns)

    def inside(self, columns: Collection[str | None]) -> int:
        """Return the projects of what it has inside of columns, at least."""
        return max((self.columns.get(name, 0) for name in columns), default=0)


_Names: TypeAlias = tuple[tuple[int, str], ...]
"""Groups by the number of their table."""


class _Concealing:
    """See ``conceal``."""

    def __init__(
        self, parts: Sequence[Part], tables: Sequence[Sizes], away: Sequence[set[str]], k: int
    ) -> None:
        self._parts = parts
        self._tables = tables
        self._away = away
        self._k = k
        self._depth = len(parts[0].row)

    def run(self) -> None:
        # What is hidden for one layer may leave too little in another.
        changed = True
        while changed:
            changed = False
            for layer in range(len(self._parts[0].projects)):
                changed |= self._mend(layer)

    def _mend(self, layer: int) -> bool:
        """Mend a layer; tell whether anything had to be hidden."""
        changed = False
        while names := self._needed(layer):
            for table, name in names:
                self._away[table].add(name)
            changed = True
        return changed

    def _needed(self, layer: int) -> _Names:
        """Return what has to be hidden next; nothing: all is well, or nothing more can be."""
        rows = self._rows(layer)
        for own, row in sorted(rows.items(), key=lambda item: item[1].projects):
            if row.projects >= self._k:
                break
            choices = [
                (other.projects < self._k, *self._price(self._between(own, signature)))
                for signature, other in rows.items()
                if signature != own
            ]
            if choices:
                return min(choices)[-1]
        columns = sorted(
            {name for row in rows.values() for name in row.columns}, key=lambda one: one or ""
        )
        for size in range(1, len(columns)):
            for inside in combinations(columns, size):
                across = [own for own, row in rows.items() if row.lies_across(inside)]
                if across and max(rows[own].inside(inside) for own in across) < self._k:
                    return self._company(rows, across, inside, columns)
        return ()

    def _company(
        self,
        rows: Mapping[Signature, _Row],
        across: Sequence[Signature],
        inside: Collection[str | None],
        columns: Collection[str | None],
    ) -> _Names:
        """Return what has to be hidden for what rows have inside of columns to have company."""
        large = [own for own, row in rows.items() if row.inside(inside) >= self._k]
        choices = [self._price(self._between(own, other)) for own in across for other in large]
        if not choices:
            # Columns are few, and people look at them first: they go last.
            last = len(self._tables) - 1
            outside = [name for name in columns if name not in inside]
            for pair in product(inside, outside):
                names = tuple((last, name) for name in pair if name is not None)
                choices.append(self._price(names))
        return min(choices)[-1]

    def _rows(self, layer: int) -> dict[Signature, _Row]:
        rows: dict[Signature, _Row] = {}
        for part in self._parts:
            projects = part.projects[layer]
            if not projects:
                continue
            signature = tuple(
                None if name in self._away[table] else name for table, name in enumerate(part.row)
            )
            row = rows.setdefault(signature, _Row())
            whole = self._tables[0][part.row[0]][layer]
            row.projects = max(row.projects, whole)
            column = None
            if len(self._tables) > self._depth and part.column not in self._away[-1]:
                column = part.column
            row.columns[column] = max(row.columns.get(column, 0), projects)
        return rows

    def _between(self, one: Signature, other: Signature) -> _Names:
        """Return what tells two rows apart."""
        return tuple(
            (table, name)
            for table, names in enumerate(zip(one, other, strict=True))
            if names[0] != names[1]
            for name in names
            if name is not None
        )

    def _price(self, names: _Names) -> tuple[int, _Names]:
        """Return what it costs to hide groups: the projects that nobody is told of."""
        return sum(sum(self._tables[table][name]) for table, name in names), names


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
