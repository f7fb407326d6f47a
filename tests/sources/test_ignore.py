"""The language of ``.gitignore``; git itself is the judge where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysift.model import Skip
from keysift.sources.files import walk
from keysift.sources.ignore import Rules, parse_rule
from keysift.sources.spec import PathTarget

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")

NAMES = ("a", "b", "ab", "a.py", "b.txt", "[a]", "a b", "!a", "#a")
GLOBS = st.text(alphabet="ab*?/.[]!^-\\ #", min_size=1, max_size=8)
LIKELY = st.sampled_from(
    [
        "*",
        "*/",
        "!*/",
        "!*.py",
        "*.py",
        "a/",
        "/a",
        "a/*",
        "!a/b",
        "**/b",
        "a/**",
        "a/**/b",
        "**/a/**/b",
        "a**",
        "[!b]",
        "[a-b].*",
        r"\!a",
        r"\#a",
        "#a",
        r"a\ b",
        "a ",
        "[[:alpha:]]",
        "[]a]",
        "[a",
        "a\\",
        "/",
        "!",
        "**",
        "/**/",
        "//a",
        "a//b",
    ]
)


@pytest.mark.parametrize(
    ("glob", "path", "is_dir", "ignored"),
    [
        ("*.py", "x/a.py", False, True),
        ("/a.py", "x/a.py", False, None),
        ("build/", "build", True, True),
        ("build/", "build", False, None),
        ("!a", "a", False, False),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("a/**", "a", True, None),
        ("**/b", "b", False, True),
        ("doc/*.txt", "doc/x/a.txt", False, None),
        ("[a", "[a", False, None),
        ("[z-a]", "b", False, None),
        (r"\#a", "#a", False, True),
        ("a?c", "a/c", False, None),
        ("[^a]", "b", False, True),
    ],
)
def test_patterns(glob: str, path: str, is_dir: bool, ignored: bool | None) -> None:  # noqa: FBT001 (parameters of a table)
    """Each form of pattern means what gitignore(5) says."""
    assert Rules([glob]).decide(path, is_dir=is_dir) is ignored


def test_last_matching_pattern_decides() -> None:
    """A later pattern overrides an earlier one."""
    assert Rules(["*.log", "!keep.log"]).decide("keep.log", is_dir=False) is False
    assert Rules(["!keep.log", "*.log"]).decide("keep.log", is_dir=False) is True


@pytest.mark.parametrize("line", ["", "# a", "   ", "!", "/", "\r\n"])
def test_lines_without_a_pattern(line: str) -> None:
    """Blank lines and comments hold no pattern."""
    assert parse_rule(line) is None


@pytest.mark.parametrize("glob", ["*a" * 30 + "b", "**/a/" * 30 + "b", "a*" * 30 + "/b"])
def test_hostile_patterns_do_not_backtrack(glob: str) -> None:
    """Many wildcards against a long path cost linear time: exponential would not come back."""
    path = "/".join(["a" * 250] * 8) + "/" + "a/" * 500 + "c"
    assert Rules([glob]).decide(path, is_dir=False) is None


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with files of awkward names, three levels deep."""
    root = tmp_path_factory.mktemp("repository")
    for first in NAMES:
        for second in NAMES[:5]:
            directory = root / f"{first}" / second
            directory.mkdir(parents=True)
            (directory / "a").touch()
            (directory / "b.txt").touch()
        (root / first / "file.py").touch()
    for name in ("c.py", "c.txt", "#c", "!c", "[c]"):
        (root / name).touch()
    assert GIT is not None
    subprocess.run([GIT, "init", "-q", str(root)], check=True)
    return root


def _kept_by_git(root: Path) -> list[str]:
    assert GIT is not None
    listed = subprocess.run(
        [GIT, "-C", str(root), "ls-files", "-z", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "XDG_CONFIG_HOME": os.devnull},
    )
    return sorted(os.fsdecode(listed.stdout).strip("\0").split("\0")) if listed.stdout else []


def _kept_by_us(root: Path) -> list[str]:
    return sorted(
        Path(file.path).relative_to(root).as_posix()
        for file in walk(PathTarget(root))
        if not isinstance(file, Skip)
    )


@needs_git
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(LIKELY | GLOBS, max_size=5),
    nested=st.lists(LIKELY | GLOBS, max_size=3),
    private=st.lists(LIKELY | GLOBS, max_size=2),
)
def test_same_files_as_git(
    tree: Path, lines: list[str], nested: list[str], private: list[str]
) -> None:
    """Whatever the ignore files say, the files that are kept are those that git keeps."""
    (tree / ".gitignore").write_text("\n".join(lines))
    (tree / "a" / ".gitignore").write_text("\n".join(nested))
    (tree / ".git" / "info" / "exclude").write_text("\n".join(private))
    assert _kept_by_us(tree) == _kept_by_git(tree)
