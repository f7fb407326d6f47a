"""The GitHub Action: its steps run here as a runner would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.gate.archives import write_sdist, write_wheel
from tests.tokens import token

ROOT: Final = Path(__file__).parents[1]
ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: Final[list[dict[str, Any]]] = ACTION["runs"]["steps"]
_PYPROJECT: Final = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\n'
_MODULE: Final = {"demo/__init__.py": "x = 1\n"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs bash")


class Runner:
    """Runs the steps of the action in a directory, as GitHub's does."""

    def __init__(self, directory: Path, cache: Path) -> None:
        self.directory = directory
        self.temporary = directory / "temporary"
        self.workspace = directory / "work space"
        self.summary = directory / "summary.md"
        (self.temporary / "keysift").mkdir(parents=True)
        cache.mkdir(exist_ok=True)
        (self.temporary / "keysift" / "cache").symlink_to(cache)
        self.workspace.mkdir()
        self.environment: dict[str, str] = {}
        self.executable = directory / "keysift here"
        self.executable.write_text(
            f'#!/bin/sh\nexport PYTHONPATH="{os.pathsep.join(sys.path)}"\n'
            f'exec "{sys.executable}" -m keysift "$@"\n'
        )
        self.executable.chmod(0o755)
        self.log = ""
        self.outputs: dict[str, str] = {}

    def __call__(self, **inputs: str) -> int:
        """Run the steps with inputs, ``_`` for ``-``; return the exit code of the last that ran."""
        given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        known = {f"inputs.{name}": value for name, value in given.items()}
        known |= {"runner.temp": str(self.temporary), "github.action_path": str(ROOT)}
        code = 0
        self.log = ""
        for step in STEPS:
            if "run" not in step:
                continue
            code, outputs = self._run(step, known)
            known |= {f"steps.{step['id']}.outputs.{name}": it for name, it in outputs.items()}
            if code:
                break
        self.outputs = {
            name: _filled(one["value"], known) for name, one in ACTION["outputs"].items()
        }
        return code

    def _run(self, step: dict[str, Any], known: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        output = self.directory / "output"
        output.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],  # noqa: S607
            cwd=self.workspace,
            env={
                **os.environ,
                "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
                "PIP_CONFIG_FILE": os.devnull,
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_TEMP": str(self.temporary),
                **self.environment,
                **{name: _filled(value, known) for name, value in step.get("env", {}).items()},
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self.log += done.stdout + done.stderr
        lines = output.read_text("utf-8").splitlines()
        return done.returncode, dict(line.split("=", 1) for line in lines)

    @property
    def annotations(self) -> list[str]:
        """The commands in the log that are not stopped."""
        commands, stopped = [], ""
        for line in self.log.splitlines():
            if stopped:
                stopped = "" if line == f"::{stopped}::" else stopped
            elif line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif line.lstrip().startswith("::") or "##[" in line:
                commands.append(line)
        return commands


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Return a value with its expressions replaced; one that has no value is empty."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: known.get(match[1], ""), text)


@pytest.fixture
def action(tmp_path: Path, shared_cache: Path) -> Runner:
    """Return a runner with an empty workspace."""
    return Runner(tmp_path, shared_cache)


def _distributions(action: Runner, extra: Mapping[str, str | bytes]) -> None:
    write_wheel(action.workspace / "dist", {**_MODULE, **extra})
    write_sdist(action.workspace / "dist", {**_MODULE, **extra, "pyproject.toml": _PYPROJECT})


def test_inputs_never_become_part_of_a_script() -> None:
    """Expressions stand in the environment; every script says its shell; actions are pinned."""
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert ("run" in step) == ("shell" in step)
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])
    used = set(re.findall(r"inputs\.([\w-]+)", str(STEPS)))
    assert used == set(ACTION["inputs"])


def test_a_clean_release_passes(action: Runner) -> None:
    """With a SARIF log without results, and no annotation."""
    _distributions(action, {})
    assert action(executable=str(action.executable)) == 0, action.log
    assert action.annotations == []
    sarif = Path(action.outputs.pop("sarif"))
    assert '"results": []' in sarif.read_text("utf-8")
    assert action.outputs == {"exit-code": "0", "found": "0", "problems": "0"}
    assert "2 files may be uploaded" in action.log
    assert "✓" in action.summary.read_text("utf-8")


