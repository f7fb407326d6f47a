"""What every signing scheme is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from keysift.model import CannotAskError, Doubt
from keysift.verify.message import Moment, Request


class Parameters(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a table tells a scheme, its templates filled. It holds a secret."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Scheme(Struct, frozen=True):
    """How requests of one kind are signed: a value that stands in them, or the whole request.

    Attributes:
        parameters: What it wants to know, by name; ``msgspec`` reads it from a table.
        values: Makes values that templates of the table use by name, before there is a request.
        makes: Their names; None when the table chooses them.
        sign: Signs a request that is complete but for that.
    """

    parameters: type[Parameters]
    values: Callable[[Any, Moment], Mapping[str, str]] | None = None
    makes: frozenset[str] | None = frozenset()
    sign: Callable[[Request, Any, Moment], Request] | None = None

    def read(self, filled: Mapping[str, object]) -> Parameters:
        """Return the parameters of a table.

        Raises:
            CannotAskError: They are not what the scheme wants; the message repeats none.
        """
        try:
            return msgspec.convert(filled, self.parameters)
        except msgspec.ValidationError:
            # `from None`: it may hold a value.
            raise CannotAskError(Doubt.MALFORMED, "it does not fit its signing scheme") from None


def mac(key: bytes, message: str, digest: str = "sha256") -> bytes:
    """Return an HMAC of text."""
    return hmac.digest(key, message.encode(), digest)


def sha256(content: bytes) -> str:
    """Return a digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def escaped(text: str) -> str:
    """Percent-encode all but unreserved characters (RFC 3986, section 2.3)."""
    return quote(text, safe="-_.~")


def decoded(text: str, form: str) -> bytes:
    """Return the bytes of a key.

    Raises:
        CannotAskError: It is not written so; the message does not repeat it.
    """
    if form == "text":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True) if form == "base64" else bytes.fromhex(text)
    except (binascii.Error, ValueError):
        # `from None`: it may hold the value.
        raise CannotAskError(Doubt.MALFORMED, f"it is no {form}") from None
