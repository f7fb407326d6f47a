"""``keysift baseline`` and ``scan --baseline`` as a user runs them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.tokens import token


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a directory with two files that hold a secret each, and a baseline's name in it."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "a.py").write_text(f"a = '{token(1)}'\n")
    (directory / "b.py").write_text(f"b = '{token(2)}'\n")
    return directory


def _run(keysift: Console, *words: str, project: Path) -> int:
    return keysift(*words, "--baseline", str(project / "base.json"), str(project))


def _entries(project: Path) -> list[dict[str, str]]:
    document = json.loads((project / "base.json").read_text())
    return [one for one in document["entries"] if isinstance(one, dict)]


def test_a_baseline_is_made_and_used(keysift: Console, project: Path) -> None:
    """What it knows is counted and listed with its reason; what is new is a finding."""
    made = _run(keysift, "baseline", "create", "--reason", "before our time", project=project)
    assert made == ExitCode.CLEAN
    assert "2 findings written" in keysift.err
    assert _run(keysift, "scan", "--show-suppressed", project=project) == ExitCode.CLEAN
    assert "2 baseline" in keysift.out
    assert "baseline: before our time" in keysift.out
    (project / "a.py").rename(project / "moved.py")
    (project / "c.py").write_text(f"\n\nc = '{token(3)}'; a = '{token(1)}'\n")
    assert _run(keysift, "scan", "-f", "json", project=project) == ExitCode.FINDINGS
    document = json.loads(keysift.out)
    [finding] = document["findings"]
    assert finding["occurrences"][0]["path"].endswith("c.py")
    assert document["coverage"]["suppressed"]["baseline"] == 3
    assert document["remarks"] == []
    assert _run(keysift, "scan", "--report-ignored", "-q", project=project) == ExitCode.FINDINGS


def test_a_baseline_is_not_made_twice(keysift: Console, project: Path) -> None:
    """Reasons that somebody gave are not lost by a wrong word."""
    assert _run(keysift, "baseline", "create", project=project) == ExitCode.CLEAN
    assert _run(keysift, "baseline", "create", project=project) == ExitCode.USAGE
    assert "keysift baseline update" in keysift.err


def test_no_baseline_and_a_broken_one_are_errors(keysift: Console, project: Path) -> None:
    """They are not taken for an empty one."""
    assert _run(keysift, "scan", project=project) == ExitCode.USAGE
    assert "keysift baseline create" in keysift.err
    (project / "base.json").write_text("{}")
    assert _run(keysift, "scan", project=project) == ExitCode.USAGE
    assert "base.json" in keysift.err


def test_stale_entries_are_reported_and_removed(keysift: Console, project: Path) -> None:
    """By a scan of all that the baseline stands for, and of nothing less."""
    _run(keysift, "baseline", "create", "--reason", "old", project=project)
    (project / "b.py").write_text("b = 1\n")
    assert _run(keysift, "scan", project=project) == ExitCode.CLEAN
    assert "1 stale: github-pat" in " ".join(keysift.out.split())
    base = str(project / "base.json")
    # A part of the project, and a scan that could not read everything, say nothing about the rest.
    assert keysift("scan", "--baseline", base, str(project / "a.py")) == ExitCode.CLEAN
    assert "stale:" not in keysift.out
    (project / "c.zip").write_bytes(b"PK\x03\x04 broken")
    _run(keysift, "scan", project=project)
    assert "stale:" not in keysift.out
    assert _run(keysift, "baseline", "update", project=project) == ExitCode.INCOMPLETE
    assert "0 added, 0 removed, 2 kept" in keysift.err
    (project / "c.zip").unlink()
    (project / "d.py").write_text(f"d = '{token(4)}'\n")
    assert _run(keysift, "baseline", "update", project=project) == ExitCode.CLEAN
    assert "1 added, 1 removed, 1 kept" in keysift.err
    assert sorted(entry["reason"] for entry in _entries(project)) == ["", "old"]


def test_update_can_only_remove(keysift: Console, project: Path) -> None:
    """And the targets can be all there is, wherever the baseline stands."""
    _run(keysift, "baseline", "create", project=project)
    (project / "b.py").write_text(f"b = '{token(5)}'\n")
    base = str(project / "base.json")
    only = str(project / "b.py")
    words = ("baseline", "update", "--baseline", base, "--no-add")
    assert keysift(*words, only) == ExitCode.CLEAN
    assert "0 added, 0 removed, 2 kept" in keysift.err
    assert "nothing is called stale" in keysift.err
    assert keysift(*words, "--whole", only) == ExitCode.CLEAN
    assert "0 added, 2 removed, 0 kept" in keysift.err


def test_what_is_hidden_or_ignored_otherwise_is_not_stale(keysift: Console, project: Path) -> None:
    """It is still there."""
    _run(keysift, "baseline", "create", "--reason", "old", project=project)
    (project / "a.py").write_text(f"a = '{token(1)}'  # keysift: ignore[github-pat] too\n")
    assert _run(keysift, "scan", project=project) == ExitCode.CLEAN
    assert "stale:" not in keysift.out
    assert _run(keysift, "scan", "--detector", "aws-*", project=project) == 0
    assert "stale:" not in keysift.out


def test_the_configuration_names_the_baseline(
    keysift: Console, project: Path, tmp_path: Path
) -> None:
    """Relative to its own place; the command uses it, too."""
    (tmp_path / "keysift.toml").write_text('baseline = "project/base.json"\n')
    assert keysift("baseline", "create", str(project)) == ExitCode.CLEAN
    assert len(_entries(project)) == 2
    assert keysift("scan", str(project)) == ExitCode.CLEAN


def test_check_wants_reasons(keysift: Console, project: Path) -> None:
    """In a pipeline it fails until each entry has one."""
    _run(keysift, "baseline", "create", project=project)
    assert "2 entries have no reason yet" in keysift.err
    assert _run(keysift, "baseline", "audit", "--check", project=project) == ExitCode.FINDINGS
    assert keysift.err.count("has no reason") == 2
    assert _run(keysift, "baseline", "audit", "--list", project=project) == ExitCode.CLEAN
    assert keysift.out.count("(no reason)") == 2
    assert _run(keysift, "baseline", "audit", project=project) == ExitCode.USAGE
    assert "--list or --check" in keysift.err


class _Terminal(io.BytesIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_an_audit_asks_about_each_entry(keysift: Console, project: Path) -> None:
    """One is kept with a reason, one is taken out; no value is shown."""
    (project / "a.py").write_text(f"x = 1\na = '{token(1)}'\nb = '{token(2)}'\n")
    _run(keysift, "baseline", "create", project=project)
    keysift.terminal = _Terminal(b"what\nk\n\nk\nrevoked in May\nr\n")
    assert _run(keysift, "baseline", "audit", project=project) == ExitCode.CLEAN
    assert "a.py:2:6" in keysift.out
    assert "2 | a = 'ghp_…" in keysift.out
    assert token(1) not in keysift.out
    assert token(2) not in keysift.out
    [entry] = _entries(project)
    assert entry["reason"] == "revoked in May"
    assert _run(keysift, "baseline", "audit", "--check", project=project) == ExitCode.CLEAN
    assert _run(keysift, "scan", project=project) == ExitCode.FINDINGS


def test_an_audit_that_is_left_keeps_what_was_answered(keysift: Console, project: Path) -> None:
    """The rest stays as it was."""
    _run(keysift, "baseline", "create", project=project)
    keysift.terminal = _Terminal(b"k\nrevoked\nq\n")
    assert _run(keysift, "baseline", "audit", project=project) == ExitCode.CLEAN
    assert sorted(entry["reason"] for entry in _entries(project)) == ["", "revoked"]
