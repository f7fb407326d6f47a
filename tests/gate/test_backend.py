"""``build-backend = "keysift.gate"``: what a build hands out has passed the check."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import keysift.gate
from keysift.cli.exit import ExitCode
from keysift.errors import ConfigurationError, RefusedError
from keysift.gate.project import Backend, backend_of
from tests.cli.conftest import Console
from tests.gate.archives import write_wheel
from tests.gate.projects import PACKAGE, PLANTED, behind_the_gate, build_with, write_project
from tests.tokens import token

_LEAK = f"{PACKAGE}/settings.py"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, cache: str) -> None:
    """Builds run in processes that have the environment only."""
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", cache)
    monkeypatch.setenv("KEYSIFT_FINGERPRINT_KEY", "k" * 32)


@pytest.mark.parametrize(
    "backend",
    [Backend.HATCHLING, Backend.SETUPTOOLS, Backend.FLIT, Backend.PDM],
    ids=lambda one: one.value,
)
def test_a_build_hands_out_what_is_clean_and_nothing_with_a_secret(
    backend: Backend, tmp_path: Path
) -> None:
    """Sdist and wheel, with real backends; the report reaches the user, its value does not."""
    root = tmp_path / "project"
    write_project(backend, root)
    for path in PLANTED:
        (root / path).unlink()
    behind_the_gate(root)
    clean = build_with(root, tmp_path / "clean")
    assert clean.returncode == 0, clean.stderr
    assert {path.suffix for path in (tmp_path / "clean").iterdir()} == {".gz", ".whl"}
    (root / _LEAK).write_text(f"KEY = '{token()}'\n")
    for kind, member in (("--sdist", f"demo_pkg-1.0/{_LEAK}"), ("--wheel", "demo_pkg/settings.py")):
        refused = build_with(root, tmp_path / "refused", kind)
        said = refused.stdout + refused.stderr
        assert refused.returncode != 0
        assert not list((tmp_path / "refused").glob("*"))
        assert f"{member}:1:8" in said
        assert "Do not upload: 1 secret" in said
        assert f"built by {backend.value}" in said
        assert token() not in said


_BACKEND = """\
import zipfile
from pathlib import Path

received = []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    received.append((config_settings, metadata_directory))
    path = Path(wheel_directory) / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member in Path("demo").iterdir():
            archive.write(member)
        archive.writestr("demo-1.0.dist-info/METADATA", "Name: demo")
    return path.name

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return build_wheel(wheel_directory, config_settings, metadata_directory)

def get_requires_for_build_wheel(config_settings=None):
    return ["wanted", repr(config_settings)]
