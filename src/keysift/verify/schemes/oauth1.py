"""OAuth 1.0 with HMAC-SHA1 (RFC 5849, section 3)."""

from __future__ import annotations

import base64
from typing import Final
from urllib.parse import unquote_plus, urlsplit

from msgspec import structs

from keysift.verify.message import Moment, Request
from keysift.verify.schemes.base import Parameters, Scheme, escaped, mac


class Credentials(Parameters, frozen=True):
    """The four values that sign a request.

    Attributes:
        consumer_key: Names the application.
        consumer_secret: Its secret.
        token: Names what a user allowed it.
        token_secret: The secret of that.
        version: Of the protocol; empty: it is not said.
    """

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str
    version: str = "1.0"


def sign(request: Request, own: Credentials, moment: Moment) -> Request:
    """Sign a request without a form in its ``Authorization`` header."""
    oauth = {
        "oauth_consumer_key": own.consumer_key,
        "oauth_token": own.token,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(moment.now.timestamp())),
        "oauth_nonce": moment.nonce,
    } | ({"oauth_version": own.version} if own.version else {})
    parts = urlsplit(request.url)
    given = (pair.partition("=") for pair in parts.query.split("&") if pair)
    pairs = [(unquote_plus(name), unquote_plus(value)) for name, _, value in given]
    encoded = sorted((escaped(name), escaped(value)) for name, value in (*pairs, *oauth.items()))
    content = "&".join(f"{name}={value}" for name, value in encoded)
    base = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"
    text = "&".join((request.method, escaped(base), escaped(content)))
    key = f"{escaped(own.consumer_secret)}&{escaped(own.token_secret)}".encode()
    oauth["oauth_signature"] = base64.b64encode(mac(key, text, "sha1")).decode()
    shown = ", ".join(f'{name}="{escaped(value)}"' for name, value in oauth.items())
    return structs.replace(request, headers={**request.headers, "Authorization": f"OAuth {shown}"})


HMAC_SHA1: Final = Scheme(Credentials, sign=sign)
