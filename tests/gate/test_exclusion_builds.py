"""What ``keysift check`` says to change is changed, and built again by the real build backends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from keysift.gate.project import Backend
from tests.cli.conftest import Console
from tests.gate.projects import PACKAGE, PLANTED, build, commit, write_project


def _cargo() -> None:
    """Install cargo, which maturin needs, unless it is there.

    Raises:
        RuntimeError: It is not there and could not be installed.
    """
    if shutil.which("cargo") is None and hasattr(os, "geteuid") and os.geteuid() == 0:
        for command in (["update"], ["install", "-y", "--no-install-recommends", "cargo"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True)  # noqa: S607 (a system has one)
    if shutil.which("cargo") is None:
        raise RuntimeError("the tests of maturin need cargo: apt-get install cargo")


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write the project of a backend, and build it."""
    backend: Backend = request.param
    if backend is Backend.MATURIN:
        _cargo()
    root = tmp_path / "project"
    write_project(backend, root)
    build(root)
    return root


every_backend = pytest.mark.parametrize(
    "project", list(Backend), indirect=True, ids=[one.value for one in Backend]
)


def _check(keysift: Console, *paths: Path) -> dict[str, Any]:
    keysift("check", "--no-git", "-f", "json", *map(str, paths))
    document: dict[str, Any] = json.loads(keysift.out)
    return document


def _members(dist: Path) -> dict[str, set[str]]:
    """Return the paths in the distributions of a directory, by the end of their name."""
    [wheel] = dist.glob("*.whl")
    [sdist] = dist.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive, tarfile.open(sdist) as tar:
        return {
            "wheel": {name for name in archive.namelist() if not name.endswith("/")},
            "sdist": {one.name.partition("/")[2] for one in tar if one.isfile()},
        }


def _wrong(document: dict[str, Any]) -> dict[str, str]:
    """Return the paths of the problems that are not mere notes, with their rules."""
    return {one["path"]: one["rule"] for one in document["problems"] if one["level"] != "note"}


def _apply(document: dict[str, Any], root: Path) -> None:
    """Change the project as the report says."""
    for problem in document["problems"]:
        for fix in problem["fixes"]:
            if fix["file"] == "pyproject.toml":
                _add_to_table(root / fix["file"], *fix["lines"])
            elif fix["file"]:
                with (root / fix["file"]).open("a", encoding="utf-8") as file:
                    file.writelines(f"{line}\n" for line in fix["lines"])
            else:
                _add_to_meson(root / "meson.build", fix["what"])
    commit(root)


def _add_to_table(path: Path, table: str, line: str) -> None:
    """Put a list into a table, or what it has into the list that is there."""
    text = path.read_text("utf-8")
    if table not in text.splitlines():
        text += f"\n{table}\n"
    key, _, value = line.partition(" = ")
    present = re.search(rf"(?m)^{re.escape(key)} = \[(.*)\]$", text)
    if present is None:
        text = text.replace(f"{table}\n", f"{table}\n{line}\n")
    else:
        text = text.replace(present[0], f"{key} = [{present[1]}, {value.strip('[]')}]")
    path.write_text(text, "utf-8")


def _add_to_meson(path: Path, sentence: str) -> None:
    advice = re.search(r"(exclude_\w+): \[('[^']+')\]", sentence)
    assert advice is not None, sentence
    key, name = advice.groups()
    text = path.read_text("utf-8")
    if key in text:
        text = re.sub(rf"({key}: \[)", rf"\1{name}, ", text)
    else:
        text = text.replace(", install_dir", f", {key}: [{name}], install_dir")
    path.write_text(text, "utf-8")


@every_backend
def test_what_is_changed_as_told_is_gone(project: Path, keysift: Console) -> None:
    """From sdist and wheel; and all the rest is still there."""
    dist = project / "dist"
    before = _members(dist)
    document = _check(keysift, dist)
    assert _wrong(document) == {
        f"{PACKAGE}/.env": "dotenv",
        f"{PACKAGE}/credentials.json": "credentials",
        f"{PACKAGE}/.idea/": "editor-settings",
        f"{PACKAGE}/local_settings.py": "local-settings",
    }
    for problem in document["problems"]:
        if problem["level"] != "note":
            assert len(problem["places"]) == 2
    _apply(document, project)
    after = _members(build(project))
    planted = set(PLANTED)
    assert after["sdist"] - {".gitattributes"} == before["sdist"] - planted
    assert after["wheel"] == before["wheel"] - {path.removeprefix("src/") for path in planted}
    assert not _wrong(_check(keysift, dist))


@every_backend
def test_a_wheel_alone_gets_what_is_about_wheels(project: Path, keysift: Console) -> None:
    """The sdist keeps the files; what cannot be left out of a wheel has a sentence instead."""
    [wheel] = (project / "dist").glob("*.whl")
    before = _members(project / "dist")
    document = _check(keysift, wheel)
    assert set(_wrong(document)) == {
        f"{PACKAGE}/.env",
        f"{PACKAGE}/credentials.json",
        f"{PACKAGE}/.idea/",
        f"{PACKAGE}/local_settings.py",
    }
    backend = next(one for one in Backend if one.value == document["distributions"][0]["backend"])
    stays = _without_sentences(document) if backend in (Backend.FLIT, Backend.SETUPTOOLS) else []
    _apply(document, project)
    after = _members(build(project))
    if backend is Backend.SETUPTOOLS:
        # A module goes with its package; what MANIFEST.in takes wins over exclude-package-data.
        assert stays == [f"{PACKAGE}/local_settings.py"]
        return
    if backend is Backend.FLIT:
        return
    is_about_both = backend in (Backend.POETRY, Backend.PDM)
    assert after["sdist"] == before["sdist"] - (set(PLANTED) if is_about_both else set())
    assert after["wheel"] == {path for path in before["wheel"] if f"src/{path}" not in PLANTED}


def _without_sentences(document: dict[str, Any]) -> list[str]:
    """Take out of a report what is no change of a file, and return what it is about."""
    found = []
    for problem in document["problems"]:
        if any(not fix["file"] for fix in problem["fixes"]):
            problem["fixes"] = []
            found.append(problem["path"])
    return found
