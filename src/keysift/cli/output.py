"""Where reports go: standard output or a file, in the format that was asked for."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from keysift.cli.environment import Environment
from keysift.errors import ConfigurationError
from keysift.report.result import ScanResult

FORMATS: Final = ("text", "json", "jsonl", "sarif", "csv", "compact")


def check_output(path: str | None) -> None:
    """Refuse a report file that cannot be written, before the work is done.

    Raises:
        ConfigurationError: It is a directory, or lies in none, or may not be written.
    """
    if path is None:
        return
    file = Path(path)
    if file.is_dir():
        raise ConfigurationError(f"--output {path}: is a directory; write the name of a file")
    if not file.exists() and not file.parent.is_dir():
        raise ConfigurationError(f"--output {path}: there is no directory {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise ConfigurationError(f"--output {path}: permission denied")


def write_report(result: ScanResult, options: argparse.Namespace, environment: Environment) -> None:
    """Write a result where the options say.

    Raises:
        ConfigurationError: It cannot be written: the disk is full, the file is protected.
    """
    with report_stream(options, environment, private=options.reveal) as stream:
        _render(result, stream, options, environment)


@contextmanager
def report_stream(
    options: argparse.Namespace, environment: Environment, *, private: bool = False
) -> Iterator[TextIO]:
    """Give the stream that a report goes to: the file of ``--output``, else standard output.

    Args:
        options: With ``output`` and ``format``.
        environment: The environment.
        private: Whether a file is for its owner alone.

    Raises:
        ConfigurationError: It cannot be written: the disk is full, the file is protected.
    """
    if options.output is None:
        if options.format != "text":
            environment.use_utf8()
        with environment.output() as stream:
            yield stream
        return
    try:
        with _open(Path(options.output), private=private) as stream:
            yield stream
    except OSError as error:
        raise ConfigurationError(f"--output {options.output}: {error.strerror}") from error


@contextmanager
def _open(path: Path, *, private: bool) -> Iterator[TextIO]:
    """Open a report for writing; a private one is for its owner's eyes from the beginning."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600 if private else 0o666)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        # Pipes and devices (/dev/stdout, /dev/null) keep their permissions.
        if private and stat.S_ISREG(os.fstat(descriptor).st_mode):
            path.chmod(0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            stream.truncate()
        yield stream


def _render(
    result: ScanResult, stream: TextIO, options: argparse.Namespace, environment: Environment
) -> None:
    match options.format:
        case "json":
            from keysift.report.json import write_json  # noqa: PLC0415 (start-up time)

            write_json(result, stream, reveal=options.reveal)
        case "jsonl":
            from keysift.report.json import write_jsonl  # noqa: PLC0415 (start-up time)

            write_jsonl(result, stream, reveal=options.reveal)
        case "sarif":
            from keysift.report.sarif import write_sarif  # noqa: PLC0415 (start-up time)

            write_sarif(result, stream, root=environment.directory.as_posix())
        case "csv":
            from keysift.report.csv import write_csv  # noqa: PLC0415 (start-up time)

            write_csv(result, stream, reveal=options.reveal)
        case "compact":
            from keysift.report.compact import write_compact  # noqa: PLC0415 (start-up time)

            write_compact(result, stream, reveal=options.reveal)
        case _:
            from keysift.report.text import TextView, write_text  # noqa: PLC0415 (start-up time)

            view = TextView(
                color=stream is environment.stdout and environment.color,
                width=environment.width,
                verbose=options.verbose,
                show_suppressed=options.show_suppressed,
                summary=not options.quiet,
            )
            write_text(result, stream, reveal=options.reveal, view=view)
