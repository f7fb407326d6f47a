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
    from keysift.sources.git.selection import Part

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
        help="the whole history of a repository (default: the one here); with --staged or --range, "
        "which repository they are about",
    )
    group.add_argument(
        "--unreachable",
        action="store_true",
        help="with --git: deleted branches, reflogs and dangling objects as well",
    )
    part = group.add_mutually_exclusive_group()
    part.add_argument(
        "--staged", action="store_true", help="secrets that a commit of what is staged would add"
    )
    part.add_argument(
        "--range", metavar="A..B", help="secrets that commits added: A..B, A...B or one commit"
    )


def wants_git(options: argparse.Namespace) -> bool:
    """Tell whether something of git is to be scanned."""
    return options.git is not None or options.staged or options.range is not None


def check_git_options(options: argparse.Namespace) -> None:
    """Refuse options that make no sense together.

    Raises:
        UsageError: There are some.
    """
    if options.unreachable and (options.git is None or options.staged or options.range is not None):
        raise UsageError("--unreachable is about a whole history; use it with --git alone")


def scan_git(
    session: Session, options: argparse.Namespace, environment: Environment, meter: Meter
) -> Iterator[KeysiftError]:
    """Scan what the options choose; yields what is wrong with it."""
    if not wants_git(options):
        return
    from keysift.sources.git.selection import GitTarget  # noqa: PLC0415 (start-up time)

    directory = Path(options.git) if options.git else None
    try:
        target = GitTarget(directory=directory, working=environment.directory, part=_part(options))
        session.scan_git(target, meter)
    except KeysiftError as error:
        session.failed(error)
        yield error


def _part(options: argparse.Namespace) -> Part:
    from keysift.sources.git.selection import (  # noqa: PLC0415 (start-up time)
        Everything,
        Range,
        Staged,
    )

    if options.staged:
        return Staged()
    if options.range is not None:
        return Range.parse(options.range)
    return Everything(options.unreachable)
