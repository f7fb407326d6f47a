"""``keysift detectors``: what can be found, and whether detectors are right."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TextIO

from keysift.catalogue import Catalogue, Detector, load
from keysift.catalogue.loader import parse, toml_files
from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.errors import CatalogueError, UsageError
from keysift.report.escape import visible


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "detectors",
        help="list, show and check the detectors",
        description="List, show and check the detectors: one file a provider, data only.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="one line a detector")
    shared.add_detector_options(listing)
    listing.set_defaults(run=run_list)
    showing = actions.add_parser("show", help="everything about one detector")
    showing.add_argument("id", metavar="ID")
    shared.add_detector_options(showing)
    showing.set_defaults(run=run_show)
    checking = actions.add_parser(
        "check",
        help="prove detectors: examples, near-misses, patterns, documentation",
        description="Report every problem of the detectors in PATH (default: all built-in ones).",
    )
    checking.add_argument("path", nargs="?", metavar="PATH", help="a detector file or directory")
    shared.add_detector_options(checking)
    checking.set_defaults(run=run_check)


def run_list(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print id, severity, confidence and name of each detector."""
    catalogue = _catalogue(options, environment)
    width = max((len(detector.id) for detector in catalogue.detectors), default=0)
    with environment.output() as stream:
        for detector in catalogue.detectors:
            line = f"{detector.id:<{width}}  {detector.severity!s:<8}  {detector.confidence!s:<6}  "
            print(line + visible(detector.name), file=stream)
    providers = {detector.provider for detector in catalogue.detectors}
    summary = f"{len(catalogue.detectors)} detectors of {len(providers)} providers"
    print(f"{summary}, ruleset {catalogue.digest}", file=environment.stderr)
    return ExitCode.CLEAN


def run_show(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print everything about one detector."""
    catalogue = _catalogue(options, environment)
    detector = catalogue.by_id.get(options.id)
    if detector is None:
        raise UsageError(f"no detector {options.id!r}; `keysift detectors list` shows their ids")
    _describe(detector, environment.stdout)
    return ExitCode.CLEAN


def run_check(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print every problem; exit 1 when there is one."""
    from keysift.detect.lint import check  # noqa: PLC0415 (the engine is not needed to list)

    try:
        paths = (Path(options.path),) if options.path else ()
        own = [one.id for root in paths for path in toml_files(root) for one in _parsed(path)]
        catalogue = _catalogue(options, environment, paths)
    except CatalogueError as error:
        for problem in error.problems:
            print(problem, file=environment.stdout)
        print(f"{len(error.problems)} problems", file=environment.stderr)
        return ExitCode.FINDINGS
    problems = check(catalogue, frozenset(own) if paths else None)
    for found in problems:
        print(found, file=environment.stdout)
    checked = len(own) if paths else len(catalogue.detectors)
    print(f"{checked} detectors checked, {len(problems)} problems", file=environment.stderr)
    return ExitCode.FINDINGS if problems else ExitCode.CLEAN


def _parsed(path: Path) -> tuple[Detector, ...]:
    try:
        return parse(path, path.read_bytes())
    except OSError as error:
        raise CatalogueError((f"{path}: {error.strerror}",)) from error


def _catalogue(
    options: argparse.Namespace, environment: Environment, more: tuple[Path, ...] = ()
) -> Catalogue:
    configured = shared.configuration(options, environment)
    if more:
        extra = tuple(Path(name) for name in (options.detectors or configured.detectors))
        return load((*extra, *more))
    return shared.catalogue(options, configured, environment)


def _describe(detector: Detector, stream: TextIO) -> None:
    rows = [
        ("id", detector.id),
        ("name", detector.name),
        ("provider", f"{detector.provider} ({detector.category.value})"),
        ("severity", str(detector.severity)),
        ("confidence", str(detector.confidence)),
        ("what", detector.what),
        ("pattern", detector.pattern),
        ("keywords", ", ".join(detector.keywords)),
        ("parts", ", ".join(part.name for part in detector.parts)),
        ("proofs", ", ".join(detector.proofs)),
        ("revoke", detector.revoke),
        ("rotate", detector.rotate),
        *(("reference", link) for link in detector.references),
        *(("example", text) for text in detector.examples),
        *(("near-miss", f"{near.text}  ({near.why})") for near in detector.near_misses),
    ]
    for label, text in rows:
        if text:
            print(f"{label:<11} {text}", file=stream)
