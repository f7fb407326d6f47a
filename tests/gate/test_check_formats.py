"""``keysift check`` in the formats that CI systems and code scanning read."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft4Validator

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.gate.archives import write_sdist, write_wheel
from tests.tokens import token

_SCHEMA: Final = Path(__file__).parents[1] / "report/resources/sarif-2.1.0-rtm.5.json"
_PYPROJECT: Final = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\n'
_FORMATS: Final = ("github", "gitlab", "junit", "markdown", "sarif")


def _leak(root: Path, *, version: str = "1.0", extra: bool = False) -> None:
    """Write a project with a secret, and a wheel and an sdist of it with an environment file."""
    module = {"demo/__init__.py": "x = 1\n", "demo/config.py": f"\nKEY = '{token()}'\n"}
    sources = {f"src/{path}": text for path, text in module.items()}
    for path, text in {**sources, "pyproject.toml": _PYPROJECT}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    more = {"demo/other.py": f"KEY = '{token(1)}'\n"} if extra else {}
    write_wheel(root / "dist", {**module, **more}, version=version)
    dotenv = {".env": "A_KEY=b\n"}
    write_sdist(root / "dist", {**sources, **dotenv, "pyproject.toml": _PYPROJECT}, version=version)


def _sarif(keysift: Console, *arguments: str) -> dict[str, Any]:
    keysift("check", "--no-git", "-f", "sarif", *arguments)
    log: dict[str, Any] = json.loads(keysift.out)
    Draft4Validator(json.loads(_SCHEMA.read_text())).validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_has_secrets_where_they_come_from_and_problems_by_their_rules(
    keysift: Console, tmp_path: Path
) -> None:
    """A checkout has no wheel; the help of a rule has the lines to add."""
    _leak(tmp_path)
    run = _sarif(keysift, str(tmp_path / "dist"))
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    by_rule = {one["ruleId"]: one for one in run["results"]}
    [secret] = by_rule["github-pat"]["locations"]
    physical = secret["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "src/demo/config.py"
    assert physical["region"]["startLine"] == 2
    assert by_rule["dotenv"]["level"] == "error"
    [dotenv] = [rule for rule in rules if rule["id"] == "dotenv"]
    assert 'exclude = ["/.env"]' in dotenv["help"]["text"]
    assert dotenv["fullDescription"]["text"] in dotenv["help"]["text"]
    assert all("baselineState" not in one for one in run["results"])
    assert all("suppressions" not in one for one in run["results"])


def test_sarif_tells_what_is_known_and_what_is_accepted(keysift: Console, tmp_path: Path) -> None:
    """Every result has a state then, as the standard wants it."""
    _leak(tmp_path / "old")
    _leak(tmp_path, version="1.1", extra=True)
    (tmp_path / "keysift.toml").write_text(
        '[[check.allow]]\nrules = ["dotenv"]\nreason = "made up"\n'
    )
    run = _sarif(keysift, "--against", str(tmp_path / "old/dist"), str(tmp_path / "dist"))
    states = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: one["baselineState"]
        for one in run["results"]
        if one["ruleId"] == "github-pat"
    }
    assert states["src/demo/config.py"] == "unchanged"
    assert sorted(states.values()) == ["new", "unchanged"]
    reasons = {one["ruleId"]: one["suppressions"] for one in run["results"]}
    assert reasons["dotenv"] == [
        {"kind": "external", "status": "accepted", "justification": "made up"}
    ]
    assert reasons["github-pat"] == []


@pytest.mark.parametrize("name", _FORMATS)
def test_no_value_is_shown_even_when_revealed(keysift: Console, tmp_path: Path, name: str) -> None:
    """What CI systems keep is read by many; nor is there a fingerprint of a value."""
    _leak(tmp_path)
    keysift("check", "--no-git", "-f", "json", "--reveal", str(tmp_path / "dist"))
    [secret] = json.loads(keysift.out)["findings"]
    assert secret["value"] == token()
    code = keysift("check", "--no-git", "-f", name, "--reveal", str(tmp_path / "dist"))
    assert code == ExitCode.FINDINGS
    assert secret["secret"] in keysift.out
    assert token() not in keysift.out
    assert secret["fingerprint"] not in keysift.out


def test_one_run_writes_many_reports(keysift: Console, tmp_path: Path) -> None:
    """Text for the log, and a file for each reader."""
    _leak(tmp_path)
    also = [f"--also={name}={tmp_path / name}" for name in (*_FORMATS, "json")]
    assert keysift("check", "--no-git", *also, str(tmp_path / "dist")) == ExitCode.FINDINGS
    assert "Do not upload" in keysift.out
    assert json.loads((tmp_path / "json").read_text())["passed"] is False
    assert json.loads((tmp_path / "sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "github").read_text().startswith("::error file=src/demo/config.py,line=2,")
    assert (tmp_path / "junit").read_text().count("<failure") == 2
    assert len(json.loads((tmp_path / "gitlab").read_text())) == 3
    assert (tmp_path / "markdown").read_text().startswith("### keysift check\n")


@pytest.mark.parametrize("text", ["sarif", "sarif=", "csv=a", "=a"])
def test_another_report_needs_a_format_and_a_file(
    keysift: Console, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says which formats there are."""
    with pytest.raises(SystemExit) as ended:
        keysift("check", "--also", text)
    assert ended.value.code == ExitCode.USAGE
    expected = f"{text!r} is not FORMAT=FILE with a format of text, json, sarif, compact"
    assert expected in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_said_before_the_work(
    keysift: Console, tmp_path: Path
) -> None:
    """With the option that names it."""
    missing = tmp_path / "missing" / "out.sarif"
    assert keysift("scan", "--also", f"sarif={missing}", str(tmp_path)) == ExitCode.USAGE
    assert f"--also {missing}: there is no directory" in keysift.err


