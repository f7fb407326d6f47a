"""A scan that is not reported itself: what the commands about findings look at."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift._version import __version__
from keysift.catalogue import Catalogue
from keysift.cli import options as shared
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode, worst_of
from keysift.cli.ignoring import add_comment_options, decided
from keysift.cli.progress import Meter
from keysift.crawl.session import Session, Wanted
from keysift.errors import KeysiftError
from keysift.ignoring.baseline import Known
from keysift.model import Confidence, Match, Secret, Severity, masked
from keysift.report.escape import visible
from keysift.report.result import ScanResult
from keysift.report.summary import count

_SHORTEST: Final = 8
"""Bytes of what was judged not to be a secret, from which on it is masked all the same."""


def add_looking_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``look``, but for the targets and the baseline."""
    reading = parser.add_argument_group("what to read, and what to report")
    shared.add_walk_options(reading)
    shared.add_grade_options(reading, Confidence.MEDIUM)
    add_comment_options(reading)
    shared.add_detector_options(parser)


class Looked(Struct):
    """What a scan came to.

    Attributes:
        catalogue: The detectors that were used.
        session: The scan.
        result: What it found.
        errors: Targets that could not be scanned.
    """

    catalogue: Catalogue
    session: Session
    result: ScanResult
    errors: list[KeysiftError]

    def code(self, environment: Environment) -> ExitCode:
        """Say what could not be looked at, and return the exit code."""
        for error in self.errors:
            print(f"keysift: {error}", file=environment.stderr)
        if self.errors:
            return worst_of(self.errors)
        if self.result.coverage.complete:
            return ExitCode.CLEAN
        gaps = sum(skip.reason.is_gap for skip in self.result.coverage.skips)
        print(
            f"keysift: the scan is incomplete: {count(gaps, 'item')} could not be looked at "
            "(`keysift scan` lists them)",
            file=environment.stderr,
        )
        return ExitCode.INCOMPLETE

    def around(self, match: Match) -> Iterator[str]:
        """Yield the lines around a match that came with them; this and all other secrets masked."""
        excerpt = match.excerpt
        if excerpt is None:
            return
        whole = excerpt.text.reveal()
        secrets = frozenset(self._secrets())
        before = masked(whole[: excerpt.start], secrets)
        after = masked(whole[excerpt.end :], secrets)
        text = Secret(before + match.secret.mask.encode() + after).reveal_text()
        for number, line in enumerate(text.splitlines(), excerpt.line):
            yield f"{number:>5} | {visible(line)}"

    def _secrets(self) -> Iterator[Secret]:
        """Yield everything that was taken for a secret, rightly or not, but for what is a word."""
        for sighting in self.session.seen.sightings:
            yield sighting.match.secret
            yield from (part.value for part in sighting.match.parts)
        for one in self.session.seen.suppressed:
            if len(one.suppressed.match.secret) >= _SHORTEST:
                yield one.suppressed.match.secret


def look(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    known: Known | None,
    *,
    is_whole: bool = False,
    everything: bool = False,
) -> Looked:
    """Scan the targets.

    Args:
        options: The options.
        configured: The configuration.
        environment: The environment.
        known: The baseline, whose findings are not in the result.
        is_whole: Whether the targets are all that the baseline is about.
        everything: Whether to return findings of all grades, with the lines around them.
    """
    catalogue = shared.catalogue(options, configured, environment)
    session = Session(
        catalogue=catalogue,
        key=environment.fingerprint_key(),
        cache=environment.cache,
        wanted=Wanted(
            exclude=tuple(options.exclude or configured.exclude),
            use_ignore_files=not options.no_ignore,
            index_url=shared.index_url(None, configured, environment),
            environ=environment.variables,
            stdin=environment.stdin,
            jobs=os.cpu_count() or 1,
            ignoring=decided(options, configured, environment, known=known, is_whole=is_whole),
            excerpts=everything,
        ),
    )
    errors: list[KeysiftError] = []
    with Meter(environment, enabled=True) as meter:
        for target in options.targets or ["."]:
            try:
                session.scan(target, meter)
            except KeysiftError as error:
                session.failed(error)
                errors.append(error)
    severity, confidence = shared.grades(options, configured)
    if everything:
        severity, confidence = Severity.INFO, Confidence.LOW
    result = session.result(confidence=confidence, severity=severity, version=__version__)
    return Looked(catalogue, session, result, errors)
