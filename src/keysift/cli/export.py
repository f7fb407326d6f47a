"""``keysift export``: every occurrence as a row, for analysis elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from keysift.cli import options as shared
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.findings import add_filters, filters
from keysift.cli.output import check_output, report_stream
from keysift.cli.stores import add_store_option, opened
from keysift.errors import ConfigurationError
from keysift.model import Confidence

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from keysift.catalogue import Catalogue
    from keysift.report.place_rows import PlaceRow
    from keysift.store.queries.choose import Filters

_FORMATS = ("parquet", "csv", "jsonl")

_EVERYTHING = Configuration(confidence=Confidence.LOW)
"""An export is for analysis: what the configuration hides from reports is in it."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "export",
        help="write every occurrence as a row",
        description=(
            "Write one row for each occurrence of the secrets in the store: fingerprints and "
            "masks, never a value. All findings are written unless options choose."
        ),
    )
    parser.add_argument("-f", "--format", choices=_FORMATS, required=True, help="of the file")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the file (csv, jsonl: default is standard output)"
    )
    add_filters(parser, Confidence.LOW)
    add_store_option(parser)
    shared.add_config_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Write the rows."""
    check_output(options.output)
    if options.format == "parquet" and options.output is None:
        raise ConfigurationError("--format parquet needs --output FILE")
    configured = shared.configuration(options, environment)
    catalogue = shared.known_detectors(configured, environment)
    with opened(options, configured, environment) as store, store.reading() as connection:
        rows = _rows(connection, filters(options, _EVERYTHING), catalogue)
        if options.format == "parquet":
            from keysift.report.parquet import write_rows_parquet  # noqa: PLC0415 (start-up time)

            write_rows_parquet(rows, Path(options.output))
            return ExitCode.CLEAN
        from keysift.report.place_rows import write_rows_csv, write_rows_jsonl  # noqa: PLC0415

        write = write_rows_csv if options.format == "csv" else write_rows_jsonl
        with report_stream(options, environment) as stream:
            write(rows, stream)
    return ExitCode.CLEAN


def _rows(connection: Connection, wanted: Filters, catalogue: Catalogue) -> Iterator[PlaceRow]:
    from keysift.report.place_rows import place_rows  # noqa: PLC0415 (start-up time)
    from keysift.report.texts import texts  # noqa: PLC0415 (the same)
    from keysift.store.queries.choose import Order, choose  # noqa: PLC0415 (the same)
    from keysift.store.queries.describe import describe  # noqa: PLC0415 (the same)
    from keysift.store.queries.places import places  # noqa: PLC0415 (the same)

    chosen = [one.id for one in choose(connection, wanted, Order.ID)]
    described = describe(connection, chosen)
    return place_rows(described, places(connection, chosen), texts(catalogue, catalogue.by_id))
