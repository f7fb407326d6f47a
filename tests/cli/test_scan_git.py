"""``keysift scan --git``: what a history holds, and where it came in."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from keysift.cli.exit import ExitCode
from keysift.crawl import blobs
from keysift.unpack import Limits
from tests.cli.conftest import Console
from tests.git_repository import VARIABLES, Repository
from tests.tokens import token


class _Packed(Repository):
    """A repository that puts all objects into one pack, as differences, after each command."""

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """Run git, and return what it prints without the end of the line."""
        printed = super().git(*arguments, given=given)
        if arguments[0] in _MAKING:
            super().git("-c", "pack.packSizeLimit=0", "repack", "-adkfq", "--depth=50")
        return printed


_MAKING = frozenset({"commit", "merge", "tag", "hash-object", "branch", "reset", "update-ref"})
"""Commands after which there are more objects, or fewer that anything leads to."""


@pytest.fixture(params=[Repository, _Packed])
def repository(keysift: Console, request: pytest.FixtureRequest) -> Repository:
    """Return an empty repository in the working directory."""
    keysift.variables |= VARIABLES
    made: Repository = request.param(keysift.directory)
    return made


def found(console: Console, *options: str) -> list[dict[str, Any]]:
    """Return the occurrences of the only finding."""
    console("scan", "-f", "json", *(options or ("--git",)))
    (finding,) = json.loads(console.out)["findings"]
    return list(finding["occurrences"])


def skips(console: Console, *options: str) -> dict[str, list[str]]:
    """Return the paths of what was not looked at, by reason."""
    console("scan", "-f", "json", *(options or ("--git",)))
    gathered: dict[str, list[str]] = {}
    for one in json.loads(console.out)["coverage"]["skips"]:
        gathered.setdefault(one["reason"], []).append(one["path"])
    return gathered


def test_a_secret_is_reported_where_it_came_in(keysift: Console, repository: Repository) -> None:
    """Later versions that carry it along are no places of their own."""
    repository.commit(a_py="x = 1\n")
    came = repository.commit(a_py=f"x = 1\nkey = '{token()}'\n")
    repository.commit(a_py=f"# more\nx = 2\nkey = '{token()}'\n", b_py="y = 1\n")
    (place,) = found(keysift)
    assert (place["path"], place["line"], place["in_head"]) == ("a.py", 2, True)
    assert place["commit"] == {
        "id": came,
        "author": "Ann Author",
        "email": "ann@example.org",
        "date": "2024-03-01T10:00:00Z",
    }


def test_a_deleted_secret_is_found_and_said_to_be_gone(
    keysift: Console, repository: Repository
) -> None:
    """Deleting leaves it in the history."""
    repository.commit(a_py=f"key = '{token()}'\n")
    repository.commit(a_py=None)
    assert keysift("scan", "--git") is ExitCode.FINDINGS
    assert "not in HEAD" in keysift.out
    assert "left it in the history" in " ".join(keysift.out.split())
    assert [place["in_head"] for place in found(keysift)] == [False]


def test_a_secret_that_came_back_has_two_places(keysift: Console, repository: Repository) -> None:
    """It was removed, and another version brought it in again."""
    first = repository.commit(a_py=f"key = '{token()}'\n")
    repository.commit(a_py="key = ''\n")
    second = repository.commit(a_py=f"# again\nkey = '{token()}'\n")
    assert {place["commit"]["id"] for place in found(keysift)} == {first, second}


def test_a_renamed_file_brings_nothing_in(keysift: Console, repository: Repository) -> None:
    """The same blob elsewhere is one place."""
    repository.commit(a_py=f"key = '{token()}'\n")
    repository.git("mv", "a.py", "b.py")
    repository.commit()
    assert [place["path"] for place in found(keysift)] == ["a.py"]


def test_a_merge_commit_may_bring_a_secret_in(keysift: Console, repository: Repository) -> None:
    """What no parent holds came with the merge itself."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(a_py="x = 2\n")
    repository.git("checkout", "-q", "main")
    repository.commit(a_py="x = 3\n")
    repository.git("merge", "-q", "-s", "ours", "--no-commit", "topic")
    merged = repository.commit("Merge", a_py=f"x = '{token()}'\n")
    assert [place["commit"]["id"] for place in found(keysift)] == [merged]


