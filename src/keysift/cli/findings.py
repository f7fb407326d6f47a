"""``keysift findings``: what the store knows, filtered, sorted, page by page."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.advice import advice
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.output import FORMATS, check_output, report_stream
from keysift.cli.stores import add_store_option, opened
from keysift.errors import ConfigurationError
from keysift.model import Confidence, Secret, Severity, TriageStatus, Verdict

if TYPE_CHECKING:
    from typing import TextIO

    from sqlalchemy import Connection

    from keysift.catalogue import Catalogue
    from keysift.cli.configuration import Configuration
    from keysift.report.listing import Listing
    from keysift.store.queries.choose import Chosen, Filters

_PAGE: Final = 50
"""Findings that a terminal shows when nothing else is said."""

SORTS: Final = (
    "severity",
    "introduced",
    "last-seen",
    "releases",
    "places",
    "projects",
    "detector",
    "id",
)
"""The values of ``keysift.store.queries.choose.Order``, without importing a database."""

TRIAGE: Final = tuple(status.value for status in TriageStatus)

_DIGITS: Final = 15
_LAST_YEAR: Final = 9999
"""The last one that has a next year, for Python."""

KINDS: Final = ("sdist", "wheel", "egg", "other")

_EXAMPLES: Final = """\
examples:
  keysift findings --still-present --min-severity high    what to revoke first
  keysift findings --project 'acme-*' --triage open       what nobody has looked at
  keysift findings --year 2017 --verdict active           old keys that still work
  keysift findings -f json -o findings.json               everything, for another program

Values are masked unless --reveal says otherwise. `keysift show ID` tells everything about one.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "findings",
        help="list what the store knows",
        description="List the secrets that crawls have found, the worst first.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_filters(parser, Confidence.MEDIUM)
    group = parser.add_argument_group("output")
    group.add_argument("--sort", choices=SORTS, default="severity", help="(default: severity)")
    group.add_argument(
        "--limit",
        type=_number,
        metavar="N",
        help=f"at most so many; 0 for all (default: {_PAGE} as text, else all)",
    )
    group.add_argument(
        "--offset", type=_number, default=0, metavar="N", help="pass over so many first"
    )
    group.add_argument(
        "-f", "--format", choices=FORMATS, default="text", help="of the report (default: text)"
    )
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    group.add_argument(
        "--reveal", action="store_true", help="show the values that are kept (never in sarif)"
    )
    add_store_option(group)
    shared.add_config_option(group)
    parser.set_defaults(run=run)


def add_filters(parser: argparse.ArgumentParser, confidence: Confidence) -> None:
    """Add the options that choose findings.

    Args:
        parser: The command.
        confidence: What its help calls the default.
    """
    group = parser.add_argument_group("which findings")
    group.add_argument("--project", metavar="GLOB", help="in a project of this name")
    group.add_argument("--path", metavar="GLOB", help="in a file of an artifact with this path")
    group.add_argument("--kind", choices=KINDS, help="in an artifact of this kind")
    group.add_argument(
        "--still-present", action="store_true", help="in the newest release of a project"
    )
    group.add_argument("--detector", metavar="GLOB", help="of this type")
    shared.add_grade_options(group, confidence)
    group.add_argument(
        "--verdict",
        action="append",
        choices=[verdict.value for verdict in Verdict],
        help="with this as the provider's latest answer; may be repeated",
    )
    group.add_argument(
        "--triage", action="append", choices=TRIAGE, help="decided so; may be repeated"
    )
    group.add_argument("--year", type=year, metavar="YYYY", help="first uploaded in this year")
    group.add_argument(
        "--outdated", action="store_true", help="also what the latest ruleset finds no more"
    )


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """List findings. That there are some is no failure: exit code 0."""
    from keysift.store.queries.choose import Order, choose  # noqa: PLC0415 (start-up time)

    check_output(options.output)
    configured = shared.configuration(options, environment)
    catalogue = shared.known_detectors(configured, environment)
    with opened(options, configured, environment) as store, store.reading() as connection:
        chosen = choose(connection, filters(options, configured), Order(options.sort))
        listing = _listing(connection, chosen, options, catalogue)
        if options.reveal and options.format != "sarif":
            page = [one.id for one in _page(chosen, options)]
            listing.values = opened_values(connection, page, environment)
        if options.format in {"json", "jsonl"}:
            listing.advice = advice(configured, environment, catalogue)
        with report_stream(options, environment, private=options.reveal) as stream:
            _render(connection, listing, options, environment, stream)
    return ExitCode.CLEAN


