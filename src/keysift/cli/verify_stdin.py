"""``keysift verify --stdin``: one secret that somebody holds in hand, and no store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from keysift.catalogue import Catalogue
from keysift.cli.asking import planner_of
from keysift.cli.asking_held import ask_held
from keysift.cli.asking_report import exit_code, verification, write_run
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.output import report_stream
from keysift.detect.scanner import Scanner
from keysift.errors import UsageError
from keysift.model import FingerprintKey, Match, Secret
from keysift.report.verification import AnswerRow
from keysift.verify.credential import Credential, values_of

_LONGEST: Final = 1 << 20
"""Bytes that are read."""


def verify_stdin(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    catalogue: Catalogue,
) -> ExitCode:
    """Ask about what standard input holds, and report it; nothing is stored.

    Raises:
        KeysiftError: Asking ended early; what was answered before is reported.
        UsageError: The type is none, or standard input holds no such secret.
    """
    detector = _detector(options, catalogue)
    matches = list(_matches(_read(environment), detector, catalogue))
    if not matches:
        raise UsageError(
            f"standard input holds nothing that looks like {detector} "
            f"(`keysift detectors show {detector}` has examples)"
        )
    key = environment.fingerprint_key()
    credentials = [_credential(number, match, key) for number, match in enumerate(matches)]
    planner = planner_of(options, configured, environment, catalogue)
    with environment.output() as stream:
        held = ask_held(credentials, planner, options, configured, environment, plan_to=stream)
    if not held.is_asked:
        is_known = options.dry_run or options.fail_on is None
        return ExitCode.CLEAN if is_known else ExitCode.INCOMPLETE
    rows = [
        AnswerRow(
            id=None,
            detector=detector,
            fingerprint=credentials[number].fingerprint,
            mask=matches[number].secret.mask,
            outcome=outcome,
            checked_at=datetime.now(UTC),
        )
        for number, outcome in held.outcomes.items()
    ]
    run = verification(rows, held.tally, held.plan, planner)
    with report_stream(options, environment) as stream:
        write_run(run, options, environment, stream)
    if held.failure is not None:
        raise held.failure
    return exit_code(run, options, held.plan, {})


def _credential(number: int, match: Match, key: FingerprintKey) -> Credential:
    values = values_of(match.secret, match.parts, match.facts)
    fingerprint = match.secret.fingerprint(key, match.detector)
    return Credential(number, match.detector, fingerprint, values, dict(match.facts))


def _detector(options: argparse.Namespace, catalogue: Catalogue) -> str:
    detector: str | None = options.detector
    if detector is None:
        raise UsageError("--stdin needs the type of the secret: --detector ID")
    if detector not in catalogue.by_id:
        raise UsageError(f"--detector: with --stdin it is one id, and none is {detector!r}")
    return detector


def _read(environment: Environment) -> bytes:
    if environment.stdin is None:
        raise UsageError("--stdin: there is no standard input")
    content = environment.stdin.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise UsageError(f"--stdin: more than {_LONGEST:,} bytes; `keysift scan -` scans files")
    return content


def _matches(content: bytes, detector: str, catalogue: Catalogue) -> Iterator[Match]:
    """Yield the secrets of a type in a text; a bare one gets the surroundings it is found by."""
    one = catalogue.by_id[detector]
    scanner = Scanner(Catalogue([one]))
    keyword = one.keywords[0].replace(" ", "_") if one.keywords else "secret"
    value = content.strip()
    seen: set[Secret] = set()
    for text in (content, keyword.encode() + b'_token = "' + value + b'"\n'):
        for match in scanner.scan(text):
            if match.detector == detector and match.secret not in seen:
                seen.add(match.secret)
                yield match
        if seen:
            return
