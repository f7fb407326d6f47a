"""``keysift scan --staged`` and ``--range``: what a commit, or some, would add."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.git_repository import VARIABLES, Repository
from tests.tokens import token


@pytest.fixture
def repository(keysift: Console) -> Repository:
    """Return an empty repository in the working directory."""
    keysift.variables |= VARIABLES
    return Repository(keysift.directory)


def places(console: Console, *options: str) -> list[tuple[str, int]]:
    """Return path and line of all occurrences."""
    findings = document(console, *options)["findings"]
    return sorted(
        (place["path"], place["line"]) for one in findings for place in one["occurrences"]
    )


def document(console: Console, *options: str) -> dict[str, Any]:
    """Return what a scan says."""
    console("scan", "-f", "json", *(options or ("--staged",)))
    said: dict[str, Any] = json.loads(console.out)
    return said


def test_the_index_counts_and_not_the_work_tree(keysift: Console, repository: Repository) -> None:
    """What is staged would be committed, whatever the file is now; and the other way round."""
    repository.commit(a_py="x = 1\n", b_py="x = 1\n")
    repository.write(a_py=f"key = '{token(1)}'\n")
    repository.git("add", "a.py")
    repository.write(a_py="x = 1\n", b_py=f"key = '{token(2)}'\n")
    assert places(keysift) == [("a.py", 1)]
    assert keysift("scan", "--staged") is ExitCode.FINDINGS


def test_the_first_commit(keysift: Console, repository: Repository) -> None:
    """There is no HEAD to compare with yet."""
    repository.write(a_py=f"key = '{token()}'\n")
    assert places(keysift) == []
    repository.git("add", "a.py")
    assert places(keysift) == [("a.py", 1)]


def test_a_secret_that_head_holds_is_known(keysift: Console, repository: Repository) -> None:
    """A change to other lines of its file is not to blame."""
    repository.commit(a_py=f"key = '{token(1)}'\n")
    repository.write(a_py=f"# changed\nkey = '{token(1)}'\n")
    repository.git("add", "-A")
    said = document(keysift, "--staged", "--show-suppressed")
    assert said["findings"] == []
    assert said["coverage"]["suppressed"] == {"known": 1}
    assert [(one["path"], one["line"], one["reason"]) for one in said["suppressed"]] == [
        ("a.py", 2, "known")
    ]
    assert keysift("scan", "--staged") is ExitCode.CLEAN
    repository.write(a_py=f"key = '{token(1)}'\nother = '{token(2)}'\n")
    repository.git("add", "-A")
    assert places(keysift) == [("a.py", 2)]


def test_a_file_that_is_renamed_and_changed(keysift: Console, repository: Repository) -> None:
    """The version before is the one under the old name."""
    text = "".join(f"line = {number}\n" for number in range(30))
    repository.commit(a_py=f"{text}key = '{token(1)}'\n")
    repository.git("mv", "a.py", "b.py")
    repository.write(b_py=f"{text}key = '{token(1)}'\nnew = '{token(2)}'\n")
    repository.git("add", "-A")
    assert places(keysift) == [("b.py", 32)]


def test_a_copy_of_a_secret_is_new(keysift: Console, repository: Repository) -> None:
    """It stands in one file more than before."""
    repository.commit(a_py=f"key = '{token()}'\n")
    repository.write(b_py=f"other = '{token()}'\n")
    repository.git("add", "-A")
    assert places(keysift) == [("b.py", 1)]


def test_deletions_and_nothing(keysift: Console, repository: Repository) -> None:
    """Neither adds anything."""
    repository.commit(a_py=f"key = '{token()}'\n")
    assert keysift("scan", "--staged") is ExitCode.CLEAN
    repository.git("rm", "-q", "a.py")
    assert keysift("scan", "--staged") is ExitCode.CLEAN


def test_a_merge_adds_what_no_parent_holds(keysift: Console, repository: Repository) -> None:
    """What the other branch holds is committed there already."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(a_py="x = 2\n", b_py=f"key = '{token(1)}'\n")
    repository.git("checkout", "-q", "main")
    repository.commit(a_py="x = 3\n")
    repository.git("merge", "-q", "--no-commit", "-s", "ours", "topic")
    repository.git("checkout", "-q", "topic", "--", "b.py")
    repository.write(a_py=f"x = '{token(2)}'\n")
    repository.git("add", "a.py")
    assert places(keysift) == [("a.py", 1)]


