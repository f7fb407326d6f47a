"""``keysift detectors``: what can be found, and whether detectors are right."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keysift.catalogue import Catalogue, Detector, load
from keysift.catalogue.loader import parse, read, toml_files
from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.errors import CatalogueError, UsageError
from keysift.model import Severity
from keysift.report.escape import visible
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import count

if TYPE_CHECKING:
    from keysift.catalogue.validities import Validities


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "detectors",
        help="list, show and check the detectors",
        description="List, show and check the detectors: one file a provider, data only.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="one line a detector; words search")
    listing.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="list only detectors whose names, keywords or texts have each of the words",
    )
    listing.add_argument(
        "--validity",
        action="store_true",
        help="show how each provider would be asked whether a secret works, or why it is not",
    )
    shared.add_detector_options(listing)
    listing.set_defaults(run=run_list)
    showing = actions.add_parser("show", help="everything about one detector")
    showing.add_argument("id", metavar="ID", help="as `keysift detectors list` has it")
    shared.add_detector_options(showing)
    showing.set_defaults(run=run_show)
    checking = actions.add_parser(
        "check",
        help="prove detectors: examples, near-misses, patterns, documentation",
        description="Report every problem of the detectors in PATH (default: all built-in ones).",
    )
    checking.add_argument(
        "paths", nargs="*", metavar="PATH", help="detector files, or directories of them"
    )
    checking.add_argument(
        "--validity",
        action="store_true",
        help="check how providers are asked instead, against a server on this machine",
    )
    shared.add_detector_options(checking)
    checking.set_defaults(run=run_check)
    importing = actions.add_parser(
        "import",
        help="make a detector file of other scanners' rules",
        description=(
            "Make a detector file of a rule file of Gitleaks or Betterleaks (TOML), Kingfisher or "
            "Nosey Parker (YAML). Whatever cannot be carried over is said; nothing is dropped "
            "silently. Exit code 1: some of it was not carried over at all, or is not proven."
        ),
    )
    importing.add_argument("file", metavar="FILE", help="the rules, .toml or .yml")
    importing.add_argument("-o", "--output", metavar="FILE", help="the detector file")
    importing.add_argument(
        "--provider", metavar="NAME", help="who issues the secrets (default: the file's name)"
    )
    importing.add_argument("--website", metavar="URL", default="", help="its home page")
    importing.add_argument(
        "--severity",
        choices=[grade.value for grade in Severity],
        default=Severity.MEDIUM.value,
        help="of all of them, which the rules do not say (default: medium)",
    )
    importing.set_defaults(run=run_import, format="toml")


def run_list(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print id, severity, confidence and name of each detector that has the words."""
    from keysift.report.detector import mentions  # noqa: PLC0415 (a scan need not load it)

    catalogue = _catalogue(options, environment)
    words = tuple(options.words)
    found = [one for one in catalogue.detectors if mentions(one, words)]
    if options.validity:
        _list_validity(options, environment, found)
        return ExitCode.CLEAN
    width = max((len(detector.id) for detector in found), default=0)
    with environment.output() as stream:
        for detector in found:
            line = f"{detector.id:<{width}}  {detector.severity!s:<8}  {detector.confidence!s:<6}  "
            print(line + visible(detector.name), file=stream)
    providers = {detector.provider for detector in found}
    summary = f"{count(len(found), 'detector')} of {count(len(providers), 'provider')}"
    print(f"{summary}, ruleset {catalogue.digest}", file=environment.stderr)
    return ExitCode.CLEAN


def _list_validity(
    options: argparse.Namespace, environment: Environment, found: list[Detector]
) -> None:
    """Print the request for each detector, or why there is none."""
    validities = _validities(options, environment)
    width = max((len(detector.id) for detector in found), default=0)
    asked = refused = 0
    with environment.output() as stream:
        for detector in found:
            table = validities.of(detector.id)
            if table is None:
                shown = "unknown how"
            elif table.not_checkable:
                refused += 1
                shown = f"not checkable: {table.not_checkable}"
            else:
                asked += 1
                shown = f"{table.method} {table.url}"
                if table.scheme:
                    shown += f" ({table.scheme['name']})"
                if table.by_name:
                    shown += f"; only when named: {table.by_name}"
            print(f"{detector.id:<{width}}  {visible(shown)}", file=stream)
    rest = len(found) - asked - refused
    summary = f"{count(asked, 'detector')} with a request, {refused} not checkable, {rest} unknown"
    print(summary, file=environment.stderr)


