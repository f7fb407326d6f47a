"""The sum of a listing counts canaries apart."""

from __future__ import annotations

import io
import json

import pytest

from keysift.model import Severity
from keysift.report.listing import Listing
from keysift.report.listing_json import write_listing_json
from keysift.report.listing_text import write_listing_text
from keysift.store.queries.places import Looked


def listing(secrets: int, canaries: int) -> Listing:
    """Return a listing without a page, of so many critical secrets and canaries."""
    return Listing(
        version="1.0",
        ruleset="abc",
        findings=(),
        total=secrets + canaries,
        by_severity={Severity.CRITICAL: secrets},
        canaries=canaries,
        offset=0,
        looked=Looked(scanned=3),
        detectors={},
    )


@pytest.mark.parametrize(
    ("secrets", "canaries", "words"),
    [
        (2, 1, "2 secrets: 2 critical; 1 canary."),
        (0, 2, "2 canaries."),
        (1, 0, "1 secret: 1 critical."),
    ],
)
def test_text_counts_canaries_apart(secrets: int, canaries: int, words: str) -> None:
    """They are no secrets that open something."""
    stream = io.StringIO()
    write_listing_text(listing(secrets, canaries), stream, color=False, width=80)
    assert stream.getvalue().splitlines()[0] == words


def test_json_counts_canaries_apart() -> None:
    """The total has both, the grades those that open something."""
    stream = io.StringIO()
    write_listing_json(listing(2, 1), stream)
    document = json.loads(stream.getvalue())
    assert (document["total"], document["canaries"]) == (3, 1)
    assert document["by_severity"] == {"critical": 2}
