"""``keysift hook run``: what git runs before a commit or a push, and what people then read."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Final

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.exit import ExitCode
from keysift.crawl.session import Session, Silent, Wanted
from keysift.model import fingerprint_key
from keysift.report.escape import visible
from keysift.report.result import ScanResult, worst_first
from keysift.report.summary import count, skip_line
from keysift.sources.git.command import Git
from keysift.sources.git.pushes import pushed, received
from keysift.sources.git.selection import GitTarget, Range, Staged

if TYPE_CHECKING:
    from keysift.cli.configuration import Configuration
    from keysift.cli.environment import Environment

_SHOWN: Final = 20
_KEY_BYTES: Final = 32
_ACTS: Final = {
    "pre-commit": "would be committed",
    "pre-push": "would be pushed",
    "pre-receive": "in what is pushed",
}
_FIX: Final = {
    "pre-commit": "Take it out of the file, read it at run time instead, and git add the file.",
    "pre-push": "Take it out of the commits (git rebase -i), not only out of the files.",
    "pre-receive": "Take it out of the commits (git rebase -i), not only out of the files.",
}
_BYPASS: Final = {
    "pre-commit": "To commit all the same: git commit --no-verify",
    "pre-push": "To push all the same: git push --no-verify",
}


def run_hook(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Look for secrets in what is committed or pushed; anything but 0 stops git.

    Raises:
        KeysiftError: Something could not be had that was to be looked at.
    """
    part = _part(options, environment)
    if part is None:
        return ExitCode.CLEAN
    configured = shared.configuration(options, environment)
    session = Session(
        catalogue=shared.catalogue(options, configured, environment),
        # Nothing that is printed holds a fingerprint, and a server's user may have no home.
        key=fingerprint_key(os.urandom(_KEY_BYTES)),
        cache=environment.cache,
        wanted=Wanted(
            exclude=configured.exclude,
            environ=environment.variables,
            jobs=os.cpu_count() or 1,
        ),
    )
    target = GitTarget(directory=None, working=environment.directory, part=part)
    session.scan_git(target, Silent())
    result = session.result(
        confidence=configured.confidence, severity=configured.min_severity, version=__version__
    )
    return _report(result, options.hook, configured, environment)


def _part(options: argparse.Namespace, environment: Environment) -> Staged | Range | None:
    """Return what is to be looked at; None when nothing is."""
    if options.hook == "pre-commit":
        return Staged()
    given = environment.stdin.read() if environment.stdin is not None else b""
    text = given.decode("utf-8", "surrogateescape")
    if options.hook == "pre-receive":
        return received(text)
    git = Git.at(None, environment.directory, environment.variables)
    return pushed(git, text, options.arguments[0] if options.arguments else "")


def _report(
    result: ScanResult, name: str, configured: Configuration, environment: Environment
) -> ExitCode:
    gaps = [skip for skip in result.coverage.skips if skip.reason.is_gap]
    blocking = [one for one in gaps if one.reason.is_failure or configured.fail_on_incomplete]
    for skip in (blocking or gaps)[:_SHOWN]:
        _say(f"not looked at: {skip_line(skip)}", environment)
    if result.findings:
        _say_findings(result, name, environment)
    elif blocking:
        _say(f"stopped: {count(len(blocking), 'item')} could not be looked at", environment)
    if (result.findings or blocking) and name in _BYPASS:
        print(f"  {_BYPASS[name]}", file=environment.stderr)
    if result.findings:
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if blocking else ExitCode.CLEAN


def _say_findings(result: ScanResult, name: str, environment: Environment) -> None:
    _say(f"stopped: {count(len(result.findings), 'secret')} {_ACTS[name]}", environment)
    lines = [
        f"  {visible(place.path)}:{place.line}:{place.column}"
        + (f" (commit {place.commit.abbreviation})" if place.commit else "")
        + f"  {visible(result.text_of(finding).name)} ({visible(finding.secret.mask)}, "
        + f"{finding.detector}, {finding.severity.value})"
        for finding in worst_first(result.findings)
        for place in finding.occurrences
    ]
    for line in lines[:_SHOWN]:
        print(line, file=environment.stderr)
    if len(lines) > _SHOWN:
        print(f"  and {len(lines) - _SHOWN:,} more", file=environment.stderr)
    print(f"  {_FIX[name]} Revoke it if it ever left this machine.", file=environment.stderr)
    print(
        "  Not a secret? keysift.toml leaves out paths and detectors (docs/git.md).",
        file=environment.stderr,
    )


def _say(text: str, environment: Environment) -> None:
    print(f"keysift: {text}", file=environment.stderr)