"""


class _InTree:
    """A project with a backend of its own, in the working directory."""

    def __init__(self, root: Path, module: str) -> None:
        self.root = root
        self.module = module
        self.out = root / "out"
        for directory in ("demo", "build-tools", "out"):
            (root / directory).mkdir()
        (root / "build-tools" / f"{module}.py").write_text(_BACKEND)
        (root / "demo" / "__init__.py").write_text("x = 1\n")
        self.configure(f'backend = "{module}"\nbackend-path = ["build-tools"]\n')

    def configure(self, gate: str, more: str = "") -> None:
        """Write the tables of the project."""
        (self.root / "pyproject.toml").write_text(f"[tool.keysift.gate]\n{gate}{more}")

    def leak(self) -> None:
        """Put a secret into the package."""
        (self.root / "demo" / "settings.py").write_text(f"KEY = '{token()}'\n")

    def build_wheel(self, settings: Mapping[str, Any] | None = None) -> str:
        """Build as front ends do, who may name the arguments."""
        hook: Any = keysift.gate.build_wheel
        name: str = hook(wheel_directory=str(self.out), config_settings=settings)
        return name

    @property
    def received(self) -> list[Any]:
        """What the backend was given."""
        received: list[Any] = importlib.import_module(self.module).received
        return received


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _InTree:
    """Return a project with a backend of its own."""
    module = f"own_backend_{tmp_path.name.replace('-', '_')}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return _InTree(tmp_path, module)


def test_settings_reach_a_backend_of_the_projects_own_but_for_ours(project: _InTree) -> None:
    """Some backends refuse what they do not know."""
    settings = {"keysift-gate": "on", "editable_mode": "strict"}
    name = project.build_wheel(settings)
    assert [path.name for path in project.out.iterdir()] == [name]
    assert project.received == [({"editable_mode": "strict"}, None)]
    requires: Any = keysift.gate.get_requires_for_build_wheel
    assert requires({"keysift-gate": "off"}) == ["wanted", "None"]


def test_a_refused_wheel_is_gone_and_the_error_is_the_report(project: _InTree) -> None:
    """Without the directory that it was in; and how to build all the same."""
    project.leak()
    with pytest.raises(RefusedError) as refused:
        project.build_wheel()
    assert not list(project.out.iterdir())
    said = str(refused.value)
    assert "\ndemo-1.0-py3-none-any.whl: wheel" in said
    assert "https://github.com/settings/tokens" in said
    assert "-C keysift-gate=off" in said
    assert token() not in said


def test_the_check_can_be_switched_off_for_one_build(project: _InTree) -> None:
    """With a setting that front ends pass on; any other value is an error, and builds nothing."""
    project.leak()
    assert project.build_wheel({"keysift-gate": "off"}) == "demo-1.0-py3-none-any.whl"
    assert len(list(project.out.iterdir())) == 1
    with pytest.raises(ConfigurationError, match="keysift-gate is on or off, not 'no'"):
        project.build_wheel({"keysift-gate": "no"})
    assert len(project.received) == 1


def test_an_editable_wheel_is_not_checked(project: _InTree) -> None:
    """It is for this machine alone."""
    project.leak()
    hook: Any = keysift.gate.build_editable
    assert hook(str(project.out)) == "demo-1.0-py3-none-any.whl"


def test_the_configuration_of_the_project_counts(project: _InTree) -> None:
    """What it accepts is handed out, what it is strict about is not."""
    (project.root / "demo" / "app.log").write_text("x\n")
    table = (project.root / "pyproject.toml").read_text()
    (project.root / "pyproject.toml").write_text(f"{table}[tool.keysift.check]\nstrict = true\n")
    with pytest.raises(RefusedError, match=r"demo/app\.log"):
        project.build_wheel()
    allowed = '[[tool.keysift.check.allow]]\npaths = ["*.log"]\nreason = "an example"\n'
    (project.root / "pyproject.toml").write_text(
        f"{table}[tool.keysift.check]\nstrict = true\n{allowed}"
    )
    assert project.build_wheel()


def test_what_could_not_be_checked_is_not_handed_out(project: _InTree) -> None:
    """A configuration that is wrong is no reason to let a wheel pass."""
    table = (project.root / "pyproject.toml").read_text()
    (project.root / "pyproject.toml").write_text(f"{table}[tool.keysift]\nstrikt = true\n")
    with pytest.raises(RefusedError, match="unknown field `strikt`"):
        project.build_wheel()
    assert not list(project.out.iterdir())


def test_no_module_of_the_project_stands_in_for_ours(project: _InTree) -> None:
    """The check runs in the directory of the project, with none of its modules."""
    for name in ("keysift", "msgspec"):
        (project.root / f"{name}.py").write_text("raise SystemExit(0)\n")
    project.leak()
    with pytest.raises(RefusedError):
        project.build_wheel()


def test_hooks_are_those_of_the_real_backend(project: _InTree) -> None:
    """Front ends ask whether a hook is there."""
    assert project.module not in sys.modules
    assert hasattr(keysift.gate, "build_wheel")
    assert hasattr(keysift.gate, "build_editable")
    assert not hasattr(keysift.gate, "prepare_metadata_for_build_wheel")
    assert not hasattr(keysift.gate, "UnsupportedOperation")
    assert not hasattr(keysift.gate, "anything_else")


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ("", "does not say what builds the project"),
        ('backend = "keysift.gate"\n', "cannot be the real backend of itself"),
        ('backend = "no_such_module"\n', "no_such_module cannot be imported"),
        ('backend = "json:nothing"\n', "json:nothing cannot be imported"),
        ('backend = "json"\nbackend-path = ["../x"]\n', "is outside of the project"),
        ('bakend = "json"\n', "unknown field `bakend`"),
    ],
)
def test_a_real_backend_that_cannot_be_had_is_an_error(
    project: _InTree, gate: str, message: str
) -> None:
    """And never a hook that is not there: a front end would go on without it."""
    project.configure(gate)
    with pytest.raises(ConfigurationError, match=message):
        project.build_wheel()


def test_the_gate_counts_in_pyproject_alone(project: _InTree, keysift: Console) -> None:
    """It belongs to the table that names the build backend; elsewhere it would be lost."""
    (project.root / "keysift.toml").write_text('[gate]\nbackend = "x"\n')
    wheel = write_wheel(project.root, {"demo/__init__.py": "x = 1\n"})
    assert keysift("check", str(wheel)) == ExitCode.USAGE
    assert "[gate] counts in pyproject.toml alone" in keysift.err


def test_the_advice_is_for_the_real_backend() -> None:
    """Not for the one that front ends see."""
    system = {"build-backend": "keysift.gate", "requires": ["keysift", "hatchling"]}
    tool = {"keysift": {"gate": {"backend": "flit_core.buildapi"}}}
    assert backend_of({"build-system": system, "tool": tool}) is Backend.FLIT
    assert backend_of({"build-system": system}) is Backend.HATCHLING
