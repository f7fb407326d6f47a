"""What is sent about a secret, and what is not sent at all."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from keysift.model import CannotAskError, Doubt
from keysift.verify.request import build
from tests.verify.tables import SECRET, table

TEXT = SECRET.decode()


def test_values_stand_where_the_table_puts_them() -> None:
    """Headers, parameters and paths; in an address they are percent-encoded."""
    request = build(
        table(url="https://api.acme.example/{account}/me", query={"key": "{secret}"}),
        {"secret": SECRET, "account": b"a/b&c d"},
    )
    assert request.url == f"https://api.acme.example/a%2Fb&c%20d/me?key={TEXT}"
    assert request.headers["Authorization"] == f"Bearer {TEXT}"


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({"form": {"grant": "x", "key": "{secret}&"}}, f"grant=x&key={TEXT}%26"),
        (
            {"json": {"query": "{ me { id } }", "key": ["{secret}"]}},
            '{"query":"{ me { id } }","key":["' + TEXT + '"]}',
        ),
        ({"text": "<key>{secret}</key>"}, f"<key>{TEXT}</key>"),
        ({}, ""),
    ],
)
def test_bodies(changes: dict[str, Any], body: str) -> None:
    """Forms, JSON with braces of its own, and other text."""
    request = build(table(method="POST", **changes), {"secret": SECRET})
    assert request.body == body.encode()


def test_basic_authentication() -> None:
    """User and password are joined and encoded."""
    request = build(table(headers={}, basic="{user}:{secret}"), {"secret": SECRET, "user": b"me"})
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"me:" + SECRET).decode()


@pytest.mark.parametrize(
    "value",
    [
        "https://hooks.acme.example/t/1",
        "hooks.acme.example/t/1",
        "https:\\/\\/other.example\\/t\\/1",
    ],
)
def test_a_webhook_is_asked_at_its_provider(value: str) -> None:
    """Of a value that is an address only what follows the host is used."""
    asked = table(url="https://hooks.acme.example{secret|path}")
    assert build(asked, {"secret": value.encode()}).url == "https://hooks.acme.example/t/1"


@pytest.mark.parametrize(
    ("host", "is_sent"),
    [
        ("team.acme.example", True),
        ("team.acme.example.evil.example", False),
        ("evil.example/x.acme.example", False),
        ("user@evil.example", False),
        ("127.0.0.1", False),
        ("evil.example#.acme.example", False),
    ],
)
def test_a_secret_is_not_led_to_a_stranger(host: str, is_sent: bool) -> None:  # noqa: FBT001
    """Whoever wrote a file may choose the host in it; only one of the provider's is asked."""
    asked = table(url="https://{domain}/me", host=r"[a-z0-9-]+\.acme\.example")
    values = {"secret": SECRET, "domain": host.encode()}
    if is_sent:
        assert build(asked, values).origin == f"https://{host}"
        return
    with pytest.raises(CannotAskError) as caught:
        build(asked, values)
    assert caught.value.doubt is Doubt.BLOCKED


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"secret": b"a\r\nX-Injected: 1"}, Doubt.MALFORMED),
        ({"secret": b"\xff\xfe"}, Doubt.MALFORMED),
        ({"secret": b""}, Doubt.INCOMPLETE),
    ],
)
def test_what_cannot_be_sent(values: dict[str, bytes], doubt: Doubt) -> None:
    """A line break ends no header; the message does not repeat the value."""
    with pytest.raises(CannotAskError) as caught:
        build(table(), values)
    assert caught.value.doubt is doubt
    assert "Injected" not in str(caught.value)


def test_a_request_hides_what_it_holds() -> None:
    """Its representation names the host alone."""
    request = build(table(query={"key": "{secret}"}), {"secret": SECRET})
    assert repr(request) == "Request(GET https://api.acme.example)"
