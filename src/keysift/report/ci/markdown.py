"""A summary in Markdown, for the page of a job or a comment.

Nothing that was found can be more than text: names and paths stand in code spans, everything else
that is not ours has its punctuation as character references, which make no structure in Markdown.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Final

from keysift.report.ci.review import Annotation, Kind, Review
from keysift.report.escape import visible
from keysift.report.summary import count, shorten

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.report.gate.result import Fix

_MOST: Final = 200
"""Rows of a table: GitHub refuses a summary above 1 MiB, and nobody reads that many."""

_REFERENCES: Final = {ord(char): f"&#{ord(char)};" for char in string.punctuation}


_PLAIN_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9./_~?=&%#+-]+")


def write_markdown(review: Review, stream: TextIO) -> None:
    """Write a review as Markdown."""
    stream.write(f"### {review.command}\n\n{_prose(review.conclusion)}\n")
    if review.annotations:
        stream.write("\n|  | where | what | what to do |\n| --- | --- | --- | --- |\n")
        stream.writelines(map(_row, review.annotations[:_MOST]))
        left = len(review.annotations) - _MOST
        if left > 0:
            stream.write(f"\nAnd {count(left, 'place')} more, which a report as JSON lists.\n")
    if review.changes:
        stream.write("\n#### How to leave the files out\n")
        stream.writelines(map(_change, review.changes))
    stream.writelines(f"\nNot done: {_prose(remark)}\n" for remark in review.remarks)


def _row(one: Annotation) -> str:
    level = "known" if one.is_known else one.level.value
    line = "" if one.line is None else f":{one.line}"
    where = _code(f"{one.path}{line}") + (f" {_code(one.inner)}" if one.inner else "")
    if one.kind is Kind.SECRET:
        what = f"{_prose(one.title)} {_code(one.mask)}"
    else:
        what = f"{_code(one.rule)} {_prose(one.message)}"
    revoke = [f"Revoke it: {_link(one.revoke)}"] if one.revoke else []
    steps = "<br>".join((*revoke, *map(_prose, one.advice)))
    return f"| {level} | {where} | {what} | {steps} |\n"


def _change(fix: Fix) -> str:
    lines = "\n".join(map(visible, fix.lines))
    fence = "`" * max(3, _longest(lines) + 1)
    remarks = "".join(f"{_prose(text)}\n" for text in fix.remarks)
    kept = "It takes the place of the list that is there.\n" if fix.kept else ""
    where = f"{_prose(fix.headline)}, in {_code(fix.file)}:"
    return f"\n{where}\n\n{fence}\n{lines}\n{fence}\n{kept}{remarks}"


def _code(text: str) -> str:
    """Return text as a code span that a cell of a table can hold."""
    # A pipe ends a cell, also in a code span; renderers differ on one after a backslash.
    shown = shorten(visible(text)).replace("|", "\\x7c")
    if not shown.strip():
        return ""
    fence = "`" * (_longest(shown) + 1)
    # One space on each side is taken off again.
    return f"{fence} {shown} {fence}"


def _link(address: str) -> str:
    return f"<{address}>" if _PLAIN_ADDRESS.fullmatch(address) else _prose(address)


def _longest(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def _prose(text: str) -> str:
    return shorten(visible(text)).translate(_REFERENCES)
