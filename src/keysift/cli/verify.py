"""``keysift verify``: ask providers which secrets of the store still work."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from keysift.cli import options as shared
from keysift.cli.asking import add_asking_options, ask_all, planner_of
from keysift.cli.asking_report import (
    endpoint_lines,
    exit_code,
    goes_ahead,
    verification,
    write_run,
)
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.findings import add_filters, filters
from keysift.cli.output import check_output, report_stream
from keysift.cli.stores import add_store_option, opened
from keysift.errors import ConfigurationError, UsageError
from keysift.model import Confidence, Verdict
from keysift.report.verification import AnswerRow

if TYPE_CHECKING:
    from keysift.catalogue import Catalogue
    from keysift.cli.configuration import Configuration
    from keysift.report.verification import Verification
    from keysift.store.database import Store
    from keysift.store.queries.choose import Filters
    from keysift.store.sealing import Sealer
    from keysift.verify.plan import Plan, Planner

FORMATS: Final = ("text", "json", "jsonl")

_EXAMPLES: Final = """\
examples:
  keysift verify --dry-run                    what would be asked, and of whom
  keysift verify                              ask about everything not asked in the last day
  keysift verify --due                        what is due again: 1, 7, 30, 90 days, then quarterly
  keysift verify 17 --again                   one secret, now
  keysift verify --stdin --detector github-pat < token.txt
  keysift verify --list-endpoints             every server it may ask, for a firewall

A secret is sent to the provider that issued it, and to nobody else. docs/verify.md says how.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "verify",
        help="ask providers which secrets still work",
        description=(
            "Ask the providers of the secrets in the store whether they still work, and what they "
            "may do. The answers go into the store's ledger, which `keysift status` sums up."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "id",
        nargs="*",
        metavar="ID",
        help="number of a secret, or how its fingerprint begins (default: all that the filters "
        "choose)",
    )
    add_filters(parser, Confidence.MEDIUM)
    group = parser.add_argument_group("what is asked")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--due", action="store_true", help="only what is due by the schedule")
    which.add_argument(
        "--again", action="store_true", help="also what was asked about within the last day"
    )
    which.add_argument(
        "--stdin",
        action="store_true",
        help="a secret from standard input, of the type of --detector; nothing is stored",
    )
    which.add_argument(
        "--list-endpoints",
        action="store_true",
        help="list the servers that may be asked, and ask none",
    )
    add_asking_options(group)
    group = parser.add_argument_group("output")
    group.add_argument(
        "-f", "--format", choices=FORMATS, default="text", help="of the report (default: text)"
    )
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    group.add_argument("-v", "--verbose", action="store_true", help="every secret")
    group.add_argument(
        "--fail-on",
        choices=("active",),
        help="exit with code 1 when a chosen secret works, with 3 when that is not known of all",
    )
    add_store_option(group)
    shared.add_config_option(group)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Ask, keep the answers, and report them."""
    check_output(options.output)
    if options.id and (options.stdin or options.list_endpoints):
        other = "--stdin" if options.stdin else "--list-endpoints"
        raise UsageError(f"{other} is not about secrets of the store; leave {options.id[0]} out")
    configured = shared.configuration(options, environment)
    catalogue = shared.known_detectors(configured, environment)
    if options.list_endpoints:
        planner = planner_of(options, configured, environment, catalogue)
        with report_stream(options, environment) as stream:
            for line in endpoint_lines(catalogue, planner, options.detector):
                print(line, file=stream)
        return ExitCode.CLEAN
    if options.stdin:
        from keysift.cli.verify_stdin import verify_stdin  # noqa: PLC0415 (start-up time)

        return verify_stdin(options, configured, environment, catalogue)
    with opened(options, configured, environment) as store:
        return _Run(options, configured, environment, catalogue, store).run()


class _Run:
    """A run over a store."""

    def __init__(
        self,
        options: argparse.Namespace,
        configured: Configuration,
        environment: Environment,
        catalogue: Catalogue,
        store: Store,
    ) -> None:
        self._options = options
        self._configured = configured
        self._environment = environment
        self._catalogue = catalogue
        self._store = store

    def run(self) -> ExitCode:
        options, environment = self._options, self._environment
        planner = planner_of(options, self._configured, environment, self._catalogue)
        seen = self._last_row()
        plan = self._plan(planner)
        with environment.output() as stream:
            is_asked = goes_ahead(plan, planner, options, environment, stream)
        if not is_asked:
            is_known = options.dry_run or options.fail_on is None
            return ExitCode.CLEAN if is_known else ExitCode.INCOMPLETE
        with self._store.asking():
            if self._last_row() != seen:
                # Another run ended meanwhile: what it asked about is not asked about again.
                plan = self._plan(planner)
            run = self._asked(plan, planner)
        with report_stream(options, environment) as stream:
            write_run(run, options, environment, stream)
        return exit_code(run, options, plan, plan.before)

    def _plan(self, planner: Planner) -> Plan:
        from keysift.store.asking import planned  # noqa: PLC0415 (start-up time)
        from keysift.store.ids import secret_named  # noqa: PLC0415 (the same)
        from keysift.verify.plan import When  # noqa: PLC0415 (the same)

        options = self._options
        when = When.DUE if options.due else When.STALE
        if options.again or (options.id and not options.due):
            when = When.ALL
        with self._store.reading() as connection:
            which: Filters | list[int] = filters(options, self._configured)
            if options.id:
                which = list(dict.fromkeys(secret_named(connection, one) for one in options.id))
            return planned(connection, planner, which, when, datetime.now(UTC))

    def _last_row(self) -> int:
        """Return the number of the last row of the ledger."""
        from keysift.store.verdicts import last_row  # noqa: PLC0415 (start-up time)

        with self._store.reading() as connection:
            return last_row(connection)

    def _asked(self, plan: Plan, planner: Planner) -> Verification:
        """Ask, and return what came of it."""
        from keysift.store.asking import Ledger  # noqa: PLC0415 (start-up time)
        from keysift.store.verdicts import told_since  # noqa: PLC0415 (the same)
        from keysift.verify.engine import Tally  # noqa: PLC0415 (the same)

        mark = self._last_row()
        sealer = self._sealer() if plan.size else None
        ledger = Ledger(self._store, sealer, planner, self._catalogue.digests())
        ledger.begin(plan)
        tally = Tally()
        if plan.size:
            asked = ledger.queues(plan)
            tally = ask_all(self._options, self._configured, self._environment, asked, ledger.keep)
        with self._store.reading() as connection:
            rows = [
                AnswerRow(
                    id=one.id,
                    detector=one.detector,
                    fingerprint=one.fingerprint,
                    mask=one.mask,
                    outcome=one.outcome,
                    before=plan.before.get(one.id),
                    checked_at=one.checked_at,
                )
                for one in told_since(connection, mark)
                if one.outcome.verdict is not Verdict.NOT_CHECKABLE
            ]
        return verification(rows, tally, plan, planner)

    def _sealer(self) -> Sealer:
        from keysift.cli.sealing import sealer  # noqa: PLC0415 (start-up time)

        opener = sealer(self._environment)
        if opener is None:
            raise ConfigurationError(
                "the values of the secrets are sealed, and there is no key that opens them: "
                "set KEYSIFT_SEALING_KEY"
            )
        return opener
