"""A small catalogue of made-up providers, so that engine tests do not depend on the real one."""

from __future__ import annotations

import pytest

from keysift.catalogue import Catalogue, Category, Detector, PartSpec
from keysift.detect.scanner import Scanner
from keysift.model import Confidence, Severity


def detector(identifier: str, pattern: str, **changes: object) -> Detector:
    """Return a detector with everything but its pattern filled in."""
    fields: dict[str, object] = {
        "id": identifier,
        "name": identifier,
        "what": "A made-up secret.",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "pattern": pattern,
        "revoke": "https://example.com/revoke",
        "rotate": "Make another.",
        "examples": (),
        "near_misses": (),
        "provider": "Acme",
        "category": Category.CODE,
    }
    return Detector(**(fields | changes))  # type: ignore[arg-type]


CATALOGUE = Catalogue(
    [
        detector("acme-token", r"(?<![A-Za-z0-9])qzt_[A-Za-z0-9]{24}(?![A-Za-z0-9])"),
        detector("acme-open", r"qzo-[A-Za-z0-9]{20,60}"),
        detector(
            "acme-key",
            r"[\w .\-]{0,20}[\"'\s]{0,3}[=:][\s\"']{0,3}(?P<secret>[0-9a-f]{32})(?![0-9a-f])",
            keywords=("acme",),
            min_entropy=2.5,
            confidence=Confidence.MEDIUM,
        ),
        detector(
            "acme-pair",
            r"(?<![A-Z0-9])QZID[A-Z0-9]{12}(?![A-Z0-9])",
            role="key_id",
            parts=(
                PartSpec(
                    name="secret",
                    pattern=r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])",
                    within=200,
                ),
            ),
        ),
        detector(
            "generic-assigned",
            r"(?i:secret)\s?=\s?[\"'](?P<secret>[^\"'\n]{8,80})[\"']",
            category=Category.GENERIC,
            confidence=Confidence.LOW,
        ),
        detector(
            "acme-uri",
            r"acme://(?P<user>[^:@\s]{1,40}):(?P<secret>[^@\s]{3,60})@(?P<host>[\w.-]{1,60})",
        ),
    ]
)


@pytest.fixture(scope="session")
def scanner() -> Scanner:
    """Return a scanner of the made-up providers."""
    return Scanner(CATALOGUE)
