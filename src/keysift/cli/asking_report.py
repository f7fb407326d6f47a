"""What commands that ask providers print: plans, servers, and what came of a run."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import structs

from keysift._version import __version__
from keysift.cli.asking import agree, led_elsewhere
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.model import Verdict
from keysift.report.escape import visible
from keysift.report.summary import count
from keysift.report.verification import AnswerRow, Postponed, Verification

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.catalogue import Catalogue
    from keysift.catalogue.validity import Validity
    from keysift.verify.engine import Tally
    from keysift.verify.plan import Plan, Planner


def _plan_lines(plan: Plan, planner: Planner, led: Mapping[str, str]) -> Iterator[str]:
    """Yield what would be asked, a line a provider and endpoint, and what would not.

    Args:
        plan: What would be asked.
        planner: Made it.
        led: Which origins are asked in the place of others.
    """
    yield f"{count(plan.size, 'secret')} to ask about."
    for provider in sorted(plan.asked, key=str.lower):
        endpoints: Counter[str] = Counter()
        for one in plan.asked[provider]:
            table = planner.table(one.detector)
            if table is not None:
                endpoints[_endpoint(table)] += 1
        for endpoint, number in endpoints.most_common():
            yield f"  {visible(provider)}: {count(number, 'secret')}, {visible(endpoint)}"
    if plan.size:
        for whose, other in sorted(led.items()):
            yield f"  What is for {visible(whose)} is sent to {visible(other)}."
    for why, secrets in plan.unasked.items():
        yield f"{count(len(secrets), 'secret')} not: {why.text}."


def _endpoint(table: Validity) -> str:
    """Return method and address, as templates; with other regions and second requests."""
    more = [*table.also, *(one.url for one in table.more)]
    rest = f" (and {', '.join(more)})" if more else ""
    return f"{table.method} {table.url}{rest}"


def goes_ahead(
    plan: Plan,
    planner: Planner,
    options: argparse.Namespace,
    environment: Environment,
    plan_to: TextIO,
) -> bool:
    """Tell whether a plan is carried out: it is no dry run, and the user agrees.

    Args:
        plan: What would be asked.
        planner: Made it.
        options: Those of ``add_asking_options``.
        environment: The environment.
        plan_to: Where the plan of a dry run goes.

    Raises:
        UsageError: An option is wrong, or nobody can be asked whether they agree.
    """
    lines = _plan_lines(plan, planner, led_elsewhere(options))
    if options.dry_run:
        for line in lines:
            print(line, file=plan_to)
        return False
    return not plan.size or agree(options, environment, lines)


def endpoint_lines(catalogue: Catalogue, planner: Planner, glob: str | None) -> Iterator[str]:
    """Yield the servers that may be asked, with their providers; nothing is sent.

    Args:
        catalogue: The detectors.
        planner: Knows how each is asked about.
        glob: Only for types whose id fits.
    """
    servers: dict[str, set[str]] = {}
    for detector in catalogue.detectors:
        table = planner.table(detector.id)
        if table is None or table.not_checkable:
            continue
        if glob is not None and not fnmatchcase(detector.id, glob):
            continue
        for url in (table.url, *table.also, *(one.url for one in table.more)):
            servers.setdefault(_server(url, table), set()).add(detector.provider)
    width = max((len(server) for server in servers), default=0)
    for server, providers in sorted(servers.items()):
        yield f"{visible(server):<{width}}  {visible(', '.join(sorted(providers)))}"


def _server(url: str, table: Validity) -> str:
    """Return host and port of a template; where the host comes with a secret, its pattern."""
    from keysift.verify.request import at, host_of  # noqa: PLC0415 (start-up time)

    host = host_of(at(table, url) if url in table.also else structs.replace(table, url=url))
    if "{" in host:
        return f"/{table.host}/:443"
    return host if ":" in host else f"{host}:443"


def verification(
    rows: Sequence[AnswerRow], tally: Tally, plan: Plan, planner: Planner
) -> Verification:
    """Return what a run is reported by."""
    from keysift.report.texts import texts  # noqa: PLC0415 (start-up time)

    return Verification(
        version=__version__,
        rows=[_advised(row, planner) for row in rows],
        requests=tally.requests,
        postponed=tuple(
            Postponed(provider=provider, secrets=number, why=why)
            for provider, (number, why) in sorted(tally.postponed.items())
        ),
        unasked={why.value: (len(secrets), why.text) for why, secrets in plan.unasked.items()},
        is_stopped=tally.is_stopped,
        detectors=texts(planner.catalogue, {row.detector for row in rows}),
    )


def _advised(row: AnswerRow, planner: Planner) -> AnswerRow:
    """Add the provider's advice, which no ledger has to keep."""
    from keysift.verify.powers import advice_of  # noqa: PLC0415 (start-up time)

    table = planner.table(row.detector)
    if table is None or not row.outcome.warnings:
        return row
    outcome = structs.replace(row.outcome, narrower=advice_of(table))
    return structs.replace(row, outcome=outcome)


def write_run(
    run: Verification, options: argparse.Namespace, environment: Environment, stream: TextIO
) -> None:
    """Write a run in the format that was asked for."""
    match options.format:
        case "json":
            from keysift.report.verification_document import (  # noqa: PLC0415 (start-up time)
                write_verification_json,
            )

            write_verification_json(run, stream)
        case "jsonl":
            from keysift.report.verification_document import (  # noqa: PLC0415 (the same)
                write_verification_jsonl,
            )

            write_verification_jsonl(run, stream)
        case _:
            from keysift.report.verification_text import (  # noqa: PLC0415 (the same)
                write_verification_text,
            )

            color = stream is environment.stdout and environment.color
            write_verification_text(
                run, stream, color=color, width=environment.width, verbose=options.verbose
            )


def exit_code(
    run: Verification, options: argparse.Namespace, plan: Plan, before: Mapping[int, Verdict]
) -> ExitCode:
    """Return what a run ends with.

    Args:
        run: The run.
        options: With ``fail_on``.
        plan: Its plan.
        before: Where the chosen secrets stood before it, by number.
    """
    if run.is_stopped:
        return ExitCode.INTERRUPTED
    if options.fail_on is None:
        return ExitCode.CLEAN
    standing = dict(before)
    for number, row in enumerate(run.rows):
        doubt = row.outcome.doubt
        if doubt is None or not doubt.is_open:
            standing[~number if row.id is None else row.id] = row.outcome.verdict
    if Verdict.ACTIVE in standing.values():
        return ExitCode.FINDINGS
    from keysift.verify.plan import Unasked  # noqa: PLC0415 (start-up time)

    doubts = [row.outcome.doubt for row in run.rows]
    is_known = not (
        run.postponed
        or plan.unasked.get(Unasked.NOT_KEPT)
        or plan.is_unsettled
        or any(doubt is not None and doubt.is_unsettled for doubt in doubts)
    )
    return ExitCode.CLEAN if is_known else ExitCode.INCOMPLETE
