"""``keysift hook``: keeps secrets out of commits and pushes."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from keysift.cli import options as shared
from keysift.cli.exit import ExitCode
from keysift.cli.ignoring import add_ignore_options
from keysift.sources.git.hooks import HOOKS, KEPT, Hook, State, hook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keysift.cli.environment import Environment

_USUAL: Final = HOOKS[:2]
_DESCRIPTION: Final = """\
Keep secrets out of commits and pushes: git runs keysift before either, and a secret that was not
there before stops it. A hook that is there already is kept, and runs first. Where git looks for
hooks counts: core.hooksPath, and one directory for all work trees of a repository."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "hook",
        help="keep secrets out of commits and pushes, with git's hooks",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, run, what in (
        ("install", _install, "install hooks in the repository here"),
        ("uninstall", _uninstall, "take them out, and put back what was there"),
        ("status", _status, "say which are installed"),
    ):
        action = actions.add_parser(name, help=what, description=f"{what.capitalize()}.")
        action.add_argument(
            "hooks",
            nargs="*",
            metavar="HOOK",
            help=f"{', '.join(HOOKS)} (default: {' and '.join(_USUAL)})",
        )
        action.set_defaults(run=run)
    running = actions.add_parser(
        "run",
        help="what git runs",
        description="Look for secrets in what is committed or pushed; git runs this.",
    )
    running.add_argument("hook", choices=HOOKS, help="which hook this is")
    running.add_argument("arguments", nargs="*", help="what git adds")
    add_ignore_options(running)
    shared.add_detector_options(running)
    running.set_defaults(run=_run, verbose=False)


def _install(options: argparse.Namespace, environment: Environment) -> ExitCode:
    install(hooks_named(options.hooks, environment), environment)
    return ExitCode.CLEAN


def install(hooks: Iterable[Hook], environment: Environment) -> None:
    """Install hooks, and say where each is."""
    for one in hooks:
        one.install(sys.executable)
        _say(one, environment)


def _uninstall(options: argparse.Namespace, environment: Environment) -> ExitCode:
    for one in hooks_named(options.hooks, environment):
        before = one.state
        if one.uninstall():
            back = "; the hook that was there is back" if before is State.BESIDE else ""
            print(f"{one.name}: uninstalled{back}", file=environment.stdout)
        else:
            _say(one, environment)
    return ExitCode.CLEAN


def _status(options: argparse.Namespace, environment: Environment) -> ExitCode:
    for one in hooks_named(options.hooks, environment):
        _say(one, environment)
    return ExitCode.CLEAN


def hooks_named(names: Sequence[str], environment: Environment) -> list[Hook]:
    """Return hooks of the repository here; without names, the usual ones.

    Raises:
        UsageError: There is no such hook, or no repository.
    """
    from keysift.errors import UsageError  # noqa: PLC0415 (start-up time)
    from keysift.sources.git.command import Git  # noqa: PLC0415 (the same)

    unknown = [name for name in names if name not in HOOKS]
    if unknown:
        raise UsageError(f"{unknown[0]}: is no hook of keysift; those are {', '.join(HOOKS)}")
    git = Git.at(None, environment.directory, environment.variables, trusted=True)
    return [hook(git, name) for name in dict.fromkeys(names or _USUAL)]


def _say(one: Hook, environment: Environment) -> None:
    state = one.state
    where = f" ({one.path.name}{KEPT})" if state is State.BESIDE else ""
    print(f"{one.name}: {state.value}{where}: {one.path}", file=environment.stdout)


def _run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    from keysift.cli.hook_run import run_hook  # noqa: PLC0415 (start-up time)

    return run_hook(options, environment)
