"""Addresses of pages with what they are to show: the one place that knows how these are written."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from keysift.store.types import storable


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
    return _with("/findings", {"confidence": "medium"} | wanted)


def _with(path: str, wanted: Mapping[str, object]) -> str:
    said = {name: storable(str(value)) for name, value in wanted.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path
