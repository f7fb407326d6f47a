"""``keysift triage``: what people decided about a secret."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.people import user_name
from keysift.cli.stores import add_store_option, opened
from keysift.errors import UsageError
from keysift.model import TriageStatus
from keysift.report.escape import visible, well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "triage",
        help="decide about a secret, or print what was decided",
        description=(
            "Add a decision to the audit trail of a secret, and print the trail. The last line "
            "counts; it holds wherever the secret is found later, and by whatever detectors."
        ),
    )
    parser.add_argument(
        "id", metavar="ID", help="number of the secret, or a beginning of its fingerprint"
    )
    parser.add_argument(
        "--status",
        choices=[status.value for status in TriageStatus],
        help="the decision; without it the trail is only printed",
    )
    parser.add_argument("--note", metavar="TEXT", help="why")
    parser.add_argument("--author", metavar="NAME", help="who decided (default: your login name)")
    add_store_option(parser)
    shared.add_config_option(parser)
    parser.set_defaults(run=run_triage)


def run_triage(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Write a decision down, if there is one, and print the trail."""
    from keysift.store.ids import secret_named  # noqa: PLC0415 (SQLAlchemy is slow to import)
    from keysift.store.triage import decide  # noqa: PLC0415 (the same)

    if options.status is None and (options.note is not None or options.author is not None):
        raise UsageError("--note and --author belong to a decision; add --status")
    configured = shared.configuration(options, environment)
    with opened(options, configured, environment) as store:
        if options.status is not None:
            author = _author(options, environment)
            with store.writing(durable=True) as connection:
                secret = secret_named(connection, options.id)
                status = TriageStatus(options.status)
                note = well_formed(options.note or "").strip()
                decide(connection, secret, status, note=note, author=author)
        with store.reading() as connection, environment.output() as stream:
            for line in _lines(connection, secret_named(connection, options.id)):
                print(line, file=stream)
    return ExitCode.CLEAN


def _author(options: argparse.Namespace, environment: Environment) -> str:
    """Return who decides.

    Raises:
        UsageError: They have no name.
    """
    given: str | None = options.author
    name = user_name(environment) if given is None else well_formed(given).strip()
    if not name:
        raise UsageError("who decides has no name; add --author NAME")
    return name


def _lines(connection: Connection, secret: int) -> Iterator[str]:
    """Yield what the secret is, then its trail."""
    from keysift.store.ids import secret_row  # noqa: PLC0415 (SQLAlchemy is slow to import)
    from keysift.store.triage import trail  # noqa: PLC0415 (the same)

    row = secret_row(connection, secret)
    yield f"secret {secret}  {row.detector}  {visible(row.mask)}  {row.fingerprint}"
    decisions = trail(connection, secret)
    if not decisions:
        yield "open: nobody decided yet"
    author = max((len(visible(one.author)) for one in decisions), default=0)
    for one in decisions:
        line = (
            f"{one.decided_at:%Y-%m-%d %H:%M} UTC  {visible(one.author):<{author}}  "
            f"{one.status.value:<14}  {visible(one.note)}"
        )
        yield line.rstrip()
