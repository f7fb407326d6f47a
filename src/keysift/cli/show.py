"""``keysift show``: everything that the store knows about one secret."""

from __future__ import annotations

import argparse

from keysift.cli import options as shared
from keysift.cli.advice import advice
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.findings import opened_values
from keysift.cli.stores import add_store_option, opened


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "show",
        help="tell everything about one secret",
        description=(
            "Tell everything that the store knows about one secret: what it is and what to do, "
            "where it stands in which release, what became of it."
        ),
    )
    parser.add_argument(
        "id", metavar="ID", help="number of the secret, or how its fingerprint begins"
    )
    parser.add_argument("--reveal", action="store_true", help="show the value, if it is kept")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="every release and every place"
    )
    add_store_option(parser)
    shared.add_config_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print what is known about one secret."""
    from keysift.errors import UsageError  # noqa: PLC0415 (start-up time)
    from keysift.report.biography import Biography, write_biography  # noqa: PLC0415 (the same)
    from keysift.report.listing import text_of  # noqa: PLC0415 (the same)
    from keysift.report.texts import texts  # noqa: PLC0415 (the same)
    from keysift.store.ids import secret_named  # noqa: PLC0415 (the same)
    from keysift.store.queries import history  # noqa: PLC0415 (the same)
    from keysift.store.queries.describe import describe  # noqa: PLC0415 (the same)
    from keysift.store.queries.places import places  # noqa: PLC0415 (the same)
    from keysift.store.triage import trail  # noqa: PLC0415 (the same)

    configured = shared.configuration(options, environment)
    catalogue = shared.known_detectors(configured, environment)
    with opened(options, configured, environment) as store, store.reading() as connection:
        number = secret_named(connection, options.id)
        finding = next(describe(connection, [number]), None)
        if finding is None:
            raise UsageError(f"secret {number} stands nowhere any more")
        values = opened_values(connection, [number], environment) if options.reveal else {}
        biography = Biography(
            finding=finding,
            text=text_of(texts(catalogue, {finding.detector}), finding),
            places=list(places(connection, [number])),
            events=history.events(connection, number),
            answers=history.answers(connection, number),
            decisions=trail(connection, number),
            values=values.get(number, {}),
            advice=advice(configured, environment, catalogue).get(finding.detector, ""),
        )
        with environment.output() as stream:
            write_biography(
                biography,
                stream,
                color=environment.color,
                width=environment.width,
                verbose=options.verbose,
            )
    return ExitCode.CLEAN
