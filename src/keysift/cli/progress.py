"""A progress bar on a terminal; silent elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from keysift.cli.environment import Environment


class Meter:
    """Bytes and files done, and what is being looked at.

    Args:
        environment: Its ``stderr`` shows the bar when it is a terminal.
        enabled: False for ``--quiet``.
    """

    def __init__(self, environment: Environment, *, enabled: bool) -> None:
        self._environment = environment
        self._enabled = enabled and environment.stderr.isatty()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._files = 0

    def __enter__(self) -> Self:
        if self._enabled:
            self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def _start(self) -> None:
        from rich.console import Console  # noqa: PLC0415 (costs start-up time that pipes need not pay)
        from rich.progress import (  # noqa: PLC0415 (the same)
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TransferSpeedColumn,
        )

        self._progress = Progress(
            TextColumn("{task.fields[files]} files"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[current]}", markup=False),
            console=Console(file=self._environment.stderr),
            transient=True,
            # No thread of its own: the runner forks its workers, which threads would not survive.
            auto_refresh=False,
        )
        self._task = self._progress.add_task("", total=None, files=0, current="")
        self._progress.start()

    def expect(self, size_bytes: int) -> None:
        """Announce how many more bytes there will be."""
        if self._progress is not None and self._task is not None:
            total = self._progress.tasks[0].total or 0
            self._progress.update(self._task, total=total + size_bytes, refresh=True)

    def current(self, name: str) -> None:
        """Show what is being looked at."""
        if self._progress is not None and self._task is not None:
            shown = "".join(char if char.isprintable() else "?" for char in name)
            self._progress.update(self._task, current=shown[-60:], refresh=True)

    def advance(self, size_bytes: int, files: int) -> None:
        """Note that more was done."""
        if self._progress is not None and self._task is not None:
            self._files += files
            self._progress.update(self._task, advance=size_bytes, files=self._files, refresh=True)
