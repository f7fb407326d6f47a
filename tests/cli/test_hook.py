"""``keysift hook``: what stops a commit or a push, and what installing changes."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path

import pytest

import keysift as package
from keysift.cli.exit import ExitCode
from keysift.cli.main import parser
from tests.cli.conftest import Console
from tests.git_repository import VARIABLES, Repository
from tests.tokens import token

NOTHING = "0" * 40
FOREIGN = "#!/bin/sh\necho before >> ran\ncat >> ran\n"


@pytest.fixture
def repository(keysift: Console) -> Repository:
    """Return an empty repository in the working directory, where hooks find this keysift."""
    keysift.variables |= VARIABLES
    repository = Repository(keysift.directory)
    source = Path(str(package.__file__)).parents[1]
    repository.variables |= {
        "KEYSIFT_CACHE_DIR": keysift.variables["KEYSIFT_CACHE_DIR"],
        "PYTHONPATH": str(source),
        "HOME": str(keysift.directory),
    }
    return repository


def hooks_of(repository: Repository) -> dict[str, tuple[bytes, int]]:
    """Return contents and permissions of the hooks that are no samples."""
    folder = repository.path / ".git" / "hooks"
    return {
        path.name: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in folder.iterdir()
        if path.suffix != ".sample"
    }


def write_hook(path: Path, text: str = FOREIGN) -> None:
    """Write a hook that git runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def run(console: Console, *arguments: str, given: str = "") -> int:
    """Run what git runs."""
    console.stdin = given.encode()
    return console("hook", "run", *arguments)


def test_a_commit_is_stopped(keysift: Console, repository: Repository) -> None:
    """Git runs the hook; the message says what, where, and what to do; nothing is committed."""
    assert keysift("hook", "install") is ExitCode.CLEAN
    repository.commit(a_py="x = 1\n")
    before = repository.git("rev-parse", "HEAD")
    with pytest.raises(AssertionError) as stopped:
        repository.commit(a_py=f"key = '{token()}'\n")
    said = str(stopped.value)
    assert "stopped: 1 secret would be committed" in said
    assert "a.py:1:8" in said
    assert "git commit --no-verify" in said
    assert token() not in said
    assert repository.git("rev-parse", "HEAD") == before
    repository.git("commit", "-q", "--no-verify", "-m", "All the same")


def test_modules_of_the_repository_are_not_imported(
    keysift: Console, repository: Repository
) -> None:
    """A file of the name of a module in the working directory is not run by the hook."""
    keysift("hook", "install")
    repository.commit(json_py="raise SystemExit(1)\n", argparse_py="raise SystemExit(1)\n")


def test_a_hook_that_was_there_runs_first(keysift: Console, repository: Repository) -> None:
    """It is kept; when it fails, keysift need not run; its input is that of git."""
    folder = repository.path / ".git" / "hooks"
    write_hook(folder / "pre-commit")
    write_hook(folder / "pre-push")
    keysift("hook", "install")
    repository.commit(a_py="x = 1\n")
    repository.git("init", "-q", "--bare", "-b", "main", "../remote.git")
    repository.git("push", "-q", "../remote.git", "main")
    ran = (repository.path / "ran").read_text().splitlines()
    head = repository.git("rev-parse", "HEAD")
    assert ran == ["before", "before", f"refs/heads/main {head} refs/heads/main {NOTHING}"]
    write_hook(folder / "pre-commit.before-keysift", "#!/bin/sh\nexit 7\n")
    with pytest.raises(AssertionError):
        repository.commit(a_py="x = 2\n")


def test_installing_twice_and_uninstalling(keysift: Console, repository: Repository) -> None:
    """What was there is back as it was, and nothing is left."""
    folder = repository.path / ".git" / "hooks"
    write_hook(folder / "pre-commit")
    (folder / "pre-commit").chmod(0o750)
    before = hooks_of(repository)
    keysift("hook", "install")
    once = hooks_of(repository)
    keysift("hook", "install")
    assert hooks_of(repository) == once
    assert set(once) == {"pre-commit", "pre-commit.before-keysift", "pre-push"}
    assert keysift("hook", "uninstall") is ExitCode.CLEAN
    assert "pre-commit: uninstalled; the hook that was there is back" in keysift.out
    assert hooks_of(repository) == before
    keysift("hook", "uninstall")
    assert hooks_of(repository) == before


def test_status(keysift: Console, repository: Repository) -> None:
    """It says of each hook how it stands."""
    folder = repository.path / ".git" / "hooks"
    write_hook(folder / "pre-push")
    keysift("hook", "status", "pre-commit", "pre-push", "pre-receive")
    assert keysift.out.splitlines() == [
        f"pre-commit: not installed: {folder / 'pre-commit'}",
        f"pre-push: not installed; there is another hook: {folder / 'pre-push'}",
        f"pre-receive: not installed: {folder / 'pre-receive'}",
    ]
    keysift("hook", "install", "pre-push")
    keysift("hook", "status")
    assert keysift.out.splitlines() == [
        f"pre-commit: not installed: {folder / 'pre-commit'}",
        (
            "pre-push: installed, after the hook that was there (pre-push.before-keysift): "
            f"{folder / 'pre-push'}"
        ),
    ]


