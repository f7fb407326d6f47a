"""Addresses of pages with what they are to show: the one place that knows how these are written."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from keysift.report.escape import well_formed

_COUNTED = {"confidence": ("medium", "high"), "canaries": "none"}
"""What the list of findings is to show for figures: see ``keysift.store.queries.figures``."""


def address(path: str, /, **wanted: object) -> str:
    """Return the address of a page.

    Args:
        path: Of the page.
        **wanted: Its parameters; what is None or empty is left out.
    """
    return _with(path, wanted)


def findings(**wanted: object) -> str:
    """Return the address of the list of findings that are counted in headline figures.

    Args:
        **wanted: Filters besides that.
    """
    return _with("/findings", _COUNTED | wanted)


def exactly(text: str) -> str:
    """Return a glob of nothing but this text: without one, lists look for it anywhere in a text."""
    if any(char in text for char in "*?["):
        return "".join(f"[{char}]" if char in "*?[" else char for char in text)
    for place, char in enumerate(text):
        if char.isalnum():
            return f"{text[:place]}[{char}]{text[place + 1 :]}"
    return text


def _with(path: str, wanted: Mapping[str, object]) -> str:
    said = {
        name: value if isinstance(value, tuple) else well_formed(str(value))
        for name, value in wanted.items()
        if value not in (None, "")
    }
    return f"{path}?{urlencode(said, doseq=True)}" if said else path
