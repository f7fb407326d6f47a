"""``keysift report``: the state of secrets sprawl in a store."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.output import check_output, report_stream
from keysift.cli.stores import add_store_option, demo_store, opened
from keysift.errors import ConfigurationError, UsageError
from keysift.model import Confidence

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.catalogue import Catalogue
    from keysift.cli.configuration import Configuration
    from keysift.statistics.measure import Plan
    from keysift.statistics.values import Comparison, Statistics
    from keysift.store.database import Store

FORMATS: Final = ("html", "json", "csv", "md")
DEFAULT_OUTPUT: Final = "keysift-report.html"
"""Where HTML goes when nothing else is said: nobody wants it on a terminal."""

SMALLEST: Final = 5
"""Projects of the smallest group that an anonymised report tells apart, when no number is said."""

_SQLITE: Final = b"SQLite format 3\0"
"""What a file of SQLite begins with."""

_EXAMPLES: Final = """\
examples:
  keysift report                                  everything in the store, as keysift-report.html
  keysift report --demo                           the same of a made-up index of 20,000 projects
  keysift report --project 'acme-*'               a team's own report
  keysift report -f json -o 2026-05.json          the figures, for another program and for later
  keysift report --compare 2026-05.json           what changed since then
  keysift report --anonymise                      to publish: no names, no small groups