def filters(options: argparse.Namespace, configured: Configuration) -> Filters:
    """Return what the options ask for."""
    from keysift.store.queries.choose import Filters  # noqa: PLC0415 (start-up time)

    severity, confidence = shared.grades(options, configured)
    return Filters(
        project=options.project,
        path=options.path,
        kind=options.kind,
        still_present=options.still_present,
        detector=options.detector,
        severity=severity,
        confidence=confidence,
        verdicts=tuple(Verdict(word) for word in options.verdict or ()),
        triage=tuple(TriageStatus(word) for word in options.triage or ()),
        year=options.year,
        outdated=options.outdated,
    )


def opened_values(
    connection: Connection, secrets: Sequence[int], environment: Environment
) -> dict[int, dict[str, Secret]]:
    """Return the values of secrets that are kept, by number and name; says how many are not.

    Raises:
        ConfigurationError: There is no key, or it is malformed.
        StoreError: A value was sealed with another key, or is damaged.
    """
    from keysift.cli.sealing import sealer  # noqa: PLC0415 (start-up time)
    from keysift.store.queries.history import sealed_values  # noqa: PLC0415 (the same)

    opener = sealer(environment)
    if opener is None:
        raise ConfigurationError(
            "--reveal needs the key that sealed the values, and there is none: "
            "set KEYSIFT_SEALING_KEY"
        )
    sealed = sealed_values(connection, secrets)
    missing = len(set(secrets) - sealed.keys())
    if missing:
        values = "value is" if missing == 1 else "values are"
        print(f"keysift: {missing:,} {values} not kept in the store", file=environment.stderr)
    return {
        number: {name: opener.open(one, number, name) for name, one in named.items()}
        for number, named in sealed.items()
    }


def _page(chosen: Sequence[Chosen], options: argparse.Namespace) -> Sequence[Chosen]:
    limit = options.limit
    if limit is None:
        limit = _PAGE if options.format == "text" else 0
    return chosen[options.offset : options.offset + limit if limit else None]


def _listing(
    connection: Connection,
    chosen: Sequence[Chosen],
    options: argparse.Namespace,
    catalogue: Catalogue,
) -> Listing:
    from keysift.report.listing import Listing  # noqa: PLC0415 (start-up time)
    from keysift.report.texts import texts  # noqa: PLC0415 (the same)
    from keysift.store.queries.describe import describe  # noqa: PLC0415 (the same)
    from keysift.store.queries.places import looked  # noqa: PLC0415 (the same)

    counts = Counter(one.severity for one in chosen if not one.is_canary)
    return Listing(
        version=__version__,
        ruleset=catalogue.digest,
        findings=describe(connection, [one.id for one in _page(chosen, options)]),
        total=len(chosen),
        by_severity={grade: counts[grade] for grade in reversed(Severity)},
        canaries=sum(one.is_canary for one in chosen),
        offset=options.offset,
        looked=looked(connection),
        detectors=texts(catalogue, catalogue.by_id.keys()),
    )


def _render(
    connection: Connection,
    listing: Listing,
    options: argparse.Namespace,
    environment: Environment,
    stream: TextIO,
) -> None:
    match options.format:
        case "json":
            from keysift.report.listing_json import write_listing_json  # noqa: PLC0415

            write_listing_json(listing, stream)
        case "jsonl":
            from keysift.report.listing_json import write_listing_jsonl  # noqa: PLC0415

            write_listing_jsonl(listing, stream)
        case "csv":
            from keysift.report.listing_csv import write_listing_csv  # noqa: PLC0415

            write_listing_csv(listing, stream)
        case "sarif":
            from keysift.report.listing import as_result  # noqa: PLC0415
            from keysift.report.sarif import write_sarif  # noqa: PLC0415
            from keysift.store.queries.places import places  # noqa: PLC0415

            found = list(listing.findings)
            standing = places(connection, [one.id for one in found])
            write_sarif(as_result(listing, found, standing), stream)
        case _:
            from keysift.report.listing_text import write_listing_text  # noqa: PLC0415

            color = stream is environment.stdout and environment.color
            write_listing_text(listing, stream, color=color, width=environment.width)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of findings")
    return int(text)


def year(text: str) -> int:
    """Return the year that an option names.

    Raises:
        argparse.ArgumentTypeError: It names none.
    """
    if not (text.isdecimal() and len(text) == len("YYYY") and 1 <= int(text) < _LAST_YEAR):
        raise argparse.ArgumentTypeError(f"{text!r} is not a year")
    return int(text)
