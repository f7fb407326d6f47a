"""``keysift baseline create --from``: what other baselines know."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.tokens import token


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a directory with three secrets."""
    directory = tmp_path / "project"
    (directory / "src").mkdir(parents=True)
    for number in (1, 2, 3):
        (directory / "src" / f"{number}.py").write_text(f"\na = '{token(number)}'\n")
    return directory


def _create(keysift: Console, source: Path, project: Path) -> dict[str, str]:
    """Make a baseline from another one; returns its reasons by the number of the secret."""
    base = project.parent / "base.json"
    base.unlink(missing_ok=True)
    words = ("--baseline", str(base), "--from", str(source), str(project))
    assert keysift("baseline", "create", *words) == ExitCode.CLEAN
    keysift("scan", "-f", "json", "--show-suppressed", "--baseline", str(base), str(project))
    suppressed = json.loads(keysift.out)["suppressed"]
    return {
        Path(one["path"]).stem: one["detail"] for one in suppressed if one["reason"] == "baseline"
    }


def test_a_baseline_of_detect_secrets_is_carried_over(
    keysift: Console, project: Path, tmp_path: Path
) -> None:
    """Its labels count: what is no secret, what is one, and what nobody looked at."""

    def potential(number: int, **more: object) -> dict[str, object]:
        digest = hashlib.sha1(token(number).encode(), usedforsecurity=False).hexdigest()
        return {"type": "GitHub Token", "hashed_secret": digest, "line_number": 2, **more}

    source = tmp_path / ".secrets.baseline"
    document = {
        "version": "1.5.0",
        "plugins_used": [{"name": "PrivateKeyDetector"}, {"name": "Hex", "limit": 3.0}],
        "filters_used": [{"path": "filters.regex.should_exclude_file", "pattern": ["^docs/"]}],
        "results": {
            "src/1.py": [potential(1, is_secret=False), potential(9)],
            "src/2.py": [potential(2)],
            "src/3.py": [potential(3, is_secret=True)],
        },
    }
    source.write_text(json.dumps(document))
    reasons = _create(keysift, source, project)
    assert reasons == {
        "1": "marked as no secret in .secrets.baseline",
        "2": "no reason given",
    }
    (tmp_path / "base.json").unlink()
    words = ("--baseline", str(tmp_path / "base.json"), "--from", str(source), str(project))
    keysift("baseline", "create", *words)
    assert "2 findings carried over, 4 not" in keysift.err
    assert "src/3.py:2: GitHub Token: is marked as a real secret" in keysift.err
    assert "src/1.py:2: GitHub Token: no finding has this value" in keysift.err
    assert "at its place stands another value, of github-pat" in keysift.err
    assert 'should_exclude_file: {"pattern":["^docs/"]}' in keysift.err
    assert 'setting Hex: {"limit":3.0}' in keysift.err
    assert token(3) not in keysift.err


def test_a_report_of_gitleaks_is_carried_over(
    keysift: Console, project: Path, tmp_path: Path
) -> None:
    """By value; one whose values are redacted says where to look."""
    source = tmp_path / "report.json"
    leaks = [
        {"RuleID": "gh", "File": "src/1.py", "StartLine": 2, "Secret": token(1)},
        {"RuleID": "gh", "File": "src/2.py", "StartLine": 2, "Secret": "REDACTED"},
    ]
    source.write_text(json.dumps(leaks))
    assert _create(keysift, source, project) == {"1": "no reason given"}
    (tmp_path / "base.json").unlink()
    base = str(tmp_path / "base.json")
    words = ("--baseline", base, "--from", str(source), "--reason", "old", str(project))
    assert keysift("baseline", "create", *words) == ExitCode.CLEAN
    assert "src/2.py:2: gh: no finding has this value; at its place" in keysift.err
    assert '"old"' in (tmp_path / "base.json").read_text()


def test_an_ignore_file_of_gitleaks_is_carried_over(
    keysift: Console, project: Path, tmp_path: Path
) -> None:
    """By place, with and without a commit; what is not there any more is told."""
    source = tmp_path / ".gitleaksignore"
    source.write_text(
        f"# known\nsrc/1.py:gh-pat:2\n{'ab' * 20}:src/2.py:gh-pat:2\n"
        f"{'cd' * 20}:src/3.py:gh-pat:99\nnonsense\n"
    )
    assert _create(keysift, source, project) == {
        "1": "gh-pat in .gitleaksignore",
        "2": "gh-pat in .gitleaksignore",
    }
    (tmp_path / "base.json").unlink()
    words = ("--baseline", str(tmp_path / "base.json"), "--from", str(source), str(project))
    keysift("baseline", "create", *words)
    assert "src/3.py:99: gh-pat: nothing was found there (as of commit cdcdcdcdcdcd)" in keysift.err
    assert "nonsense: is not [commit:]path:rule:line" in keysift.err


def test_two_baselines_with_two_salts_become_one(
    keysift: Console, project: Path, tmp_path: Path
) -> None:
    """The reasons of the other are read into the one that is kept."""
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    one, both = str(project / "src" / "1.py"), str(project)
    keysift("baseline", "create", "--baseline", str(ours), "--reason", "ours", one)
    keysift("baseline", "create", "--baseline", str(theirs), "--reason", "theirs", both)
    (project / "src" / "3.py").write_text("a = 1\n")
    words = ("--baseline", str(ours), "--from", str(theirs), both)
    assert keysift("baseline", "update", *words) == ExitCode.CLEAN
    assert "1 added, 0 removed, 1 kept" in keysift.err
    assert keysift("scan", "--baseline", str(ours), both) == ExitCode.CLEAN


@pytest.mark.parametrize("text", ["{}", "[1]", "no json", '{"results": 3}'])
def test_what_is_no_baseline_is_refused(
    keysift: Console, project: Path, tmp_path: Path, text: str
) -> None:
    """With the name of the file, and nothing is written."""
    source = tmp_path / "what.json"
    source.write_text(text)
    base = tmp_path / "base.json"
    words = ("--baseline", str(base), "--from", str(source), str(project))
    assert keysift("baseline", "create", *words) == ExitCode.USAGE
    assert "what.json" in keysift.err
    assert not base.exists()
