"""``keysift upload``: what a tool uploads is what was checked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.gate.archives import write_sdist, write_wheel
from tests.tokens import token

_PACKAGE: Final = {"demo/__init__.py": "x = 1\n"}
_PASSWORD: Final = "a-password-of-mine"  # noqa: S105 (of nothing)

_TOOL: Final = """\
#!{python}
import hashlib, json, os, pathlib, sys
if os.environ.get("REPLACE"):
    pathlib.Path(os.environ["REPLACE"]).write_bytes(b"something else")
files = []
for argument in sys.argv[1:]:
    path = pathlib.Path(argument)
    files += sorted(path.iterdir()) if path.is_dir() else [path] if path.is_file() else []
pathlib.Path({ran!r}).write_text(json.dumps({{
    "tool": pathlib.Path(sys.argv[0]).name,
    "arguments": sys.argv[1:],
    "directory": os.getcwd(),
    "mode": oct(files[0].parent.stat().st_mode & 0o777),
    "sent": {{one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}},
}}))
sys.exit(int(os.environ.get("CODE", "0")))
"""


class _Tools:
    """Tools that note what they were given instead of uploading it."""

    def __init__(self, keysift: Console, directory: Path) -> None:
        self._bin = directory / "bin"
        self._bin.mkdir()
        self._ran = directory / "ran.json"
        keysift.variables["PATH"] = str(self._bin)

    def install(self, name: str) -> None:
        """Put a tool into the path."""
        path = self._bin / name
        path.write_text(_TOOL.format(python=sys.executable, ran=str(self._ran)))
        path.chmod(0o755)

    @property
    def ran(self) -> dict[str, Any] | None:
        """What a tool was given; None when none ran."""
        if not self._ran.exists():
            return None
        ran: dict[str, Any] = json.loads(self._ran.read_text())
        return ran


@pytest.fixture
def tools(keysift: Console, tmp_path: Path) -> _Tools:
    """Return the tools of an otherwise empty path."""
    return _Tools(keysift, tmp_path)


def _digests(dist: Path) -> dict[str, str]:
    from hashlib import sha256  # noqa: PLC0415 (for this alone)

    return {one.name: sha256(one.read_bytes()).hexdigest() for one in dist.iterdir()}


@pytest.mark.parametrize(
    ("tool", "start", "takes"),
    [
        ("twine", ["upload"], "files"),
        ("uv", ["publish"], "files"),
        ("hatch", ["publish"], "wheel and sdist"),
        ("pdm", ["publish", "--no-build"], "--dest"),
        ("poetry", ["publish"], "--dist-dir"),
    ],
)
def test_each_tool_gets_the_files_as_it_takes_them(
    keysift: Console, tools: _Tools, tmp_path: Path, tool: str, start: list[str], takes: str
) -> None:
    """By name or by directory, after its own arguments, which are not printed."""
    dist = tmp_path / "dist"
    write_wheel(dist, _PACKAGE)
    sdist = write_sdist(dist, _PACKAGE)
    (dist / f"{sdist.name}.asc").write_text("a signature")
    tools.install(tool)
    passed_on = ["--password", _PASSWORD]
    code = keysift("upload", "--with", tool, str(dist), "--", *passed_on)
    assert code == ExitCode.CLEAN, keysift.err
    ran = tools.ran
    assert ran is not None
    assert ran["arguments"][: len(start) + 2] == [*start, *passed_on]
    given = ran["arguments"][len(start) + 2 :]
    sent = _digests(dist)
    if takes.startswith("--"):
        assert given[0] == takes
    elif takes == "files":
        assert sorted(Path(one).name for one in given) == sorted(sent)
    else:
        del sent[f"{sdist.name}.asc"]
    assert ran["sent"] == sent
    assert ran["mode"] == "0o700"
    assert ran["directory"] == str(tmp_path)
    assert _PASSWORD not in keysift.out + keysift.err
    assert f"{dist}/demo-1.0.tar.gz: sdist" in " ".join(keysift.out.split())
    assert not Path(given[-1]).exists()


def test_nothing_is_uploaded_when_the_check_blocks(
    keysift: Console, tools: _Tools, tmp_path: Path
) -> None:
    """The exit code is that of the check, and the report says why."""
    tools.install("twine")
    wheel = write_wheel(tmp_path / "dist", {**_PACKAGE, "demo/config.py": f"K = '{token()}'\n"})
    assert keysift("upload", str(wheel)) == ExitCode.FINDINGS
    assert "Do not upload: 1 secret" in keysift.out
    assert "nothing was uploaded" in keysift.err
    broken = write_sdist(tmp_path, {"bad.tar.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3broken"})
    assert keysift("upload", str(broken)) == ExitCode.INCOMPLETE
    assert tools.ran is None
    assert keysift("upload", "--allow-incomplete", str(broken)) == ExitCode.CLEAN
    assert tools.ran is not None


def test_options_and_configuration_are_those_of_check(
    keysift: Console, tools: _Tools, tmp_path: Path
) -> None:
    """Strict on the command line, and in the file."""
    tools.install("twine")
    wheel = write_wheel(tmp_path / "dist", {**_PACKAGE, "demo/app.log": "x\n"})
    assert keysift("upload", "--strict", str(wheel)) == ExitCode.FINDINGS
    (tmp_path / "keysift.toml").write_text("[check]\nstrict = true\n")
    assert keysift("upload", str(wheel)) == ExitCode.FINDINGS
    assert tools.ran is None


def test_a_file_that_is_replaced_after_the_check_is_not_what_is_uploaded(
    keysift: Console, tools: _Tools, tmp_path: Path
) -> None:
    """The tool has a copy of what was checked."""
    tools.install("twine")
    wheel = write_wheel(tmp_path / "dist", _PACKAGE)
    before = _digests(wheel.parent)
    keysift.variables["REPLACE"] = str(wheel)
    assert keysift("upload", str(wheel)) == ExitCode.CLEAN
    assert wheel.read_bytes() == b"something else"
    assert tools.ran is not None
    assert tools.ran["sent"] == before


def test_the_exit_code_is_that_of_the_tool(keysift: Console, tools: _Tools, tmp_path: Path) -> None:
    """Whatever it is."""
    tools.install("twine")
    write_wheel(tmp_path / "dist", _PACKAGE)
    keysift.variables["CODE"] = "7"
    assert keysift("upload", str(tmp_path / "dist")) == 7


def test_the_first_tool_that_is_there_is_used(
    keysift: Console, tools: _Tools, tmp_path: Path
) -> None:
    """Twine, else uv; without any, that is said before anything is looked at."""
    dist = write_wheel(tmp_path / "dist", _PACKAGE).parent
    assert keysift("upload", str(dist)) == ExitCode.USAGE
    assert "twine and uv: not found; install one of twine, uv, hatch, pdm, poetry" in keysift.err
    for name in ("uv", "twine"):
        tools.install(name)
        assert keysift("upload", str(dist)) == ExitCode.CLEAN
        assert tools.ran is not None
        assert tools.ran["tool"] == name
    assert keysift("upload", "--with", "pdm", str(dist)) == ExitCode.USAGE
    assert "pdm: not found" in keysift.err


@pytest.mark.parametrize(
    ("tool", "argument"),
    [
        ("twine", "dist/other-1.0.tar.gz"),
        ("uv", "dist/*.whl"),
        ("poetry", "--build"),
        ("poetry", "--dist-dir=other"),
        ("pdm", "-d"),
    ],
)
def test_what_would_upload_something_else_is_refused(
    keysift: Console, tools: _Tools, tmp_path: Path, tool: str, argument: str
) -> None:
    """It would not have been checked."""
    tools.install(tool)
    dist = write_wheel(tmp_path / "dist", _PACKAGE).parent
    assert keysift("upload", "--with", tool, str(dist), "--", argument) == ExitCode.USAGE
    assert argument.partition("=")[0] in keysift.err
    assert tools.ran is None


def test_two_files_of_one_name_are_refused(keysift: Console, tools: _Tools, tmp_path: Path) -> None:
    """An index could keep one of them only."""
    tools.install("twine")
    files = [str(write_wheel(tmp_path / name, _PACKAGE)) for name in ("a", "b")]
    assert keysift("upload", *files) == ExitCode.USAGE
    assert "a file of this name was named before" in keysift.err
    assert tools.ran is None


def test_the_advice_is_that_of_the_project_beside_the_originals(
    keysift: Console, tools: _Tools, tmp_path: Path
) -> None:
    """Not of the copies, which lie beside no project."""
    tools.install("twine")
    root = tmp_path / "project"
    wheel = write_wheel(root / "dist", {**_PACKAGE, "demo/.env": "A=b\n"})
    (root / "pyproject.toml").write_text(
        '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\n'
    )
    assert keysift("upload", str(wheel)) == ExitCode.FINDINGS
    assert "[tool.hatch.build.targets.wheel]" in keysift.out
