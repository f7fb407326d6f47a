"""Measuring a store: what is read, in which order. What becomes of it is in ``figures``.

Memory is bounded by what counts: a small value for each counted secret and for each of its lives,
and the numbers of the projects that hold one. Occurrences, artifacts and releases are added up as
they come.
"""

from __future__ import annotations

from datetime import datetime
from heapq import nsmallest
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select

from keysift._version import __version__
from keysift.catalogue import Catalogue
from keysift.model import Confidence, Severity
from keysift.statistics.coverage import census, coverage, period
from keysift.statistics.figures import Material, figures
from keysift.statistics.lasting import Removals
from keysift.statistics.ranking import Ranking
from keysift.statistics.reading import Secrets, Standing, learn_answers, learn_places, secrets_of
from keysift.statistics.shares import LEVEL
from keysift.statistics.values import Made, Scope, Statistics
from keysift.store.ledger import now as present
from keysift.store.made_up import made_up
from keysift.store.queries import census as numbers
from keysift.store.queries.graded import elsewhere
from keysift.store.queries.holders import holders
from keysift.store.queries.scope import in_scope


class Plan(Struct, frozen=True, kw_only=True):
    """What is measured, and how.

    Attributes:
        projects: Globs of names of which a project fulfils one; empty: all projects.
        org: Name of the list that they are from.
        confidence: Secrets count from this confidence on.
        severity: Secrets count from this severity on.
        level: Confidence of intervals and bands.
        since: Count what changed since then; None: nothing did.
        examples: So many secrets are shown, masked; the worst of the active ones first.
        now: The time; None: the present one.
    """

    projects: tuple[str, ...] = ()
    org: str | None = None
    confidence: Confidence = Confidence.MEDIUM
    severity: Severity = Severity.INFO
    level: float = LEVEL
    since: datetime | None = None
    examples: int = 0
    now: datetime | None = None


def measure(connection: Connection, catalogue: Catalogue, plan: Plan) -> Statistics:
    """Return the figures of a store.

    Args:
        connection: From ``Store.reading``.
        catalogue: Says who issues the secrets, and what for.
        plan: What is measured.
    """
    now = plan.now or present()
    projects = in_scope(connection, plan.projects)
    secrets = secrets_of(connection, catalogue, projects, (plan.confidence, plan.severity))
    learn_answers(connection, secrets, plan.since)
    standing = Standing(
        Removals(now, plan.level),
        Ranking("secrets", "active", "occurrences"),
        Ranking("active", "secrets", "occurrences"),
    )
    standing.firsts = dict.fromkeys(_shown(secrets, plan.examples), ("", ""))
    learn_places(secrets, holders(connection, projects, secrets.counted), standing)
    counted = census(numbers.releases(connection, projects))
    artifacts = numbers.artifacts(connection, projects)
    totals = numbers.project_totals(connection, projects)
    rulesets, skips = numbers.rulesets(connection), numbers.skips(connection, projects)
    checks = (secrets.first_check, secrets.last_check)
    return figures(
        Material(
            made=Made(
                version=__version__,
                at=now,
                level=plan.level,
                is_demo=made_up(connection) is not None,
            ),
            scope=_scope(connection, projects, plan),
            period=period(artifacts, totals.last_read, checks),
            coverage=coverage(counted, totals, artifacts, skips, rulesets, plan.level),
            census=counted,
            secrets=secrets.counted,
            not_counted=secrets.not_counted,
            standing=standing,
            elsewhere=None
            if projects is None
            else sum(1 for _ in elsewhere(connection, projects, secrets.counted)),
            since=plan.since,
            catalogue=catalogue,
        )
    )


def _scope(connection: Connection, projects: Select[Any] | None, plan: Plan) -> Scope:
    indexes = tuple(numbers.index_addresses(connection, projects))
    return Scope(
        projects=plan.projects,
        org=plan.org,
        is_part=bool(plan.projects),
        indexes=indexes,
        index_count=len(indexes),
        confidence=plan.confidence.value,
        severity=plan.severity.value,
    )


def _shown(secrets: Secrets, most: int) -> list[int]:
    """Return the numbers of the secrets that are shown."""
    chosen = nsmallest(
        most,
        secrets.counted.values(),
        key=lambda one: (not one.is_active, -one.severity.rank, -one.confidence.rank, one.id),
    )
    return [one.id for one in chosen]
