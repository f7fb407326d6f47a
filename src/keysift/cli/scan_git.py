"""What ``keysift scan`` does with git: the options that choose a history or a part of one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from keysift.errors import KeysiftError, UsageError

if TYPE_CHECKING:
    from keysift.cli.environment import Environment
    from keysift.cli.progress import Meter
    from keysift.crawl.session import Session

HERE = ""
"""What ``--git`` without a directory means: where git itself would look."""


def add_git_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a history or a part of one."""
    group = parser.add_argument_group("git (docs/git.md)")
    group.add_argument(
        "--git",
        nargs="?",
        const=HERE,
        metavar="DIR",
        help="the whole history of a repository (default: the one here)",
    )
    group.add_argument(
        "--unreachable",
        action="store_true",
        help="with --git: deleted branches, reflogs and dangling objects as well",
    )


def wants_git(options: argparse.Namespace) -> bool:
    """Tell whether something of git is to be scanned."""
    return options.git is not None


def check_git_options(options: argparse.Namespace) -> None:
    """Refuse options that make no sense together.

    Raises:
        UsageError: There are some.
    """
    if options.unreachable and options.git is None:
        raise UsageError("--unreachable is about a history; add --git")


def scan_git(
    session: Session, options: argparse.Namespace, environment: Environment, meter: Meter
) -> Iterator[KeysiftError]:
    """Scan what the options choose; yields what is wrong with it."""
    if not wants_git(options):
        return
    directory = None if options.git == HERE else Path(options.git)
    try:
        session.scan_history(
            directory, environment.directory, meter, unreachable=options.unreachable
        )
    except KeysiftError as error:
        session.failed(error)
        yield error
