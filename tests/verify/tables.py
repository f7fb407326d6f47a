"""A validity table for tests, and a secret that it is about."""

from __future__ import annotations

from typing import Any

import msgspec

from keysift.catalogue.validity import Validity

SECRET = b"acme_" + b"bdfhkmpr"
OTHER = b"acme_" + b"rpmkhfdb"


def table(**changes: Any) -> Validity:  # noqa: ANN401 (fields of the table)
    """Return a table that is right, with changes."""
    right: dict[str, Any] = {
        "detectors": ["acme-token"],
        "url": "https://api.acme.example/v1/me",
        "headers": {"Authorization": "Bearer {secret}"},
        "active_when": [{"status": 200, "json": "login"}],
        "inactive_when": [{"status": 401}],
        "facts": {"user": "login", "scope": "header:X-Scopes"},
        "side_effects": "none",
        "references": ["https://docs.acme.example/me"],
        "samples": {
            "active": [{"status": 200, "json": {"login": "grace"}}],
            "inactive": [{"status": 401, "json": {"error": "unauthorized"}}],
        },
    }
    return msgspec.convert(right | changes, Validity)
