"""What ``keysift store info`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from keysift.cli.environment import Environment
from keysift.report.escape import visible
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import count, human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keysift.store.overview import Overview, Run

_MARGIN: Final = Margin(0, 11)


def write_overview(name: str, overview: Overview, stream: TextIO, environment: Environment) -> None:
    """Write what a store holds.

    Args:
        name: Of the store.
        overview: What it holds.
        stream: Where to.
        environment: For colours and the width.
    """
    page = Page(stream, color=environment.color, width=environment.width)
    _row(page, "Store", [visible(name)])
    _row(page, "Database", [f"{overview.kind}, {human_bytes(overview.size_bytes)}"])
    _row(page, "Key", [overview.sealing_key or "none: no value was kept yet"])
    _row(page, "Projects", _counts(overview.projects))
    _row(page, "Artifacts", _counts(overview.artifacts))
    _row(page, "Skips", _counts(overview.skips) or ["none"])
    page.raw()
    _tables(page, overview)
    page.raw()
    if not overview.runs:
        page.raw("No crawl yet.")
    for place, run in enumerate(overview.runs):
        _run(page, run, is_running=place == 0 and overview.is_crawled)


def _row(page: Page, label: str, pieces: Iterable[str]) -> None:
    page.labelled(label, pieces, Style.PLAIN, margin=_MARGIN)


def _counts(counts: dict[str, int]) -> list[str]:
    pieces = [f"{number:,} {visible(name)}" for name, number in counts.items()]
    return [f"{piece}," for piece in pieces[:-1]] + pieces[-1:]


def _tables(page: Page, overview: Overview) -> None:
    width = max(len(table.name) for table in overview.tables)
    for table in overview.tables:
        size = "" if table.size_bytes is None else f"  {human_bytes(table.size_bytes):>12}"
        page.raw(f"{table.name:<{width}}  {count(table.rows, 'row'):>16}{size}")


def _run(page: Page, run: Run, *, is_running: bool) -> None:
    began = f"{run.began_at:%Y-%m-%d %H:%M}"
    if run.ended_at is None:
        end = "it goes on" if is_running else "it was killed"
        page.raw(f"{began} UTC, keysift {visible(run.version)}: {end}")
    else:
        page.raw(f"{began} to {run.ended_at:%Y-%m-%d %H:%M} UTC, keysift {visible(run.version)}")
    page.line((visible(run.registry), Style.FAINT), indent=2)
    counts = (f"{visible(str(name))} {visible(str(value))}" for name, value in run.counts.items())
    page.paragraph(", ".join(counts), indent=2)
