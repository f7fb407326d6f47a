"""What users decide to ignore: comments in files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.index_server import IndexServer
from tests.tokens import token

_COMMENT = "keysift: ignore[github-pat] made for a test"


@pytest.fixture
def line() -> str:
    """Return a line with a secret and a comment that ignores it."""
    return f"k = '{token()}'  # {_COMMENT}\n"


def test_an_ignored_secret_is_counted_and_listed(
    keysift: Console, tmp_path: Path, line: str
) -> None:
    """The scan is clean, and says what it left out and why."""
    (tmp_path / "a.py").write_text(line)
    assert keysift("scan", "--show-suppressed", str(tmp_path)) == ExitCode.CLEAN
    assert "Ignored" in keysift.out
    assert "1 comment" in keysift.out
    assert "comment: made for a test" in keysift.out
    assert token() not in keysift.out
    assert keysift("scan", "-f", "json", "--show-suppressed", str(tmp_path)) == ExitCode.CLEAN
    document = json.loads(keysift.out)
    assert document["coverage"]["suppressed"] == {"comment": 1}
    [one] = document["suppressed"]
    assert (one["reason"], one["detail"]) == ("comment", "made for a test")


def test_comments_count_in_archives_and_notebooks(
    keysift: Console, tmp_path: Path, line: str
) -> None:
    """Wherever text is: in a member, in a cell, in standard input."""
    cells = [{"cell_type": "code", "source": ["x = 1\n", line], "outputs": [], "metadata": {}}]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for indent in (None, 1):
        with zipfile.ZipFile(tmp_path / "demo.whl", "w") as archive:
            archive.writestr("demo/a.py", line)
            archive.writestr("demo/b.ipynb", json.dumps(notebook, indent=indent))
        assert keysift("scan", str(tmp_path / "demo.whl")) == ExitCode.CLEAN
    keysift.stdin = line.encode()
    assert keysift("scan", "-") == ExitCode.CLEAN


def test_a_comment_that_says_too_little_ignores_nothing(keysift: Console, tmp_path: Path) -> None:
    """The problem is reported with its place in every format, and the secret is a finding."""
    (tmp_path / "a.py").write_text(f"\nk = '{token()}'  # keysift: ignore\n")
    assert keysift("scan", str(tmp_path / "a.py")) == ExitCode.FINDINGS
    assert "write `keysift: ignore[github-pat] reason`" in " ".join(keysift.out.split())
    for options in (["-q"], ["-f", "csv"]):
        assert keysift("scan", *options, str(tmp_path / "a.py")) == ExitCode.FINDINGS
        assert "a.py:2: this comment ignores nothing" in keysift.err
    keysift("scan", "-f", "json", str(tmp_path / "a.py"))
    [remark] = json.loads(keysift.out)["remarks"]
    assert (remark["kind"], remark["line"]) == ("refused_comment", 2)
    keysift("scan", "-f", "jsonl", str(tmp_path / "a.py"))
    assert json.loads(keysift.out.splitlines()[-1])["remarks"] == [remark]


def test_a_comment_that_is_not_needed_is_told_in_verbose(keysift: Console, tmp_path: Path) -> None:
    """Also in a file in which there is nothing else, and in UTF-16."""
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "a.py").write_text(f"x = 1\ny = 2  # {_COMMENT}\n", encoding=encoding)
        assert keysift("scan", str(tmp_path)) == ExitCode.CLEAN
        assert "nothing here" not in keysift.out
        assert keysift("scan", "--verbose", str(tmp_path)) == ExitCode.CLEAN
        told = " ".join(keysift.out.split())
        assert "a.py:2: there is nothing here for this comment to ignore" in told


def test_options_and_configuration_say_which_comments_count(
    keysift: Console, tmp_path: Path, line: str
) -> None:
    """An option wins over the configuration."""
    target = tmp_path / "target"
    target.mkdir()
    (target / "a.py").write_text(line + f"x = '{token(1)}'  # gitleaks:allow\n")
    peers = "--peer-comments"
    assert keysift("scan", peers, str(target)) == ExitCode.CLEAN
    for options in (["--ignore-comments", "none"], ["--report-ignored"]):
        assert keysift("scan", "-f", "json", peers, *options, str(target)) == ExitCode.FINDINGS
        assert len(json.loads(keysift.out)["findings"]) == 2
    (tmp_path / "keysift.toml").write_text("peer-comments = true\n")
    assert keysift("scan", str(target)) == ExitCode.CLEAN
    (tmp_path / "keysift.toml").write_text('ignore-comments = "none"\n')
    assert keysift("scan", str(target)) == ExitCode.FINDINGS
    (tmp_path / "keysift.toml").write_text('ignore-comments = "some"\n')
    assert keysift("scan", str(target)) == ExitCode.USAGE


def test_comments_in_what_others_published_do_not_count(
    keysift: Console, server: IndexServer, line: str, tmp_path: Path
) -> None:
    """Whoever scans a project is not silenced by it, unless they ask for that."""
    with zipfile.ZipFile(tmp_path / "demo-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("demo/a.py", line)
    content = (tmp_path / "demo-1.0-py3-none-any.whl").read_bytes()
    server.add("demo", "demo-1.0-py3-none-any.whl", content)
    index = ("--index-url", server.url)
    assert keysift("scan", *index, "pypi:demo") == ExitCode.FINDINGS
    assert keysift("scan", *index, "--ignore-comments", "all", "pypi:demo") == ExitCode.CLEAN
