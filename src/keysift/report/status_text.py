"""Where the checks of secrets stand, for people: how many still work, whose, since when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from keysift.model import Privilege, Verdict
from keysift.report.escape import visible
from keysift.report.outcome_text import DOUBTS, PRIVILEGES
from keysift.report.page import Page, Style
from keysift.report.status_document import by_active, by_year
from keysift.report.summary import count
from keysift.report.table import Column, write_table

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.store.queries.status import Changed, Status, Tally

SHOWN: Final = 20
"""Providers that are shown with their verdicts; the others are one row."""

SHOWN_DUE: Final = 10
"""The same for what is due."""

_NAMED: Final = 10
"""Secrets that are named by number."""

_BAR: Final = 30
"""Cells of the longest bar."""

_NUMBERS: Final = 45
"""Cells of what stands before a bar, at most."""

_VERDICTS: Final = {
    Verdict.ACTIVE: ("active", Style.ALARM),
    Verdict.INACTIVE: ("inactive", Style.PLAIN),
    Verdict.UNKNOWN: ("unknown", Style.PLAIN),
    Verdict.NOT_CHECKABLE: ("not checkable", Style.PLAIN),
    Verdict.UNCHECKED: ("not asked", Style.PLAIN),
}

_Row: TypeAlias = list[tuple[str, Style]]


def write_status_text(counted: Status, stream: TextIO, *, color: bool, width: int) -> None:
    """Write the numbers, what matters most first.

    Args:
        counted: The numbers.
        stream: Where to.
        color: Whether it may be coloured.
        width: Columns.
    """
    page = Page(stream, color=color, width=width)
    for line, style in _headline(counted):
        page.paragraph(line, style)
    if not counted.secrets:
        return
    for line, style in _changes(counted):
        page.paragraph(line, style)
    page.raw()
    _providers(page, counted)
    _years(page, counted)
    _privileges(page, counted)
    _doubts(page, counted)
    _due(page, counted)


def _headline(counted: Status) -> Iterator[tuple[str, Style]]:
    if not counted.secrets:
        yield "No secret fulfils what was asked for.", Style.PLAIN
    else:
        words = [
            f"{counted.verdicts[verdict]:,} {word}"
            for verdict, (word, _) in _VERDICTS.items()
            if counted.verdicts[verdict]
        ]
        yield f"{count(counted.secrets, 'secret')}: {', '.join(words)}.", Style.STRONG
    if counted.canaries:
        canaries = count(counted.canaries, "canary", "canaries")
        yield f"{canaries} besides: asking would raise an alarm.", Style.FAINT


def _changes(counted: Status) -> Iterator[tuple[str, Style]]:
    if counted.checked_at is not None:
        yield f"Last checked {counted.checked_at:%Y-%m-%d %H:%M} UTC.", Style.PLAIN
    if counted.since is None:
        if counted.checked_at is not None:
            yield "No run of keysift verify is known: --since 7d tells what is new.", Style.FAINT
        return
    since = f"Since {counted.since:%Y-%m-%d %H:%M} UTC"
    if not (counted.dead.number or counted.alive.number):
        yield f"{since}: no secret died, none came back.", Style.PLAIN
    if counted.dead.number:
        words = "works no more" if counted.dead.number == 1 else "work no more"
        yield f"{since}: {_named(counted.dead, words)}", Style.GOOD
    if counted.alive.number:
        words = "works again" if counted.alive.number == 1 else "work again"
        yield f"{since}: {_named(counted.alive, words)}", Style.ALARM


def _named(changed: Changed, words: str) -> str:
    """Return how many changed and which: ``2 secrets work no more (17, 20).``."""
    shown = [str(number) for number in changed.secrets[:_NAMED]]
    rest = changed.number - len(shown)
    more = [f"{rest:,} more"] if rest else []
    return f"{count(changed.number, 'secret')} {words} ({', '.join([*shown, *more])})."


def _providers(page: Page, counted: Status) -> None:
    columns = [Column("PROVIDER", narrowest=12)]
    columns += [Column(word.upper(), is_number=True) for word, _ in _VERDICTS.values()]

    def row(name: str, tallies: Sequence[Tally]) -> _Row:
        numbers = (
            _number(sum(tally.verdicts[verdict] for tally in tallies), style)
            for verdict, (_, style) in _VERDICTS.items()
        )
        return [(name, Style.PLAIN), *numbers]

    _by_provider(page, columns, by_active(counted), row, SHOWN)


def _by_provider(
    page: Page,
    columns: Sequence[Column],
    providers: Sequence[tuple[str, Tally]],
    row: Callable[[str, Sequence[Tally]], _Row],
    most: int,
) -> None:
    """Write a table of providers; those beyond some are one row."""
    # One provider more takes no more room than a row that speaks of it.
    shown = providers if len(providers) <= most + 1 else providers[:most]
    rows = [row(visible(name) or "not known any more", [tally]) for name, tally in shown]
    rest = providers[len(shown) :]
    if rest:
        rows.append(row(f"{len(rest):,} others", [tally for _, tally in rest]))
    write_table(page, columns, rows)


def _years(page: Page, counted: Status) -> None:
    years = by_year(counted)
    if not counted.verdicts[Verdict.ACTIVE]:
        return
    most = max(said[Verdict.ACTIVE] for _, said in years)
    # Few secrets are a cell each; many share the room beside the numbers.
    room = max(1, min(_BAR, most, page.width - _NUMBERS))
    _title(page, "Still active, by year of first upload")
    rows = []
    for year, said in years:
        active, clear = said[Verdict.ACTIVE], said[Verdict.ACTIVE] + said[Verdict.INACTIVE]
        bar = "█" * -(-active * room // most)
        rows.append(
            [
                ("not known" if year is None else str(year), Style.PLAIN),
                _number(active, Style.ALARM),
                (f"of {clear:,}", Style.PLAIN),
                (_share(active, clear), Style.PLAIN),
                (bar, Style.ALARM),
            ]
        )
    columns = (
        Column("YEAR"),
        Column("ACTIVE", is_number=True),
        Column("ANSWERED", is_number=True),
        Column("SHARE", is_number=True),
        Column("", narrowest=0),
    )
    write_table(page, columns, rows)


def _share(part: int, whole: int) -> str:
    """Return a share in percent; some is never shown as none, nor as all."""
    percent = f"{part / whole:.0%}"
    if part and percent == "0%":
        return "<1%"
    return ">99%" if part < whole and percent == "100%" else percent


def _privileges(page: Page, counted: Status) -> None:
    if not counted.verdicts[Verdict.ACTIVE]:
        return
    _title(page, "Still active, by what they may do")
    grades: list[Privilege | None] = [*reversed(Privilege), None]
    rows = [
        [
            ("not known" if grade is None else grade.value, Style.PLAIN),
            _number(counted.privileges[grade], Style.PLAIN if grade is None else PRIVILEGES[grade]),
        ]
        for grade in grades
    ]
    write_table(page, (Column("PRIVILEGE"), Column("ACTIVE", is_number=True)), rows)
    if counted.broad:
        verb = "is" if counted.broad == 1 else "are"
        line = f"{counted.broad:,} of them {verb} broader than needed: `keysift show ID` says why."
        page.paragraph(line, Style.WARNING)


def _doubts(page: Page, counted: Status) -> None:
    if not counted.doubts:
        return
    _title(page, "Unknown, by reason")
    rows = [
        [
            _number(number, Style.PLAIN),
            ("not written down" if doubt is None else DOUBTS[doubt], Style.PLAIN),
        ]
        for doubt, number in counted.doubts.most_common()
    ]
    write_table(page, (Column("SECRETS", is_number=True), Column("REASON", narrowest=12)), rows)


def _due(page: Page, counted: Status) -> None:
    _title(page, "Due to be asked about")
    due = counted.due
    providers = [item for item in counted.providers.items() if item[1].due.month]
    providers.sort(key=lambda item: (-item[1].due.now, -item[1].due.month, item[0].casefold()))
    if not providers:
        page.paragraph("Nothing within 30 days.")
    else:
        columns = (
            Column("PROVIDER", narrowest=12),
            Column("NOW", is_number=True),
            Column("WITHIN 7 DAYS", is_number=True),
            Column("WITHIN 30 DAYS", is_number=True),
        )

        def row(name: str, tallies: Sequence[Tally]) -> _Row:
            parts = [tally.due for tally in tallies]
            now = _number(sum(part.now for part in parts), Style.WARNING)
            later = (sum(part.week for part in parts), sum(part.month for part in parts))
            return [(name, Style.PLAIN), now, *(_number(number, Style.PLAIN) for number in later)]

        _by_provider(page, columns, providers, row, SHOWN_DUE)
        line = f"Together {due.now:,} now, {due.week:,} within 7 days, {due.month:,} within 30"
        page.paragraph(f"{line} days. `keysift verify --due` asks.")
    for why, number in counted.never.most_common():
        page.paragraph(f"{count(number, 'secret')} never: {why.text}.", Style.FAINT)


def _title(page: Page, text: str) -> None:
    page.raw()
    page.line((text, Style.STRONG))


def _number(number: int, style: Style) -> tuple[str, Style]:
    return f"{number:,}", style if number else Style.FAINT
