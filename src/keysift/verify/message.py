"""A request to a provider, and the moment at which it is made."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, Self
from urllib.parse import urlsplit

from msgspec import Struct


class Request(Struct, frozen=True):
    """What is sent. It holds a secret: it must not be shown.

    Attributes:
        method: GET, POST or HEAD.
        url: The address.
        headers: Headers by name.
        body: The body, None for none.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        return f"Request({self.method} {self.origin})"

    @property
    def origin(self) -> str:
        """Scheme and host, which hold no secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class Moment(Struct, frozen=True):
    """When a request is made: what makes two requests about one secret differ.

    Attributes:
        now: The time, in UTC.
        nonce: 32 hexadecimal digits that were never used before.
    """

    now: datetime
    nonce: str

    @classmethod
    def current(cls) -> Self:
        """Return this moment."""
        return cls(datetime.now(UTC), secrets.token_hex(16))

    def values(self) -> dict[str, bytes]:
        """Return what stands for it in templates, by name."""
        seconds = int(self.now.timestamp())
        milliseconds = seconds * 1000 + self.now.microsecond // 1000
        return {
            "now_s": b"%d" % seconds,
            "now_ms": b"%d" % milliseconds,
            "now_iso": f"{self.now:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z".encode(),
            "now_http": format_datetime(self.now, usegmt=True).encode(),
            "nonce": self.nonce.encode(),
        }


MOMENT: Final = frozenset(Moment(datetime.now(UTC), "").values())
"""The names that templates have for parts of a moment."""
