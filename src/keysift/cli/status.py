"""``keysift status``: where the checks of the store's secrets stand."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Final

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.asking import planner_of
from keysift.cli.dates import moment
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.findings import add_filters, filters
from keysift.cli.output import check_output, report_stream
from keysift.cli.stores import add_store_option, opened
from keysift.model import Confidence

FORMATS: Final = ("text", "json")

_EXAMPLES: Final = """\
examples:
  keysift status                              how many secrets still work, whose, and what is due
  keysift status --since 30d                  what died, or came back, within 30 days
  keysift status --project 'acme-*' -f json   your own projects, for another program

`keysift verify` asks providers; `keysift findings --verdict active` lists what works.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "status",
        help="count which secrets still work",
        description=(
            "Count what providers said of the secrets in the store: by verdict, provider, year of "
            "publication and privilege, what changed since the last run of `keysift verify`, and "
            "what is due. Nobody is asked."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_filters(parser, Confidence.MEDIUM)
    group = parser.add_argument_group("output")
    group.add_argument(
        "--since",
        metavar="WHEN",
        help="what changed since then: 7d, 4w or a date (default: since the last `keysift verify`)",
    )
    group.add_argument(
        "-f", "--format", choices=FORMATS, default="text", help="of the report (default: text)"
    )
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    add_store_option(group)
    shared.add_config_option(group)
    # The planner also knows types that are asked about when they are named; here --detector does.
    parser.set_defaults(run=run, ask_also=None, endpoint=None)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Count, and report it. That there are secrets which work is no failure: exit code 0."""
    from keysift.store.asked import last_asking  # noqa: PLC0415 (start-up time)
    from keysift.store.queries.status import status  # noqa: PLC0415 (the same)

    check_output(options.output)
    now = datetime.now(UTC)
    since = None if options.since is None else moment(options.since, "--since", now)
    configured = shared.configuration(options, environment)
    catalogue = shared.known_detectors(configured, environment)
    planner = planner_of(options, configured, environment, catalogue)
    with opened(options, configured, environment) as store, store.reading() as connection:
        since = since or last_asking(connection)
        counted = status(connection, filters(options, configured), planner, now, since)
    with report_stream(options, environment) as stream:
        if options.format == "json":
            from keysift.report.status_document import (  # noqa: PLC0415 (start-up time)
                write_status_json,
            )

            write_status_json(counted, __version__, stream)
        else:
            from keysift.report.status_text import write_status_text  # noqa: PLC0415 (the same)

            color = stream is environment.stdout and environment.color
            write_status_text(counted, stream, color=color, width=environment.width)
    return ExitCode.CLEAN
