"""What an answer says about a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from html import unescape
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
_PAUSE_S: Final = 5.0
"""After "too many requests" that does not say for how long."""

_REDIRECTS: Final = range(300, 400)
_SERVER_ERRORS: Final = range(500, 600)
_MAX_FACT: Final = 200
_MAX_DEPTH: Final = 3
"""Lists in lists that are looked into: an answer may nest as many as it likes."""

_SHORT: Final = 7
_MINTED: Final = ("access_token", "id_token", "refresh_token")
_HEADER: Final = "header:"
_ELEMENT: Final = "xml:"


class Answer:
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

    def element(self, name: str) -> str | None:
        """Return the text of the first XML element of a name; None when there is none.

        No parser is let loose on what a stranger may have written.
        """
        _, start, rest = self.content.partition(f"<{name}>")
        text, end, _ = rest.partition(f"</{name}>")
        if not (start and end) or "<" in text:
            return None
        try:
            return unescape(text)
        except ValueError:
            # A number of more digits than Python reads.
            return None


def decide(table: Validity, reply: Reply, values: Mapping[str, bytes]) -> Outcome:
    """Return what an answer says.

    Whatever is not described is unknown, and what hinders a provider from answering is never an
    answer: a secret is not dead because its provider is busy.

    Args:
        table: How answers are to be read.
        reply: The answer.
        values: The values of the secret, which no fact may repeat.
    """
    answer = Answer(reply)
    if _is_limited(answer):
        wait_s = _retry_after(answer.headers)
        return Outcome(Verdict.UNKNOWN, Doubt.RATE_LIMITED, retry_after_s=wait_s)
    if answer.status in _SERVER_ERRORS:
        wait_s = _retry_after(answer.headers)
        detail = f"status {answer.status}"
        return Outcome(Verdict.UNKNOWN, Doubt.SERVER_ERROR, detail, retry_after_s=wait_s)
    if answer.status in _REDIRECTS:
        return Outcome(Verdict.UNKNOWN, Doubt.REDIRECT, f"status {answer.status}")
    is_active = any(holds(one, answer) for one in table.active_when)
    is_inactive = any(holds(one, answer) for one in table.inactive_when)
    if is_active == is_inactive:
        detail = f"status {answer.status}" + (", which says both" if is_active else "")
        return Outcome(Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE, detail)
    if is_inactive:
        return Outcome(Verdict.INACTIVE)
    return Outcome(Verdict.ACTIVE, facts=facts_of(table, answer, values))


def left_alone_s(answer: Answer) -> float | None:
    """Return the seconds for which a provider wants to be left alone; None when it does not."""
    if not _is_limited(answer):
        return None
    wait_s = _retry_after(answer.headers)
    return _PAUSE_S if wait_s is None else wait_s


def _is_limited(answer: Answer) -> bool:
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


def holds(condition: Condition, answer: Answer) -> bool:
    """Tell whether an answer fits a condition."""
    if answer.status not in condition.statuses:
        return False
    if condition.text and condition.text not in answer.content:
        return False
    for name, text in condition.header.items():
        value = answer.headers.get(name.lower())
        if value is None or text.lower() not in value.lower():
            return False
    return not condition.json or is_true(condition.json, answer.document)


@lru_cache(maxsize=4096)
def expression(text: str) -> ParsedResult:
    """Return a JMESPath expression, parsed.

    Raises:
        JMESPathError: It is none.
    """
    return jmespath.compile(text)


def is_true(text: str, document: object) -> bool:
    """Tell whether JMESPath takes what it finds for true, as it does the number 0."""
    value = looked_up(text, document)
    is_empty = isinstance(value, str | list | dict) and not value
    return not (value is None or value is False or is_empty)


def looked_up(text: str, document: object) -> object:
    """Return what an expression finds in JSON; None when it finds nothing."""
    if document is None:
        return None
    try:
        return expression(text).search(document)
    except (JMESPathError, TypeError, RecursionError):
        # A function that meets another type than documented: the answer is not what was expected.
        return None


def facts_of(table: Validity, answer: Answer, values: Mapping[str, bytes]) -> dict[str, str]:
    """Return what an answer tells; no fact repeats a value of the secret."""
    kept = [value.decode(errors="replace") for value in values.values()]
    # What a provider hands out in return for a secret is one too.
    made = (looked_up(name, answer.document) for name in _MINTED)
    hidden = [_printable(text) for text in (*kept, *made) if len(str(text)) > _SHORT]
    facts: dict[str, str] = {}
    for name, source in table.facts.items():
        if source.startswith(_HEADER):
            found: object = answer.headers.get(source.removeprefix(_HEADER).lower())
        elif source.startswith(_ELEMENT):
            found = answer.element(source.removeprefix(_ELEMENT))
        else:
            found = looked_up(source, answer.document)
        # What is cut off must not keep a value from being found in it.
        text = _shown(found)
        if text and not any(one in text for one in hidden):
            facts[name] = text[:_MAX_FACT]
    return facts


def _shown(value: object, depth: int = _MAX_DEPTH) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list() if depth:
            shown = (_shown(one, depth - 1) for one in value)
            return ", ".join(text for text in shown if text)
        case list():
            return ""
        case dict():
            return ", ".join(_printable(name) for name, one in value.items() if one)
        case _:
            return _printable(value)


def _printable(value: object) -> str:
    """Return what may be kept and shown: no NUL, no escape sequence, no lone surrogate."""
    return "".join(char for char in str(value) if char.isprintable())
