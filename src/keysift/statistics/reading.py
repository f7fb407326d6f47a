"""From the store to counted secrets: one pass over secrets, one over checks, one over projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from sqlalchemy import Connection, Select

from keysift.catalogue import Catalogue
from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.statistics.counted import UNASKED, Counted, Told
from keysift.statistics.lasting import Removals
from keysift.statistics.place import file_of
from keysift.statistics.ranking import Ranking
from keysift.statistics.values import NotCounted, ProjectFigures
from keysift.store.queries import graded as queries
from keysift.store.queries.graded import Graded
from keysift.store.queries.status import firm_before, ledger
from keysift.verify.schedule import Check, standing_of

if TYPE_CHECKING:
    from keysift.store.queries.holders import Holder

_ASIDE: Final = {
    TriageStatus.FALSE_POSITIVE: "false_positives",
    TriageStatus.TEST: "tests",
}


class Secrets(Struct):
    """The secrets of a scope.

    Attributes:
        counted: Those that count, by their numbers.
        not_counted: How many others there are.
        first_check: When a provider was first asked about one that counts.
        last_check: When one was last asked.
    """

    counted: dict[int, Counted]
    not_counted: NotCounted
    first_check: datetime | None = None
    last_check: datetime | None = None


def secrets_of(
    connection: Connection,
    catalogue: Catalogue,
    projects: Select[tuple[int]] | None,
    least: tuple[Confidence, Severity],
) -> Secrets:
    """Return the secrets of a scope; nothing is known yet of where they stand.

    Args:
        connection: From ``Store.reading``.
        catalogue: Says who issues them.
        projects: The scope, from ``in_scope``.
        least: Confidence and severity from which they count.
    """
    modes, powers = queries.modes(connection), queries.powers(connection)
    counted: dict[int, Counted] = {}
    others: Counter[str] = Counter()
    found = 0
    with closing(queries.graded(connection, projects)) as graded:
        for one in graded:
            found += 1
            why = _why_not(one, least)
            if why is not None:
                others[why] += 1
                continue
            counted[one.id] = _counted(
                one, catalogue, modes.get(one.id, ""), powers.get(one.id, ())
            )
    others["outdated"] = queries.standing(connection, projects) - found
    names = NotCounted.__struct_fields__
    return Secrets(counted, NotCounted(**{name: others[name] for name in names}))


def _why_not(one: Graded, least: tuple[Confidence, Severity]) -> str | None:
    """Return the first reason why a secret does not count; None: it does."""
    confidence, severity = least
    if one.is_canary:
        return "canaries"
    if one.confidence.rank < confidence.rank:
        return "low_confidence"
    if one.severity.rank < severity.rank:
        return "low_severity"
    return _ASIDE.get(one.triage)


def _counted(one: Graded, catalogue: Catalogue, mode: str, powers: tuple[str, ...]) -> Counted:
    detector = catalogue.by_id.get(one.detector)
    return Counted(
        id=one.id,
        detector=one.detector,
        provider="" if detector is None else detector.provider,
        category="" if detector is None else detector.category.value,
        mask=one.mask,
        severity=one.severity,
        confidence=one.confidence,
        triage=one.triage,
        first_seen_at=one.first_seen_at,
        told=UNASKED,
        mode=mode,
        powers=powers,
    )


def learn_answers(connection: Connection, secrets: Secrets, since: datetime | None) -> None:
    """Learn what providers said of the counted secrets.

    Args:
        connection: From ``Store.reading``.
        secrets: The secrets.
        since: The time from which changes are counted.
    """
    with closing(ledger(connection)) as rows:
        for checks in rows:
            secret = secrets.counted.get(checks[0].secret)
            if secret is None:
                continue
            secret.told = _told(checks, since)
            first = min(check.checked_at for check in checks)
            last = max(check.checked_at for check in checks)
            secrets.first_check = min(secrets.first_check or first, first)
            secrets.last_check = max(secrets.last_check or last, last)


def _told(checks: list[Check], since: datetime | None) -> Told:
    standing = standing_of(checks)
    told = standing.told
    answers = sorted(
        (check.checked_at, check.verdict is Verdict.ACTIVE) for check in checks if check.is_firm
    )
    return Told(
        verdict=standing.verdict,
        privilege=None if told is None else told.privilege,
        is_broad=told is not None and told.is_broad,
        firm_before=firm_before(checks, since),
        answers=tuple(answers),
    )


class Standing(Struct):
    """What is gathered while projects come, one after the other.

    Attributes:
        removals: How long secrets stay.
        most_secrets: The projects with the most counted secrets.
        most_active: Those with the most active ones.
        names: Names of the projects that are affected, by their numbers.
        secrets: Numbers of the secrets of each.
        artifacts: Affected artifacts, by year of upload; None: not known.
        affected: Projects by the years of upload of their affected artifacts.
        newly_affected: Projects by the year of the first upload that has a secret.
        releases: Affected releases.
        places: Occurrences by the number of the kind of file.
        extensions: Occurrences by extension.
        firsts: Project and version that had some secrets first, for those that are to be shown.
    """

    removals: Removals
    most_secrets: Ranking
    most_active: Ranking
    names: dict[int, str] = field(default_factory=dict)
    secrets: dict[int, list[int]] = field(default_factory=dict)
    artifacts: Counter[int | None] = field(default_factory=Counter)
    affected: Counter[int | None] = field(default_factory=Counter)
    newly_affected: Counter[int | None] = field(default_factory=Counter)
    releases: int = 0
    places: Counter[int] = field(default_factory=Counter)
    extensions: Counter[str] = field(default_factory=Counter)
    firsts: dict[int, tuple[str, str]] = field(default_factory=dict)


def learn_places(secrets: Secrets, holders: Iterable[Holder], standing: Standing) -> None:
    """Learn where the counted secrets stand.

    Args:
        secrets: The secrets; each learns of its projects.
        holders: Projects that hold some of them.
        standing: What else is gathered.
    """
    counted = secrets.counted
    for holder in holders:
        standing.names[holder.project] = holder.name
        standing.secrets[holder.project] = list(holder.lives)
        standing.artifacts.update(holder.artifacts.values())
        standing.affected.update(set(holder.artifacts.values()))
        standing.releases += len(holder.releases)
        for number, places, extensions in _files(holder, standing):
            counted[number].stand(places, extensions)
        for number, life in holder.lives.items():
            secret = counted[number]
            before = secret.introduced_at
            secret.live(life)
            if number in standing.firsts and (
                secret.projects == 1 or secret.introduced_at != before
            ):
                standing.firsts[number] = (life.introduced.project, life.introduced.version)
            standing.removals.add(life, holder.project)
        _rank(holder, counted, standing)


def _files(holder: Holder, standing: Standing) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield the kinds of files, as bits, and the extensions that each secret stands in."""
    bits: dict[int, int] = {}
    extensions: dict[int, set[str]] = {}
    for (secret, path), occurrences in holder.paths.items():
        file = file_of(path)
        standing.places[file.number] += occurrences
        standing.extensions[file.extension] += occurrences
        bits[secret] = bits.get(secret, 0) | 1 << file.number
        extensions.setdefault(secret, set()).add(file.extension)
    for secret, places in bits.items():
        yield secret, places, frozenset(extensions[secret])


def _rank(holder: Holder, counted: dict[int, Counted], standing: Standing) -> None:
    lives = holder.lives
    uploads = [one.first_uploaded_at for one in lives.values() if one.first_uploaded_at]
    last = [one.last_uploaded_at for one in lives.values() if one.last_uploaded_at]
    first = min(uploads, default=None)
    standing.newly_affected[None if first is None else first.year] += 1
    figures = ProjectFigures(
        name=holder.name,
        index=holder.index,
        secrets=len(lives),
        occurrences=sum(life.places for life in lives.values()),
        active=sum(counted[number].is_active for number in lives),
        present=sum(life.still_present is True for life in lives.values()),
        first=first,
        last=max(last, default=None),
    )
    standing.most_secrets.add(figures)
    standing.most_active.add(figures)
