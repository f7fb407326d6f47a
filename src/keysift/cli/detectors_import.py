"""``keysift detectors import``: rules of other scanners as detector files."""

from __future__ import annotations

import argparse
from pathlib import Path

from keysift.catalogue import load
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.output import check_output, report_stream
from keysift.errors import CatalogueError, UsageError
from keysift.interchange import gitleaks, yaml_rules
from keysift.interchange.detectors import Defaults, Imported, detector_of
from keysift.interchange.rule import RuleFile
from keysift.interchange.toml import write
from keysift.model import Severity
from keysift.report.escape import visible
from keysift.report.summary import count


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Write the detector file, and what could not be carried over to standard error."""
    check_output(options.output)
    path = Path(options.file)
    rules = _read(path)
    taken = {detector.id for detector in load(cache=environment.cache).detectors}
    imported: list[Imported] = []
    for rule in rules.rules:
        defaults = Defaults(
            provider=options.provider or path.stem,
            severity=Severity(options.severity),
            source=path.name,
            taken=taken,
        )
        imported.append(detector_of(rule, defaults))
        if imported[-1].detector is not None:
            taken.add(imported[-1].detector.id)
    detectors = [one.detector for one in imported if one.detector is not None]
    if detectors:
        text = write(options.provider or path.stem, options.website, path.name, detectors)
        with report_stream(options, environment) as stream:
            stream.write(text)
    return _report(rules, imported, environment)


def _read(path: Path) -> RuleFile:
    """Return the rules of a file.

    Raises:
        CatalogueError: It cannot be read, or has no rules.
        UsageError: Nobody can tell what it is.
    """
    kind = path.suffix.lower()
    if kind not in (".toml", ".yml", ".yaml"):
        raise UsageError(f"{path}: is neither .toml nor .yml, as files of rules are called")
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise CatalogueError((f"{path}: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise CatalogueError((f"{path}: is not UTF-8",)) from error
    return gitleaks.read(path, text) if kind == ".toml" else yaml_rules.read(path, text)


def _report(rules: RuleFile, imported: list[Imported], environment: Environment) -> ExitCode:
    lost = 0
    for line in (*rules.left, *(line for one in imported for line in one.left)):
        _say(environment, f"not carried over: {line}")
    if imported:
        _say(environment, "not in the rules: severity, how to revoke and rotate; fill them in")
    for one in imported:
        lost += one.detector is None or bool(one.problems)
        for problem in one.problems:
            _say(environment, f"not proven: {one.rule.id}: {problem}")
    made = sum(one.detector is not None for one in imported)
    proven = sum(one.detector is not None and not one.problems for one in imported)
    _say(
        environment, f"{count(made, 'detector')} of {count(len(imported), 'rule')}, {proven} proven"
    )
    return ExitCode.FINDINGS if lost else ExitCode.CLEAN


def _say(environment: Environment, text: str) -> None:
    print(f"keysift: {visible(text)}", file=environment.stderr)