def test_a_merge_does_not_bring_in_what_a_branch_did(
    keysift: Console, repository: Repository
) -> None:
    """It is reported for the commit on the branch."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "-b", "topic")
    came = repository.commit(b_py=f"x = '{token()}'\n")
    repository.git("checkout", "-q", "main")
    repository.commit(a_py="x = 3\n")
    repository.git("merge", "-q", "topic")
    assert [place["commit"]["id"] for place in found(keysift)] == [came]


def test_messages_of_commits_and_tags_are_read(keysift: Console, repository: Repository) -> None:
    """People paste what they should not."""
    name = repository.commit(f"Use {token(1)} for now", a_py="x = 1\n")
    (place,) = found(keysift)
    assert (place["path"], place["part"]) == (f"commit {name}", "message")
    assert place["commit"]["id"] == name
    repository.git("tag", "-a", "v1", "-m", f"see {token(2)}")
    keysift("scan", "-f", "json", "--git")
    paths = [one["occurrences"][0]["path"] for one in json.loads(keysift.out)["findings"]]
    assert sorted(path.split()[0] for path in paths) == ["commit", "tag"]


def test_what_no_branch_leads_to_is_read_when_asked_for(
    keysift: Console, repository: Repository
) -> None:
    """Deleted branches, amended commits and dangling blobs stay in a repository for long."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "-b", "topic")
    gone = repository.commit(b_py=f"x = '{token(1)}'\n")
    repository.git("checkout", "-q", "main")
    repository.git("branch", "-q", "-D", "topic")
    blob = repository.git("hash-object", "-w", "--stdin", given=f"y = '{token(2)}'\n".encode())
    assert keysift("scan", "--git") is ExitCode.CLEAN
    keysift("scan", "-f", "json", "--git", "--unreachable")
    places = [one["occurrences"][0] for one in json.loads(keysift.out)["findings"]]
    by_path = {place["path"]: place for place in places}
    assert by_path["b.py"]["commit"]["id"] == gone
    assert "commit" not in by_path[f"blob {blob}"]
    assert not by_path["b.py"]["in_head"]


def test_unusual_paths(keysift: Console, repository: Repository) -> None:
    """Quotes, line breaks, colons and bytes that are no text neither hide nor break anything."""
    names = ['a "b".py', "tab\there.py", ":100644.py", " lead.py", "ünï.py"]
    names += ["line\nbreak.py"] if sys.platform != "win32" else []
    repository.put({name: f"k = '{token(number)}'\n" for number, name in enumerate(names)})
    if sys.platform == "linux":
        Path(repository.path, "bad\udcff.py").write_text(f"k = '{token(99)}'\n")
        names.append("bad\\xff.py")
    repository.commit()
    keysift("scan", "-f", "json", "--git")
    places = [one["occurrences"][0]["path"] for one in json.loads(keysift.out)["findings"]]
    shown = {name.replace("\n", "\\n").replace("\t", "\\t") for name in names}
    assert set(places) == shown


def test_archives_in_the_history_are_opened(keysift: Console, repository: Repository) -> None:
    """A wheel that was committed is a wheel."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pkg/settings.py", f"key = '{token()}'\n")
    repository.put({"dist/pkg.whl": packed.getvalue()})
    repository.commit()
    (place,) = found(keysift)
    assert (place["artifact"], place["path"]) == ("dist/pkg.whl", "pkg/settings.py")


def test_large_blobs_are_read_piece_by_piece(
    keysift: Console, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no memory holds is streamed, as a large file is."""
    limits = Limits(blob_bytes=4096, segment_bytes=2048, segment_overlap=256, container_bytes=8192)
    monkeypatch.setattr("keysift.crawl.session.Limits", lambda: limits)
    text = "x = 1\n" * 3000 + f"key = '{token()}'\n"
    repository.commit(a_py=text, b_py="y = 2\n")
    (place,) = found(keysift)
    assert (place["path"], place["line"]) == ("a.py", 3001)


def test_line_ends_of_windows(keysift: Console, repository: Repository) -> None:
    """A carriage return is no part of a secret, and lines count the same."""
    repository.commit(a_py=f"x = 1\r\nkey = '{token()}'\r\n")
    assert [place["line"] for place in found(keysift)] == [2]


