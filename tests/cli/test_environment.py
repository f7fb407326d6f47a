"""The fingerprint key of the user."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from keysift.cli.environment import Environment
from keysift.errors import ConfigurationError

VARIABLE = "KEYSIFT_FINGERPRINT_KEY"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the key file is."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    return tmp_path / "keysift" / "fingerprint.key"


def environment(**variables: str) -> Environment:
    """Return an environment with these variables."""
    return Environment(variables, Path.cwd(), io.StringIO(), io.StringIO())


def test_the_key_of_the_user_is_made_once(file: Path) -> None:
    """It is a private file, and the same from then on."""
    made = environment().fingerprint_key()
    assert environment().fingerprint_key() == made
    assert file.read_bytes().strip() == made
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600


def test_the_key_of_the_team_wins(file: Path) -> None:
    """With the variable no file is made."""
    given = environment(**{VARIABLE: "t" * 20})
    assert given.fingerprint_key() == b"t" * 20
    assert not file.exists()


def test_a_key_that_is_too_short_is_refused(file: Path) -> None:
    """The message names the variable or the file."""
    with pytest.raises(ConfigurationError, match=VARIABLE):
        environment(**{VARIABLE: "short"}).fingerprint_key()
    file.parent.mkdir()
    file.write_text("short\n")
    with pytest.raises(ConfigurationError, match=r"fingerprint\.key: "):
        environment().fingerprint_key()


def test_a_key_that_cannot_be_made_says_what_else_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without room for it leaves the variable, and no half of a key."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        ConfigurationError, match=f"No space left on device; set {VARIABLE} instead"
    ):
        environment().fingerprint_key()
    assert list(file.parent.iterdir()) == []