def test_github_gets_paths_of_the_repository_and_a_summary(
    keysift: Console, tmp_path: Path
) -> None:
    """What the variables of a job say; a summary that is there already is kept."""
    _leak(tmp_path / "sub")
    keysift.directory = tmp_path / "sub"
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    keysift.variables |= {
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    dist = str(tmp_path / "sub/dist")
    assert keysift("check", "--no-git", "-f", "github", dist) == ExitCode.FINDINGS
    assert keysift.out.startswith("::error file=sub/src/demo/config.py,line=2,col=8,title=GitHub")
    assert summary.read_text("utf-8").startswith("before\n### keysift check\n")
    keysift.variables["GITHUB_STEP_SUMMARY"] = str(tmp_path)
    assert keysift("check", "--no-git", "-f", "github", dist) == ExitCode.USAGE
    assert f"GITHUB_STEP_SUMMARY {tmp_path}: Is a directory" in keysift.err


def test_gitlab_gets_paths_of_the_repository(keysift: Console, tmp_path: Path) -> None:
    """Relative to it, wherever the job runs."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.py").write_text(f"KEY = '{token()}'\n")
    keysift.directory = tmp_path / "sub"
    keysift.variables["CI_PROJECT_DIR"] = str(tmp_path)
    assert keysift("scan", "-f", "gitlab", str(tmp_path / "sub/a.py")) == ExitCode.FINDINGS
    [entry] = json.loads(keysift.out)
    assert entry["location"] == {"path": "sub/a.py", "lines": {"begin": 1}}


def test_what_could_not_be_looked_at_is_an_error_of_junit(keysift: Console, tmp_path: Path) -> None:
    """And the line that leaves it out is about the archive, not what stands in it."""
    broken = b"\x1f\x8b\x08\0\0\0\0\0\0\3broken"
    write_sdist(tmp_path, {"tests/bad.tar.gz": broken, "pyproject.toml": _PYPROJECT})
    assert keysift("check", "--no-git", "-f", "junit", str(tmp_path)) == ExitCode.INCOMPLETE
    assert 'errors="1"' in keysift.out
    assert 'exclude = ["/tests/bad.tar.gz"]' in keysift.out


def test_what_was_not_compared_is_told(
    keysift: Console, tmp_path: Path, unused_origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that cannot be asked is no clean comparison, in no format."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    _leak(tmp_path)
    keysift.variables["KEYSIFT_INDEX_URL"] = f"{unused_origin}/simple/"
    names = ("json", "junit", "markdown", "sarif")
    also = [f"--also={name}={tmp_path / name}" for name in names]
    code = keysift("check", "--no-git", "--against", "latest", *also, str(tmp_path / "dist"))
    assert code == ExitCode.INCOMPLETE
    [error] = re.findall("not compared: (.*)", keysift.err)
    for name in ("json", "junit", "sarif"):
        assert error.partition(" ")[0] in (tmp_path / name).read_text("utf-8")
    assert "Not done:" in (tmp_path / "markdown").read_text("utf-8")
