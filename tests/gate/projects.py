"""Small projects for each build backend, with files that do not belong in a package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from keysift.gate.project import Backend

MODULE: Final = "demo_pkg"
PACKAGE: Final = f"src/{MODULE}"

PLANTED: Final = {
    f"{PACKAGE}/.env": "DATABASE_PASSWORD=not-a-secret\n",
    f"{PACKAGE}/credentials.json": '{"token": "not-a-secret"}\n',
    f"{PACKAGE}/local_settings.py": "DEBUG = True\n",
    f"{PACKAGE}/.idea/workspace.xml": "<project/>\n",
    f"{PACKAGE}/.idea/misc.xml": "<project/>\n",
}
"""Content by path: files, a module and a directory that every backend packages by default."""

WANTED: Final = {
    f"{PACKAGE}/__init__.py": '"""A demo."""\n\n__version__ = "1.0"\n',
    f"{PACKAGE}/data.txt": "words\n",
    f"{PACKAGE}/sub/__init__.py": "",
    "README.md": "A demo\n",
    "LICENSE": "Do as you like.\n",
}

_BUILD_SYSTEM: Final = {
    Backend.SETUPTOOLS: "setuptools.build_meta",
    Backend.HATCHLING: "hatchling.build",
    Backend.FLIT: "flit_core.buildapi",
    Backend.POETRY: "poetry.core.masonry.api",
    Backend.PDM: "pdm.backend",
    Backend.UV: "uv_build",
    Backend.MATURIN: "maturin",
    Backend.SCIKIT_BUILD: "scikit_build_core.build",
    Backend.MESON: "mesonpy",
}
_PROJECT: Final = """\
[project]
name = "demo-pkg"
version = "1.0"
description = "A demo"
readme = "README.md"
requires-python = ">=3.8"
"""
_MORE: Final = {
    Backend.SETUPTOOLS: {"MANIFEST.in": "graft src\n"},
    Backend.MATURIN: {
        "Cargo.toml": '[package]\nname = "demo-pkg"\nversion = "1.0.0"\nedition = "2021"\n\n'
        '[[bin]]\nname = "demo"\npath = "rust/main.rs"\n',
        "Cargo.lock": 'version = 4\n\n[[package]]\nname = "demo-pkg"\nversion = "1.0.0"\n',
        "rust/main.rs": "fn main() {}\n",
    },
    Backend.SCIKIT_BUILD: {
        "CMakeLists.txt": "cmake_minimum_required(VERSION 3.15...3.30)\n"
        "project(${SKBUILD_PROJECT_NAME} LANGUAGES NONE)\n"
    },
    Backend.MESON: {
        "meson.build": "project('demo-pkg', version: '1.0')\n"
        "py = import('python').find_installation(pure: true)\n"
        f"install_subdir('{PACKAGE}', install_dir: py.get_install_dir())\n"
    },
}
_TABLES: Final = {
    Backend.MATURIN: '\n[tool.maturin]\nbindings = "bin"\nmodule-name = "demo_pkg"\n'
    'python-source = "src"\n',
}
_GIT: Final = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com")


def write_project(backend: Backend, root: Path) -> None:
    """Write a project, with what does not belong in it, and commit it to git."""
    name = backend.value
    pyproject = (
        f'[build-system]\nrequires = ["{name}"]\nbuild-backend = "{_BUILD_SYSTEM[backend]}"\n\n'
        f"{_PROJECT}{_TABLES.get(backend, '')}"
    )
    files = {**WANTED, **PLANTED, **_MORE.get(backend, {}), "pyproject.toml": pyproject}
    for path, text in {**files, ".gitignore": "build/\ndist/\ntarget/\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    git(root, "init", "-q")
    commit(root)


def commit(root: Path) -> None:
    """Commit all there is."""
    git(root, "add", "-A")
    git(root, *_GIT, "commit", "-q", "--allow-empty", "-m", "A project")


def git(root: Path, *arguments: str) -> None:
    """Run git in a directory, away from the configuration of whoever runs the tests."""
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(
        ["git", "-C", str(root), *arguments],  # noqa: S607 (a system has one)
        check=True,
        capture_output=True,
        env=environ,
    )


def build(root: Path) -> Path:
    """Build the sdist, and from it the wheel; return the directory they are in."""
    dist = root / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    done = build_with(root, dist)
    assert done.returncode == 0, done.stdout + done.stderr
    return dist


def build_with(root: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m build`` without an environment of its own, whatever comes of it."""
    options = ("--no-isolation", "--skip-dependency-check", "--outdir", str(out), *options)
    command = [sys.executable, "-m", "build", *options, str(root)]
    # What an environment of tests sets must not reach a build.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV_")}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)


def behind_the_gate(root: Path) -> None:
    """Make ``keysift.gate`` the backend of a project, and its backend the real one."""
    path = root / "pyproject.toml"
    text = path.read_text("utf-8")
    line = re.search(r'(?m)^build-backend = ("[^"]+")$', text)
    assert line is not None
    text = text.replace(line[0], 'build-backend = "keysift.gate"')
    path.write_text(f"{text}\n[tool.keysift.gate]\nbackend = {line[1]}\n", "utf-8")
    commit(root)
