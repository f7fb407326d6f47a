"""Asking about secrets that are in no store: those of a scan, or one from standard input."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TextIO

from msgspec import Struct

from keysift.cli.asking import ask_all
from keysift.cli.asking_report import goes_ahead
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.errors import KeysiftError
from keysift.model import Outcome
from keysift.verify.credential import Credential, Question
from keysift.verify.engine import Answered, Queue, Tally
from keysift.verify.plan import Chosen, Plan, Planner, When


class Held(Struct):
    """What came of asking.

    Attributes:
        plan: What was to be asked.
        tally: What was done.
        outcomes: What came of it, by the keys of the credentials, in the order of the answers.
        is_asked: Whether the user agreed, and it was no dry run.
        failure: What ended it early; what was answered before is there.
    """

    plan: Plan
    tally: Tally
    outcomes: dict[int, Outcome]
    is_asked: bool
    failure: KeysiftError | None = None


def ask_held(
    credentials: Sequence[Credential],
    planner: Planner,
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    *,
    plan_to: TextIO,
) -> Held:
    """Ask about credentials, unless it is a dry run or the user does not agree.

    Args:
        credentials: Their keys are their places in the sequence.
        planner: Decides which are asked about.
        options: Those of ``add_asking_options``.
        configured: The configuration.
        environment: The environment.
        plan_to: Where the plan of a dry run goes.

    Raises:
        UsageError: An option is wrong, or nobody can be asked whether they agree.
    """
    chosen = [Chosen(one.key, one.detector) for one in credentials]
    plan = planner.plan(chosen, {}, When.ALL, datetime.now(UTC))
    held = Held(plan, Tally(), {}, is_asked=False)
    if not goes_ahead(plan, planner, options, environment, plan_to):
        return held
    held.is_asked = True

    def keep(answers: Sequence[Answered]) -> None:
        for one in answers:
            held.outcomes[one.credential.key] = one.outcome

    if plan.size:
        queues = {
            provider: Queue(len(secrets), _questions(provider, secrets, credentials, planner))
            for provider, secrets in plan.asked.items()
        }
        try:
            held.tally = ask_all(options, configured, environment, queues, keep)
        except KeysiftError as error:
            held.failure = error
    return held


def _questions(
    provider: str, secrets: Sequence[Chosen], credentials: Sequence[Credential], planner: Planner
) -> Iterator[Question]:
    for one in secrets:
        table = planner.table(one.detector)
        if table is not None:
            yield planner.about(credentials[one.id], table, provider)