def test_submodules_are_said_to_be_repositories_of_their_own(
    keysift: Console, repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What they hold is not here."""
    module = Repository(tmp_path_factory.mktemp("module"))
    module.commit(a_py=f"key = '{token()}'\n")
    protocol = ("-c", "protocol.file.allow=always")
    repository.git(*protocol, "submodule", "--quiet", "add", str(module.path), "libs/it")
    repository.commit()
    shutil.rmtree(module.path)
    assert skips(keysift) == {"submodule": ["libs/it"]}
    assert keysift("scan", "--git") is ExitCode.CLEAN


def test_files_of_lfs_are_a_gap(keysift: Console, repository: Repository) -> None:
    """The history holds a pointer only."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    repository.commit(big_bin=pointer)
    assert skips(keysift) == {"lfs_pointer": [""]}
    assert keysift("scan", "--git", "--fail-on-incomplete") is ExitCode.INCOMPLETE
    assert "big.bin" in keysift.out


def test_a_shallow_clone_is_a_gap(keysift: Console, tmp_path: Path) -> None:
    """Older commits are not there."""
    keysift.variables |= VARIABLES
    whole = Repository(tmp_path / "whole")
    whole.commit(a_py=f"key = '{token(1)}'\n")
    whole.commit(a_py=f"key = '{token(2)}'\n")
    whole.git("clone", "-q", "--depth", "1", f"file://{whole.path}", str(tmp_path / "clone"))
    assert skips(keysift, "--git", str(tmp_path / "clone")) == {"not_cloned": [""]}
    assert len(json.loads(keysift.out)["findings"]) == 1


def test_a_partial_clone_is_not_completed(keysift: Console, tmp_path: Path) -> None:
    """What is missing is said; nothing is fetched."""
    keysift.variables |= VARIABLES
    whole = Repository(tmp_path / "whole")
    whole.git("config", "uploadpack.allowFilter", "true")
    whole.commit(a_py="x = 1\n" * 100)
    whole.commit(a_py=f"key = '{token()}'\n", b_py="y = 1\n")
    clone = str(tmp_path / "clone")
    whole.git("clone", "-q", "--filter=blob:none", f"file://{whole.path}", clone)
    whole.git("-C", clone, "config", "remote.origin.url", "file:///nowhere")
    assert skips(keysift, "--git", clone) == {"not_cloned": [""]}
    assert len(json.loads(keysift.out)["findings"]) == 1


def test_bare_repositories_and_worktrees(keysift: Console, repository: Repository) -> None:
    """Any directory that belongs to a repository names it."""
    repository.commit(a_py=f"key = '{token()}'\n")
    repository.git("worktree", "add", "-q", str(repository.path / "tree"), "-b", "other")
    repository.git("clone", "-q", "--bare", ".", "bare.git")
    for where in ("tree", "bare.git", ".git"):
        assert [place["path"] for place in found(keysift, "--git", where)] == ["a.py"]
        assert [place["target"] for place in found(keysift, "--git", where)] == [where]


def test_variables_choose_a_repository_where_none_is_named(
    keysift: Console, repository: Repository, tmp_path: Path
) -> None:
    """``GIT_DIR`` counts as it does for git; a directory that is named wins."""
    repository.commit(a_py=f"key = '{token()}'\n")
    other = Repository(tmp_path / "other")
    other.commit(b_py="x = 1\n")
    keysift.variables["GIT_DIR"] = str(other.path / ".git")
    assert keysift("scan", "--git") is ExitCode.CLEAN
    assert keysift("scan", "--git", ".") is ExitCode.FINDINGS


def test_a_detached_head(keysift: Console, repository: Repository) -> None:
    """What is checked out is part of the history even where no branch leads to it."""
    repository.commit(a_py="x = 1\n")
    repository.git("checkout", "-q", "--detach")
    repository.commit(a_py=f"key = '{token()}'\n")
    assert [place["in_head"] for place in found(keysift)] == [True]


@pytest.mark.usefixtures("repository")
def test_a_repository_without_commits(keysift: Console) -> None:
    """There is nothing to look at, and no error either."""
    assert keysift("scan", "--git") is ExitCode.CLEAN
    assert "Nothing was looked at" in keysift.out


def test_no_repository(keysift: Console) -> None:
    """The error is git's, and names the directory."""
    keysift.variables |= VARIABLES | {"GIT_CEILING_DIRECTORIES": str(keysift.directory.parent)}
    assert keysift("scan", "--git") is ExitCode.USAGE
    assert "not a git repository" in keysift.err
    assert str(keysift.directory) in keysift.err


def test_no_git(keysift: Console, tmp_path: Path) -> None:
    """The error says what is missing; a program in the directory is not taken for it."""
    keysift.variables["PATH"] = f".{os.pathsep}{tmp_path}"
    assert keysift("scan", "--git") is ExitCode.USAGE
    assert "git is not installed" in keysift.err


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_git_that_is_too_old(keysift: Console, repository: Repository, tmp_path: Path) -> None:
    """The error says which one is needed."""
    repository.commit(a_py="x = 1\n")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho git version 1.8.3.1\n")
    program.chmod(0o755)
    keysift.variables["PATH"] = str(program.parent)
    assert keysift("scan", "--git") is ExitCode.USAGE
    assert "git 2.22 or newer is needed; this is git version 1.8.3.1" in keysift.err


def test_options_that_make_no_sense(keysift: Console) -> None:
    """They are refused before anything is done."""
    assert keysift("scan", "--unreachable") is ExitCode.USAGE


def test_nothing_that_a_repository_configures_is_run(
    keysift: Console, repository: Repository
) -> None:
    """A stranger's repository is safe to read."""
    mark = repository.path / "mark"
    script = repository.path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n")
    script.chmod(0o755)
    repository.put({".gitattributes": "*.py diff=evil filter=evil\n"})
    repository.commit(a_py=f"key = '{token()}'\n")
    for name in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "diff.evil.command",
        "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "gpg.program",
    ):  # fmt: skip
        repository.git("config", name, str(script))
    repository.git("config", "log.showSignature", "true")
    hooks = repository.path / ".git" / "hooks"
    for hook in ("post-index-change", "reference-transaction", "pre-commit"):
        shutil.copy(script, hooks / hook)
    assert keysift("scan", "--git") is ExitCode.FINDINGS
    assert not mark.exists()


