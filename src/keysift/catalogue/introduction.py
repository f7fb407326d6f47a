"""What stands before a secret that has no shape of its own: its name, and what joins the two.

A detector of such a type has ``labels``, the words that its name ends in; its pattern is the value
alone. The rest is the same for every provider and is put before the pattern here: the name, or a
keyword itself, and then an assignment in any language, an option, a table cell, an XML element, a
call or a sentence ("the token is").
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

ANY_NAME: Final = "*"
"""As ``labels``: whatever is assigned near a keyword, under any name."""

_USUAL: Final = (
    r"key|token|secret|bearer|auth|pass(?:word|wd)?|pwd|cred(?:ential)?s?|pat|value|-p(?=\s)"
)
"""The labels that need no assignment when any name will do."""

_AFTER_LABEL: Final = r"[A-Za-z0-9_.-]{0,16}+"

_NOT_COMPOUND: Final = r"(?!-\w)"
"""After a keyword alone: ``assets/github-0f3c…`` is a file."""

_CALL: Final = r"(?i:client|api|sdk|bot|login|init|connect|configure)(?=\()"

_BETWEEN: Final = (
    r"""["'`\])}\\*]{0,4}+"""
    # `name: X`, then `value: V`; plist elements; an annotation; a table; a sentence
    r"""(?:(?=[,\s<:=(])(?:,?\s{1,20}["']?(?i:value|default|content)["']?|</[A-Za-z]{1,9}>\s{0,20}<[A-Za-z]{1,9}"""
    r"""|\s?:\s?[&A-Za-z][&'A-Za-z .<>\[\]]{0,24}(?=\s?=)|,[^,\n]{0,20}\r?\n[^,\n]{0,20}(?=,)"""
    # what is looked up first. Each byte more here is one more to search behind each keyword
    r"""|\s?[:=]\s?[A-Za-z_][\w.]{1,24}[(\[]["'][^"'\n]{1,40}["'][)\]]\s?(?:or|\|\||\?\?)(?=\s)"""
    # another attribute of an element; the default of an option; the first of two arguments
    r"""|\s[\w:-]{1,20}=["'][\w.-]{0,20}["'](?=>)|,\s?[^\n()]{0,50}?\b(?:default|value)(?==)"""
    r"""|\((?:\w{1,12}=)?["'][\w.:/-]{3,40}["'](?=,\s{0,2}["'\w])"""
    r"""|\s(?:or|is|was)(?=[\s:])))?"""
    r"""[\s=:>,(|\[{!?-]{1,12}(?:```[a-z]{0,4}\r?\n)?"""
    # `SecretStr("V")`, `[]byte("V")`, `b'V'`, `Bearer V`
    r"""(?:(?<=[=:,(\s\]])[A-Za-z_.\[\]]{1,24}\((?=["'`]))?(?:[bruf@$](?=["']))?["'`\\]{0,3}"""
    r"""(?:(?i:bearer|basic|token|key|apikey|ssws)[ =:]{1,2}|<!\[CDATA\[)?"""
)
_ASSIGNED: Final = (
    r"""[=:,(>|][\s"'`\\]{0,6}(?:(?i:bearer|token|basic)\s)?(?:[bruf@](?=["']))?["']?"""
)

AHEAD_OF_VALUE: Final = rb"""(?<=[\s=:>,(|\[{!?"'`\\-])"""
"""Holds wherever an introduction may end; all of them end in one of these characters."""


def introduced(pattern: str, labels: str, keywords: tuple[str, ...]) -> str:
    """Return the expression of a value together with what introduces it.

    Args:
        pattern: Expression of the value, with its group ``secret``.
        labels: Alternatives of a regular expression, case ignored, or ``ANY_NAME``.
        keywords: The detector's; each may introduce the value without a label.
    """
    words = _USUAL if labels == ANY_NAME else labels
    alone = f"(?:{_behind(keywords)}){_NOT_COMPOUND}"
    name = f"(?:{alone}|(?i:{words}){_AFTER_LABEL}|{_CALL}){_BETWEEN}"
    return f"(?:{name}|{_ASSIGNED}){pattern}" if labels == ANY_NAME else name + pattern


def _behind(keywords: tuple[str, ...]) -> str:
    """Return an expression that holds right after a keyword; a look-behind has one width only."""
    by_width: dict[int, list[str]] = defaultdict(list)
    for keyword in keywords:
        words = keyword.split(" ")
        for separator in ("", "[ _.-]") if len(words) > 1 else ("",):
            text = separator.join(map(re.escape, words))
            width = sum(map(len, words)) + (len(words) - 1 if separator else 0)
            if text not in by_width[width]:
                by_width[width].append(text)
    return "|".join(f"(?<=(?i:{'|'.join(texts)}))" for _, texts in sorted(by_width.items()))


SIGNATURE: Final = introduced("", ANY_NAME, ("two words",)).encode()
"""Changes when the same detector files mean something else."""
