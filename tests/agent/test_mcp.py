"""``keysift mcp`` as a client of the SDK uses it, over real pipes."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from keysift.cli.exit import ExitCode
from tests.agent.served import Served, answer, refusal, text
from tests.cli.conftest import Console
from tests.gate.archives import write_sdist, write_wheel
from tests.tokens import token

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the relay of the tests is for POSIX")

_SECRETS = [token(seed) for seed in range(8)]
_WINDOW = 10
"""Bytes of a secret that must not be seen in a row: masks show fewer."""


@pytest.fixture
def served(tmp_path: Path, cache: str) -> Served:
    """Return a server in an empty directory, beside one that it may not read."""
    directory = tmp_path / "work"
    directory.mkdir()
    return Served(directory, cache)


def _is_silent_about(written: bytes, *secrets: str) -> bool:
    """Tell whether nothing of some secrets can be read, as they are or in base64."""
    forms = [form for one in secrets for form in (one, base64.b64encode(one.encode()).decode())]
    return not any(
        form[at : at + _WINDOW].encode() in written
        for form in forms
        for at in range(len(form) - _WINDOW + 1)
    )


def test_a_text_with_a_secret_is_not_clean_and_not_sent_back(served: Served) -> None:
    """The answer has mask, place and fingerprint; explain has the rest; nothing has the value."""
    secret = _SECRETS[0]

    async def work(client: Client) -> None:
        listed = await client.list_tools()
        assert [one.name for one in listed.tools] == [
            "scan_text",
            "scan_path",
            "check_distributions",
            "more_findings",
            "explain",
        ]
        assert all(one.annotations and one.annotations.read_only_hint for one in listed.tools)
        given = {"text": f"note\nconfig = '{secret}'  # zebra\n"}
        told = await client.call_tool("scan_text", given)
        found = answer(told)
        [one] = found["findings"]
        assert (found["clean"], found["total"], one["detector"]) == (False, 1, "github-pat")
        assert [(place["line"], place["column"]) for place in one["places"]] == [(2, 11)]
        assert "1 secret found" in text(told)
        why = await client.call_tool("explain", {"fingerprint": one["fingerprint"][:12]})
        [explained] = answer(why)["explanations"]
        assert explained["reasons"]
        assert explained["revoke"] in text(why)
        assert "environment" in explained["remedy"]
        clean = await client.call_tool("scan_text", {"text": "nothing"})
        assert answer(clean)["clean"]

    served.use(work)
    assert _is_silent_about(served.written, secret)
    assert b"zebra" not in served.written
    assert served.written.count(b"ghp_") > 2
    assert b"NETWORK" not in served.written


def test_only_what_the_user_allowed_is_read(served: Served, tmp_path: Path) -> None:
    """Neither dots, absolute paths nor links lead out; links to what is inside are fine."""
    secret = _SECRETS[1]
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.env").write_text(f"KEY={secret}\n")
    write_wheel(outside, {"demo/a.py": f"KEY = '{secret}'\n"})
    inside = served.directory
    (inside / "link").symlink_to(outside)
    (inside / "file.env").symlink_to(outside / "a.env")
    (inside / "dist").mkdir()
    (inside / "dist" / "demo-1.0-py3-none-any.whl").symlink_to(
        outside / "demo-1.0-py3-none-any.whl"
    )
    (inside / "real.env").write_text(f"KEY={secret}\n")
    (inside / "near").symlink_to(inside / "real.env")
    ways = ("../outside/a.env", str(outside), "link", "link/a.env", "file.env", "..", "/")

    async def work(client: Client) -> None:
        for way in ways:
            refused = refusal(await client.call_tool("scan_path", {"path": way}))
            assert "outside of what the user allowed" in refused
        refused = refusal(await client.call_tool("check_distributions", {}))
        assert "outside of what the user allowed" in refused
        assert answer(await client.call_tool("scan_path", {"path": "near"}))["total"] == 1
        whole = answer(await client.call_tool("scan_path", {}))
        assert [place["path"] for place in whole["findings"][0]["places"]] == [
            str(inside / "real.env")
        ]

    served.use(work)

    async def allowed(client: Client) -> None:
        assert answer(await client.call_tool("scan_path", {"path": "../outside"}))["total"] == 1

    served.use(allowed, ".", str(outside))
    assert _is_silent_about(served.written, secret)


def test_names_that_are_secrets_are_masked_wherever_they_stand(
    served: Served,
) -> None:
    """In answers and in refusals: files, directories, members and distributions."""
    one, two, three, four = _SECRETS[:4]
    folder = served.directory / two
    folder.mkdir()
    (folder / f"{one}.py").write_text(f"KEY = '{one}'\n")
    (served.directory / f"x-{three}.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    write_wheel(served.directory / "dist", {f"demo/{four}.py": f"KEY = '{four}'\n"})
    (served.directory / "bad").mkdir()
    (served.directory / "bad" / f"{four}.whl").write_bytes(b"")

    async def work(client: Client) -> None:
        scanned = answer(await client.call_tool("scan_path", {}))
        assert scanned["total"] == 2
        assert scanned["gaps"]
        checked = await client.call_tool("check_distributions", {})
        assert answer(checked)["may_be_uploaded"] is False
        for way in (one, f"../{two}", f"{three}/{four}", f"/{one}", f"{one}\0", one * 50):
            for tool, arguments in (
                ("scan_path", {"path": way}),
                ("check_distributions", {"paths": [way]}),
                ("check_distributions", {"paths": ["bad", f"bad/{four}.whl"]}),
            ):
                refusal(await client.call_tool(tool, arguments))

    served.use(work)
    assert _is_silent_about(served.written, one, two, three, four)


def test_wrong_arguments_and_unknown_tools_are_refused_without_repeating_them(
    served: Served,
) -> None:
    """Types, bounds, names: the refusal says what the tool takes."""
    secret = _SECRETS[4]

    async def work(client: Client) -> None:
        for tool, arguments in (
            ("scan_text", {}),
            ("scan_text", {"text": [secret]}),
            ("scan_text", {"text": "a", secret: secret}),
            ("scan_text", {"text": secret, "limit": 0}),
            ("scan_text", {"text": secret, "limit": secret}),
            ("scan_path", {"path": {"a": secret}}),
            ("check_distributions", {"paths": []}),
            ("check_distributions", {"paths": [secret] * 100}),
            ("more_findings", {"cursor": secret}),
            ("more_findings", {"cursor": f"1:{secret}"}),
            ("explain", {"fingerprint": secret}),
            (secret, {"text": secret}),
        ):
            assert refusal(await client.call_tool(tool, arguments))
        wrong = await client.call_tool("scan_text", {"text": secret, "limit": "many"})
        assert "`limit`" in refusal(wrong)

    served.use(work)
    assert _is_silent_about(served.written, secret)


def test_a_huge_text_is_refused_and_a_large_one_is_looked_at(served: Served) -> None:
    """Four million characters are the most."""
    secret = _SECRETS[5]

    async def work(client: Client) -> None:
        huge = secret + " x" * 2_100_000
        assert "`text`" in refusal(await client.call_tool("scan_text", {"text": huge}))
        large = "x = 1\n" * 500_000 + f"key = '{secret}'\n"
        [found] = answer(await client.call_tool("scan_text", {"text": large}))["findings"]
        assert found["places"][0]["line"] == 500_001

    served.use(work)
    assert _is_silent_about(served.written, secret)


def test_findings_come_in_pages(served: Served) -> None:
    """Each once, whatever the size of a page; a cursor of another session is refused."""
    secrets = [token(seed) for seed in range(20, 27)]
    (served.directory / "a.py").write_text("".join(f"K = '{one}'\n" for one in secrets))

    async def work(client: Client) -> None:
        page = answer(await client.call_tool("scan_path", {"path": "a.py", "limit": 3}))
        seen = [one["fingerprint"] for one in page["findings"]]
        while page["next_cursor"]:
            assert page["total"] == 7
            asked = {"cursor": page["next_cursor"], "limit": 3}
            page = answer(await client.call_tool("more_findings", asked))
            seen += [one["fingerprint"] for one in page["findings"]]
        assert len(seen) == len(set(seen)) == 7
        assert "scan again" in refusal(await client.call_tool("more_findings", {"cursor": "9:3"}))

    served.use(work)
    assert _is_silent_about(served.written, *secrets)


def test_distributions_are_checked_with_what_to_change(served: Served) -> None:
    """The lines are those of ``keysift check``, and explain repeats them for a secret."""
    secret = _SECRETS[6]
    build = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\n'
    (served.directory / "pyproject.toml").write_text(build)
    members = {"src/demo/key.json": f"KEY = '{secret}'\n", ".env": "A=1\n", "pyproject.toml": build}
    write_sdist(served.directory / "dist", members)

    async def work(client: Client) -> None:
        told = await client.call_tool("check_distributions", {"paths": ["dist"]})
        checked = answer(told)
        assert checked["may_be_uploaded"] is False
        assert "dotenv" in {one["rule"] for one in checked["problems"]}
        assert 'exclude = ["/src/demo/key.json"]' in text(told)
        [found] = checked["scanned"]["findings"]
        why = await client.call_tool("explain", {"fingerprint": found["fingerprint"]})
        assert answer(why)["explanations"][0]["fixes"]

    served.use(work)
    assert _is_silent_about(served.written, secret)


def test_clients_of_before_are_served_and_errors_of_the_protocol_repeat_nothing(
    served: Served,
) -> None:
    """The handshake of 2025 works; an unknown method is named by nobody."""
    secret = _SECRETS[7]

    async def work(client: Client) -> None:
        assert answer(await client.call_tool("scan_text", {"text": "x"}))["clean"]
        with pytest.raises(MCPError):
            await client.read_resource(f"file:///{secret}")

    served.use(work, mode="legacy")
    assert _is_silent_about(served.written, secret)


def test_messages_that_are_none_are_not_repeated(served: Served) -> None:
    """Neither garbage, unknown methods and fields, nor parameters of a wrong kind."""
    secret = _SECRETS[0]
    told: list[dict[str, Any]] = [
        {"id": 1, "method": secret},
        {
            "id": 2,
            "method": "initialize",
            "params": {
                "protocolVersion": secret,
                "capabilities": {},
                "clientInfo": {"name": secret, "version": "1"},
            },
        },
        {"method": "notifications/initialized"},
        {"method": "notifications/progress", "params": {secret: secret}},
        {"id": 3, "method": "tools/call", "params": {"name": 5, "arguments": secret}},
        {"id": 4, "method": f"tools/{secret}", "params": {"a": secret}},
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **one}) for one in told]
    answers = served.raw([f"garbage {secret}", f'{{"{secret}": 1}}', *lines], answers=4)
    assert sorted(one["id"] for one in answers) == [1, 2, 3, 4]
    assert [one["id"] for one in answers if "error" not in one] == [2]
    assert _is_silent_about(served.written, secret)


def test_a_root_that_is_no_directory_is_a_usage_error(keysift: Console, tmp_path: Path) -> None:
    """It is named before anything is served."""
    (tmp_path / "file").write_text("")
    assert keysift("mcp", str(tmp_path / "file")) == ExitCode.USAGE
    assert "is no directory" in keysift.err
    assert keysift("mcp", str(tmp_path / "missing")) == ExitCode.USAGE
