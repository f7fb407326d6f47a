"""Akamai's signature."""

from __future__ import annotations

from keysift.verify.message import Request
from keysift.verify.rehearsal import MOMENT
from keysift.verify.schemes.edgegrid import Client, sign


def test_edgegrid() -> None:
    """As edgegrid-python from PyPI signs."""
    request = Request(
        "GET",
        "https://host.luna.akamaiapis.net/identity-management/v3/api-clients/self?x=1",
        {},
        None,
    )
    own = Client(client_token="c" + "t", access_token="a" + "t", client_secret="c" + "s")
    assert sign(request, own, MOMENT).headers["Authorization"] == (
        "EG1-HMAC-SHA256 client_token=ct;access_token=at;timestamp=20260302T12:34:56+0000;"
        "nonce=0123456789abcdef0123456789abcdef;"
        "signature=8/rzRlXXPaq10M6CgIuugbaB4aQ4rGkeZT6g0cf0x3w="
    )
