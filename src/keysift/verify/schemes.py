"""Requests that have to be signed: what no template can say.

A scheme completes the request that a table describes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from keysift.verify.request import Request

Scheme: TypeAlias = Callable[[Request, Mapping[str, bytes]], Request]

SCHEMES: Final[dict[str, Scheme]] = {}
"""Schemes by name."""
