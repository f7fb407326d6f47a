"""Findings for tests; every value in them is obviously made up."""

from __future__ import annotations

from keysift.model import Confidence, Coverage, Finding, Occurrence, Secret, Severity
from keysift.report.result import ScanResult

SHOP = "pkg:example/shop@2.1.0?file_name=shop-2.1.0"


def place(path: str = "shop/settings.py", **changes: object) -> Occurrence:
    """Return an occurrence in a loose file, with some fields changed."""
    fields: dict[str, object] = {
        "target": path,
        "artifact": None,
        "path": path,
        "line": 12,
        "column": 9,
        "start": 300,
        "end": 324,
    }
    return Occurrence(**(fields | changes))  # type: ignore[arg-type] # fields by name


def finding(value: bytes = b"not really a secret ....", **changes: object) -> Finding:
    """Return a finding of medium severity with one place, with some fields changed."""
    fields: dict[str, object] = {
        "detector": "acme-token",
        "provider": "Acme",
        "name": "Acme access token",
        "severity": Severity.MEDIUM,
        "confidence": Confidence.MEDIUM,
        "fingerprint": "0" * 32,
        "secret": Secret(value),
        "occurrences": [place()],
    }
    return Finding(**(fields | changes))  # type: ignore[arg-type] # fields by name


def result_of(*findings: Finding, coverage: Coverage | None = None) -> ScanResult:
    """Return a result that holds these findings and looked at everything."""
    complete = Coverage(artifacts=1, files=3, bytes=2048, scanned=3)
    return ScanResult(
        version="1.2.3",
        ruleset="5e7",
        findings=list(findings),
        coverage=complete if coverage is None else coverage,
    )
