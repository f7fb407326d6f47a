"""Which tables there are, in the order of a report."""

from __future__ import annotations

from collections.abc import Iterable

from keysift.statistics.tables import whole
from keysift.statistics.tables.coverage import coverage_tables, not_counted_table
from keysift.statistics.tables.groups import group_table
from keysift.statistics.tables.time import growth_table, removal_tables, revocation_tables
from keysift.statistics.tables.values import COUNTED, Section, Table, Unit, line, part
from keysift.statistics.values import Statistics

_WHAT = ("by_category", "by_provider", "by_detector", "by_severity", "by_confidence", "by_mode")
_WHEN = ("by_year", "by_month")
_POWER = ("by_verdict", "by_privilege", "by_power")
_WHERE = ("by_place", "by_extension", "by_artifact")
_STILL = ("by_presence",)
_PEOPLE = ("by_triage",)


def sections(statistics: Statistics) -> tuple[Section, ...]:
    """Return all tables that have a line, by the section of the report that they are in."""
    several = (
        Section("headline", "The state of things", _headline(statistics)),
        Section("what", "What leaks", _groups(statistics, _WHAT)),
        Section("when", "When", (*_groups(statistics, _WHEN), growth_table(statistics))),
        Section("works", "What still works", _works(statistics)),
        Section("where", "Where secrets stand", _where(statistics)),
        Section("long", "How long", _lasting(statistics)),
        Section("projects", "In which projects", _projects(statistics)),
        Section("people", "What people decided", _groups(statistics, _PEOPLE)),
        Section(
            "method",
            "What was looked at",
            (
                whole.scope_table(statistics),
                whole.period_table(statistics.period),
                not_counted_table(statistics),
                *coverage_tables(statistics),
            ),
        ),
    )
    filled = (
        Section(one.id, one.title, tuple(table for table in one.tables if table.lines))
        for one in several
    )
    return tuple(one for one in filled if one.tables)


def tables(statistics: Statistics) -> tuple[Table, ...]:
    """Return all tables that have a line, in the order of a report."""
    return tuple(table for section in sections(statistics) for table in section.tables)


def _groups(statistics: Statistics, names: Iterable[str]) -> tuple[Table, ...]:
    return tuple(group_table(statistics, name) for name in names)


def _headline(statistics: Statistics) -> tuple[Table, ...]:
    found = [whole.headline_table(statistics)]
    if statistics.changes is not None:
        found.append(whole.changes_table(statistics.changes))
    return tuple(found)


def _works(statistics: Statistics) -> tuple[Table, ...]:
    verdict, privilege, power = _groups(statistics, _POWER)
    broad = Table(
        id="broad",
        title="Broader than needed",
        counts="Active secrets that seem broader than they need to be, of all active ones.",
        head="what",
        measures=COUNTED,
        lines=(
            line("broad", "broader than needed", part(statistics.broad), statistics.broad_projects),
        ),
    )
    return verdict, privilege, power, broad


def _where(statistics: Statistics) -> tuple[Table, ...]:
    repository = statistics.repository
    return (
        *_groups(statistics, _WHERE),
        whole.repository_share(repository.only_packaged, repository.reason),
    )


def _lasting(statistics: Statistics) -> tuple[Table, ...]:
    found = list(_groups(statistics, _STILL))
    if statistics.releases is not None:
        found.append(
            whole.distribution_table(
                "releases",
                "Releases that a secret lives in",
                "All counted secrets, by the number of releases, of all projects of the scope.",
                Unit.RELEASES,
                statistics.releases,
            )
        )
    if statistics.removal is not None:
        found += removal_tables(statistics.removal)
    if statistics.returns is not None:
        found.append(whole.returns_table(statistics.returns))
    if statistics.revocation is not None:
        found += revocation_tables(statistics.revocation)
    return tuple(found)


def _projects(statistics: Statistics) -> tuple[Table, ...]:
    found = []
    if statistics.shared is not None:
        found += list(whole.shared_tables(statistics.shared))
    named = (
        ("most_secrets", "Projects with the most secrets", statistics.most_secrets),
        ("most_active", "Projects with the most active secrets", statistics.most_active),
    )
    found += [whole.projects_table(name, title, projects) for name, title, projects in named]
    return tuple(found)
