"""Files and directories that users name."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from keysift.errors import ConfigurationError, TargetError
from keysift.model import Skip, SkipReason
from keysift.sources.files import LocalFile, shown, walk
from keysift.sources.spec import PathTarget

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file types and names")


def _write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"content")


def _kept(root: Path, *exclude: str, ignore: bool = True) -> list[str]:
    return [
        Path(item.path).relative_to(root).as_posix()
        for item in walk(PathTarget(root), exclude, use_ignore_files=ignore)
        if isinstance(item, LocalFile)
    ]


def _left_out(root: Path, *exclude: str, ignore: bool = True) -> dict[str, SkipReason]:
    return {
        Path(item.path).relative_to(root).as_posix(): item.reason
        for item in walk(PathTarget(root), exclude, use_ignore_files=ignore)
        if isinstance(item, Skip)
    }


def test_named_file(tmp_path: Path) -> None:
    """A file that is named is the target itself."""
    _write(tmp_path, "a.txt")
    path = tmp_path / "a.txt"
    assert list(walk(PathTarget(path))) == [LocalFile(str(path), str(path), path.as_posix(), 7)]


def test_directory_in_order_of_names(tmp_path: Path) -> None:
    """A directory gives all files below it, in an order that does not depend on the disk."""
    _write(tmp_path, "b/z", "b/a", "a", "c", "b/c/d", ".hidden", "node_modules/x.js")
    assert _kept(tmp_path) == [".hidden", "a", "b/a", "b/c/d", "b/z", "c", "node_modules/x.js"]


def test_display_begins_with_what_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are shown as the user would write them, from the working directory."""
    _write(tmp_path, "src/a.py")
    monkeypatch.chdir(tmp_path)
    assert [item.display for item in walk(PathTarget(Path())) if isinstance(item, LocalFile)] == [
        "src/a.py"
    ]
    assert [
        item.target for item in walk(PathTarget(Path("src"))) if isinstance(item, LocalFile)
    ] == ["src"]


def test_missing_target(tmp_path: Path) -> None:
    """A path that does not exist is an error, not an empty scan."""
    with pytest.raises(TargetError, match="no such file"):
        walk(PathTarget(tmp_path / "missing"))


@pytest.mark.parametrize(("name", "hint"), [("requests", True), ("requests.txt", False)])
def test_a_project_without_its_scheme_is_guessed(name: str, hint: bool) -> None:  # noqa: FBT001
    """A missing file with the name of a project may have been meant as one."""
    with pytest.raises(TargetError) as caught:
        walk(PathTarget(Path(name)))
    assert ("write pypi:requests" in str(caught.value)) is hint


@posix_only
def test_links_are_not_followed(tmp_path: Path) -> None:
    """Links to files and directories are skips, also where they form a circle."""
    _write(tmp_path, "a")
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "file").symlink_to("a")
    assert _kept(tmp_path) == ["a"]
    assert _left_out(tmp_path) == dict.fromkeys(("circle", "dangling", "file"), SkipReason.LINK)


@posix_only
def test_named_link_is_followed(tmp_path: Path) -> None:
    """A link that the user names stands for what it points to."""
    _write(tmp_path, "real/a")
    (tmp_path / "link").symlink_to("real")
    files = list(walk(PathTarget(tmp_path / "link")))
    assert [Path(file.path).name for file in files if isinstance(file, LocalFile)] == ["a"]


@posix_only
def test_devices_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes and sockets are skips: reading them would block."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.mkfifo(".gitignore")
    Path(".git").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert _left_out(tmp_path) == {
            ".git": SkipReason.IGNORED,
            ".gitignore": SkipReason.DEVICE,
            "pipe": SkipReason.DEVICE,
            "socket": SkipReason.DEVICE,
        }
    with pytest.raises(TargetError, match="neither a file nor a directory"):
        walk(PathTarget(Path("pipe")))


@posix_only
@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="root reads everything")
def test_unreadable_directory(tmp_path: Path) -> None:
    """A directory that cannot be listed is a gap, and the rest is still looked at."""
    _write(tmp_path, "closed/a", "open/a")
    (tmp_path / "closed").chmod(0)
    try:
        assert _left_out(tmp_path) == {"closed": SkipReason.UNREADABLE}
        assert _kept(tmp_path) == ["open/a"]
    finally:
        (tmp_path / "closed").chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="file systems that take any bytes as a name")
