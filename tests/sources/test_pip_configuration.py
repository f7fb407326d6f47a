"""The index that pip is configured for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keysift.errors import ConfigurationError
from keysift.sources.pip_configuration import pip_config_files, pip_index_url

ONE = "https://one.example/simple"
TWO = "https://two.example/simple"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_nothing_configured() -> None:
    """Without configuration pip has its own default."""
    assert pip_index_url({}, []) is None
    assert pip_index_url({"PIP_INDEX_URL": " "}, [Path("missing")]) is None


def test_environment_wins(tmp_path: Path) -> None:
    """The environment variable is stronger than every file."""
    file = _write(tmp_path / "pip.conf", f"[global]\nindex-url = {TWO}\n")
    assert pip_index_url({"PIP_INDEX_URL": ONE}, [file]) == ONE
    assert pip_index_url({}, [file]) == TWO


@pytest.mark.parametrize("name", ["index-url", "index_url", "INDEX-URL", "--index-url"])
def test_spellings(tmp_path: Path, name: str) -> None:
    """The option's name may be written in all the ways that pip takes."""
    file = _write(tmp_path / "pip.conf", f"[global]\n{name} = {ONE}\n")
    assert pip_index_url({}, [file]) == ONE


def test_section_of_the_command_wins(tmp_path: Path) -> None:
    """A command's section is stronger than the global one, whichever file it is in."""
    first = _write(tmp_path / "a", f"[install]\nindex-url = {ONE}\n")
    second = _write(tmp_path / "b", f"[global]\nindex-url = {TWO}\n[list]\nformat = json\n")
    assert pip_index_url({}, [first, second]) == ONE


def test_later_file_wins(tmp_path: Path) -> None:
    """In the same section the later file is stronger."""
    first = _write(tmp_path / "a", f"[global]\nindex-url = {ONE}\n")
    second = _write(tmp_path / "b", f"[global]\nindex-url = {TWO}\n")
    assert pip_index_url({}, [first, second]) == TWO


def test_percent_signs_are_no_interpolation(tmp_path: Path) -> None:
    """A password with a percent sign is taken as it is."""
    file = _write(tmp_path / "a", "[global]\nindex-url = https://u:%40x@one.example/\n")
    assert pip_index_url({}, [file]) == "https://u:%40x@one.example/"


@pytest.mark.parametrize("content", [b"index-url = x\n", b"[global]\n\xff\xfe", b"[a]\n[a]\n"])
def test_broken_file(tmp_path: Path, content: bytes) -> None:
    """A file that pip could not read is an error that names it."""
    path = tmp_path / "pip.conf"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"pip\.conf: not a configuration file of pip"):
        pip_index_url({}, [path])


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX places")
def test_same_files_as_pip(tmp_path: Path) -> None:
    """The files that are read are those that pip itself lists."""
    environ = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": f"{tmp_path}/shared:{tmp_path}/other",
        "XDG_CONFIG_HOME": f"{tmp_path}/own",
        "PIP_CONFIG_FILE": str(_write(tmp_path / "absent" / "x", "").with_name("missing")),
    }
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "debug"],
        capture_output=True,
        text=True,
        check=False,
        env={**environ, "PATH": os.environ.get("PATH", "")},
    )
    if listed.returncode:
        pytest.skip("pip is not installed here")
    by_pip = [
        line.strip().removesuffix(", exists: True").removesuffix(", exists: False")
        for line in listed.stdout.splitlines()
        if ", exists: " in line
    ]
    assert sorted(map(str, pip_config_files(environ))) == sorted(by_pip)


def test_configuration_can_be_turned_off() -> None:
    """With the null device as configuration file, pip reads none; and neither do we."""
    assert pip_config_files({"PIP_CONFIG_FILE": os.devnull}) == []
