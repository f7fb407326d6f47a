"""The entry point: parses the command line, runs a command, turns errors into exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn

from keysift._version import __version__
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode, code_of
from keysift.errors import KeysiftError

COMMANDS: Final = (
    "scan",
    "check",
    "upload",
    "hook",
    "explain",
    "baseline",
    "crawl",
    "verify",
    "status",
    "triage",
    "store",
    "findings",
    "show",
    "export",
    "survival",
    "report",
    "serve",
    "agent-hook",
    "mcp",
    "detectors",
    "config",
    "init",
)
"""The commands, in the order of the help; each is the module of that name."""

_DESCRIPTION = "Find the secrets that packages carry."
_EPILOG = (
    "Start with `keysift check dist/*` or `keysift scan pypi:NAME`. Exit codes: "
    + ", ".join(f"{code.value} {code.name.lower()}" for code in ExitCode)
    + "."
)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence: the whole usage would hide it."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and where its help is."""
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        names: The commands that it knows. Loading all of them takes longer than many a scan.
    """
    root: argparse.ArgumentParser = _Parser(
        prog="keysift", description=_DESCRIPTION, epilog=_EPILOG
    )
    root.add_argument("--version", action="version", version=f"keysift {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in names:
        import_module(f"keysift.cli.{name.replace('-', '_')}").add_parser(commands)
    return root


def main(arguments: Sequence[str], environment: Environment) -> int:
    """Run one command, and return its exit code: an ``ExitCode``, or that of a tool it ran.

    Args:
        arguments: The command line without the program's name.
        environment: Where to read and print.
    """
    try:
        wanted = [name for name in arguments[:1] if name in COMMANDS]
        own, passed_on = _parted(arguments)
        options = parser(wanted or COMMANDS).parse_args(own)
        options.passed_on = passed_on
        code: int = options.run(options, environment)
    except KeysiftError as error:
        print(f"keysift: {error}", file=environment.stderr)
        return code_of(error)
    except KeyboardInterrupt:
        print("keysift: interrupted", file=environment.stderr)
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the last of the named boundaries: whatever is left is our bug)
        _report_bug(error, environment)
        return ExitCode.BUG
    return code


def _parted(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return what is for the command, and what is for a tool that it runs: what follows ``--``.

    To argparse, ``--`` is a mark before positional arguments, which it forgets.
    """
    if list(arguments[:1]) != ["upload"] or "--" not in arguments:
        return arguments, ()
    end = arguments.index("--")
    return arguments[:end], arguments[end + 1 :]


def run() -> None:
    """Run the command line of this process, and exit."""
    try:
        environment = Environment.of_process()
    except KeysiftError as error:
        print(f"keysift: {error}", file=sys.stderr)
        sys.exit(code_of(error))
    sys.exit(main(sys.argv[1:], environment))


def _report_bug(error: BaseException, environment: Environment) -> None:
    """Say where a crash was: lines of code, without messages and variables.

    Both could hold a secret, and what is printed here gets posted in public.
    """
    import traceback  # noqa: PLC0415 (only for a crash)

    cause: BaseException | None = error
    while cause is not None:
        traceback.print_tb(cause.__traceback__, file=environment.stderr)
        print(type(cause).__qualname__, file=environment.stderr)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    print("keysift: this is a bug of keysift, please report it", file=environment.stderr)
