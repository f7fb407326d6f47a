"""Where reports go: standard output or a file, in the format that was asked for."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from msgspec import Struct

from keysift.cli.environment import Environment
from keysift.cli.output_ci import CI_FORMATS, write_review
from keysift.errors import ConfigurationError
from keysift.report.result import ScanResult

if TYPE_CHECKING:
    from keysift.report.text import TextView

FORMATS: Final = ("text", "json", "jsonl", "sarif", "csv", "compact")
"""Of findings."""

SCAN_FORMATS: Final = (*FORMATS, *CI_FORMATS)
CHECK_FORMATS: Final = ("text", "json", "sarif", "compact", *CI_FORMATS)


def check_output(path: str | None, option: str = "--output") -> None:
    """Refuse a report file that cannot be written, before the work is done.

    Args:
        path: The file; None for standard output.
        option: What named it.

    Raises:
        ConfigurationError: It is a directory, or lies in none, or may not be written.
    """
    if path is None:
        return
    file = Path(path)
    if file.is_dir():
        raise ConfigurationError(f"{option} {path}: is a directory; write the name of a file")
    if not file.exists() and not file.parent.is_dir():
        raise ConfigurationError(f"{option} {path}: there is no directory {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise ConfigurationError(f"{option} {path}: permission denied")


class Also(Struct, frozen=True):
    """A report to write besides: what ``--also FORMAT=FILE`` says."""

    format: str
    output: str


def add_format_options(group: argparse._ArgumentGroup, formats: Sequence[str]) -> None:
    """Add the options that say in which formats a report is written, and where to."""

    def also(text: str) -> Also:
        name, equals, path = text.partition("=")
        if name not in formats or not equals or not path:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not FORMAT=FILE with a format of {', '.join(formats)}"
            )
        return Also(name, path)

    group.add_argument(
        "-f", "--format", choices=formats, default="text", help="of the report (default: text)"
    )
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    group.add_argument(
        "--also",
        action="append",
        default=[],
        type=also,
        metavar="FORMAT=FILE",
        help="write the report of the same run in another format too; may be repeated",
    )


def check_outputs(options: argparse.Namespace) -> None:
    """Refuse report files that cannot be written, before the work is done.

    Raises:
        ConfigurationError: There is one.
    """
    check_output(options.output)
    for one in options.also:
        check_output(one.output, "--also")


def write_reports(
    options: argparse.Namespace,
    environment: Environment,
    render: Callable[[str, TextIO], None],
    *,
    is_wanted: bool = True,
) -> None:
    """Write a report in each format that was asked for, where to the options say.

    Args:
        options: Those of ``add_format_options``, and ``reveal``.
        environment: The environment.
        render: Writes the report in a format to a stream.
        is_wanted: Whether there is something to write where people look.

    Raises:
        ConfigurationError: It cannot be written: the disk is full, the file is protected.
    """
    if is_wanted:
        with report_stream(options, environment, private=options.reveal) as stream:
            render(options.format, stream)
    for one in options.also:
        with _file_stream(one.output, "--also", private=options.reveal) as stream:
            render(one.format, stream)


def write_report(
    result: ScanResult,
    options: argparse.Namespace,
    environment: Environment,
    *,
    is_wanted: bool = True,
) -> None:
    """Write a result of a scan where the options say.

    Args:
        result: What to write.
        options: Those of the command.
        environment: The environment.
        is_wanted: Whether there is something to write where people look.

    Raises:
        ConfigurationError: It cannot be written: the disk is full, the file is protected.
    """

    def render(name: str, stream: TextIO) -> None:
        _render(result, name, stream, options, environment)

    write_reports(options, environment, render, is_wanted=is_wanted)


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
    with _file_stream(options.output, "--output", private=private) as stream:
        yield stream


@contextmanager
def _file_stream(path: str, option: str, *, private: bool) -> Iterator[TextIO]:
    try:
        with _open(Path(path), private=private) as stream:
            yield stream
    except OSError as error:
        raise ConfigurationError(f"{option} {path}: {error.strerror}") from error


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
    result: ScanResult,
    name: str,
    stream: TextIO,
    options: argparse.Namespace,
    environment: Environment,
) -> None:
    match name:
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
        case "text":
            from keysift.report.text import write_text  # noqa: PLC0415 (start-up time)

            view = text_view(stream, options, environment)
            write_text(result, stream, reveal=options.reveal, view=view)
        case _:
            from keysift.report.ci.review import review_of_scan  # noqa: PLC0415 (start-up time)

            write_review(review_of_scan(result), name, stream, environment)


def text_view(stream: TextIO, options: argparse.Namespace, environment: Environment) -> TextView:
    """Return how text is to be set on a stream."""
    from keysift.report.text import TextView  # noqa: PLC0415 (start-up time)

    return TextView(
        color=stream is environment.stdout and environment.color,
        width=environment.width,
        verbose=options.verbose,
        show_suppressed=options.show_suppressed,
        summary=not options.quiet,
    )
