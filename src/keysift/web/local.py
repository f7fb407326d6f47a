"""Addresses of our own pages, as somebody else may have given them."""

from __future__ import annotations

import re
from typing import Final

API: Final = "/api/"
"""What the addresses of the API begin with."""

_OURS: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
"""A path from our root: neither another host, nor what a browser makes one of."""


def safe_target(target: str) -> str:
    """Return where to go after a login or a change: a page of ours, else the first one."""
    return target if _OURS.fullmatch(target) else "/"