def test_a_conflict_is_a_gap(keysift: Console, repository: Repository) -> None:
    """What would be committed is not decided yet."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(a_py="x = 2\n")
    repository.git("checkout", "-q", "main")
    repository.commit(a_py="x = 3\n")
    with pytest.raises(AssertionError):
        repository.git("merge", "topic")
    assert keysift("scan", "--staged") is ExitCode.INCOMPLETE
    assert "a conflict about it is not resolved" in keysift.out


def test_another_index(keysift: Console, repository: Repository) -> None:
    """``git commit FILE`` gives its hooks one of its own."""
    repository.commit(a_py="x = 1\n", b_py="x = 1\n")
    repository.write(a_py=f"key = '{token(1)}'\n")
    repository.git("add", "-A")
    keysift.variables["GIT_INDEX_FILE"] = str(repository.path / "other")
    assert keysift("scan", "--staged") is ExitCode.CLEAN  # it holds nothing: all is deleted


def test_excluded_paths_are_not_read(keysift: Console, repository: Repository) -> None:
    """They are said to be left out."""
    repository.put({"vendor/a.py": f"key = '{token()}'\n"})
    repository.git("add", "-A")
    said = document(keysift, "--staged", "--exclude", "vendor/")
    assert said["findings"] == []
    assert [(one["path"], one["reason"]) for one in said["coverage"]["skips"]] == [
        ("vendor/a.py", "excluded")
    ]


def test_many_files_are_measured_first(keysift: Console, repository: Repository) -> None:
    """Large changes are shared by their sizes; the same is found."""
    files = {f"{number}.py": f"x = {number}\n" for number in range(300)}
    repository.put({**files, "key.py": f"key = '{token()}'\n"})
    repository.git("add", "-A")
    assert places(keysift) == [("key.py", 1)]
    assert document(keysift)["coverage"]["files"] == 301


def test_a_range_is_what_its_commits_added(keysift: Console, repository: Repository) -> None:
    """Also what a later one of them took out again; not what was there before."""
    first = repository.commit(a_py=f"key = '{token(1)}'\n")
    came = repository.commit(a_py=f"key = '{token(1)}'\n", b_py=f"key = '{token(2)}'\n")
    repository.commit(f"Like {token(3)}", a_py=f"# x\nkey = '{token(1)}'\n", b_py="x = 1\n")
    said = document(keysift, "--range", f"{first}..HEAD")
    found = {
        one["occurrences"][0]["path"].split()[0]: one["occurrences"] for one in said["findings"]
    }
    assert sorted(found) == ["b.py", "commit"]
    (place,) = found["b.py"]
    assert (place["commit"]["id"], place["in_head"]) == (came, False)
    assert said["coverage"]["suppressed"] == {"known": 1}
    assert places(keysift, "--range", came) == [("b.py", 1)]
    assert places(keysift, "--range", first) == [("a.py", 1)]


def test_a_range_of_two_sides(keysift: Console, repository: Repository) -> None:
    """Three dots are what either side added since they parted."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(b_py=f"key = '{token(1)}'\n")
    repository.git("checkout", "-q", "main")
    repository.commit(c_py=f"key = '{token(2)}'\n")
    assert places(keysift, "--range", "main..topic") == [("b.py", 1)]
    assert places(keysift, "--range", "main...topic") == [("b.py", 1), ("c.py", 1)]


@pytest.mark.parametrize("text", ["nowhere", "a..b", "--all", ""])
def test_a_range_that_is_none(keysift: Console, repository: Repository, text: str) -> None:
    """It is an error that names it, never a clean scan."""
    repository.commit(a_py="x = 1\n")
    assert keysift("scan", f"--range={text}") is ExitCode.USAGE
    assert text in keysift.err


def test_one_part_at_a_time(keysift: Console) -> None:
    """Options that contradict each other are refused."""
    with pytest.raises(SystemExit):
        keysift("scan", "--staged", "--range", "a..b")
    assert keysift("scan", "--git", "--staged", "--unreachable") is ExitCode.USAGE


def test_a_repository_elsewhere(keysift: Console, repository: Repository) -> None:
    """``--git`` names it."""
    repository.put({"sub/a.py": f"key = '{token()}'\n"})
    repository.git("add", "-A")
    assert places(keysift, "--staged", "--git", "sub") == [("sub/a.py", 1)]