def test_name_that_is_not_utf8(tmp_path: Path) -> None:
    """A file name that is not UTF-8 is scanned, and shown with escapes."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff")).touch()
    (file,) = walk(PathTarget(tmp_path))
    assert isinstance(file, LocalFile)
    assert file.display == f"{tmp_path}/a\\xff"
    file.display.encode()


@posix_only
def test_deep_tree(tmp_path: Path) -> None:
    """A tree deeper than Python's recursion limit is walked to its end."""
    depth = sys.getrecursionlimit() + 200
    bottom = tmp_path / "/".join("d" * depth)
    (tmp_path / "top").mkdir()
    directory = tmp_path
    for _ in range(depth):
        directory = directory / "d"
        directory.mkdir()
    (bottom / "leaf").touch()
    try:
        assert _kept(tmp_path) == ["/".join("d" * depth) + "/leaf"]
    finally:
        (bottom / "leaf").unlink()
        os.removedirs(bottom)  # from the bottom up, since rmtree is recursive


@pytest.mark.parametrize(
    ("glob", "kept"),
    [
        ("*.js", ["a/b.py", "c.py"]),
        ("a/", ["c.py"]),
        ("/a", ["c.py"]),
        ("a/b.py", ["a/x.js", "c.py"]),
        ("**/b.py", ["a/x.js", "c.py"]),
    ],
)
def test_exclude(tmp_path: Path, glob: str, kept: list[str]) -> None:
    """Globs leave out files and directories, with a skip each."""
    _write(tmp_path, "a/b.py", "a/x.js", "c.py")
    assert _kept(tmp_path, glob) == kept
    assert set(_left_out(tmp_path, glob).values()) == {SkipReason.EXCLUDED}


def test_excluded_directory_is_one_skip(tmp_path: Path) -> None:
    """A directory that is left out counts once, and is not listed."""
    _write(tmp_path, "a/b", "a/c", "a/d/e")
    assert _left_out(tmp_path, "a") == {"a": SkipReason.EXCLUDED}


def test_exclude_as_written_in_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A glob from the project's root also works when a part of the project is scanned."""
    _write(tmp_path, "tests/data/a", "tests/b")
    monkeypatch.chdir(tmp_path)
    for target in ("tests", "tests/data/a"):
        items = list(walk(PathTarget(Path(target)), ["tests/data/"]))
        assert any(isinstance(item, Skip) for item in items)
        assert "tests/data/a" not in [i.display for i in items if isinstance(i, LocalFile)]


def test_malformed_exclude() -> None:
    """A glob that matches nothing because it cannot be read is an error."""
    with pytest.raises(ConfigurationError, match="not a glob"):
        walk(PathTarget(Path()), ["[a"])


def test_ignore_files_need_a_repository(tmp_path: Path) -> None:
    """Outside of a repository a .gitignore file is content like any other."""
    _write(tmp_path, "a.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    assert _kept(tmp_path) == [".gitignore", "a.log"]
    (tmp_path / ".git").mkdir()
    assert _kept(tmp_path) == [".gitignore"]


def test_ignore_files_from_above(tmp_path: Path) -> None:
    """Scanning a subdirectory obeys the ignore files above it, up to the root of the repository."""
    _write(tmp_path, "outer/sub/a.log", "outer/sub/a.py")
    (tmp_path / ".gitignore").write_text("*.py\n")
    (tmp_path / "outer" / ".git").mkdir()
    (tmp_path / "outer" / ".gitignore").write_text("*.log\n")
    assert _kept(tmp_path / "outer" / "sub") == ["a.py"]


def test_nested_repository_starts_afresh(tmp_path: Path) -> None:
    """The patterns of a repository do not reach into another one inside it."""
    _write(tmp_path, "inner/a.log", "b.log")
    (tmp_path / ".git").mkdir()
    (tmp_path / "inner" / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.log\n")
    assert _kept(tmp_path) == [".gitignore", "inner/a.log"]


def test_named_directory_is_wanted_though_ignored(tmp_path: Path) -> None:
    """What a user names is scanned even where git ignores it, such as dist."""
    _write(tmp_path, "dist/a.whl", "build/lib/a.py")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("/dist/\nbuild/\n*.whl\n")
    assert _kept(tmp_path / "dist") == ["a.whl"]
    assert _kept(tmp_path / "build" / "lib") == ["a.py"]
    assert _kept(tmp_path / "dist" / "a.whl") == ["."]
    assert _left_out(tmp_path) == dict.fromkeys((".git", "build", "dist"), SkipReason.IGNORED)


def test_no_ignore(tmp_path: Path) -> None:
    """Without ignore files everything is content, the repository's own files too."""
    _write(tmp_path, ".git/config", "a.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    assert _kept(tmp_path, ignore=False) == [".git/config", ".gitignore", "a.log"]


def test_skips_of_what_the_user_left_out_are_no_gaps(tmp_path: Path) -> None:
    """Excluded and ignored files do not make a run incomplete."""
    _write(tmp_path, "a.log", "b")
    assert not any(reason.is_gap for reason in _left_out(tmp_path, "*.log").values())


def test_shown_path_has_slashes() -> None:
    """Paths in reports look the same on every system."""
    assert shown(Path("a") / "b") == "a/b"
