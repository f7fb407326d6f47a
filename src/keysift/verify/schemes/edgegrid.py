"""EG1-HMAC-SHA256, with which Akamai's interfaces are asked.

Source: https://techdocs.akamai.com/developer/docs/edgegrid
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final
from urllib.parse import urlsplit

from msgspec import structs

from keysift.verify.message import Moment, Request
from keysift.verify.schemes.base import Parameters, Scheme, mac


class Client(Parameters, frozen=True):
    """The three values that sign a request.

    Attributes:
        client_token: Names the client.
        access_token: Names what it may do.
        client_secret: Its secret.
    """

    client_token: str
    access_token: str
    client_secret: str


def sign(request: Request, own: Client, moment: Moment) -> Request:
    """Sign a request in its ``Authorization`` header; its other headers are not signed."""
    stamp = f"{moment.now:%Y%m%dT%H:%M:%S+0000}"
    start = (
        f"EG1-HMAC-SHA256 client_token={own.client_token};access_token={own.access_token};"
        f"timestamp={stamp};nonce={moment.nonce};"
    )
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    posted = bool(request.body) and request.method == "POST"
    digest = _base64(hashlib.sha256(request.body or b"").digest()) if posted else ""
    text = f"{request.method}\t{parts.scheme}\t{parts.netloc}\t{target}\t\t{digest}\t{start}"
    key = _base64(mac(own.client_secret.encode(), stamp))
    authorization = f"{start}signature={_base64(mac(key.encode(), text))}"
    return structs.replace(request, headers={**request.headers, "Authorization": authorization})


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


EDGEGRID: Final = Scheme(Client, sign=sign)
