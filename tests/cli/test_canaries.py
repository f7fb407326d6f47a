"""Canaries are reported plainly, apart from secrets that open something."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from keysift.catalogue.samples import expand
from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console

OWN = "123412341234"
AWS = ("--detector", "aws-access-key*")


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Return a file with a key of Thinkst's account, and one of an account of ours."""
    path = tmp_path / "credentials"
    lines = []
    for account in ("052310077262", OWN):
        key_id = expand(f"{{aws_key_id:{account}}}", 1)
        secret = expand("{base64:40}", account)
        lines.append(
            f"[{account}]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n"
        )
    path.write_text(("\n" * 60).join(lines))
    return path


def findings(keysift: Console) -> dict[str, Any]:
    """Return the findings of a JSON report by the account of their key."""
    return {one["facts"]["account"]: one for one in json.loads(keysift.out)["findings"]}


def test_a_canary_has_a_verdict_and_a_reason(keysift: Console, planted: Path) -> None:
    """JSON says who issued it; its severity is info, whatever the type."""
    keysift("scan", *AWS, "-f", "json", str(planted))
    found = findings(keysift)
    assert found["052310077262"]["verdict"] == "canary"
    assert found["052310077262"]["facts"]["canary"] == "Thinkst Canary"
    assert found["052310077262"]["severity"] == "info"
    assert found[OWN]["verdict"] == "unchecked"


def test_text_counts_canaries_apart(keysift: Console, planted: Path) -> None:
    """They are neither secrets in the sum nor in the last line."""
    assert keysift("scan", *AWS, str(planted)) == ExitCode.FINDINGS
    assert "canary token: using it raises an alarm" in keysift.out
    assert "1 secret in 1 place: 1 critical" in keysift.out
    assert "1 canary: using one raises an alarm" in keysift.out
    assert "✗ 1 secret and 1 canary found." in keysift.out


@pytest.mark.parametrize("by_option", [True, False])
def test_own_canaries_come_from_a_file(
    keysift: Console, planted: Path, tmp_path: Path, *, by_option: bool
) -> None:
    """By option, or by a key of the configuration, relative to it."""
    (tmp_path / "own.txt").write_text(f"account {OWN} our honeypot\n")
    options = ["--canaries", str(tmp_path / "own.txt")] if by_option else []
    if not by_option:
        (tmp_path / "keysift.toml").write_text('canaries = ["own.txt"]\n')
    keysift("scan", *AWS, *options, "-f", "json", str(planted))
    assert {one["verdict"] for one in findings(keysift).values()} == {"canary"}
    assert findings(keysift)[OWN]["facts"]["canary"] == "our honeypot"


def test_only_canaries_are_no_secrets(keysift: Console, planted: Path, tmp_path: Path) -> None:
    """A report of canaries alone says so, and still is one of findings."""
    (tmp_path / "own.txt").write_text(f"account {OWN}\n")
    options = ("--canaries", str(tmp_path / "own.txt"))
    assert keysift("scan", *AWS, *options, str(planted)) == ExitCode.FINDINGS
    assert "✗ 2 canaries found." in keysift.out
    assert "secret in" not in keysift.out


def test_a_wrong_list_names_its_line(keysift: Console, planted: Path, tmp_path: Path) -> None:
    """A typing error in a list must not pass for a list of nothing."""
    (tmp_path / "own.txt").write_text("acount 1\n")
    code = keysift("scan", *AWS, "--canaries", str(tmp_path / "own.txt"), str(planted))
    assert code == ExitCode.USAGE
    assert "own.txt:1" in keysift.err


def test_other_formats_say_it_too(keysift: Console, planted: Path) -> None:
    """CSV has verdict and facts in columns, SARIF in properties and in the message."""
    keysift("scan", *AWS, "-f", "csv", str(planted))
    rows = list(csv.DictReader(io.StringIO(keysift.out)))
    assert sorted(row["verdict"] for row in rows) == ["canary", "unchecked"]
    assert any("canary=Thinkst Canary" in row["facts"] for row in rows)
    keysift("scan", *AWS, "-f", "sarif", str(planted))
    results = json.loads(keysift.out)["runs"][0]["results"]
    [canary] = [one for one in results if one["properties"]["verdict"] == "canary"]
    assert canary["properties"]["facts"]["canary"] == "Thinkst Canary"
    assert "a canary: using it raises an alarm" in canary["message"]["text"]
    assert canary["level"] == "note"
