"""The pinned packages: fetched, verified and scanned."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

import platformdirs

from benchmarks.corpus import Pin, fetch, pins
from benchmarks.crater.snapshot import Found, Snapshot
from keysift import __version__
from keysift.catalogue import load
from keysift.catalogue.cache import Cache
from keysift.crawl.session import Session, Silent, Wanted
from keysift.model import Confidence, Finding, Severity, fingerprint_key
from keysift.report.escape import visible

PINS: Final = Path(__file__).parent / "pins.tsv"
_SALT: Final = b"keysift crater 1"
_FINGERPRINT_BYTES: Final = 8


def pinned() -> list[Pin]:
    """Return the pinned files."""
    return pins(PINS)


def scan(files: Iterable[Pin], folder: Path, jobs: int) -> Snapshot:
    """Fetch what is missing, verify all, and scan each file by itself.

    Args:
        files: What to scan.
        folder: Where the files are kept between runs.
        jobs: Processes.

    Raises:
        SystemExit: A file is not what was pinned.
    """
    chosen = list(files)
    fetch(chosen, folder)
    with ProcessPoolExecutor(jobs) as pool:
        parts = list(pool.map(scan_file, [folder / one.file for one in chosen]))
    suppressed: Counter[tuple[str, str]] = Counter()
    for part in parts:
        suppressed.update(part.suppressed)
    return Snapshot(tuple(found for part in parts for found in part.found), suppressed)


def scan_file(path: Path) -> Snapshot:
    """Scan one file as ``keysift scan --confidence low --show-suppressed`` does.

    Files are scanned apart from each other, so that one does not change what is said of another.
    """
    stored = Cache(platformdirs.user_cache_path("keysift"))
    session = Session(
        catalogue=load(cache=stored),
        key=fingerprint_key(_SALT),
        cache=stored,
        wanted=Wanted(use_ignore_files=False),
    )
    session.scan_path(str(path), Silent())
    result = session.result(
        confidence=Confidence.LOW, severity=Severity.INFO, version=__version__, keep_suppressed=True
    )
    if not result.coverage.complete:
        print(f"{path.name}: {len(result.coverage.skips)} skipped")
    return Snapshot(
        tuple(row for finding in result.findings for row in _rows(path.name, finding)),
        Counter((one.reason.value, one.detector) for one in result.suppressed),
    )


def _rows(file: str, finding: Finding) -> Iterable[Found]:
    fingerprint = _slow(finding.detector, finding.secret.reveal())
    for one in finding.occurrences:
        yield Found(
            file=file,
            path=visible(one.path),
            part=visible(one.part or ""),
            line=one.line,
            column=one.column,
            detector=finding.detector,
            severity=str(finding.severity),
            confidence=str(finding.confidence),
            fingerprint=fingerprint,
        )


@cache
def _slow(detector: str, value: bytes) -> str:
    """Return a fingerprint that is costly to compute.

    The snapshot is published: a fast hash would let readers test guesses of short passwords by the
    million.
    """
    return hashlib.scrypt(
        value,
        salt=_SALT + detector.encode(),
        n=1 << 14,
        r=8,
        p=1,
        dklen=_FINGERPRINT_BYTES,
    ).hex()
