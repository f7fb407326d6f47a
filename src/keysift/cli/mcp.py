"""``keysift mcp``: tools for coding agents, with the Model Context Protocol."""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.ignoring import add_ignore_options, ignoring
from keysift.errors import UsageError
from keysift.model import Confidence

if TYPE_CHECKING:
    from keysift.crawl.session import Session

_DESCRIPTION: Final = """\
Serve tools for coding agents over standard input and output, with the Model Context Protocol:
scan_text, scan_path, check_distributions, more_findings and explain. They give masks, never values;
they change nothing and send nothing. docs/editors.md says how agents are configured."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "mcp",
        help="serve tools for coding agents (Model Context Protocol)",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "roots",
        nargs="*",
        metavar="DIR",
        help="a directory that agents may look at, with all below (default: the working directory)",
    )
    group = parser.add_argument_group("what to report")
    shared.add_grade_options(group, Confidence.MEDIUM)
    add_ignore_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run, verbose=False)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Serve until standard input ends."""
    # All of this, and the SDK most of all, costs start-up time that other commands need not pay.
    try:
        from keysift.agent.server import serve  # noqa: PLC0415
    except ImportError as error:
        raise UsageError("`keysift mcp` needs more packages: pip install 'keysift[mcp]'") from error
    from keysift.agent.conversation import Conversation, Given  # noqa: PLC0415
    from keysift.agent.roots import Roots  # noqa: PLC0415
    from keysift.crawl.session import Session, Wanted  # noqa: PLC0415
    from keysift.detect.scanner import Scanner  # noqa: PLC0415
    from keysift.gate.allowed import check_allowed  # noqa: PLC0415
    from keysift.gate.gate import Wishes  # noqa: PLC0415

    configured = shared.configuration(options, environment)
    check_allowed(configured.check.allow)
    severity, confidence = shared.grades(options, configured)
    catalogue = shared.catalogue(options, configured, environment)
    key = environment.fingerprint_key()
    ignored = ignoring(options, configured, environment)
    roots = Roots([Path(one) for one in options.roots] or [environment.directory])

    def sessions(content: BinaryIO | None, include_ignored: bool) -> Session:  # noqa: FBT001 (the one caller names it)
        wanted = Wanted(
            exclude=configured.exclude,
            use_ignore_files=not include_ignored,
            environ=environment.variables,
            stdin=content,
            ignoring=ignored,
        )
        return Session(catalogue=catalogue, key=key, cache=environment.cache, wanted=wanted)

    given = Given(
        roots=roots,
        scanner=cache(lambda: Scanner(catalogue, environment.cache)),
        sessions=sessions,
        wishes=Wishes(
            against=None,
            directory=None,
            working_directory=environment.directory,
            use_git=True,
            is_strict=configured.check.strict,
            allowed=configured.check.allow,
            index_url=None,
            environ=environment.variables,
            confidence=confidence,
            severity=severity,
            keep_suppressed=False,
            version=__version__,
        ),
    )
    serve(Conversation(given), __version__)
    return ExitCode.CLEAN
