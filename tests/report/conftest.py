"""A result with something of everything; every value in it is obviously made up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from keysift.model import (
    Confidence,
    Coverage,
    Secret,
    Severity,
    Skip,
    SkipReason,
    SuppressReason,
    Verdict,
)
from keysift.report.result import DetectorText, ScanResult, SuppressedFinding

from .samples import SHOP, finding, place, result_of


@pytest.fixture
def schemas() -> Path:
    """Return the folder of the committed schemas of our own formats."""
    return Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def empty() -> ScanResult:
    """Return a complete scan that found nothing."""
    return result_of()


@pytest.fixture
def rich() -> ScanResult:
    """Return an incomplete scan with findings in releases, a local archive and a loose file."""
    published = [
        place(
            "shop/settings.py",
            target="pypi:shop",
            artifact=f"{SHOP}{kind}",
            line=line,
            uploaded=datetime(2023, 5, 1, 10, 30, tzinfo=UTC),
            yanked=yanked,
        )
        for kind, yanked in ((".tar.gz", None), ("-py3-none-any.whl", "leaked a key"))
        for line in (12, 40, 77, 101)
    ]
    local = place(
        "inner.tgz!/package/notes.ipynb",
        target="dist/shop-2.2.0.zip",
        artifact="shop-2.2.0.zip",
        part="cell 3",
        encoding=("base64", "gzip"),
    )
    result = result_of(
        finding(detector="acme-guess", name="Acme password", confidence=Confidence.LOW),
        finding(
            b"this value is invented, and its length is above all thresholds",
            detector="umbrella-cloud-key",
            provider="Umbrella",
            name="Umbrella cloud key",
            severity=Severity.CRITICAL,
            confidence=Confidence.HIGH,
            proof="checksum",
            verdict=Verdict.ACTIVE,
            facts={"account": "example-shop", "expires": "2031-01-01"},
            parts={"user": Secret(b"another invented value, the user")},
            occurrences=published,
        ),
        finding(
            severity=Severity.HIGH,
            detector="acme-signing-key",
            name="Acme signing key",
            occurrences=[local],
        ),
    )
    result.coverage = Coverage(
        artifacts=3,
        files=1204,
        bytes=73_400_000,
        scanned=1100,
        duplicates=100,
        suppressed={"placeholder": 8, "low_entropy": 12},
        skips=[
            Skip(path="a/link", reason=SkipReason.LINK, artifact="shop-2.1.0.tar.gz"),
            *(
                Skip(
                    path=f"shop/model-{number}.bin",
                    reason=SkipReason.TOO_LARGE,
                    detail="limit 1 GB",
                    size_bytes=2_500_000_000,
                    artifact="shop-2.1.0.tar.gz",
                )
                for number in range(5)
            ),
        ],
    )
    result.suppressed = [
        SuppressedFinding(
            detector="acme-token",
            mask="no…",
            reason=SuppressReason.PLACEHOLDER,
            detail="the word example",
            path="docs/usage.md",
            line=3,
            column=5,
        )
    ]
    result.detectors = {
        "umbrella-cloud-key": DetectorText(
            name="Umbrella cloud key",
            provider="Umbrella",
            what=(
                "Key of an Umbrella account. Whoever has it reads every bucket, starts machines"
                " at the owner's expense and can create more keys."
            ),
            severity=Severity.CRITICAL,
            revoke="https://cloud.example.com/account/keys",
            rotate="Create a second key, deploy it, then delete this one.",
            references=("https://docs.example.com/keys",),
        ),
        "acme-token": DetectorText(
            name="Acme access token",
            provider="Acme",
            what="Acts as its owner.",
            severity=Severity.MEDIUM,
            revoke="https://acme.example.com/tokens",
            rotate="Make a new one.",
        ),
    }
    return result
