"""Annotations on GitHub as workflow commands: lines that its runner reads from the output.

Escaping is that of the runner: ``%``, CR and LF everywhere, ``:`` and ``,`` in properties too. A
step may have ten annotations of each type; the runner drops what comes after them without a word.
So the worst come first, and the last one counts the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keysift.report.ci.review import Annotation, Kind, Review
from keysift.report.escape import visible
from keysift.report.gate.result import Level
from keysift.report.location import path_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

MOST: Final = 10
"""Annotations of one type that GitHub shows of a step."""

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def write_github(review: Review, stream: TextIO, *, directory: str, root: str) -> None:
    """Write a review as workflow commands.

    Args:
        review: What to write.
        stream: Where to.
        directory: The working directory.
        root: The directory of the repository, which paths are relative to.
    """
    for level in _COMMANDS:
        of_level = [one for one in review.annotations if one.level is level]
        shown = of_level if len(of_level) <= MOST else of_level[: MOST - 1]
        stream.writelines(
            _line(one, path_below(one.path, directory, root) if one.path else "") for one in shown
        )
        if len(of_level) > len(shown):
            stream.write(_rest(level, of_level[len(shown) :]))
    # Not at the beginning of a line: only our own lines are commands.
    stream.write(f"{review.command}: {review.conclusion}\n")


def _line(one: Annotation, path: str) -> str:
    known = "Known from the release before: " if one.is_known else ""
    properties = {
        "file": path,
        "line": "" if one.line is None else str(one.line),
        "col": "" if one.column is None else str(one.column),
        "title": f"{known}{one.title}" if one.kind is Kind.SECRET else f"{known}{one.rule}",
    }
    message = "\n".join(map(visible, (one.message, *one.steps)))
    return _command(_COMMANDS[one.level], properties, message)


def _rest(level: Level, left: Sequence[Annotation]) -> str:
    text = f"{len(left):,} more. GitHub shows {MOST} of a step; the summary of the job lists them."
    return _command(_COMMANDS[level], {"title": "keysift"}, text)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(_properties(properties))
    return f"::{name} {given}::{_data(message)}\n"


def _properties(properties: dict[str, str]) -> Iterator[str]:
    for name, value in properties.items():
        if value:
            escaped = _data(visible(value)).replace(":", "%3A").replace(",", "%2C")
            yield f"{name}={escaped}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
