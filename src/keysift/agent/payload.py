"""What a coding agent tells a hook, as one text to scan; every line knows where it is from.

The strings inside the JSON are taken out and decoded, JSON inside strings too. A string that may be
a value stands on a line with its name (``api_key = "…"``): the name says what it is, and halves of
one secret are next to each other. What an edit or a patch takes away is no part of the text: a
secret that was there before is not brought in by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from keysift.errors import UsageError

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of a payload."""

_METADATA: Final = re.compile(
    r".*_id|id|cwd|hook_event_name|model|timestamp|permission_mode|transcript_path"
    r"|agent_transcript_path|workspace_roots|cursor_version|user_email|tool_name|source"
)
"""Fields on the outside that agents fill with names, ids and paths of their own."""

_CURSOR: Final = "cursor_version"
_EVENT: Final = "hook_event_name"
_VALUE: Final = re.compile(r"""[^\s"'\\\x00-\x1f\x7f]{1,512}""")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONG_NAME: Final = 24
_DEPTH: Final = 64
_PATCH: Final = "*** Begin Patch"
_PATCH_END: Final = "*** End Patch"


class Origin(Struct, frozen=True):
    """Where a line of the text is from.

    Attributes:
        path: Of the string in the payload: ``tool_input.content``.
        line: In the string, from 1.
        shift: How many characters stand before it in the text, and not in the string.
        is_one_line: Whether the string has no other line.
    """

    path: str
    line: int
    shift: int = 0
    is_one_line: bool = False

    def at(self, column: int) -> str:
        """Return where a column of the text is, for people."""
        place = max(1, column - self.shift)
        line = "" if self.is_one_line else f"line {self.line}, "
        return f"{self.path}, {line}column {place}"


class Payload(Struct):
    """What an agent told.

    Attributes:
        event: Name of the event, as the agent has it; empty when it has none.
        is_of_cursor: Whether Cursor told it, which reads answers of its own.
        lines: The text.
        origins: Where each line is from; None for one that is only a gap.
        before: Texts that were there before.
    """

    event: str = ""
    is_of_cursor: bool = False
    # An empty first line: no text begins like an archive.
    lines: list[str] = field(default_factory=lambda: [""])
    origins: list[Origin | None] = field(default_factory=lambda: [None])
    before: list[str] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        """The text."""
        return "\n".join(self.lines).encode(errors="backslashreplace")

    @property
    def is_after(self) -> bool:
        """Whether it happened already, so that nothing can be stopped."""
        return self.event.lower().startswith(("post", "after"))

    @property
    def is_prompt(self) -> bool:
        """Whether it is what the user writes to the agent."""
        return self.event in ("UserPromptSubmit", "beforeSubmitPrompt", "BeforeAgent")

    def add(self, line: str, origin: Origin | None) -> None:
        """Add a line to the text."""
        self.lines.append(line)
        self.origins.append(origin)

    def origin(self, line: int) -> Origin:
        """Return where a line of the text is from, or the first one after it."""
        for origin in self.origins[line - 1 :]:
            if origin is not None:
                return origin
        return Origin("the payload", 1)


def parse(raw: bytes) -> Payload:
    """Read what an agent told.

    Raises:
        UsageError: It is no JSON object, or beyond all bounds. The message holds nothing of it.
    """
    if len(raw) > MAX_BYTES:
        raise UsageError(f"-: the payload has more than {MAX_BYTES >> 20} MB and was not looked at")
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(
            "-: standard input is not the JSON that an agent gives a hook; docs/editors.md says "
            "how hooks are configured"
        ) from None
    if not isinstance(told, dict):
        raise UsageError("-: what an agent gives a hook is a JSON object, and this is none")
    event = told.get(_EVENT)
    event = event if isinstance(event, str) else ""
    payload = Payload(event=event, is_of_cursor=_CURSOR in told or event[:1].islower())
    outside = {name: one for name, one in told.items() if not _METADATA.fullmatch(name)}
    _walk(outside, "", "", payload, 0)
    return payload


def _walk(value: object, path: str, name: str, payload: Payload, depth: int) -> None:
    """Add everything below a value to the text."""
    if depth > _DEPTH:
        # As it stands: what is below is scanned all the same.
        _add_text(msgspec.json.encode(value).decode(), path, payload)
        return
    match value:
        case dict():
            _walk_object(value, path, payload, depth)
        case list():
            for index, one in enumerate(value):
                _walk(one, f"{path}[{index}]", name, payload, depth + 1)
        case str():
            inside = _inside(value)
            if inside is not None:
                _walk(inside, path, name, payload, depth + 1)
            else:
                _add(value, path, name, payload)
        case _:
            pass  # Numbers and truth values hold no secrets.


def _walk_object(value: dict[str, Any], path: str, payload: Payload, depth: int) -> None:
    for name, one in value.items():
        if len(name) > _LONG_NAME:
            _add_text(name, f"a name in {path or 'the payload'}", payload)
        if name.startswith("old_") and f"new_{name[4:]}" in value:
            payload.before.extend(_strings(one))
            continue
        shown = name if _NAME.fullmatch(name) and len(name) <= _LONG_NAME else "…"
        _walk(one, f"{path}.{shown}" if path else shown, name, payload, depth + 1)


def _inside(text: str) -> object | None:
    """Return the object or list that a string is, when it is JSON."""
    if text[:1] not in ("{", "["):
        return None
    try:
        inside: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return inside


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from _strings(one)
        case _:
            pass


def _add(text: str, path: str, name: str, payload: Payload) -> None:
    if _VALUE.fullmatch(text) and _NAME.fullmatch(name):
        before = f'{name} = "'
        payload.add(f'{before}{text}"', Origin(path, 1, len(before), is_one_line=True))
    elif _PATCH in text:
        _add_patch(text, path, payload)
    else:
        _add_text(text, path, payload)


def _add_text(text: str, path: str, payload: Payload) -> None:
    lines = text.split("\n")
    payload.add("", None)
    for number, line in enumerate(lines, start=1):
        payload.add(line, Origin(path, number, is_one_line=len(lines) == 1))
    payload.add("", None)


def _add_patch(text: str, path: str, payload: Payload) -> None:
    """Add what a patch adds, and what stands around it."""
    is_inside = False
    payload.add("", None)
    for number, line in enumerate(text.split("\n"), start=1):
        is_inside = (is_inside or line.startswith(_PATCH)) and not line.startswith(_PATCH_END)
        if is_inside and line.startswith(("-", " ")):
            payload.before.append(line[1:])
            payload.add("", None)
        elif is_inside and line.startswith("+"):
            payload.add(line[1:], Origin(path, number, -1))
        else:
            payload.add(line, Origin(path, number))
    payload.add("", None)
