"""The score of a value that only its name makes a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from keysift.detect.evidence.name import NAME
from keysift.detect.evidence.place import PLACE
from keysift.detect.evidence.value import VALUE
from keysift.detect.evidence.view import View
from keysift.detect.evidence.weights import Kind, reason, weights
from keysift.model import Reason

FEATURES: Final = VALUE | NAME | PLACE
"""Every test by the name of what it notices."""

BASE: Final = "base"
"""Name of the reason that every value of a kind begins with."""


def evidence(view: View, kind: Kind) -> list[Reason]:
    """Return what a value, its name and the text around it say, in no order."""
    known = weights()
    noticed = (name for name in FEATURES if known[name].of(kind) and FEATURES[name](view))
    return [reason(name, kind) for name in (BASE, *noticed)]


def judged(
    data: bytes, value: bytes, span: tuple[int, int], parts: Mapping[str, bytes], kind: Kind
) -> list[Reason]:
    """Return the evidence about a value in a text.

    Args:
        data: The text.
        value: The value; percent-encoded when its parts hold a scheme (RFC 3986).
        span: Where it begins, and one past its last byte.
        parts: What else was found, by name: ``label``, ``user``, ``scheme``.
        kind: What is judged.
    """
    is_encoded = "scheme" in parts and b"%" in value
    view = View(
        unquote_to_bytes(value) if is_encoded else value,
        data,
        span,
        label=parts.get("label", b""),
        user=parts.get("user", b""),
    )
    return evidence(view, kind)
