"""Where in a project stands what a check names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keysift.gate import standing
from tests.cli.conftest import Console
from tests.gate.archives import write_sdist
from tests.tokens import token


@pytest.mark.parametrize(
    "source",
    ["", ".", "/etc/hosts", "../outside.py", "a/../../outside.py", "a\0b", "a" * 5000, "missing"],
)
def test_a_path_of_a_package_leads_nowhere_else(tmp_path: Path, source: str) -> None:
    """Neither out of the project nor to an error of the system."""
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.py").write_text("")
    assert not standing._is_there(project, source)


def test_a_secret_in_an_archive_is_told_at_the_archive(keysift: Console, tmp_path: Path) -> None:
    """Which the project has; the place inside is named in the message."""
    inner = write_sdist(tmp_path / "data", {"a.py": f"KEY = '{token()}'\n"})
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    members = {"data/demo-1.0.tar.gz": inner.read_bytes()}
    sdist = write_sdist(tmp_path / "dist", members)
    keysift("check", "--no-git", "-f", "sarif", str(sdist))
    [result] = [
        one
        for one in json.loads(keysift.out)["runs"][0]["results"]
        if one["ruleId"] == "github-pat"
    ]
    [location] = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "data/demo-1.0.tar.gz"
    assert physical["region"] == {"startLine": 1}
    assert "a.py at line 1, column 8" in result["message"]["text"]