A report holds no value of a secret, and no mask of one; docs/report.md says what is counted.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "report",
        help="tell the state of secrets in the store",
        description=(
            "Tell the state of secrets in the store: how many there are, since when, of what type, "
            "where they stand, which still work and how long they do, with denominators and "
            "intervals. One HTML file that needs nothing else, or data."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group("what it is about")
    group.add_argument(
        "--project",
        action="append",
        metavar="GLOB",
        help="projects of this name alone; may be repeated",
    )
    group.add_argument(
        "--org",
        metavar="NAME",
        help="the projects that the configuration lists under [orgs] by this name",
    )
    shared.add_grade_options(group, Confidence.MEDIUM)
    group.add_argument(
        "--demo", action="store_true", help="a made-up index, which is deleted at the end"
    )
    group.add_argument(
        "--compare",
        metavar="FILE|STORE",
        help="an earlier report in JSON, or another store: say what changed since",
    )
    group.add_argument(
        "--anonymise",
        nargs="?",
        type=_fewest,
        const=SMALLEST,
        metavar="K",
        help=f"name no project, and no group of fewer than K of them (default of K: {SMALLEST})",
    )
    group = parser.add_argument_group("output")
    group.add_argument(
        "-f", "--format", choices=FORMATS, default="html", help="of the report (default: html)"
    )
    group.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"write the report to a file (default: {DEFAULT_OUTPUT}, else standard output)",
    )
    add_store_option(group)
    shared.add_config_option(group)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Write a report. That there are secrets is no failure: exit code 0."""
    from keysift.statistics.measure import measure  # noqa: PLC0415 (start-up time)

    if options.format == "html":
        from keysift.report.html.charts import library  # noqa: PLC0415 (start-up time)

        library()  # Whoever lacks it is told before the work is done.
        options.output = options.output or DEFAULT_OUTPUT
    check_output(options.output)
    configured = shared.configuration(options, environment)
    plan = _plan(options, configured)
    catalogue = shared.known_detectors(configured, environment)
    before, since = None, None
    if options.compare is not None:
        before, since = _earlier(options.compare, catalogue, plan)
    with _store(options, configured, environment) as store, store.reading() as connection:
        found = measure(connection, catalogue, replace(plan, since=since))
    if found.scope.projects and not found.coverage.projects.listed:
        raise UsageError(f"the store has no project named {' or '.join(found.scope.projects)}")
    comparison = None
    if options.anonymise is not None:
        from keysift.statistics.anonymise import anonymise  # noqa: PLC0415 (start-up time)

        found = anonymise(found, options.anonymise)
    if before is not None:
        from keysift.statistics.compare import compare  # noqa: PLC0415 (start-up time)

        comparison = compare(before, found)
    with report_stream(options, environment) as stream:
        _write(found, stream, options.format, comparison)
    if options.output is not None:
        print(f"keysift: wrote {options.output}", file=environment.stderr)
    return ExitCode.CLEAN


def _plan(options: argparse.Namespace, configured: Configuration) -> Plan:
    """Return what is measured, but for changes.

    Raises:
        UsageError: The configuration has no such list of projects.
    """
    from keysift.statistics.measure import Plan  # noqa: PLC0415 (start-up time)

    projects = tuple(options.project or ())
    if options.org is not None:
        projects += _listed(options.org, configured)
    severity, confidence = shared.grades(options, configured)
    return Plan(
        projects=projects,
        org=options.org,
        severity=severity,
        confidence=confidence,
    )


def _listed(name: str, configured: Configuration) -> tuple[str, ...]:
    known = configured.orgs
    if name in known:
        if known[name]:
            return known[name]
        raise UsageError(f"--org {name}: the configuration lists no project under this name")
    if not known:
        raise UsageError(
            f"--org {name}: the configuration has no list of projects; write a table [orgs] with "
            f'{name} = ["project-*"]'
        )
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]}?" if close else f"known ones: {', '.join(sorted(known))}"
    raise UsageError(f"--org {name}: the configuration has no such list of projects; {hint}")


@contextmanager
def _store(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Iterator[Store]:
    """Open the store that was named, or make one up.

    Raises:
        ConfigurationError: Both were asked for.
        StoreError: It cannot be opened.
    """
    if not options.demo:
        with opened(options, configured, environment) as store:
            yield store
        return
    with demo_store(options, environment, "an index") as store:
        yield store


def _earlier(other: str, catalogue: Catalogue, plan: Plan) -> tuple[Statistics, datetime]:
    """Return what to compare with, an earlier report or the figures of another store, and its time.

    Raises:
        ConfigurationError: It cannot be read, or is no report in JSON.
        StoreError: It is a store, and cannot be read.
    """
    if not _is_store(other):
        found = _report(Path(other))
        return found, found.made.at
    from keysift.statistics.measure import measure  # noqa: PLC0415 (start-up time)
    from keysift.store.database import Store  # noqa: PLC0415 (the same)

    with closing(Store(other, create=False)) as store, store.reading() as connection:
        found = measure(connection, catalogue, plan)
    # What it learned last was learned before the time that changes count from.
    return found, (found.period.known_until or found.made.at) + timedelta(microseconds=1)


def _is_store(other: str) -> bool:
    """Tell a store from a file of another kind: its address, or the first bytes of SQLite."""
    if "://" in other:
        return True
    try:
        with Path(other).open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except (OSError, ValueError):
        return False


def _report(path: Path) -> Statistics:
    """Read an earlier report.

    Raises:
        ConfigurationError: It cannot be read, or is no report in JSON.
    """
    from keysift.report.statistics_document import decoded  # noqa: PLC0415 (start-up time)

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"--compare {path}: {error.strerror}") from error
    try:
        return decoded(content)
    except ValueError as error:
        raise ConfigurationError(
            f"--compare {path}: no report that keysift report -f json wrote: {error}"
        ) from error


def _write(found: Statistics, stream: TextIO, form: str, comparison: Comparison | None) -> None:
    match form:
        case "html":
            from keysift.report.html_report import write_report  # noqa: PLC0415 (start-up time)

            write_report(found, stream, comparison=comparison)
        case "json":
            from keysift.report.statistics_tables import write_report_json  # noqa: PLC0415

            write_report_json(found, stream, comparison=comparison)
        case "csv":
            from keysift.report.statistics_csv import write_report_csv  # noqa: PLC0415

            write_report_csv(found, stream, comparison=comparison)
        case _:
            from keysift.report.statistics_tables import write_report_markdown  # noqa: PLC0415

            write_report_markdown(found, stream, comparison=comparison)


def _fewest(text: str) -> int:
    if not (text.isdecimal() and len(text) <= len("1000") and 2 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of projects from 2 to 1000")
    return int(text)
