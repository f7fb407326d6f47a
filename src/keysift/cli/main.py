"""The entry point: parses the command line, runs a command, turns errors into exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from keysift._version import __version__
from keysift.cli import detectors, scan
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode, code_of
from keysift.errors import KeysiftError

_DESCRIPTION = "Find the secrets that packages carry."
_EPILOG = "Exit codes: " + "; ".join(f"{code.value} {code.name.lower()}" for code in ExitCode) + "."


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = argparse.ArgumentParser(prog="keysift", description=_DESCRIPTION, epilog=_EPILOG)
    root.add_argument("--version", action="version", version=f"keysift {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    scan.add_parser(commands)
    detectors.add_parser(commands)
    return root


def main(arguments: Sequence[str], environment: Environment) -> ExitCode:
    """Run one command.

    Args:
        arguments: The command line without the program's name.
        environment: Where to read and print.
    """
    try:
        options = parser().parse_args(arguments)
        code: ExitCode = options.run(options, environment)
    except KeysiftError as error:
        print(f"keysift: {error}", file=environment.stderr)
        return code_of(error)
    except BrokenPipeError:
        # The reader of our output has gone (``| head``); there is nobody left to tell.
        return ExitCode.CLEAN
    except KeyboardInterrupt:
        print("keysift: interrupted", file=environment.stderr)
        return ExitCode.INTERRUPTED
    return code


def run() -> None:
    """Run the command line of this process, and exit."""
    environment = Environment.of_process()
    try:
        code = main(sys.argv[1:], environment)
        environment.stdout.flush()
    except BrokenPipeError:
        code = ExitCode.CLEAN
        sys.stderr.close()
    except Exception:  # noqa: BLE001 (the last of the named boundaries: whatever is left is our bug)
        import traceback  # noqa: PLC0415 (only for a crash)

        # Local variables could hold a secret: the traceback shows lines of code only.
        traceback.print_exc(file=environment.stderr)
        print("keysift: this is a bug of keysift, please report it", file=environment.stderr)
        code = ExitCode.BUG
    sys.exit(code)
