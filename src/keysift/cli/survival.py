"""``keysift survival``: how long leaked secrets live."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.findings import KINDS
from keysift.cli.findings import year as year_of
from keysift.cli.output import check_output, report_stream
from keysift.cli.stores import add_store_option, opened
from keysift.errors import ConfigurationError, UsageError
from keysift.model import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from keysift.catalogue import Catalogue
    from keysift.cli.configuration import Configuration
    from keysift.statistics.study import Study
    from keysift.store.database import Store
    from keysift.store.queries.lifetimes import Lifetime

_BY: Final = ("provider", "detector", "year", "kind")
_FORMATS: Final = ("text", "json", "csv", "svg", "png")
_MOST: Final = 6
"""Curves that one still tells apart, by their colours too."""

_EXAMPLES: Final = """\
examples:
  keysift survival                                      the curve of all secrets, and its median
  keysift survival --by provider                        who revokes fast
  keysift survival --year 2024 -f svg -o survival.svg   a picture for a report

What providers said comes from `keysift verify`, repeated over months: a curve is as fine as the
checks are frequent. docs/survival.md says what is counted, and what the curves do not tell.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "survival",
        help="tell how long leaked secrets live",
        description=(
            "Tell how long secrets work after they were published: Kaplan-Meier curves with "
            "confidence bands and the median time to revocation, from what providers said over "
            "time."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--by", choices=_BY, help="a curve for each (default: one for all)")
    parser.add_argument(
        "--top",
        type=_natural,
        default=_MOST,
        metavar="N",
        help=f"curves for the N largest groups, the rest is one; 0 for all (default: {_MOST})",
    )
    parser.add_argument(
        "--level",
        type=_level,
        default=0.95,
        metavar="SHARE",
        help="confidence of bands and intervals (default: 0.95)",
    )
    # What became of a secret may not choose it: those that are present, or accepted, live longer.
    group = parser.add_argument_group("which secrets")
    group.add_argument("--provider", metavar="GLOB", help="of this provider")
    group.add_argument("--detector", metavar="GLOB", help="of this type")
    group.add_argument("--project", metavar="GLOB", help="in a project of this name")
    group.add_argument("--kind", choices=KINDS, help="first published in a file of this kind")
    group.add_argument("--year", type=year_of, metavar="YYYY", help="first uploaded in this year")
    shared.add_grade_options(group, Confidence.MEDIUM)
    group = parser.add_argument_group("output")
    group.add_argument(
        "-f", "--format", choices=_FORMATS, default="text", help="of the report (default: text)"
    )
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    add_store_option(group)
    shared.add_config_option(group)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Tell how long secrets live. That there is nothing to tell yet is no failure."""
    check_output(options.output)
    if options.format == "png" and options.output is None:
        raise ConfigurationError("--format png needs --output FILE")
    configured = shared.configuration(options, environment)
    catalogue = shared.known_detectors(configured, environment)
    with opened(options, configured, environment) as store:
        found = _study(store, options, configured, catalogue)
    if options.format == "png":
        from keysift.report.survival_chart import write_survival_png  # noqa: PLC0415

        write_survival_png(found, Path(options.output))
    else:
        _write(found, options, environment)
    return ExitCode.CLEAN


def _study(
    store: Store, options: argparse.Namespace, configured: Configuration, catalogue: Catalogue
) -> Study:
    from keysift.statistics.study import Plan, by_kind, by_year, study  # noqa: PLC0415 (start-up)
    from keysift.store.queries.choose import Filters, Order, choose  # noqa: PLC0415 (the same)
    from keysift.store.queries.lifetimes import lifetimes  # noqa: PLC0415 (the same)

    def provider(life: Lifetime) -> str:
        known = catalogue.by_id.get(life.detector)
        return life.detector if known is None else known.provider

    names: dict[str | None, Callable[[Lifetime], str]] = {
        None: lambda _: "",
        "provider": provider,
        "detector": lambda life: life.detector,
        "year": by_year,
        "kind": by_kind,
    }
    severity, confidence = shared.grades(options, configured)
    wanted = Filters(
        project=options.project,
        detector=options.detector,
        severity=severity,
        confidence=confidence,
        year=options.year,
    )
    glob = None if options.provider is None else options.provider.casefold()
    if glob and not any(fnmatchcase(one.provider.casefold(), glob) for one in catalogue.detectors):
        raise UsageError(f"--provider {options.provider}: no detector is of a provider like that")
    plan = Plan(by=options.by, name=names[options.by], level=options.level, most=options.top)
    with store.reading() as connection:
        chosen = [one.id for one in choose(connection, wanted, Order.ID)]
        lives: Iterator[Lifetime] = lifetimes(connection, chosen)
        if glob:
            lives = (one for one in lives if fnmatchcase(provider(one).casefold(), glob))
        if options.kind:
            lives = (one for one in lives if options.kind in one.kinds)
        return study(lives, plan)


def _write(found: Study, options: argparse.Namespace, environment: Environment) -> None:
    with report_stream(options, environment) as stream:
        match options.format:
            case "json":
                from keysift.report.survival_json import write_survival_json  # noqa: PLC0415

                write_survival_json(found, stream)
            case "csv":
                from keysift.report.survival_json import write_survival_csv  # noqa: PLC0415

                write_survival_csv(found, stream)
            case "svg":
                from keysift.report.survival_chart import write_survival_svg  # noqa: PLC0415

                write_survival_svg(found, stream)
            case _:
                from keysift.report.survival_text import write_survival_text  # noqa: PLC0415

                color = stream is environment.stdout and environment.color
                write_survival_text(found, stream, color=color, width=environment.width)


def _natural(text: str) -> int:
    if not (text.isdecimal() and len(text) <= len("1000000")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of groups")
    return int(text)


def _level(text: str) -> float:
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0.5 <= level <= 0.9999:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0.5 and 0.9999")
    return level
