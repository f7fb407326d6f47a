"""What an answer says about a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import Final

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from keysift.catalogue.validity import Condition, Validity
from keysift.model import Doubt, Outcome, Verdict
from keysift.net.asking import Reply

_TOO_MANY: Final = 429
_FORBIDDEN: Final = 403
_DIGITS: Final = 9
_REDIRECTS: Final = range(300, 400)
_SERVER_ERRORS: Final = range(500, 600)
_MAX_FACT: Final = 200
_HEADER: Final = "header:"


class _Read:
    """An answer, and what its body holds.

    Args:
        reply: The answer.
    """

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self._body = reply.body

    @cached_property
    def document(self) -> object:
        """The body's JSON; None when it is none."""
        try:
            return msgspec.json.decode(self._body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    @cached_property
    def content(self) -> str:
        """The body as text."""
        return self._body.decode(errors="replace")


def decide(table: Validity, reply: Reply, values: Mapping[str, bytes]) -> Outcome:
    """Return what an answer says.

    Whatever is not described is unknown, and what hinders a provider from answering is never an
    answer: a secret is not dead because its provider is busy.

    Args:
        table: How answers are to be read.
        reply: The answer.
        values: The values of the secret, which no fact may repeat.
    """
    answer = _Read(reply)
    if _is_limited(answer):
        wait_s = _retry_after(answer.headers)
        return Outcome(Verdict.UNKNOWN, Doubt.RATE_LIMITED, retry_after_s=wait_s)
    if answer.status in _SERVER_ERRORS:
        wait_s = _retry_after(answer.headers)
        detail = f"status {answer.status}"
        return Outcome(Verdict.UNKNOWN, Doubt.SERVER_ERROR, detail, retry_after_s=wait_s)
    if answer.status in _REDIRECTS:
        return Outcome(Verdict.UNKNOWN, Doubt.REDIRECT, f"status {answer.status}")
    is_active = any(_holds(one, answer) for one in table.active_when)
    is_inactive = any(_holds(one, answer) for one in table.inactive_when)
    if is_active == is_inactive:
        detail = f"status {answer.status}" + (", which says both" if is_active else "")
        return Outcome(Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE, detail)
    if is_inactive:
        return Outcome(Verdict.INACTIVE)
    return Outcome(Verdict.ACTIVE, facts=_facts(table, answer, values))


def _is_limited(answer: _Read) -> bool:
    """Tell whether a provider has had enough; some say so with 403."""
    if answer.status == _TOO_MANY:
        return True
    return answer.status == _FORBIDDEN and (
        "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``Retry-After``, which has them or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:_DIGITS])
    try:
        until = parsedate_to_datetime(text)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        # Neither, or a date without a zone.
        return None


def _holds(condition: Condition, answer: _Read) -> bool:
    """Tell whether an answer fits a condition."""
    if answer.status not in condition.statuses:
        return False
    if condition.text and condition.text not in answer.content:
        return False
    for name, text in condition.header.items():
        value = answer.headers.get(name.lower())
        if value is None or text.lower() not in value.lower():
            return False
    return not condition.json or bool(_looked_up(condition.json, answer.document))


@lru_cache(maxsize=4096)
def expression(text: str) -> ParsedResult:
    """Return a JMESPath expression, parsed.

    Raises:
        JMESPathError: It is none.
    """
    return jmespath.compile(text)


def _looked_up(text: str, document: object) -> object:
    if document is None:
        return None
    try:
        return expression(text).search(document)
    except (JMESPathError, TypeError, RecursionError):
        # A function that meets another type than documented: the answer is not what was expected.
        return None


def _facts(table: Validity, answer: _Read, values: Mapping[str, bytes]) -> dict[str, str]:
    hidden = [text for value in values.values() if len(text := value.decode(errors="replace")) > 7]
    facts: dict[str, str] = {}
    for name, source in table.facts.items():
        if source.startswith(_HEADER):
            found: object = answer.headers.get(source.removeprefix(_HEADER).lower())
        else:
            found = _looked_up(source, answer.document)
        text = _shown(found)
        if text and not any(one in text for one in hidden):
            facts[name] = text
    return facts


def _shown(value: object) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(text for one in value if (text := _shown(one)))[:_MAX_FACT]
        case dict():
            return ", ".join(str(name) for name, one in value.items() if one)[:_MAX_FACT]
        case _:
            text = "".join(char for char in str(value) if char.isprintable())
            return text[:_MAX_FACT]
