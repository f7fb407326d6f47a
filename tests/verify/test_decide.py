"""How answers are read."""

from __future__ import annotations

import json

import pytest

from keysift.model import Doubt, Verdict
from keysift.net.asking import Reply
from keysift.verify.decide import decide
from tests.verify.tables import SECRET, table

VALUES = {"secret": SECRET}


@pytest.mark.parametrize(
    ("status", "body", "verdict", "doubt"),
    [
        (200, b'{"login": "grace"}', Verdict.ACTIVE, None),
        (200, b'{"login": ""}', Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE),
        (200, b"<html>login</html>", Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE),
        (200, b'{"login": "gra', Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE),
        (200, b"[" * 100_000, Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE),
        (401, b"", Verdict.INACTIVE, None),
        (302, b'{"login": "grace"}', Verdict.UNKNOWN, Doubt.REDIRECT),
        (403, b"", Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE),
        (429, b'{"login": "grace"}', Verdict.UNKNOWN, Doubt.RATE_LIMITED),
        (503, b'{"login": "grace"}', Verdict.UNKNOWN, Doubt.SERVER_ERROR),
    ],
)
def test_verdicts(status: int, body: bytes, verdict: Verdict, doubt: Doubt | None) -> None:
    """What is described counts; everything else is unknown, with a reason."""
    outcome = decide(table(), Reply(status, {}, body), VALUES)
    assert (outcome.verdict, outcome.doubt) == (verdict, doubt)


def test_an_answer_that_says_both_is_unknown() -> None:
    """A table that contradicts itself decides nothing."""
    both = table(inactive_when=[{"status": 200, "json": "login"}])
    outcome = decide(both, Reply(200, {}, b'{"login": "grace"}'), VALUES)
    assert outcome.doubt is Doubt.UNEXPECTED_RESPONSE


def test_facts_come_from_body_and_headers() -> None:
    """Facts are short text; an answer that repeats the secret does not bring it back."""
    told = table(
        facts={"user": "login", "scope": "header:X-Scopes", "name": "echo", "plan": "long"}
    )
    body = b'{"login": "gr\\nace", "echo": "key %b", "long": "%b"}' % (SECRET, b"x" * 1000)
    outcome = decide(told, Reply(200, {"x-scopes": "read, write"}, body), VALUES)
    assert outcome.facts == {"user": "grace", "scope": "read, write", "plan": "x" * 200}


@pytest.mark.parametrize("secret", [SECRET * 30, b"\n".join([SECRET] * 3)])
def test_a_secret_that_is_long_is_not_kept_in_part(secret: bytes) -> None:
    """An answer that repeats it brings back neither its beginning nor its lines."""
    told = table(facts={"user": "login", "name": "echo", "scope": "all"})
    echo = json.dumps(secret.decode()).encode()
    body = b'{"login": "grace", "echo": %b, "all": ["x", %b]}' % (echo, echo)
    outcome = decide(told, Reply(200, {}, body), {"secret": secret})
    assert outcome.facts == {"user": "grace"}


def test_names_of_a_map_are_printable() -> None:
    """A NUL is more than PostgreSQL takes, and an escape sequence more than a terminal should."""
    told = table(facts={"scope": "may"})
    body = b'{"login": "grace", "may": {"re\\u0000ad": true, "\\u001b[31mwrite": 1}}'
    assert decide(told, Reply(200, {}, body), VALUES).facts == {"scope": "read, [31mwrite"}


def test_an_element_that_is_no_text() -> None:
    """A character with more digits than Python reads ends no run."""
    told = table(active_when=[{"status": 200}], facts={"account": "xml:ID"})
    body = b"<ID>&#%b;</ID>" % (b"9" * 5000)
    assert decide(told, Reply(200, {}, body), VALUES).facts == {}


def test_a_type_that_was_not_expected_is_no_error() -> None:
    """A JMESPath function that meets another type says that the answer is another one."""
    strict = table(active_when=[{"status": 200, "json": "contains(login, 'a')"}])
    outcome = decide(strict, Reply(200, {}, b'{"login": 7}'), VALUES)
    assert outcome.doubt is Doubt.UNEXPECTED_RESPONSE


def test_a_fact_that_nests_without_end_is_left_out() -> None:
    """A stranger's answer exhausts no stack."""
    body = b'{"login": "grace", "deep": %b%b}' % (b"[" * 900, b"]" * 900)
    outcome = decide(table(facts={"name": "deep"}), Reply(200, {}, body), VALUES)
    assert (outcome.verdict, outcome.facts) == (Verdict.ACTIVE, {})


def test_a_token_that_was_handed_out_is_no_fact() -> None:
    """Some providers answer with a new secret; it does not get into facts."""
    told = table(facts={"name": "access_token", "scope": "scope"})
    body = b'{"login": "grace", "access_token": "made-for-you", "scope": "read"}'
    assert decide(told, Reply(200, {}, body), VALUES).facts == {"scope": "read"}


def test_a_number_that_is_nothing_is_there() -> None:
    """For JMESPath 0 is true, as a balance is that is used up."""
    balance = table(active_when=[{"status": 200, "json": "balance"}], facts={})
    zero = Reply(200, {}, b'{"balance": 0}')
    assert decide(balance, zero, {}).verdict is Verdict.ACTIVE
    for nothing in (b'{"balance": null}', b'{"balance": ""}', b'{"balance": []}', b"{}"):
        assert decide(balance, Reply(200, {}, nothing), {}).verdict is Verdict.UNKNOWN


def test_403_may_mean_too_many_requests() -> None:
    """Some providers say so; how long to wait is kept."""
    for headers, wait_s in (({"retry-after": "7"}, 7.0), ({"x-ratelimit-remaining": "0"}, None)):
        outcome = decide(table(), Reply(403, headers, b"{}"), {})
        assert (outcome.doubt, outcome.retry_after_s) == (Doubt.RATE_LIMITED, wait_s)
    busy = decide(table(), Reply(503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""), {})
    assert (busy.doubt, busy.retry_after_s) == (Doubt.SERVER_ERROR, 0.0)
    assert decide(table(), Reply(429, {"retry-after": "soon"}, b""), {}).retry_after_s is None
