"""``keysift explain`` as a user runs it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from keysift.catalogue.samples import expand
from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.tokens import token


def _said(keysift: Console) -> str:
    return " ".join(keysift.out.split())


def test_a_finding_is_explained_by_its_place(keysift: Console, tmp_path: Path) -> None:
    """Detector, proof, score and decision, and the lines around it without any value."""
    path = tmp_path / "a.py"
    path.write_text(f"x = 1\na = '{token(1)}'; b = '{token(2)}'\n")
    assert keysift("explain", f"{path}:2") == ExitCode.CLEAN
    said = _said(keysift)
    assert said.count("REPORTED GitHub personal access token") == 2
    assert "it has high confidence and critical severity" in said
    assert "The secret begins with `ghp_`" in said
    assert "passed: checksum" in said
    assert "+90 proven" in said
    assert "2 | a = 'ghp_…" in keysift.out
    assert token(1) not in keysift.out
    assert token(2) not in keysift.out


def test_a_finding_is_explained_by_its_fingerprint(keysift: Console, tmp_path: Path) -> None:
    """A beginning is enough when only one finding has it; all its places are told."""
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(f"a = '{token(1)}'\n")
    keysift("scan", "-f", "json", str(tmp_path))
    [finding] = json.loads(keysift.out)["findings"]
    assert keysift("explain", finding["fingerprint"][:6], str(tmp_path)) == ExitCode.CLEAN
    assert "a.py:1:6" in keysift.out
    assert "b.py:1:6" in keysift.out
    assert keysift("explain", "0000", str(tmp_path)) == ExitCode.USAGE
    assert "nothing that was scanned has this fingerprint" in keysift.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("TOKEN  # keysift: ignore[github-pat] of a test", "a comment beside it says"),
        ("TOKEN  # keysift: ignore", "write `keysift: ignore[github-pat] reason`"),
        ("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "it matches, but"),
        ("password = 'changeme'", "it matches, but"),
    ],
)
def test_what_is_not_reported_is_explained(
    keysift: Console, tmp_path: Path, line: str, words: str
) -> None:
    """Who decided it, or what speaks against it."""
    path = tmp_path / "a.py"
    path.write_text(line.replace("TOKEN", token(1)) + "\n")
    assert keysift("explain", f"{path}:1:1") == ExitCode.CLEAN
    assert words in _said(keysift)


def test_what_is_below_the_grade_asked_for_says_how_to_see_it(
    keysift: Console, tmp_path: Path
) -> None:
    """With the option that would report it."""
    path = tmp_path / "a.py"
    path.write_text(f"api_key = '{expand('{hex:32}', 5)}'\n")
    assert keysift("explain", f"{path}:1", "--confidence", "high") == ExitCode.CLEAN
    said = _said(keysift)
    assert "NOT REPORTED" in said
    assert "--confidence" in said
    assert "confidence by score: low from 3" in said


def test_baselines_and_rules_are_explained(keysift: Console, tmp_path: Path) -> None:
    """With their reasons."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text(f"a = '{token(1)}'\n")
    base = str(tmp_path / "base.json")
    words = ("--baseline", base)
    keysift("baseline", "create", *words, "--reason", "before our time", str(project))
    assert keysift("explain", *words, f"{project}/a.py:1") == ExitCode.CLEAN
    assert "the baseline knows it (before our time)" in _said(keysift)
    (tmp_path / "keysift.toml").write_text('[[ignore]]\npaths = ["a.py"]\nreason = "made up"\n')
    assert keysift("explain", f"{project}/a.py:1") == ExitCode.CLEAN
    assert "a rule of the configuration says that it may stay (made up)" in _said(keysift)


def test_members_of_archives_are_explained(keysift: Console, tmp_path: Path) -> None:
    """By their path inside, with the archive as the target."""
    path = tmp_path / "demo.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo/a.py", f"a = '{token(1)}'\n")
    assert keysift("explain", "demo/a.py:1", str(path)) == ExitCode.CLEAN
    assert "demo.whl demo/a.py:1:6" in keysift.out


def test_a_place_with_nothing_says_what_is_known(keysift: Console, tmp_path: Path) -> None:
    """Lines where something is; or that the file was not looked at, and why."""
    path = tmp_path / "a.py"
    path.write_text(f"x = 1\na = '{token(1)}'\n")
    assert keysift("explain", f"{path}:1") == ExitCode.USAGE
    assert "no detector matches anything there; lines where something is: 2" in keysift.err
    assert keysift("explain", "--exclude", "*.py", f"{path}:2", str(tmp_path)) == ExitCode.USAGE
    assert "was not looked at: excluded" in keysift.err
    assert keysift("explain", "what") == ExitCode.USAGE
    assert "PATH:LINE" in keysift.err
