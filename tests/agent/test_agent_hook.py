"""``keysift agent-hook`` as coding agents run it: what they tell, and how they are answered."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.agent.payload import parse
from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.tokens import token

_CLAUDE = {
    "session_id": "0d3a9d2e-6f0c-4a54-9a0c-0a2b6d6a51c4",
    "transcript_path": "/home/ada/.claude/projects/demo/session.jsonl",
    "cwd": "/home/ada/demo",
    "permission_mode": "default",
    "hook_event_name": "PreToolUse",
    "tool_use_id": "toolu_01ABCDEFGHJKLMNPQRSTUVWX",
}
_CURSOR = {
    "conversation_id": "0d3a9d2e-6f0c-4a54-9a0c-0a2b6d6a51c4",
    "generation_id": "1d3a9d2e-6f0c-4a54-9a0c-0a2b6d6a51c4",
    "cursor_version": "2.0.77",
    "workspace_roots": ["/home/ada/demo"],
}


def _told(keysift: Console, payload: object, *arguments: str) -> int:
    keysift.stdin = json.dumps(payload).encode()
    code = keysift("agent-hook", *arguments)
    assert token()[4:] not in keysift.out + keysift.err
    return code


def test_a_write_with_a_secret_is_stopped(keysift: Console) -> None:
    """The model reads on standard error where it stands, and what to do; never the value."""
    content = f'"""Settings."""\n\nkey = "{token()}"\n'
    write = {"file_path": "/home/ada/demo/a.py", "content": content}
    assert _told(keysift, {**_CLAUDE, "tool_name": "Write", "tool_input": write}) == 2
    assert "keysift: stopped: there is 1 secret in this" in keysift.err
    assert "ghp_…" in keysift.err
    assert "at tool_input.content, line 3, column 8" in keysift.err
    assert "from the environment" in keysift.err
    assert keysift.out == ""


@pytest.mark.parametrize(
    "tool_input",
    [
        {"command": "git commit -m 'no secret'", "description": "Commits", "timeout": 120000},
        {"file_path": "/home/ada/demo/a.py", "content": "key = os.environ['KEY']\n"},
        {},
    ],
)
def test_what_holds_no_secret_goes_on_silently(
    keysift: Console, tool_input: dict[str, Any]
) -> None:
    """Ids, paths and names that agents make are no secrets."""
    assert _told(keysift, {**_CLAUDE, "tool_input": tool_input}) == ExitCode.CLEAN
    assert keysift.out == keysift.err == ""


def test_an_edit_that_takes_a_secret_out_or_leaves_it_is_not_stopped(keysift: Console) -> None:
    """One that brings it in is, in a list of edits too."""
    with_it, without = f"key = '{token()}'\n", "key = os.environ['KEY']\n"
    for old, new, code in (
        (with_it, without, 0),
        (with_it, f"# A comment.\n{with_it}", 0),
        (without, with_it, 2),
        (f"key = '{token(1)}'\n", with_it, 2),
    ):
        edit = {"old_string": old, "new_string": new}
        assert _told(keysift, {**_CLAUDE, "tool_input": edit}) == code
        assert _told(keysift, {**_CLAUDE, "tool_input": {"edits": [edit]}}) == code
    assert "at tool_input.edits[0].new_string, line 1, column 8" in keysift.err


def test_a_patch_counts_for_what_it_adds(keysift: Console) -> None:
    """As Codex sends it: lines that are taken away or stay were there before."""
    for sign, code in (("+", 2), ("-", 0), (" ", 0)):
        patch = f"*** Begin Patch\n*** Update File: a.py\n@@\n{sign}key = '{token()}'\n+x = 1\n"
        told = {"command": f"{patch}*** End Patch\n"}
        payload = {**_CLAUDE, "tool_name": "apply_patch", "tool_input": told}
        assert _told(keysift, payload) == code
        assert ("line 4, column 9" in keysift.err) is (code == 2)


def test_strings_are_decoded_before_they_are_scanned(keysift: Console) -> None:
    """Escapes of JSON, JSON in strings, base64, and names that say what a value is."""
    escaped = "".join(f"\\u{ord(char):04x}" for char in token())
    keysift.stdin = (
        f'{{"hook_event_name": "PreToolUse", "tool_input": {{"a": "{escaped}"}}}}'.encode()
    )
    assert keysift("agent-hook") == ExitCode.BLOCKED
    assert "at tool_input.a, column 1" in keysift.err
    inside = json.dumps({"query": [{"text": f"x {token()}"}]})
    assert _told(keysift, {**_CLAUDE, "tool_input": {"body": inside}}) == ExitCode.BLOCKED
    assert "at tool_input.body.query[0].text, column 3" in keysift.err
    hidden = base64.b64encode(f"key={token()}".encode()).decode()
    assert _told(keysift, {**_CLAUDE, "tool_input": {"data": hidden}}) == ExitCode.BLOCKED
    assert "(base64)" in keysift.err
    key = base64.b32encode(token()[4:24].encode()).decode().lower()
    assert _told(keysift, {**_CLAUDE, "tool_input": {"client_secret": key}}) == ExitCode.BLOCKED
    assert key not in keysift.err


def test_a_name_that_is_a_secret_is_found_and_not_shown(keysift: Console) -> None:
    """Names stand in the paths that are told."""
    assert _told(keysift, {**_CLAUDE, "tool_input": {token(): f"x {token(1)}"}}) == 2
    assert token(1)[4:] not in keysift.err
    assert "a name in tool_input" in keysift.err
    assert "at tool_input.…, column 3" in keysift.err


def test_what_has_happened_is_told_as_such(keysift: Console) -> None:
    """The output of a command has been seen; the model learns not to repeat it."""
    payload = {**_CLAUDE, "hook_event_name": "PostToolUse", "tool_response": {"stdout": token()}}
    assert _told(keysift, payload) == ExitCode.BLOCKED
    assert "stopped" not in keysift.err
    assert "do not repeat the value" in keysift.err
    prompt = {**_CLAUDE, "hook_event_name": "UserPromptSubmit", "prompt": f"Use {token()}"}
    assert _told(keysift, prompt) == ExitCode.BLOCKED
    assert "out of the prompt" in keysift.err


@pytest.mark.parametrize(
    ("event", "told", "clean", "answer"),
    [
        ("beforeShellExecution", "command", {"permission": "allow"}, {"permission": "deny"}),
        ("beforeReadFile", "content", {"permission": "allow"}, {"permission": "deny"}),
        ("preToolUse", "tool_input", {"permission": "allow"}, {"permission": "deny"}),
        ("beforeSubmitPrompt", "prompt", {"continue": True}, {"continue": False}),
        ("afterFileEdit", "edits", {}, {}),
    ],
)
def test_cursor_reads_an_answer(
    keysift: Console,
    event: str,
    told: str,
    clean: dict[str, Any],
    answer: dict[str, Any],
) -> None:
    """One JSON object on standard output, with exit code 0."""
    payload = {**_CURSOR, "hook_event_name": event}
    assert _told(keysift, {**payload, told: "echo"}) == ExitCode.CLEAN
    assert json.loads(keysift.out) == clean
    assert _told(keysift, {**payload, told: f"echo {token()}"}) == ExitCode.CLEAN
    given_answer = json.loads(keysift.out)
    assert {name: given_answer.get(name) for name in answer} == answer
    assert "ghp_…" in (given_answer.get("user_message") or keysift.err)


@pytest.mark.parametrize("raw", [b"", b"hello", b"[1]", b'{"a": "\xff"}', b"[" * 100_000, b"{"])
def test_what_is_no_payload_is_not_let_through(keysift: Console, raw: bytes) -> None:
    """Agents stop at exit code 2, and nothing of the input is repeated."""
    keysift.stdin = raw + token().encode() if raw == b"hello" else raw
    assert keysift("agent-hook") == ExitCode.BLOCKED
    assert "standard input" in keysift.err or "JSON object" in keysift.err
    assert token()[4:] not in keysift.err


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _JSON))
def test_every_line_of_the_text_has_its_origin(told: dict[str, Any]) -> None:
    """Whatever an agent tells: lines and origins go together, and each can be looked up."""
    payload = parse(json.dumps(told).encode())
    assert len(payload.lines) == len(payload.origins)
    assert all("\n" not in line for line in payload.lines)
    for number in range(1, payload.content.count(b"\n") + 2):
        assert payload.origin(number).at(1)
