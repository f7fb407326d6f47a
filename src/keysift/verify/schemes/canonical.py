"""A request as one text, in the form that AWS made common and others took over.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from keysift.verify.message import Request
from keysift.verify.schemes.base import escaped, sha256


class Canonical(NamedTuple):
    """A request as one text.

    Attributes:
        text: The text.
        names: Names of the headers in it, joined.
        body_digest: SHA-256 of the body.
    """

    text: str
    names: str
    body_digest: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.text.encode())


def canonical(request: Request, headers: Mapping[str, str], path: str | None = None) -> Canonical:
    """Return a request as one text.

    Args:
        request: The request.
        headers: Headers that are signed; that of the host is added.
        path: How its path is signed; None for as it is.
    """
    parts = urlsplit(request.url)
    signed = {"host": parts.netloc}
    signed |= {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = ";".join(sorted(signed))
    body_digest = sha256(request.body or b"")
    lines = (
        request.method,
        path or parts.path or "/",
        query_of(parts.query),
        *(f"{name}:{signed[name]}" for name in sorted(signed)),
        "",
        names,
        body_digest,
    )
    return Canonical("\n".join(lines), names, body_digest)


def query_of(query: str) -> str:
    """Return parameters in order of their names, encoded alike."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    encoded = ((escaped(unquote(name)), escaped(unquote(value))) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))
