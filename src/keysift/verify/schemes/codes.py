"""Values that a table makes from texts: message authentication codes and plain digests."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, Literal

from keysift.verify.message import Moment
from keysift.verify.schemes.base import Parameters, Scheme, decoded


class Codes(Parameters, frozen=True):
    """What is signed, and how.

    Attributes:
        messages: Texts, by the name that templates have for the code of each.
        key: The key; empty for digests without one.
        digest: Hash function.
        key_form: How the key is written.
        form: How a code is written.
    """

    messages: dict[str, str]
    key: str = ""
    digest: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    key_form: Literal["text", "base64", "hex"] = "text"
    form: Literal["hex", "base64"] = "hex"


def codes(own: Codes, _: Moment) -> Mapping[str, str]:
    """Return the code of each message, by its name (RFC 2104)."""
    key = decoded(own.key, own.key_form)
    made = {}
    for name, message in own.messages.items():
        content = message.encode()
        raw = (
            hmac.digest(key, content, own.digest)
            if key
            else hashlib.new(own.digest, content).digest()
        )
        made[name] = raw.hex() if own.form == "hex" else base64.b64encode(raw).decode()
    return made


CODES: Final = Scheme(Codes, values=codes, makes=None)