def run_show(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print everything about one detector; its page in docs/ says the same."""
    from keysift.report.detector import grouped, statements  # noqa: PLC0415 (a scan need not load it)

    catalogue = _catalogue(options, environment)
    detector = catalogue.by_id.get(options.id)
    if detector is None:
        near = difflib.get_close_matches(options.id, catalogue.by_id, 3)
        hint = f"did you mean {', '.join(near)}?" if near else "`keysift detectors list` has them"
        raise UsageError(f"no detector has the id {options.id!r}; {hint}")
    with environment.output() as stream:
        page = Page(stream, color=environment.color, width=environment.width)
        for line in grouped(statements(detector, _validities(options, environment))):
            text = line[0].joint.join(one.text for one in line)
            text += f"  ({line[0].note})" if line[0].note else ""
            words = [piece for part in text.splitlines() for piece in visible(part).split(" ")]
            page.labelled(line[0].label, words, Style.PLAIN, margin=Margin(0, _GUTTER))
    return ExitCode.CLEAN


def run_check(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print every problem; exit 1 when there is one."""
    problems: list[str] = []
    sound: list[Path] = []
    own: set[str] = set()
    for path in (file for named in options.paths for file in toml_files(Path(named))):
        try:
            own.update(detector.id for detector in parse(path, read(path)))
        except CatalogueError as error:
            problems.extend(error.problems)
        else:
            sound.append(path)
    checked = 0
    if own or not options.paths:
        try:
            checked = _check(options, environment, sound, own, problems)
        except CatalogueError as error:
            problems.extend(error.problems)
    with environment.output() as stream:
        for problem in problems:
            print(visible(problem), file=stream)
    summary = f"{count(checked, 'detector')} checked, {count(len(problems), 'problem')}"
    print(summary, file=environment.stderr)
    return ExitCode.FINDINGS if problems else ExitCode.CLEAN


def run_import(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Write a detector file, and what could not be carried over to standard error."""
    from keysift.cli.detectors_import import run  # noqa: PLC0415 (as above)

    return run(options, environment)


def _check(
    options: argparse.Namespace,
    environment: Environment,
    sound: list[Path],
    own: set[str],
    problems: list[str],
) -> int:
    """Add what is wrong with the chosen detectors; returns how many there are."""
    from keysift.detect.lint import check  # noqa: PLC0415 (the engine is not needed to list)

    configured = shared.configuration(options, environment)
    catalogue = load((*shared.own_files(options, configured), *sound))
    chosen = shared.select(catalogue, options, configured).by_id.keys()
    ids = frozenset(chosen & own if options.paths else chosen)
    if not options.validity:
        problems.extend(map(str, check(catalogue, ids)))
        return len(ids)
    from keysift.catalogue.validities import load_validities  # noqa: PLC0415 (as above)
    from keysift.verify.lint import check as check_validity  # noqa: PLC0415 (as above)

    validities = load_validities((*shared.own_files(options, configured), *sound))
    asked = frozenset(one for table in validities.tables for one in table.detectors) & ids
    problems.extend(map(str, check_validity(catalogue, validities, ids)))
    return len(asked)


def _validities(options: argparse.Namespace, environment: Environment) -> Validities:
    from keysift.catalogue.validities import load_validities  # noqa: PLC0415 (as above)

    configured = shared.configuration(options, environment)
    return load_validities(shared.own_files(options, configured), cache=environment.cache)


def _catalogue(options: argparse.Namespace, environment: Environment) -> Catalogue:
    return shared.catalogue(options, shared.configuration(options, environment), environment)


_GUTTER: Final = 14
