"""``keysift init``, ``config show``, and what a configuration must be."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from keysift.cli.configuration import read
from keysift.cli.configuration_template import template
from keysift.cli.exit import ExitCode
from keysift.errors import ConfigurationError
from tests.cli.conftest import Console
from tests.tokens import token


def _uncommented(text: str) -> str:
    """Return a template with its settings in force."""
    return re.sub(r"^# (?=[a-z-]+ = |\[\[)", "", text, flags=re.MULTILINE)


def test_init_writes_a_file_that_changes_nothing(keysift: Console, tmp_path: Path) -> None:
    """All of it is comments, and each setting in them is one that there is."""
    assert keysift("init") == ExitCode.CLEAN
    assert "keysift baseline create" in keysift.err
    assert "keysift hook install" in keysift.err
    text = (tmp_path / "keysift.toml").read_text()
    assert tomllib.loads(text) == {}
    (tmp_path / "keysift.toml").write_text(_uncommented(text))
    configured = read(tmp_path)
    assert configured.ignore[0].reason
    assert configured.fail_on_incomplete
    assert configured.check.allow[0].rules == ("incomplete",)
    assert len(tomllib.loads(_uncommented(text))) == 12


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_init_adds_to_a_project(keysift: Console, tmp_path: Path, end: str) -> None:
    """What stands there stays as it is, line ends included."""
    before = f'[project]{end}name = "demo"'
    project = tmp_path / "pyproject.toml"
    project.write_bytes(before.encode())
    assert keysift("init") == ExitCode.CLEAN
    after = project.read_bytes().decode()
    assert after.startswith(before + end)
    assert after.count("\n") == after.count(end)
    assert tomllib.loads(after) == {"project": {"name": "demo"}, "tool": {"keysift": {}}}
    rest = _uncommented(template("tool.keysift"))
    assert tomllib.loads(rest)["tool"]["keysift"]["ignore"]
    assert not (tmp_path / "keysift.toml").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keysift.toml", "confidence = 'low'"),
        ("pyproject.toml", "[tool.keysift]\nconfidence = 'low'\n"),
        ("pyproject.toml", "tool = {}\n"),
        ("pyproject.toml", "no toml"),
    ],
)
def test_init_overwrites_nothing(keysift: Console, tmp_path: Path, name: str, text: str) -> None:
    """The file that is there is named, and left alone."""
    (tmp_path / name).write_text(text)
    assert keysift("init") == ExitCode.USAGE
    assert name in keysift.err
    assert (tmp_path / name).read_text() == text


def test_init_installs_hooks_on_request(keysift: Console, tmp_path: Path) -> None:
    """In a repository; elsewhere nothing is written at all."""
    assert keysift("init", "--hook") == ExitCode.USAGE
    assert not (tmp_path / "keysift.toml").exists()
    command = ["git", "init", "-q", str(tmp_path)]
    subprocess.run(command, check=True)
    assert keysift("init", "--hook") == ExitCode.CLEAN
    assert "pre-commit: installed" in keysift.out
    assert (tmp_path / ".git" / "hooks" / "pre-commit").exists()
    assert (tmp_path / "keysift.toml").exists()
    assert "keysift hook install" not in keysift.err


def test_show_says_where_each_setting_comes_from(keysift: Console, tmp_path: Path) -> None:
    """A file, a variable, or the default; tables inside tables have their own."""
    path = tmp_path / "pyproject.toml"
    path.write_text(
        "[tool.keysift]\nconfidence = 'low'\nstore = 'a.db'\n[tool.keysift.verify.schedule]\n"
    )
    keysift.variables["KEYSIFT_STORE"] = "postgresql://me:hidden@host/db"
    assert keysift("config", "show", "-f", "json") == ExitCode.CLEAN
    document = json.loads(keysift.out)
    settings = {one["key"]: (one["value"], one["origin"]) for one in document["settings"]}
    assert document["file"] == str(path)
    assert settings["confidence"] == ("low", str(path))
    assert settings["min-severity"] == ("info", "default")
    assert settings["store"] == ("postgresql://…@host/db", "KEYSIFT_STORE")
    assert any(key.startswith("verify.limits.") for key in settings)
    assert "hidden" not in keysift.out
    assert document["variables"]["KEYSIFT_FINGERPRINT_KEY"] == "(set, not shown)"
    assert keysift("config", "show") == ExitCode.CLEAN
    assert re.search(rf'^confidence +"low"  # {re.escape(str(path))}$', keysift.out, re.MULTILINE)
    assert keysift.variables["KEYSIFT_FINGERPRINT_KEY"] not in keysift.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.keysift]\nconfidenc = 'low'", "did you mean `confidence`"),
        ("[[tool.keysift.ignore]]\npath = ['a']\nreason = 'x'", "did you mean `paths`"),
        ("[[tool.keysift.ignore]]\npaths = ['a']", "`reason`"),
        ("[[tool.keysift.ignore]]\nreason = 'x'", "rule 1 of `ignore`: needs paths or detectors"),
        ("[tool.keysift.verify.limit]", "did you mean `limits`"),
        ("[tool.keysfit]\nconfidence = 'low'", r"did you mean \[tool.keysift\]"),
        ("[tool]\nkeysift = 3", "not a table"),
    ],
)
def test_what_is_no_setting_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    """A misspelt name would be a rule that does not count."""
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        read(tmp_path)


def test_another_tool_with_a_similar_name_is_let_be(tmp_path: Path) -> None:
    """Once it is clear that there is a table of ours."""
    (tmp_path / "pyproject.toml").write_text("[tool.keyshift]\nx = 1\n[tool.keysift]\n")
    assert read(tmp_path).baseline is None


def test_rules_ignore_and_say_why(keysift: Console, tmp_path: Path) -> None:
    """They are counted, listed with their reason, and told when they ignore nothing."""
    target = tmp_path / "project"
    (target / "tests").mkdir(parents=True)
    (target / "tests" / "a.py").write_text(f"a = '{token(1)}'\n")
    (target / "b.py").write_text(f"a = '{token(1)}'\n")
    (tmp_path / "keysift.toml").write_text(
        '[[ignore]]\npaths = ["project/tests/**"]\nreason = "made up"\n'
        '[[ignore]]\npaths = ["*.pem"]\ndetectors = ["private-*"]\nreason = "for tests"\n'
    )
    assert keysift("scan", "-f", "json", "--show-suppressed", str(target)) == ExitCode.FINDINGS
    document = json.loads(keysift.out)
    assert [one["path"][-4:] for one in document["findings"][0]["occurrences"]] == ["b.py"]
    ignored = [one for one in document["suppressed"] if one["reason"] == "rule"]
    assert [one["detail"] for one in ignored] == ["made up"]
    assert document["coverage"]["suppressed"]["rule"] == 1
    assert document["remarks"] == []
    (target / "b.py").unlink()
    assert keysift("scan", "--verbose", str(target)) == ExitCode.CLEAN
    assert "rule 2 of `ignore` in the configuration (for tests)" in " ".join(keysift.out.split())
    assert keysift("scan", "--report-ignored", str(target)) == ExitCode.FINDINGS