def test_hooks_are_where_git_looks_for_them(keysift: Console, repository: Repository) -> None:
    """``core.hooksPath`` counts, and work trees share a directory."""
    repository.commit(a_py="x = 1\n")
    repository.git("worktree", "add", "-q", "tree", "-b", "other")
    keysift.directory = repository.path / "tree"
    keysift("hook", "install", "pre-commit")
    assert set(hooks_of(repository)) == {"pre-commit"}
    repository.git("config", "core.hooksPath", "my hooks")
    keysift.directory = repository.path / "sub"
    keysift.directory.mkdir()
    keysift("hook", "install", "pre-commit")
    assert (repository.path / "my hooks" / "pre-commit").exists()
    with pytest.raises(AssertionError, match="1 secret would be committed"):
        repository.commit(b_py=f"key = '{token()}'\n")


def test_what_is_in_the_way(keysift: Console, repository: Repository) -> None:
    """Two hooks that were there cannot both be kept."""
    folder = repository.path / ".git" / "hooks"
    write_hook(folder / "pre-commit")
    write_hook(folder / "pre-commit.before-keysift")
    before = hooks_of(repository)
    assert keysift("hook", "install") is ExitCode.USAGE
    assert "is in the way" in keysift.err
    assert hooks_of(repository) == before


def test_unknown_hooks_and_no_repository(keysift: Console) -> None:
    """Both are errors that name what is wrong."""
    keysift.variables |= VARIABLES | {"GIT_CEILING_DIRECTORIES": str(keysift.directory.parent)}
    assert keysift("hook", "install", "pre-rebase") is ExitCode.USAGE
    assert "pre-rebase" in keysift.err
    assert keysift("hook", "install") is ExitCode.USAGE
    assert "not a git repository" in keysift.err


@pytest.mark.usefixtures("repository")
def test_an_interpreter_that_is_gone(keysift: Console, repository: Repository) -> None:
    """The commit is stopped, and the message says what to do."""
    keysift("hook", "install", "pre-commit")
    path = repository.path / ".git" / "hooks" / "pre-commit"
    path.write_text(
        path.read_text().replace(sys.executable.replace(os.sep, "/"), "/nowhere/python")
    )
    repository.variables["PATH"] = "/usr/bin:/bin"
    with pytest.raises(AssertionError, match="run keysift hook install again"):
        repository.commit(a_py="x = 1\n")


def test_only_what_is_new_stops_a_commit(keysift: Console, repository: Repository) -> None:
    """A secret that was committed before does not."""
    repository.commit(a_py=f"key = '{token()}'\n")
    repository.write(a_py=f"# x\nkey = '{token()}'\n")
    repository.git("add", "-A")
    assert run(keysift, "pre-commit") is ExitCode.CLEAN
    assert keysift.out == keysift.err == ""


def test_an_old_secret_beside_a_new_one_is_not_named(
    keysift: Console, repository: Repository
) -> None:
    """The file is read as a whole then; what was there before is still no news."""
    filler = "".join(f"line = {number}\n" for number in range(200))
    repository.commit(a_py=f"old = '{token(1)}'\n{filler}")
    repository.write(a_py=f"old = '{token(1)}'\n{filler}new = '{token(2)}'\n")
    repository.git("add", "-A")
    assert run(keysift, "pre-commit") is ExitCode.FINDINGS
    assert "stopped: 1 secret would" in keysift.err
    assert "a.py:202:8" in keysift.err


def test_a_secret_that_is_moved_to_a_new_file_is_new(
    keysift: Console, repository: Repository
) -> None:
    """Its line was in another file, which is no version of this one."""
    filler = "".join(f"line = {number}\n" for number in range(200))
    repository.commit(a_py=f"{filler}old = '{token()}'\n{filler}")
    repository.write(a_py=filler, b_py=f"{filler}old = '{token()}'\n{filler}")
    repository.git("add", "-A")
    assert run(keysift, "pre-commit") is ExitCode.FINDINGS
    assert "b.py:201:8" in keysift.err


def test_a_push_is_what_the_remote_does_not_have(keysift: Console, repository: Repository) -> None:
    """Of a new branch, too; deleting one is nothing to look at."""
    first = repository.commit(a_py=f"key = '{token(1)}'\n")
    second = repository.commit(b_py=f"key = '{token(2)}'\n")
    line = f"refs/heads/main {second} refs/heads/main"
    assert run(keysift, "pre-push", "origin", "url", given=f"{line} {first}\n") is ExitCode.FINDINGS
    assert f"b.py:1:8 (commit {second[:10]})" in keysift.err
    assert "a.py" not in keysift.err
    assert "git push --no-verify" in keysift.err
    run(keysift, "pre-push", "origin", "url", given=f"{line} {NOTHING}\n")
    assert "stopped: 2 secrets would be pushed" in keysift.err
    # An id that was never fetched is not known here.
    run(keysift, "pre-push", "origin", "url", given=f"{line} {'1' * 40}\n")
    assert "2 secrets" in keysift.err
    repository.git("update-ref", "refs/remotes/origin/main", first)
    run(keysift, "pre-push", "origin", "url", given=f"{line} {NOTHING}\n")
    assert "1 secret would" in keysift.err
    gone = f"(delete) {NOTHING} refs/heads/old {first}\n"
    assert run(keysift, "pre-push", "origin", "url", given=gone) is ExitCode.CLEAN
    assert run(keysift, "pre-push", "origin", "url") is ExitCode.CLEAN


