"""keysift: finds the secrets that packages carry.

The library in two functions; the values they return are described in ``keysift.model``::

    import keysift

    for match in keysift.scan_bytes(b"..."):
        print(match.detector, match.line, match.secret)  # the secret shows itself masked

    result = keysift.scan_path("dist/project-1.0.tar.gz")
    print(result.coverage.complete, [finding.name for finding in result.findings])
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from keysift._version import __version__

if TYPE_CHECKING:
    from keysift.detect.scanner import Scanner
    from keysift.model import Match
    from keysift.report.result import ScanResult

__all__ = ["__version__", "scan_bytes", "scan_path"]


def scan_bytes(content: bytes) -> list[Match]:
    """Return the secrets in ``content``, of any confidence, in order of their offsets.

    Any byte string is valid. Containers are not opened: that is what ``scan_path`` does.

    Args:
        content: What to scan.
    """
    return _scanner().scan(content)


def scan_path(
    path: str | os.PathLike[str],
    *,
    confidence: str = "medium",
    jobs: int = 1,
    fingerprint_key: bytes | None = None,
) -> ScanResult:
    """Scan a file, an archive (opened in memory) or a directory.

    Args:
        path: What to scan.
        confidence: Report from this confidence on: ``low``, ``medium`` or ``high``.
        jobs: Processes at most.
        fingerprint_key: Key of the fingerprints, 16 to 64 bytes; without one they are comparable
            within this result only.

    Raises:
        TargetError: There is nothing at ``path``.
        ValueError: ``confidence`` is no confidence, or the key is too short or too long.
    """
    from keysift import model  # noqa: PLC0415 (the same)
    from keysift.crawl.session import Session, Silent, Wanted  # noqa: PLC0415 (import time)

    scanner = _scanner()
    session = Session(
        catalogue=scanner.catalogue,
        key=model.fingerprint_key(os.urandom(32) if fingerprint_key is None else fingerprint_key),
        cache=scanner.cache,
        wanted=Wanted(jobs=jobs, use_ignore_files=False),
    )
    session.scan_path(os.fspath(path), Silent())
    return session.result(
        confidence=model.Confidence(confidence), severity=model.Severity.INFO, version=__version__
    )


@cache
def _scanner() -> Scanner:
    import platformdirs  # noqa: PLC0415 (import time)

    from keysift.catalogue import load  # noqa: PLC0415 (the same)
    from keysift.catalogue.cache import Cache  # noqa: PLC0415 (the same)
    from keysift.detect.scanner import Scanner  # noqa: PLC0415 (the same)

    stored = Cache(platformdirs.user_cache_path("keysift"))
    return Scanner(load(cache=stored), stored)
