"""The two lines that a terminal shows while a crawl runs."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from keysift.cli.crawl_progress import Progress
from keysift.cli.environment import Environment
from keysift.report.escape import visible
from keysift.report.summary import human_bytes

_BAR_CELLS = 16


class Bar:
    """Draws two lines again and again, below what is printed meanwhile."""

    every_s: ClassVar[float] = 0.25

    def __init__(self, environment: Environment) -> None:
        # No thread of its own: the crawl tells it often enough.
        self._live = Live(
            console=Console(file=environment.stderr),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def show(self, progress: Progress) -> None:
        """Draw them."""
        self._live.update(Group(_first(progress), _second(progress)), refresh=True)

    def trouble(self, what: str) -> None:
        """Print it above."""
        self._live.console.print(
            f"keysift: {what}", markup=False, highlight=False, emoji=False, soft_wrap=True
        )

    def close(self) -> None:
        """Take them away."""
        self._live.stop()


def _first(progress: Progress) -> Text:
    so_far = "" if progress.is_all_known else " so far"
    projects = f"{progress.projects_done:,}/{progress.projects_known:,} projects"
    pieces = [
        projects if progress.projects_known else "reading the list of projects",
        f"{progress.artifacts_done:,}/{progress.artifacts_known:,} files{so_far}",
        f"{human_bytes(progress.received_bytes)} fetched",
        f"{human_bytes(progress.saved_bytes)} saved",
    ]
    return _line(pieces)


def _second(progress: Progress) -> Table:
    if progress.is_all_known:
        done, all_ = progress.artifacts_done, progress.artifacts_known
    else:
        done, all_ = progress.projects_done, progress.projects_known
    table = Table.grid(padding=(0, 1))
    table.add_column(width=_BAR_CELLS)
    table.add_column(no_wrap=True, overflow="ellipsis")
    pieces = [
        f"{progress.matches:,} matches",
        f"{progress.artifacts_per_s:.1f} files/s",
        f"{human_bytes(round(progress.received_bytes_per_s))}/s",
        "" if progress.left_s is None else f"{duration(progress.left_s)} left",
        visible(progress.current),
    ]
    table.add_row(ProgressBar(total=max(all_, 1), completed=done, width=_BAR_CELLS), _line(pieces))
    return table


def _line(pieces: list[str]) -> Text:
    return Text(" · ".join(filter(None, pieces)), no_wrap=True, overflow="ellipsis")


def duration(seconds: float) -> str:
    """Return a time in its two largest units: ``3 d 4 h``, ``12 min``, ``40 s``."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
