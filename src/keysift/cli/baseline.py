"""``keysift baseline``: the file of known findings, made, kept up to date and gone through."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from keysift.cli import options as shared
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.looking import add_looking_options, look
from keysift.errors import ConfigurationError
from keysift.ignoring.baseline import Baseline, Entry, Known, read, save
from keysift.ignoring.slow_hash import Identity, Scrypt
from keysift.report.escape import visible
from keysift.report.result import ScanResult
from keysift.report.summary import count

DEFAULT: Final = "keysift-baseline.json"

_MANY: Final = 100
"""Values from which on hashing them is announced."""

_DESCRIPTION: Final = """\
A baseline is a file of known findings, which `keysift scan --baseline FILE` does not report. It is
made to be committed: it holds no value, only slow salted hashes, and reasons."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "baseline", help="keep the file of known findings", description=_DESCRIPTION
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="write a baseline of what is found now")
    _add_common(create)
    _add_reason(create)
    create.set_defaults(run=run_create)
    update = actions.add_parser(
        "update",
        help="add what is new, remove what is stale",
        description="Add what is new and remove what was not found any more; reasons are kept.",
    )
    _add_common(update)
    _add_reason(update)
    update.add_argument("--no-add", action="store_true", help="only remove what is stale")
    update.add_argument(
        "--whole",
        action="store_true",
        help="the targets are all that the baseline is about: what is not there is stale (without "
        "it, only a directory that the baseline stands in decides that)",
    )
    update.set_defaults(run=run_update)
    audit = actions.add_parser(
        "audit",
        help="give each entry its reason, or take it out",
        description="Show each entry that has no reason, and ask for one.",
    )
    _add_common(audit)
    audit.add_argument("--all", action="store_true", help="those that have a reason, too")
    audit.add_argument(
        "--list", action="store_true", help="print the entries instead; nothing is scanned"
    )
    audit.add_argument(
        "--check",
        action="store_true",
        help="exit with code 1 when an entry has no reason; nothing is scanned",
    )
    audit.set_defaults(run=run_audit)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="what to scan, as for `keysift scan` (default: the working directory)",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help=f"the file (default: the configured one, else {DEFAULT})",
    )
    add_looking_options(parser)


def _add_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reason", metavar="TEXT", default="", help="why what is added now may stay"
    )
    parser.add_argument(
        "--from",
        metavar="FILE",
        dest="source",
        help="add only what another baseline knows: one of keysift, .secrets.baseline of "
        "detect-secrets, a JSON report of Gitleaks, or .gitleaksignore",
    )


def run_create(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Scan, and write a new file."""
    configured = shared.configuration(options, environment)
    path = file_of(options, configured, environment)
    if path.exists():
        raise ConfigurationError(f"{path}: is there already; use `keysift baseline update`")
    empty = Baseline(Scrypt.fresh(), {})
    known = Known(path, empty, environment.fingerprint_key(), environment.cache)
    looked = look(options, configured, environment, known)
    new = _new(options, environment, known, looked.result)
    save(path, Baseline.of(empty.scrypt, new))
    _say(environment, f"{path}: {count(len(new), 'finding')} written")
    _say_audit(environment, sum(not entry.reason for entry in new))
    if configured.baseline is None:
        _say(environment, f'to use it, write baseline = "{path.name}" in the configuration')
    return looked.code(environment)


def run_update(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Scan, and bring the file in line with what was found."""
    configured = shared.configuration(options, environment)
    path = file_of(options, configured, environment)
    baseline = read(path)
    known = Known(path, baseline, environment.fingerprint_key(), environment.cache)
    looked = look(options, configured, environment, known, is_whole=options.whole)
    new = [] if options.no_add else _new(options, environment, known, looked.result)
    stale = set(looked.session.stale or ())
    kept = [entry for entry in baseline.entries.values() if entry not in stale]
    save(path, Baseline.of(baseline.scrypt, [*kept, *new]))
    _say(environment, f"{path}: {len(new)} added, {len(stale)} removed, {len(kept)} kept")
    if looked.session.stale is None:
        _say(
            environment,
            "nothing is called stale: the scan did not look at everything in the directory of the "
            "baseline (--whole says that the targets are all there is)",
        )
    _say_audit(environment, sum(not entry.reason for entry in (*kept, *new)))
    return looked.code(environment)


def run_audit(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """List or check the entries, or ask about each."""
    from keysift.cli.baseline_audit import (  # noqa: PLC0415 (start-up time)
        check,
        list_entries,
        review,
    )

    configured = shared.configuration(options, environment)
    path = file_of(options, configured, environment)
    baseline = read(path)
    if options.list:
        list_entries(baseline, environment)
    if options.check:
        return check(path, baseline, environment)
    if options.list:
        return ExitCode.CLEAN
    known = Known(path, baseline, environment.fingerprint_key(), environment.cache)
    return review(options, configured, environment, known)


def file_of(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Path:
    """Return the file that a command is about."""
    chosen = options.baseline or configured.baseline
    return Path(chosen) if chosen else environment.directory / DEFAULT


def _new(
    options: argparse.Namespace, environment: Environment, known: Known, result: ScanResult
) -> list[Entry]:
    """Return the entries for what is new: for all of it, or for what another baseline knows."""
    if options.source is None:
        identities = [(finding.detector, finding.secret) for finding in result.findings]
        if len(identities) > _MANY:
            _say(environment, f"hashing {len(identities):,} values, each a tenth of a second")
        return known.new_entries(identities, options.reason)
    from keysift.ignoring.foreign import read_foreign  # noqa: PLC0415 (few runs need it)

    key = environment.fingerprint_key()
    other = read_foreign(Path(options.source), key, environment.cache)
    carried = other.carry(result.findings)
    for line in carried.left:
        _say(environment, f"not carried over: {visible(line)}")
    total = count(len(carried.reasons), "finding")
    _say(environment, f"{options.source}: {total} carried over, {len(carried.left)} not")
    by_reason: dict[str, list[Identity]] = {}
    for identity, reason in carried.reasons.items():
        by_reason.setdefault(reason or options.reason, []).append(identity)
    return [
        entry
        for reason, identities in by_reason.items()
        for entry in known.new_entries(identities, reason)
    ]


def _say(environment: Environment, text: str) -> None:
    print(f"keysift: {text}", file=environment.stderr)


def _say_audit(environment: Environment, bare: int) -> None:
    if bare:
        which = "entry has" if bare == 1 else "entries have"
        _say(environment, f"{bare} {which} no reason yet; `keysift baseline audit` asks for it")
