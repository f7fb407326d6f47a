"""Codes of texts that tables put together."""

from __future__ import annotations

import base64
from typing import Literal

import pytest

from keysift.model import CannotAskError, Doubt
from keysift.verify.rehearsal import MOMENT
from keysift.verify.request import build
from keysift.verify.schemes.codes import Codes, codes
from tests.verify.tables import table

DATA = "what do ya want for nothing?"


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        ("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ],
)
def test_hmac(digest: Literal["sha1", "sha256"], code: str) -> None:
    """The second test cases of RFC 2202 and RFC 4231."""
    own = Codes(key="Jefe", messages={"one": DATA, "two": DATA}, digest=digest)
    assert codes(own, MOMENT) == {"one": code, "two": code}
    for form, key in (("base64", base64.b64encode(b"Jefe").decode()), ("hex", b"Jefe".hex())):
        other = Codes(key=key, key_form=form, messages={"one": DATA}, digest=digest, form="base64")  # type: ignore[arg-type]
        assert base64.b64decode(codes(other, MOMENT)["one"]).hex() == code


def test_a_digest_without_a_key() -> None:
    """FIPS 180-2, appendix B.1."""
    own = Codes(messages={"one": "abc"})
    assert codes(own, MOMENT)["one"].startswith("ba7816bf8f01cfea414140de5dae2223")


def test_a_key_that_is_written_otherwise() -> None:
    """It is malformed, and the message repeats nothing of it."""
    with pytest.raises(CannotAskError) as caught:
        codes(Codes(key="%%%", key_form="base64", messages={}), MOMENT)
    assert (caught.value.doubt, str(caught.value)) == (Doubt.MALFORMED, "it is no base64")


def test_codes_in_a_request() -> None:
    """A table says what is signed, and where the code stands."""
    asked = table(
        headers={"X-Sign": "{sign}", "X-Time": "{now_ms}"},
        scheme={"name": "hmac", "key": "{secret}", "messages": {"sign": "{now_ms}GET/v1/me"}},
    )
    request = build(asked, {"secret": b"Jefe"}, MOMENT)
    assert request.headers["X-Time"] == "1772454896789"
    expected = codes(Codes(key="Jefe", messages={"a": "1772454896789GET/v1/me"}), MOMENT)
    assert request.headers["X-Sign"] == expected["a"]


def test_duo() -> None:
    """The example of Duo's documentation: https://duo.com/docs/authapi#authentication."""
    lines = (
        "Tue, 21 Aug 2012 17:29:18 -0000",
        "POST",
        "api-xxxxxxxx.duosecurity.com",
        "/accounts/v1/account/list",
        "realname=First%20Last&username=root",
    )
    key = "Zh5eGmUq9zpfQnyUIu5O" + "L9iWoMMv5ZNmk3zLJ4Ep"
    own = Codes(key=key, digest="sha1", messages={"one": "\n".join(lines)})
    assert codes(own, MOMENT)["one"] == "2d97d6166319781b5a3a07af39d366f491234edc"


def test_binance() -> None:
    """The example of Binance's documentation: other exchanges sign their parameters alike."""
    key = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP" + "1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    message = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
        "&recvWindow=5000&timestamp=1499827319559"
    )
    made = codes(Codes(key=key, messages={"signature": message}), MOMENT)
    assert made["signature"].startswith("c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b05")