def _damage(repository: Repository, name: str) -> None:
    """Make an object unreadable, loose or packed."""
    git = repository.path / ".git" / "objects"
    damaged, start = git / name[:2] / name[2:], 0
    if not damaged.exists():
        (damaged,) = (git / "pack").glob("*.pack")
        listed = repository.git("verify-pack", "-v", str(damaged)).splitlines()
        (start,) = (int(line.split()[4]) for line in listed if line.startswith(name))
    damaged.chmod(0o644)
    content = bytearray(damaged.read_bytes())
    # Behind the header of the object, and that of what is compressed.
    content[start + 6] ^= 255
    damaged.write_bytes(content)


def test_a_damaged_object_hides_no_other(keysift: Console, repository: Repository) -> None:
    """What git cannot read is a gap; the rest is scanned."""
    repository.commit(a_py="x = 1\n", b_py=f"key = '{token()}'\n")
    name = repository.git("rev-parse", "HEAD:a.py")
    _damage(repository, name)
    keysift("scan", "-f", "json", "--git")
    document = json.loads(keysift.out)
    assert [one["occurrences"][0]["path"] for one in document["findings"]] == ["b.py"]
    assert [one["artifact"] for one in document["coverage"]["skips"]] == ["a.py"]


def test_excluded_paths(keysift: Console, repository: Repository) -> None:
    """A glob leaves out what stands there only, and that is said."""
    repository.put({"vendor/a.py": f"key = '{token(1)}'\n", "b.py": f"key = '{token(2)}'\n"})
    repository.commit()
    assert [place["path"] for place in found(keysift, "--git", "--exclude", "vendor/")] == ["b.py"]
    assert skips(keysift, "--git", "--exclude", "vendor/") == {"excluded": ["vendor/a.py"]}


def test_several_processes_find_the_same(
    keysift: Console, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work is shared by objects; what is reported does not depend on it."""
    for number in range(6):
        repository.commit(a_py=f"x = {number}\nkey = '{token(number // 2)}'\n")
    keysift("scan", "-f", "json", "--git", "-j", "1")
    alone = json.loads(keysift.out)["findings"]
    monkeypatch.setattr(blobs, "_JOB_OBJECTS", 2)
    monkeypatch.setattr("keysift.crawl.runner.SOLO_BYTES", 0)
    keysift("scan", "-f", "json", "--git", "-j", "2")
    assert json.loads(keysift.out)["findings"] == alone
    assert len(alone) == 3


def test_other_formats_name_the_commit(keysift: Console, repository: Repository) -> None:
    """SARIF and CSV say who brought it in, and when."""
    name = repository.commit(a_py=f"key = '{token()}'\n")
    keysift("scan", "-f", "sarif", "--git")
    (result,) = json.loads(keysift.out)["runs"][0]["results"]
    assert result["properties"]["commit"] == name
    assert f"since commit {name[:10]} of 2024-03-01, still in HEAD" in result["message"]["text"]
    keysift("scan", "-f", "csv", "--git")
    header, row = (line.split(",") for line in keysift.out.splitlines())
    assert row[header.index("commit")] == name
    assert row[header.index("author")] == "Ann Author"
    assert row[header.index("in_head")] == "yes"
