"""Signature Version 4, by the signatures that AWS publishes."""

from __future__ import annotations

import pytest

from keysift.model import CannotAskError
from keysift.verify.message import Request
from keysift.verify.schemes.aws import SigV4, sign
from tests.verify.schemes.moments import at

PIECES = ("wJalrXUtnFEMI", "K7MDENG{}bPxRfi", "CYEXAMPLEKEY")
SECRET = "/".join(PIECES[:2]) + PIECES[2]
"""The key of AWS's documentation, which has it in two spellings."""

TOKEN = "from STS"  # noqa: S105 (a word)

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        ("GET", "/", {}, None, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            {},
            None,
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "POST",
            "/",
            FORM,
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_the_test_suite(
    method: str, path: str, headers: dict[str, str], body: bytes | None, signature: str
) -> None:
    """Requests of AWS's own test suite get its signatures."""
    own = SigV4(
        service="service", region="us-east-1", key_id="AKID" + "EXAMPLE", secret=SECRET.format("+")
    )
    request = Request(method, f"https://example.amazonaws.com{path}", headers, body)
    signed = sign(request, own, at("2015-08-30T12:36:00"))
    assert signed.headers["Authorization"].endswith(f", Signature={signature}")
    assert "Credential=AKIDEXAMPLE/20150830/us-east-1/service/" in signed.headers["Authorization"]


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ("lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            "max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_the_examples_of_s3(query: str, signature: str) -> None:
    """S3 also wants the digest of the body in a header.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    own = SigV4(
        service="s3",
        region="us-east-1",
        key_id="AKIAIOSF" + "ODNN7EXAMPLE",
        secret=SECRET.format("/"),
    )
    request = Request("GET", f"https://examplebucket.s3.amazonaws.com/?{query}", {}, None)
    signed = sign(request, own, at("2013-05-24T00:00:00"))
    assert signed.headers["Authorization"].endswith(f", Signature={signature}")


def test_a_region_in_the_host() -> None:
    """Other partitions are asked at other hosts, whose region is signed."""
    own = SigV4(service="sts", key_id="AKID", secret=SECRET)
    for host, region in (
        ("sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ):
        signed = sign(Request("POST", f"https://{host}/", {}, b""), own, at("2026-01-02T00:00:00"))
        assert f"/20260102/{region}/sts/aws4_request" in signed.headers["Authorization"]
    with pytest.raises(CannotAskError):
        sign(Request("POST", "https://sts.amazonaws.com/", {}, b""), own, at("2026-01-02"))


def test_a_session_token_is_signed() -> None:
    """A temporary key is sent with its token."""
    own = SigV4(service="sts", region="us-east-1", key_id="ASIA", secret=SECRET, token=TOKEN)
    signed = sign(Request("POST", "https://sts.amazonaws.com/", {}, b""), own, at("2026-01-02"))
    assert signed.headers["X-Amz-Security-Token"] == TOKEN
    assert "x-amz-security-token" in signed.headers["Authorization"]
