"""Files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keysift.cli.private import create_private, read_private, replace_private
from keysift.errors import ConfigurationError

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """A private file holds what was given; its directory is made."""
    path = tmp_path / "new" / "key"
    assert create_private(path, "one")
    assert read_private(path) == "one"
    replace_private(path, "two")
    assert read_private(path) == "two"
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


@posix
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """File and directory are for their owner, made and replaced."""
    path = tmp_path / "new" / "key"
    create_private(path, "one")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    replace_private(path, "two")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """Of two processes that make a key, one has made it, and both read the same."""
    path = tmp_path / "key"
    assert create_private(path, "one")
    assert not create_private(path, "two")
    assert read_private(path) == "one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The refusal says how to mend it."""
    path = tmp_path / "key"
    create_private(path, "one")
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"others can read it; run: chmod 600 {path}"):
        read_private(path)


def test_what_is_no_text_is_refused_without_being_shown(tmp_path: Path) -> None:
    """Other bytes than ASCII are no keys, and stay out of the message."""
    path = tmp_path / "key"
    create_private(path, "one")
    path.write_bytes(b"secret\xff")
    with pytest.raises(ConfigurationError) as caught:
        read_private(path)
    assert str(caught.value) == f"{path}: is not a file of keys"


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A directory in its place is an error that names it."""
    (tmp_path / "key").mkdir()
    with pytest.raises(ConfigurationError, match=r"key: "):
        read_private(tmp_path / "key")


def test_there_may_be_none(tmp_path: Path) -> None:
    """A file that is not there holds nothing."""
    assert read_private(tmp_path / "key") is None
