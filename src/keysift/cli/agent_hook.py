"""``keysift agent-hook``: keeps coding agents from writing, running and sending secrets."""

from __future__ import annotations

import argparse
import io
from typing import Final

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.ignoring import add_ignore_options, ignoring
from keysift.crawl.session import Session, Silent, Wanted
from keysift.errors import UsageError
from keysift.model import Confidence

_DESCRIPTION: Final = """\
What a coding agent runs before or after it does something: reads what the agent tells on standard
input (JSON), and stops the agent when there is a secret in it. Claude Code, Codex and Gemini CLI
are stopped with exit code 2 and told why on standard error, Cursor with an answer on standard
output. Values are masked. docs/editors.md has the line for the settings of each agent."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "agent-hook",
        help="keep coding agents from writing, running and sending secrets",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group("what stops")
    shared.add_grade_options(group, Confidence.MEDIUM)
    add_ignore_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run, verbose=False)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Scan what an agent tells, and answer as it expects."""
    from keysift.agent.hook import reply  # noqa: PLC0415 (start-up time)
    from keysift.agent.payload import MAX_BYTES, parse  # noqa: PLC0415 (the same)

    if environment.stdin is None:
        raise UsageError("-: there is no standard input to read; agents run this command")
    payload = parse(environment.stdin.read(MAX_BYTES + 1))
    configured = shared.configuration(options, environment)
    session = Session(
        catalogue=shared.catalogue(options, configured, environment),
        key=environment.fingerprint_key(),
        cache=environment.cache,
        wanted=Wanted(
            environ=environment.variables,
            stdin=io.BytesIO(payload.content),
            ignoring=ignoring(options, configured, environment),
        ),
    )
    session.scan("-", Silent())
    severity, confidence = shared.grades(options, configured)
    result = session.result(confidence=confidence, severity=severity, version=__version__)
    answered = reply(payload, result)
    if answered.message:
        print(answered.message, file=environment.stderr)
    if answered.answer:
        environment.use_utf8()
        with environment.output() as stream:
            print(answered.answer, file=stream)
    return ExitCode.BLOCKED if answered.is_blocked else ExitCode.CLEAN
