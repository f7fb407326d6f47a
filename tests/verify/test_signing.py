"""Tables whose requests are signed."""

from __future__ import annotations

from typing import Any

import pytest

from keysift.catalogue import Catalogue
from keysift.catalogue.validities import Validities
from keysift.model import CannotAskError, Doubt
from keysift.net.asking import Reply
from keysift.verify.decide import decide
from keysift.verify.lint import check
from keysift.verify.message import Moment
from keysift.verify.rehearsal import MOMENT, Stage, rehearse
from keysift.verify.request import build, placeholders
from tests.verify.tables import OTHER, SECRET, table

SIGV4 = {
    "name": "aws-sigv4",
    "service": "acme",
    "region": "us-east-1",
    "key_id": "{key-id}",
    "secret": "{secret}",
}
VALUES = {"secret": SECRET, "key-id": b"grace"}


def signed(**changes: Any) -> Any:  # noqa: ANN401 (fields of the table)
    """Return a table whose request is signed."""
    return table(**({"headers": {}, "scheme": SIGV4} | changes))


def test_what_a_scheme_wants_to_know() -> None:
    """Its templates are filled like others; the moment needs no value of the secret."""
    asked = signed(headers={"X-Time": "{now_s}", "X-Nonce": "{nonce}"})
    assert placeholders(asked) == {"secret", "key-id"}
    request = build(asked, VALUES, MOMENT)
    assert request.headers["X-Time"] == "1772454896"
    assert request.headers["X-Nonce"] == MOMENT.nonce
    assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=grace/20260302")
    with pytest.raises(CannotAskError) as caught:
        build(asked, {"secret": SECRET}, MOMENT)
    assert str(caught.value) == "its key id is missing"


def test_requests_that_are_signed_are_rehearsed() -> None:
    """Two secrets make two signatures; the same moment makes the same request."""
    other = {**VALUES, "secret": OTHER}
    assert build(signed(), VALUES, MOMENT) == build(signed(), VALUES, MOMENT)
    with Stage() as stage:
        assert list(rehearse(signed(), VALUES, other, stage)) == []


def test_moments_differ() -> None:
    """No nonce comes twice."""
    assert Moment.current().nonce != Moment.current().nonce


@pytest.mark.parametrize("name", ["secret-handshake", None, ["aws-sigv4"]])
def test_a_scheme_that_is_not_known(name: object) -> None:
    """A table of the user's may name anything."""
    with pytest.raises(CannotAskError) as caught:
        build(signed(scheme={"name": name}), VALUES, MOMENT)
    assert caught.value.doubt is Doubt.MALFORMED


def test_a_signature_ends_no_header() -> None:
    """What stands in a header that a scheme makes is looked at as well."""
    with pytest.raises(CannotAskError) as caught:
        build(signed(), {**VALUES, "key-id": b"a\r\nX-Injected: 1"}, MOMENT)
    assert "Injected" not in str(caught.value)


def test_parameters_that_do_not_fit() -> None:
    """A scheme that gets something else repeats no value of it."""
    with pytest.raises(CannotAskError) as caught:
        build(signed(scheme=SIGV4 | {"region": ["{secret}"]}), VALUES, MOMENT)
    assert caught.value.doubt is Doubt.MALFORMED
    assert SECRET.decode() not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"scheme": {"name": "secret-handshake"}}, "its `name` is none of"),
        ({"scheme": SIGV4 | {"colour": "red"}}, "no parameter is called 'colour'"),
        ({"scheme": {"name": "aws-sigv4"}}, "'secret' is missing"),
        ({"not_checkable": "why", "url": "", "by_name": "why"}, "`by_name` without a request"),
        ({}, "refused when a clock is wrong, too"),
    ],
)
def test_lint(changes: dict[str, Any], found: str) -> None:
    """What is wrong with a scheme is said before anything is built."""
    validities = Validities((signed(**changes),))
    problems = check(Catalogue([]), validities, frozenset({"acme-token"}))
    assert any(found in str(one) for one in problems)


def test_facts_of_xml() -> None:
    """The text of an element; what is not text is none."""
    told = table(
        active_when=[{"status": 200, "text": "<Arn>"}],
        facts={"user": "xml:Arn", "account": "xml:Account", "name": "xml:Name"},
    )
    body = b"<R><Arn>a&amp;b</Arn><Account><b>1</b></Account><Name>x</R>"
    assert decide(told, Reply(200, {}, body), VALUES).facts == {"user": "a&b"}
