"""Options that say what is found and not reported; every command that looks has them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from keysift.cli import options as shared
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.crawl.ignoring import Ignoring
from keysift.detect.comments import Comments
from keysift.ignoring.baseline import Known, read
from keysift.ignoring.rules import RuleBook
from keysift.report.result import ScanResult

WHOSE: Final = ("local", "all", "none")
"""Whose comments count: those in files that the user has, those in published projects too."""


def add_ignore_options(parser: argparse.ArgumentParser) -> None:
    """Add the options, which ``ignoring`` reads."""
    group = parser.add_argument_group("what to ignore (docs/ignoring.md)")
    add_comment_options(group)
    group.add_argument(
        "--baseline", metavar="FILE", help="known findings, which `keysift baseline create` writes"
    )
    group.add_argument(
        "--report-ignored",
        action="store_true",
        help="report everything, whatever comments, rules and the baseline say",
    )


def add_comment_options(group: argparse._ActionsContainer) -> None:
    """Add the options that say whose comments count, which ``decided`` reads."""
    group.add_argument(
        "--ignore-comments",
        choices=WHOSE,
        help="whose `keysift: ignore[detector] reason` comments count: those in local files, those "
        "in published projects too, or none (default: local)",
    )
    group.add_argument(
        "--peer-comments",
        action="store_true",
        default=None,
        help="let the comments of other scanners count as well (`gitleaks:allow` and the like)",
    )


def ignoring(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Ignoring:
    """Return what is ignored.

    Args:
        options: With those of ``add_ignore_options``, and ``verbose``.
        configured: The configuration.
        environment: The environment.

    Raises:
        ConfigurationError: The baseline cannot be read.
    """
    if options.report_ignored:
        return Ignoring()
    known = known_findings(options.baseline or configured.baseline, environment)
    return decided(options, configured, environment, known=known, report_unused=options.verbose)


def decided(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    *,
    known: Known | None,
    report_unused: bool = False,
    is_whole: bool = False,
) -> Ignoring:
    """Return what is ignored with a baseline in hand.

    Args:
        options: With ``ignore_comments``, ``peer_comments`` and ``config``.
        configured: The configuration.
        environment: The environment.
        known: The baseline, if there is one.
        report_unused: Whether comments and rules that ignore nothing are remarks.
        is_whole: As in ``Ignoring``.
    """
    whose = options.ignore_comments or configured.ignore_comments
    peers = configured.peer_comments if options.peer_comments is None else options.peer_comments
    comments = Comments(peers=peers, report_unused=report_unused)
    return Ignoring(
        comments=None if whose == "none" else comments,
        in_published=whose == "all",
        known=known,
        is_whole=is_whole,
        rules=RuleBook(configured.ignore, shared.configuration_directory(options, environment))
        if configured.ignore
        else None,
        report_unused=report_unused,
    )


def known_findings(baseline: str | None, environment: Environment) -> Known | None:
    """Return the findings that a baseline knows.

    Raises:
        ConfigurationError: It cannot be read.
    """
    if baseline is None:
        return None
    path = Path(baseline)
    return Known(path, read(path), environment.fingerprint_key(), environment.cache)


def write_remarks(result: ScanResult, environment: Environment) -> None:
    """Say what ignores nothing, where the report itself has no room for it."""
    from keysift.report.summary import remark_line  # noqa: PLC0415 (start-up time)

    for remark in result.remarks:
        print(f"keysift: {remark_line(remark)}", file=environment.stderr)
