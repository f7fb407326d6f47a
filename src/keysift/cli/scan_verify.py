"""``keysift scan --verify``: asks providers about what a scan found."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from keysift.catalogue import Catalogue
from keysift.cli.asking import planner_of
from keysift.cli.asking_held import Held, ask_held
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.model import Outcome, Verdict
from keysift.report.escape import visible
from keysift.report.summary import count
from keysift.verify.credential import Credential, values_of
from keysift.verify.plan import Unasked

if TYPE_CHECKING:
    from keysift.report.result import ScanResult


def verify_findings(
    result: ScanResult,
    catalogue: Catalogue,
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
) -> Held:
    """Ask about findings, and write what came of it into them.

    Raises:
        UsageError: An option is wrong, or nobody can be asked whether they agree.
    """
    asked = [one for one in result.findings if one.verdict is Verdict.UNCHECKED]
    credentials = [
        Credential(
            number,
            one.detector,
            one.fingerprint,
            values_of(one.secret, one.parts, one.facts),
            dict(one.facts),
        )
        for number, one in enumerate(asked)
    ]
    planner = planner_of(options, configured, environment, catalogue)
    held = ask_held(
        credentials, planner, options, configured, environment, plan_to=environment.stderr
    )
    if not held.is_asked:
        return held
    for chosen in held.plan.unasked.get(Unasked.NOT_CHECKABLE, []):
        table = planner.table(chosen.detector)
        if table is not None:
            detail = table.not_checkable
            held.outcomes[chosen.id] = Outcome(Verdict.NOT_CHECKABLE, detail=detail)
    for number, outcome in held.outcomes.items():
        asked[number].verdict = outcome.verdict
        asked[number].outcome = outcome
    if held.failure is None and not options.quiet:
        _write_numbers(held, environment)
    return held


def _write_numbers(held: Held, environment: Environment) -> None:
    tally = held.tally
    asked = f"{count(tally.answered.total(), 'secret')} verified"
    print(f"keysift: {asked} with {count(tally.requests, 'request')}", file=environment.stderr)
    for provider, (number, why) in sorted(tally.postponed.items()):
        line = f"{visible(provider)}: {count(number, 'secret')} not asked about: {why}"
        print(f"keysift: {line}", file=environment.stderr)
    for reason, secrets in held.plan.unasked.items():
        if reason is not Unasked.NOT_CHECKABLE:
            line = f"{count(len(secrets), 'secret')} not asked about: {reason.text}"
            print(f"keysift: {line}", file=environment.stderr)
