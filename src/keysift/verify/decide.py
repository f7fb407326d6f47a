"""What an answer says about a secret."""

from __future__ import annotations

from collections.abc import Mapping
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
_REDIRECTS: Final = range(300, 400)
_SERVER_ERRORS: Final = range(500, 600)
_MAX_FACT: Final = 200
_SHORT: Final = 7
_MINTED: Final = ("access_token", "id_token", "refresh_token")
_HEADER: Final = "header:"
_ELEMENT: Final = "xml:"


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

    def element(self, name: str) -> str | None:
        """Return the text of the first XML element of a name; None when there is none.

        No parser is let loose on what a stranger may have written.
        """
        _, start, rest = self.content.partition(f"<{name}>")
        text, end, _ = rest.partition(f"</{name}>")
        return unescape(text) if start and end and "<" not in text else None


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
    if answer.status == _TOO_MANY:
        return Outcome(Verdict.UNKNOWN, Doubt.RATE_LIMITED)
    if answer.status in _SERVER_ERRORS:
        return Outcome(Verdict.UNKNOWN, Doubt.SERVER_ERROR, f"status {answer.status}")
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
    kept = [value.decode(errors="replace") for value in values.values()]
    # What a provider hands out in return for a secret is one too.
    made = (_looked_up(name, answer.document) for name in _MINTED)
    hidden = [text for text in (*kept, *map(str, made)) if len(text) > _SHORT]
    facts: dict[str, str] = {}
    for name, source in table.facts.items():
        if source.startswith(_HEADER):
            found: object = answer.headers.get(source.removeprefix(_HEADER).lower())
        elif source.startswith(_ELEMENT):
            found = answer.element(source.removeprefix(_ELEMENT))
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
