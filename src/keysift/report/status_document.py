"""The types of the JSON document ``keysift.status/1``: where the checks of secrets stand.

``docs/schemas/status-1.schema.json`` is generated from these classes. Fields may be added to this
version of the format; none is renamed, removed or given another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import Struct

from keysift.model import Privilege, Verdict

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.store.queries.status import Changed, Due, Status, Tally

STATUS_SCHEMA: Final = "keysift.status/1"
"""Name of the format; a change that breaks readers gets another number."""

NOT_RECORDED: Final = "not_recorded"


class VerdictsDocument(Struct, kw_only=True):
    """Secrets by the verdict that stands; each is counted once.

    Attributes:
        active: The provider said last that they work.
        inactive: It said last that they do not.
        unknown: It was asked, and never gave a clear answer that still stands.
        not_checkable: They cannot be checked safely, and somebody wanted to know.
        unchecked: Nobody ever asked.
    """

    active: int
    inactive: int
    unknown: int
    not_checkable: int
    unchecked: int


class DueDocument(Struct, kw_only=True):
    """Secrets that are to be asked about; each number holds those before it.

    Attributes:
        now: Those whose time has come, and those that were never asked about.
        in_7_days: Those whose time will have come 7 days from now.
        in_30_days: Those whose time will have come 30 days from now.
    """

    now: int
    in_7_days: int
    in_30_days: int


class ProviderDocument(Struct, kw_only=True):
    """Secrets of one provider.

    Attributes:
        provider: Who issues them; empty: their types are not known any more.
        secrets: All of them, canaries apart.
        verdicts: By the verdict that stands.
        due: Those that are to be asked about.
    """

    provider: str
    secrets: int
    verdicts: VerdictsDocument
    due: DueDocument


class YearDocument(Struct, kw_only=True):
    """Secrets with a clear answer, of one year of publication.

    Attributes:
        year: Year (UTC) of the first upload that has them; null: no index says.
        active: Those that work today.
        inactive: Those that do not.
    """

    year: int | None
    active: int
    inactive: int


class PrivilegesDocument(Struct, kw_only=True):
    """Active secrets by how much they may do.

    Attributes:
        low: They read what their owner may see, or less.
        medium: They change data, use what costs money, or send messages.
        high: They change code, delete, publish, move money or read further secrets.
        admin: They rule the organisation or the whole account.
        not_known: The provider did not tell, which is not little.
    """

    low: int
    medium: int
    high: int
    admin: int
    not_known: int


class ChangedDocument(Struct, kw_only=True):
    """Secrets whose last clear answer before ``since`` was another one than that of now.

    Attributes:
        secrets: How many.
        ids: The numbers of the first hundred of them in the store.
    """

    secrets: int
    ids: list[int]


class ChangesDocument(Struct, kw_only=True):
    """What is new.

    Attributes:
        since: Since when (UTC): when the last run of ``keysift verify`` began that had something
            to ask, or what ``--since`` said; null: there was no run, and nothing is new.
        newly_inactive: Those that worked and do not any more.
        newly_active: Those that did not work and do again.
    """

    since: datetime | None
    newly_inactive: ChangedDocument
    newly_active: ChangedDocument


class StatusDocument(Struct, kw_only=True):
    """The whole document. Numbers count secrets; no canary is in any but ``canaries``.

    Attributes:
        schema: Name and version of this format.
        version: Version of keysift.
        at: When it was counted (UTC).
        checked: When the ledger was last written to about any of the secrets (UTC); null: never.
        secrets: All that fulfil the filters.
        canaries: Those that fulfil the filters and raise an alarm when they are used.
        verdicts: By the verdict that stands.
        providers: The same by provider, the one with the most active ones first.
        years: Those with a clear answer by year of publication, the oldest first, null last.
        privileges: Active ones by how much they may do.
        broader: Active ones that seem broader than they need to be.
        changes: Those that stand otherwise than before.
        unknown_reasons: Unknown ones by reason; ``not_recorded``: written down before reasons were.
        due: Those that are to be asked about.
        never_due: Those that are due at no time by the reason: ``not_checkable``, ``no_question``,
            ``by_name`` (unless named), ``value_not_kept``.
    """

    schema: Literal["keysift.status/1"]
    version: str
    at: datetime
    checked: datetime | None
    secrets: int
    canaries: int
    verdicts: VerdictsDocument
    providers: list[ProviderDocument]
    years: list[YearDocument]
    privileges: PrivilegesDocument
    broader: int
    changes: ChangesDocument
    unknown_reasons: dict[str, int]
    due: DueDocument
    never_due: dict[str, int]


def write_status_json(counted: Status, version: str, stream: TextIO) -> None:
    """Write where checks stand as one indented JSON document.

    Args:
        counted: The numbers.
        version: Version of keysift.
        stream: Where to.
    """
    document = status_document(counted, version)
    stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def status_document(counted: Status, version: str) -> StatusDocument:
    """Return where checks stand as a document.

    Args:
        counted: The numbers.
        version: Version of keysift.
    """
    privileges = counted.privileges
    return StatusDocument(
        schema=STATUS_SCHEMA,
        version=version,
        at=counted.at,
        checked=counted.checked_at,
        secrets=counted.secrets,
        canaries=counted.canaries,
        verdicts=_verdicts(counted.verdicts),
        providers=[_provider(name, tally) for name, tally in by_active(counted)],
        years=[
            YearDocument(year=year, active=said[Verdict.ACTIVE], inactive=said[Verdict.INACTIVE])
            for year, said in by_year(counted)
        ],
        privileges=PrivilegesDocument(
            **{one.value: privileges[one] for one in Privilege}, not_known=privileges[None]
        ),
        broader=counted.broad,
        changes=ChangesDocument(
            since=counted.since,
            newly_inactive=_changed(counted.dead),
            newly_active=_changed(counted.alive),
        ),
        unknown_reasons={
            NOT_RECORDED if doubt is None else doubt.value: number
            for doubt, number in counted.doubts.most_common()
        },
        due=_due(counted.due),
        never_due={why.value: number for why, number in counted.never.most_common()},
    )


def by_active(counted: Status) -> list[tuple[str, Tally]]:
    """Return providers, those with the most active secrets first, then those with the most."""

    def order(item: tuple[str, Tally]) -> tuple[int, int, str]:
        name, tally = item
        return -tally.verdicts[Verdict.ACTIVE], -tally.verdicts.total(), name.casefold()

    return sorted(counted.providers.items(), key=order)


def by_year(counted: Status) -> list[tuple[int | None, Mapping[Verdict, int]]]:
    """Return years, the oldest first; what no index dates comes last."""
    return sorted(counted.years.items(), key=lambda item: (item[0] is None, item[0] or 0))


def _provider(name: str, tally: Tally) -> ProviderDocument:
    return ProviderDocument(
        provider=name,
        secrets=tally.verdicts.total(),
        verdicts=_verdicts(tally.verdicts),
        due=_due(tally.due),
    )


def _verdicts(said: Mapping[Verdict, int]) -> VerdictsDocument:
    names = VerdictsDocument.__struct_fields__
    return VerdictsDocument(**{name: said.get(Verdict(name), 0) for name in names})


def _due(due: Due) -> DueDocument:
    return DueDocument(now=due.now, in_7_days=due.week, in_30_days=due.month)


def _changed(changed: Changed) -> ChangedDocument:
    return ChangedDocument(secrets=changed.number, ids=changed.secrets)