def test_the_message_of_a_tag_is_pushed_with_it(keysift: Console, repository: Repository) -> None:
    """An annotated tag has a message of its own; a plain one is a name."""
    commit = repository.commit(a_py="x = 1\n")
    repository.git("tag", "-a", "-m", f"Release, key = '{token(1)}'", "v1")
    tag = repository.git("rev-parse", "v1")
    repository.git("update-ref", "refs/remotes/origin/main", commit)
    line = "refs/tags/v1 {0} refs/tags/v1 " + NOTHING
    assert run(keysift, "pre-push", "origin", "url", given=line.format(commit)) is ExitCode.CLEAN
    given = line.format(tag)
    assert run(keysift, "pre-push", "origin", "url", given=given) is ExitCode.FINDINGS
    assert f"tag {tag}" in keysift.err
    repository.git("update-ref", "-d", "refs/tags/v1")
    given = f"{NOTHING} {tag} refs/tags/v1\n"
    assert run(keysift, "pre-receive", given=given) is ExitCode.FINDINGS


def test_a_server_refuses_a_push(keysift: Console, repository: Repository) -> None:
    """Before anything is kept: the objects are in quarantine when the hook looks at them."""
    server = Repository(repository.path / "server.git", "--bare")
    keysift.directory = server.path
    keysift("hook", "install", "pre-receive")
    repository.commit(a_py="x = 1\n")
    repository.git("push", "-q", "server.git", "main")
    repository.write(a_py=f"key = '{token()}'\n")
    repository.git("commit", "-q", "-a", "-m", "Change")
    with pytest.raises(AssertionError, match="stopped: 1 secret in what is pushed"):
        repository.git("push", "-q", "server.git", "main")
    assert server.git("log", "--format=%s") == "Change"


def test_what_could_not_be_looked_at_stops_a_commit(
    keysift: Console, repository: Repository
) -> None:
    """A failure is not clean; a submodule is nothing to wait for."""
    repository.commit(a_py="x = 1\n")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},libs/it")
    assert run(keysift, "pre-commit") is ExitCode.CLEAN
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(a_py="x = 2\n")
    repository.git("checkout", "-q", "main")
    repository.commit(a_py="x = 3\n")
    with pytest.raises(AssertionError):
        repository.git("merge", "topic")
    assert run(keysift, "pre-commit") is ExitCode.INCOMPLETE
    assert "a.py: a conflict about it is not resolved" in keysift.err
    assert "stopped: 1 item could not be looked at" in keysift.err


def test_gaps_stop_a_commit_when_that_is_configured(
    keysift: Console, repository: Repository
) -> None:
    """Else they are said, and the commit goes on."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    repository.put({"big.bin": pointer})
    repository.git("add", "-A")
    assert run(keysift, "pre-commit") is ExitCode.CLEAN
    assert "not looked at: big.bin" in keysift.err
    repository.put({"keysift.toml": "fail-on-incomplete = true\n"})
    assert run(keysift, "pre-commit") is ExitCode.INCOMPLETE


@pytest.mark.parametrize("text", ["what\n", "a b c d\n", f"x {NOTHING} y z\n"])
def test_what_git_never_says(keysift: Console, repository: Repository, text: str) -> None:
    """It is an error, never a clean push."""
    repository.commit(a_py="x = 1\n")
    assert run(keysift, "pre-push", "origin", "url", given=text) is ExitCode.USAGE
    assert run(keysift, "pre-receive", given=text) is ExitCode.USAGE


def test_the_hook_of_pre_commit_is_a_command() -> None:
    """What ``.pre-commit-hooks.yaml`` runs is understood by the command line."""
    root = Path(__file__).parents[2]
    entry = re.search(r"entry: keysift (.+)", (root / ".pre-commit-hooks.yaml").read_text())
    assert entry is not None
    assert parser(["hook"]).parse_args(entry[1].split()).hook == "pre-commit"


def test_long_lists_are_cut(keysift: Console, repository: Repository) -> None:
    """A terminal shows the first, and how many more there are."""
    repository.write(a_py="".join(f"k = '{token(number)}'\n" for number in range(25)))
    repository.git("add", "-A")
    assert run(keysift, "pre-commit") is ExitCode.FINDINGS
    assert "stopped: 25 secrets" in keysift.err
    assert "and 5 more" in keysift.err
