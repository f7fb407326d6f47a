"""What a hook answers an agent about a payload that was scanned.

Claude Code, Codex and Gemini CLI go on after exit code 0, and after 2 they stop and tell the model
what stands on standard error. Cursor reads an object on standard output, and exit code 0 with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from keysift.agent.payload import Payload
from keysift.model import Finding
from keysift.report.escape import visible
from keysift.report.result import ScanResult, worst_first
from keysift.report.summary import count

_SHOWN: Final = 20
_GATES: Final = ("preToolUse", "subagentStart")
_PROMPT: Final = "beforeSubmitPrompt"


class Reply(Struct, frozen=True):
    """What the hook does.

    Attributes:
        is_blocked: Whether the agent is to be stopped with the exit code.
        message: For standard error; empty when there is nothing to say.
        answer: For standard output; empty when the agent reads none.
    """

    is_blocked: bool
    message: str = ""
    answer: str = ""


def reply(payload: Payload, result: ScanResult) -> Reply:
    """Return the reply to a payload of which the text was scanned."""
    found = [one for one in worst_first(result.findings) if _is_new(one, payload)]
    is_complete = result.coverage.complete
    message = "\n".join(_told(found, payload, result, is_complete=is_complete))
    if not payload.is_of_cursor:
        return Reply(bool(message), message)
    answer = msgspec.json.encode(_answer_for_cursor(payload, message)).decode()
    return Reply(is_blocked=False, message=message, answer=answer)


def _is_new(finding: Finding, payload: Payload) -> bool:
    """Tell whether a secret was not there before the edit."""
    value = finding.secret.reveal()
    return not any(value in one.encode(errors="backslashreplace") for one in payload.before)


def _told(
    found: list[Finding], payload: Payload, result: ScanResult, *, is_complete: bool
) -> Iterator[str]:
    """Yield what to tell the model; nothing when there is nothing wrong."""
    if not found and is_complete:
        return
    stopped = "" if payload.is_after else "stopped: "
    what = f"there {'is' if len(found) == 1 else 'are'} {count(len(found), 'secret')} in this"
    if not found:
        what = "not all of this could be looked at, and it may hold secrets"
    yield f"keysift: {stopped}{what}"
    for finding in found[:_SHOWN]:
        revoke = result.text_of(finding).revoke
        yield visible(f"- {finding.name} {finding.secret.mask} [{finding.detector}]")
        yield from (f"  at {visible(place)}" for place in _places(finding, payload))
        yield from ([f"  revoke it at {revoke}"] if revoke else [])
    if len(found) > _SHOWN:
        yield f"- and {len(found) - _SHOWN} more"
    if found:
        yield _advice(payload)


def _places(finding: Finding, payload: Payload) -> list[str]:
    places = [
        payload.origin(place.line).at(place.column)
        + (f" ({', '.join(place.encoding)})" if place.encoding else "")
        for place in finding.occurrences
    ]
    return list(dict.fromkeys(places))[:_SHOWN]


def _advice(payload: Payload) -> str:
    if payload.is_prompt:
        return "Take it out of the prompt. Revoke it when the prompt has been sent before."
    if payload.is_after:
        return (
            "It has happened already: do not repeat the value anywhere, take it out of what was "
            "written, and tell the user that it may have to be revoked."
        )
    return (
        "Read it from the environment or a secret store at run time instead; do not write the "
        "value in another form. Ask the user when you think that it is a false alarm."
    )


def _answer_for_cursor(payload: Payload, message: str) -> dict[str, object]:
    event = payload.event
    if event == _PROMPT:
        return {"continue": not message, **({"user_message": message} if message else {})}
    if event.startswith("before") or event in _GATES:
        if not message:
            return {"permission": "allow"}
        return {"permission": "deny", "user_message": message, "agent_message": message}
    return {}