def test_a_secret_fails_the_step(action: Runner) -> None:
    """With annotations, a summary, a log and numbers; the value is in none of them."""
    action.environment = {"GITHUB_ACTIONS": "true"}
    _distributions(action, {"demo/config.py": f"KEY = '{token()}'\n", "demo/.env": "A=b\n"})
    code = action(executable=str(action.executable), sarif="out.sarif")
    assert code == 1, action.log
    assert [line.split()[0] for line in action.annotations] == ["::error"] * 3
    assert action.outputs == {
        "exit-code": "1",
        "found": "1",
        "problems": "1",
        "sarif": "out.sarif",
    }
    summary = action.summary.read_text("utf-8")
    assert "GitHub personal access token" in summary
    sarif = (action.workspace / "out.sarif").read_text("utf-8")
    assert "github-pat" in sarif
    assert token() not in action.log + summary + sarif
    assert not (action.temporary / "keysift" / "reports").exists()


def test_what_could_not_be_looked_at_fails_the_step(action: Runner) -> None:
    """Could not look is never clean; a check that accepts it passes."""
    _distributions(action, {"demo/bad.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3broken"})
    assert action(executable=str(action.executable)) == 3, action.log
    assert action.outputs["exit-code"] == "3"
    assert any("bad.gz" in line for line in action.annotations)
    assert (
        action(executable=str(action.executable), arguments="--allow-incomplete\n--no-git\n") == 0
    )


def test_a_scan_takes_paths_a_line_each(action: Runner) -> None:
    """With spaces, and with what would be an option or a command elsewhere."""
    names = ("-f", "a b.py", "$(touch pwned)`touch pwned`;touch pwned")
    for number, name in enumerate(names):
        (action.workspace / name).write_text(f"KEY = '{token(number)}'\n")
    code = action(mode="scan", paths="\n".join(names), executable=str(action.executable))
    assert code == 1, action.log
    assert action.outputs["found"] == "3"
    assert action.outputs["problems"] == "0"
    assert not (action.workspace / "pwned").exists()


def test_names_are_no_commands_in_the_log(action: Runner) -> None:
    """The report for people is not read for commands, nor is what it says of names."""
    hostile = ("::set-output name=found::0", "##[set-output name=found]0", "::stop-commands::x")
    for name in hostile:
        (action.workspace / name).mkdir()
        (action.workspace / name / "a.py").write_text(f"KEY = '{token()}'\n")
    (action.workspace / "::notice::bad.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\3broken")
    assert action(mode="scan", executable=str(action.executable)) == 1, action.log
    kinds = [line.split()[0] for line in action.annotations]
    assert kinds == ["::error", "::error", "::error", "::warning"]
    assert action.outputs["found"] == "1"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"mode": "chek; touch pwned"}, "mode is neither check nor scan"),
        ({"strict": "yes"}, "strict is neither true nor false"),
        ({"mode": "scan", "against": "latest"}, "against is for mode check"),
        ({"working_directory": "missing"}, "there is no such working directory"),
        ({"version": "1.0 --index-url=x"}, "version is not one of a package"),
        ({"sarif": "a\nfound=0"}, "sarif is more than one line"),
        ({"executable": "a\nexecutable=b"}, "executable is more than one line"),
    ],
)
def test_a_wrong_input_is_said(action: Runner, inputs: dict[str, str], message: str) -> None:
    """And the step fails."""
    given = {"executable": "true", **inputs}
    assert action(**given) == 2, action.log
    assert action.annotations == [f"::error title=keysift::{message}"]
    assert not (action.workspace / "pwned").exists()


def test_a_report_that_was_not_written_is_said(action: Runner) -> None:
    """With the exit code of keysift."""
    code = action(executable=str(action.executable), arguments="--no-such-option")
    assert code == 2, action.log
    assert action.annotations == ["::error title=keysift::keysift could not run: the log says why"]
    assert action.outputs == {"exit-code": "2", "sarif": "", "found": "", "problems": ""}


def test_keysift_is_installed_apart(action: Runner, tmp_path: Path) -> None:
    """Into an environment of its own; a module of the repository does not take the place of pip."""
    wheel = tmp_path / "keysift-9.9-py3-none-any.whl"
    info = "keysift-9.9.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("keysift.py", "def start():\n    print('keysift 9.9', __file__)\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: keysift\nVersion: 9.9\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\nkeysift=keysift:start\n")
        archive.writestr(f"{info}/RECORD", "")
    for name in ("pip", "venv", "keysift"):
        (action.workspace / f"{name}.py").write_text("open('pwned', 'w')\n")
    action.environment = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "PYTHONPATH": str(action.workspace),
    }
    assert action(version="9.9") == 0
    assert "keysift 9.9" in action.log
    assert not (action.workspace / "pwned").exists()
    # This one is no keysift: it writes no report.
    assert action.annotations == ["::error title=keysift::keysift could not run: the log says why"]
