"""A progress bar on a terminal; silent elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from keysift.cli.environment import Environment

_REDRAW_S: Final = 0.1


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
        self._drawn = 0.0

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
        )
        from rich.table import Column  # noqa: PLC0415 (the same)

        # One line on any terminal: what is being looked at gets what room is left.
        def column(*, grows: bool = False) -> Column:
            return Column(no_wrap=True, overflow="ellipsis", ratio=1 if grows else None)

        self._progress = Progress(
            TextColumn("{task.fields[files]} files", table_column=column()),
            BarColumn(bar_width=20, table_column=column()),
            DownloadColumn(table_column=column()),
            TimeElapsedColumn(table_column=column()),
            TextColumn("{task.fields[current]}", markup=False, table_column=column(grows=True)),
            console=Console(file=self._environment.stderr),
            transient=True,
            expand=True,
            # No thread of its own: the runner forks its workers, which threads would not survive.
            auto_refresh=False,
        )
        self._task = self._progress.add_task("", total=None, files=0, current="")
        self._progress.start()

    def expect(self, size_bytes: int) -> None:
        """Announce how many more bytes there will be."""
        if self._progress is not None:
            self._show(total=(self._progress.tasks[0].total or 0) + size_bytes)

    def current(self, name: str) -> None:
        """Show what is being looked at."""
        self._show(current="".join(char if char.isprintable() else "?" for char in name))

    def advance(self, size_bytes: int, files: int) -> None:
        """Note that more was done. May be called from any thread."""
        self._files += files
        self._show(advance=size_bytes, files=self._files)

    def _show(self, **changes: Any) -> None:  # noqa: ANN401 (fields of the bar, handed through)
        if self._progress is None or self._task is None:
            return
        # Drawing costs about a millisecond, which a scan of many small files would notice.
        now = time.monotonic()
        due = now - self._drawn > _REDRAW_S
        self._drawn = now if due else self._drawn
        self._progress.update(self._task, refresh=due, **changes)
