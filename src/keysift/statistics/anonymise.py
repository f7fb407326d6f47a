"""A report without names, in which nothing can be told about fewer than ``k`` projects.

What is left out and what is joined, ``keysift.statistics.hiding`` decides; here is which figure is
of which group. Three things are judged by what they count, since nobody counted their projects:
secrets that are in no figure, and the points of survival curves. And nothing protects against what
somebody knows from elsewhere: of a scope in which all projects are affected, each is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from msgspec import structs
from msgspec.structs import replace

from keysift.errors import UsageError
from keysift.statistics.growth import anonymous_growth
from keysift.statistics.hiding import (
    Part,
    Sizes,
    are_told,
    conceal,
    hidden,
    is_safe_part,
    is_small,
    joined,
    shown,
    without_verdicts,
)
from keysift.statistics.place import BYTECODE
from keysift.statistics.values import (
    Changes,
    Count,
    CurveValues,
    Distribution,
    Group,
    Headline,
    NotCounted,
    PlaceGroup,
    Removal,
    Returns,
    Revocation,
    Shared,
    Statistics,
    SurvivalGroup,
    Verdicts,
)

DEFAULT_K: Final = 5
"""Projects that a group has at least, unless somebody wants more."""

LEAST_K: Final = 2

_NESTED: Final = (
    ("month", "year"),
    ("detector", "provider", "category", "severity"),
    ("confidence",),
    ("verdict",),
    ("triage",),
    ("presence",),
    ("artifact",),
    ("mode",),
)
"""Tables in which every secret is in one group; with each those that hold its groups."""

_P = TypeVar("_P", bound=Group)


def anonymise(statistics: Statistics, k: int = DEFAULT_K) -> Statistics:
    """Return figures without a name, and without any that tells about fewer than ``k`` projects.

    Names of projects, organisations and indexes go, and so do examples. Groups of secrets in fewer
    projects are joined with others, or left out; so are as many more as it takes that they cannot
    be computed from what is left.

    Args:
        statistics: The figures, as they were measured.
        k: Projects that every group has at least.

    Raises:
        UsageError: Less than ``k`` projects are affected, so that nothing could be told; or ``k``
            would protect nobody.
    """
    if k < LEAST_K:
        raise UsageError(f"a group of fewer than {LEAST_K} projects hides nobody: k is {k}")
    affected = statistics.headline.projects.count
    if is_small(statistics.headline.secrets, affected, k):
        raise UsageError(
            f"projects with a secret: {affected} only. A report about fewer than {k} of them "
            "cannot be anonymous; choose a wider scope"
        )
    return _Anonymous(statistics, k).whole()


class _Anonymous:
    """Decides about one report.

    Args:
        measured: The figures.
        k: Projects that are enough.
    """

    def __init__(self, measured: Statistics, k: int) -> None:
        self._measured = measured
        self._k = k
        self._all = (measured.headline.secrets, measured.headline.projects.count)
        self._away: dict[str, set[str]] = {}
        self._silent: dict[str, set[str]] = {}
        for tables in _NESTED:
            self._hide(tables)
        for tables in _NESTED:
            self._silence(tables)

    def _groups(self, table: str) -> tuple[Group, ...]:
        groups: tuple[Group, ...] = getattr(self._measured, f"by_{table}")
        return groups

    def _hide(self, tables: Sequence[str]) -> None:
        """Choose which groups of nested tables are not shown."""
        sizes: list[Sizes] = []
        for table in tables:
            groups = self._groups(table)
            self._away[table] = {one.name for one in groups if one.projects < self._k}
            sizes.append({one.name: (one.projects,) for one in groups})
        parts = [replace(part, projects=(number,)) for part, number, _ in self._parts(tables)]
        conceal(parts, sizes, [self._away[table] for table in tables], self._k)

    def _silence(self, tables: Sequence[str]) -> None:
        """Choose which groups do not tell the verdicts of their secrets.

        They tell all of them or none. Of the rest the sum by verdict is the difference to what
        holds it, where a verdict is shown in the table of verdicts; of those that are not, to all
        of these together.
        """
        gone = self._away["verdict"]
        layers: list[tuple[str, ...]] = [
            (name,) for name in Verdicts.__struct_fields__ if name not in gone
        ]
        if gone:
            layers.append(tuple(gone))
        sizes: list[Sizes] = []
        for table in tables:
            groups = self._groups(table)
            told = {group.name for group in groups if are_told(group, self._k)}
            self._silent[table] = self._away[table] | {group.name for group in groups} - told
            sizes.append({one.name: _layers(one.projects_by_verdict, layers) for one in groups})
        parts = [
            replace(part, projects=_layers(verdicts, layers))
            for part, _, verdicts in self._parts(tables)
        ]
        conceal(parts, sizes, [self._silent[table] for table in tables], self._k)

    def _parts(self, tables: Sequence[str]) -> Iterator[tuple[Part, int, Verdicts | None]]:
        """Yield what nested tables hold, its projects, and these by verdict."""
        if "severity" in tables:
            for one in self._measured.strata:
                part = Part(row=(one.detector, one.provider, one.category), column=one.severity)
                yield part, one.projects, one.projects_by_verdict
            return
        for group in self._groups(tables[0]):
            # The year of a month is how it begins.
            row: tuple[str, ...] = (
                (group.name, group.name[:4]) if "year" in tables else (group.name,)
            )
            yield Part(row=row), group.projects, group.projects_by_verdict

    def whole(self) -> Statistics:
        """Return the report."""
        one, k = self._measured, self._k
        broad = Count(one.broad.count if one.broad else 0, one.broad_projects or 0)
        is_broad_told = self._is_told("verdict", "active") and self._is_part(
            broad, self._size("verdict", "active")
        )
        shown_tables = {
            f"by_{table}": shown(self._groups(table), self._away[table], self._silent[table], k)
            for tables in _NESTED
            for table in tables
        }
        return replace(
            one,
            made=replace(one.made, k=k),
            scope=replace(one.scope, projects=(), org=None, indexes=()),
            headline=self._headline(one.headline),
            not_counted=_not_counted(one.not_counted, k),
            **shown_tables,
            by_place=_overlapping(one.by_place, self._place),
            by_extension=_overlapping(one.by_extension, self._extension),
            by_privilege=self._privileges(one.by_privilege),
            by_power=_overlapping(one.by_power, self._power),
            broad=one.broad if is_broad_told else None,
            broad_projects=one.broad_projects if is_broad_told else None,
            growth=anonymous_growth(one.growth, self._away["year"], k),
            releases=_distribution(one.releases, k),
            removal=None if one.removal is None else _removal(one.removal, k),
            revocation=self._revocation(one.revocation),
            shared=None if one.shared is None else self._shared(one.shared),
            returns=None if one.returns is None else self._returns(one.returns),
            most_secrets=(),
            most_active=(),
            changes=None if one.changes is None else self._changes(one.changes),
            examples=(),
            strata=(),
        )

    def _size(self, table: str, name: str) -> tuple[int, int]:
        """Return secrets and projects of a group, whether it is shown or not."""
        for group in self._groups(table):
            if group.name == name:
                return group.secrets, group.projects
        return 0, 0

    def _is_told(self, table: str, *names: str) -> bool:
        """Tell whether groups are shown, or have no secret."""
        return not self._away[table].intersection(names)

    def _headline(self, headline: Headline) -> Headline:
        clear = self._is_told("verdict", "active", "inactive")
        active = self._size("verdict", "active")
        present = self._is_told("presence", "newest", "unknown")
        both = headline.active_and_present
        is_safe = clear and both is not None and self._is_part(both, active)
        return replace(
            headline,
            verdicts=None if self._away["verdict"] else headline.verdicts,
            active=headline.active if clear else None,
            active_projects=headline.active_projects if clear else None,
            still_present=headline.still_present if present else None,
            active_and_present=both if is_safe and present else None,
            oldest_active=None,
        )

    def _is_part(self, count: Count, whole: tuple[int, int]) -> bool:
        return is_safe_part((count.secrets, count.projects), whole, self._k)

    def _extension(self, group: PlaceGroup) -> PlaceGroup | None:
        # Bytecode is a kind of file too, all together: with one kind told the other would be.
        bytecode = [one for one in self._measured.by_extension if one.name in BYTECODE]
        if group in bytecode and not all(map(self._place, bytecode)):
            return None
        return self._place(group)

    def _place(self, group: PlaceGroup) -> PlaceGroup | None:
        # The others are those that stand in no such file.
        if not is_safe_part((group.secrets, group.projects), self._all, self._k):
            return None
        only = group.only or 0, group.projects_only or 0
        is_safe = is_safe_part(only, (group.secrets, group.projects), self._k)
        return replace(
            group if are_told(group, self._k) else without_verdicts(group),
            only=group.only if is_safe else None,
            projects_only=group.projects_only if is_safe else None,
        )

    def _power(self, group: Group) -> Group | None:
        whole = self._size("verdict", "active")
        size = group.secrets, group.projects
        told = self._is_told("verdict", "active") and is_safe_part(size, whole, self._k)
        return group if told else None

    def _privileges(self, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        if not self._is_told("verdict", "active"):
            return ()
        away = hidden({group.name: group.projects for group in groups}, self._k)
        return shown(groups, away, away, self._k)

    def _revocation(self, revocation: Revocation | None) -> Revocation | None:
        if revocation is None or is_small(
            revocation.whole.watched or 0, revocation.whole.projects, self._k
        ):
            return None
        whole = revocation.whole
        sizes = [self._size("verdict", name) for name in ("active", "inactive")]
        clear = sum(size[0] for size in sizes), max(size[1] for size in sizes)
        is_safe = self._is_told("verdict", "active", "inactive") and self._is_part(
            Count(whole.watched or 0, whole.projects), clear
        )
        return replace(
            revocation,
            whole=replace(_survival(whole, self._k), watched=whole.watched if is_safe else None),
            providers=_survivals(revocation.providers, self._away["provider"], self._k),
            years=_survivals(revocation.years, self._away["year"], self._k),
        )

    def _shared(self, shared: Shared) -> Shared:
        count = Count(shared.shared.count if shared.shared else 0, shared.projects or 0)
        is_safe = self._is_part(count, self._all)
        spread = _distribution(shared.spread, self._k)
        return Shared(
            shared=shared.shared if is_safe else None,
            projects=shared.projects if is_safe else None,
            # Its bars say how many are shared.
            spread=spread if is_safe else None,
            elsewhere=None,
            largest=tuple(
                replace(group, names=(), detectors=())
                for group in shared.largest
                if is_safe and group.projects >= self._k
            ),
        )

    def _returns(self, returns: Returns) -> Returns:
        rid = returns.returned.of if returns.returned else 0, returns.projects_rid or 0
        count = Count(returns.returned.count if returns.returned else 0, returns.projects or 0)
        is_safe = is_safe_part(rid, self._all, self._k) and self._is_part(count, rid)
        later = returns.introduced_later
        return Returns(
            returned=returns.returned if is_safe else None,
            projects=returns.projects if is_safe else None,
            projects_rid=returns.projects_rid if is_safe else None,
            times=returns.times if is_safe else None,
            present=None,
            active=None,
            introduced_later=later if later and self._is_part(later, self._all) else None,
        )

    def _changes(self, changes: Changes) -> Changes:
        wholes = {
            "new": self._all,
            "revoked": self._size("verdict", "inactive"),
            "newly_active": self._size("verdict", "active"),
            "removed": self._all,
        }
        kept: dict[str, Count | None] = {}
        for name, whole in wholes.items():
            count: Count | None = getattr(changes, name)
            kept[name] = count if count and self._is_part(count, whole) else None
        new, published = kept["new"], changes.newly_published
        is_safe = new and published and self._is_part(published, (new.secrets, new.projects))
        return Changes(since=changes.since, newly_published=published if is_safe else None, **kept)


def _layers(verdicts: Verdicts | None, layers: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the projects of some verdicts together, at least."""
    if verdicts is None:
        return (0,) * len(layers)
    return tuple(max(getattr(verdicts, name) for name in names) for names in layers)


def _overlapping(groups: Sequence[_P], told: Callable[[_P], _P | None]) -> tuple[_P, ...]:
    """Return a table in which a secret may be in several groups, without what may not be told.

    Its groups add up to nothing, but for their occurrences: these are not told when any is missing.
    """
    kept = [one for one in map(told, groups) if one is not None]
    if len(kept) < len(groups):
        return tuple(replace(one, occurrences=None) for one in kept)
    return tuple(kept)


def _not_counted(numbers: NotCounted, k: int) -> NotCounted:
    known: dict[str, int] = {
        name: number for name, number in structs.asdict(numbers).items() if number
    }
    away = hidden(known, k)
    return replace(numbers, **dict.fromkeys(away))


def _distribution(distribution: Distribution | None, k: int) -> Distribution | None:
    if distribution is None:
        return None
    bins = joined(distribution.bins, k)
    if distribution.bins and not bins:
        return None
    return replace(distribution, bins=bins, largest=None)


def _removal(removal: Removal, k: int) -> Removal | None:
    if is_small(removal.lives or 0, removal.projects, k):
        return None
    numbers = {name: getattr(removal, name) or 0 for name in removal.projects_by_end}
    small = any(
        is_small(number, removal.projects_by_end[name], k) for name, number in numbers.items()
    )
    return replace(
        removal,
        **(dict.fromkeys(("lives", *numbers)) if small else {}),
        projects_by_end={} if small else removal.projects_by_end,
        curve=_curve(removal.curve, k),
    )


def _survivals(
    groups: Sequence[SurvivalGroup], gone: Collection[str], k: int
) -> tuple[SurvivalGroup, ...]:
    sizes: Mapping[str, int] = {group.name: group.projects for group in groups}
    away = hidden(sizes, k, gone)
    return tuple(_survival(group, k) for group in groups if group.name not in away)


def _survival(group: SurvivalGroup, k: int) -> SurvivalGroup:
    numbers = ("asked", "watched", "revoked", "active", "once", "late", "unborn", "unasked")
    return replace(group, **dict.fromkeys(numbers), gap=None, curve=_curve(group.curve, k))


def _curve(curve: CurveValues | None, k: int) -> CurveValues | None:
    """Return a curve at some ages, as long as enough are under observation."""
    if curve is None:
        return None
    kept = tuple(
        replace(one, at_risk=None)
        for one in curve.at
        if one.at_risk is not None and one.at_risk >= k
    )
    if not kept:
        return None
    return replace(curve, end=min(curve.end, kept[-1].age), at=kept, steps=())
