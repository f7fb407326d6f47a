"""The lines that leave something out, where projects say something already."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keysift.gate.exclusion_files import meson, setuptools
from keysift.gate.exclusion_subject import Subject
from keysift.gate.exclusion_tables import flit, hatchling, maturin, pdm, poetry, scikit_build, uv
from keysift.gate.project import Backend, Project
from keysift.report.gate.result import Fix, together
from keysift.sources.ignore import Rules

Excluder = Callable[[Subject, Project], Iterator[Fix]]


def _project(text: str = "") -> Project:
    return Project(backend=Backend.HATCHLING, pyproject=tomllib.loads(text))


def _subject(path: str, *, sdist: bool = True, wheel: bool = True) -> Subject:
    name = path.rstrip("/")
    return Subject(
        path=name,
        is_folder=path.endswith("/"),
        in_sdist=sdist,
        in_wheel=wheel,
        wheel_path=name.removeprefix("src/"),
        package="demo",
    )


def _lists(fixes: Iterator[Fix]) -> dict[str, Any]:
    """Return the lists that changes make, as a TOML reader has them."""
    document = tomllib.loads("\n".join(line for fix in fixes for line in fix.lines))
    return document["tool"]  # type: ignore[no-any-return] # TOML holds anything


def test_a_target_of_hatchling_keeps_what_is_excluded_for_both() -> None:
    """Its own list takes the place of the one of both."""
    project = _project('[tool.hatch.build]\nexclude = ["/docs"]')
    targets = _lists(hatchling(_subject("src/demo/.env"), project))["hatch"]["build"]["targets"]
    assert targets == {
        "sdist": {"exclude": ["/docs", "/src/demo/.env"]},
        "wheel": {"exclude": ["/docs", "/src/demo/.env"]},
    }


def test_what_is_forced_in_must_be_taken_out_there() -> None:
    """It wins over what is excluded."""
    project = _project('[tool.hatch.build.targets.wheel.force-include]\n"config" = "demo/config"')
    [fix] = hatchling(_subject("config/prod.key", sdist=False), project)
    assert not fix.file
    assert 'Take "config" out of tool.hatch.build.targets.wheel.force-include' in fix.what


@pytest.mark.parametrize(
    "entry", ['"config/*"', '{ path = "config", format = "sdist" }', '"**/*.key"']
)
def test_poetry_includes_win(entry: str) -> None:
    """So the entry has to go."""
    project = _project(f"[tool.poetry]\ninclude = [{entry}]")
    [fix] = poetry(_subject("config/prod.key"), project)
    assert "out of include in [tool.poetry]" in fix.what
    assert next(poetry(_subject("other/prod.txt"), project)).file


def test_scikit_build_includes_win() -> None:
    """So the entry has to go; wheels are told in their own paths."""
    project = _project('[tool.scikit-build]\nsdist.include = [".env"]')
    [fix] = scikit_build(_subject(".env"), project)
    assert "sdist.include" in fix.what
    [only] = scikit_build(_subject("src/demo/.env", sdist=False), project)
    assert only.lines == ("[tool.scikit-build]", 'wheel.exclude = ["/demo/.env"]')


@pytest.mark.parametrize(
    ("excluder", "path", "line"),
    [
        (flit, "a/b[1].key", 'exclude = ["a/b[[]1].key"]'),
        (hatchling, "a/b[1].key", r'exclude = ["/a/b\\[1].key"]'),
        (pdm, "a/b?.key", 'excludes = ["a/b[?].key"]'),
        (uv, "a/b c.key", r'source-exclude = ["/a/b\\ c.key"]'),
        (uv, "a/b/", 'source-exclude = ["/a/b/**"]'),
        (maturin, "a/b/", 'exclude = ["/a/b/**"]'),
        (setuptools, "a/b c.key", "exclude a/b?c.key"),
        (setuptools, "a/b[1]/", "prune a/b[[]1]"),
        (meson, "a/b c.key", '"/a/b c.key" export-ignore'),
    ],
)
def test_unusual_names_are_quoted(excluder: Excluder, path: str, line: str) -> None:
    """As the pattern language of each backend wants it."""
    fix = next(excluder(_subject(path), _project()))
    assert fix.lines[-1] == line


@pytest.mark.parametrize("path", ["a/b[1].key", "a/*.key", "a/b\\c.key", "a/!x", "a/#x", "a/x "])
def test_patterns_of_gitignore_mean_one_path(path: str) -> None:
    """And nothing else."""
    fix = next(hatchling(_subject(path), _project()))
    [pattern] = tomllib.loads("\n".join(fix.lines))["tool"]["hatch"]["build"]["targets"]["sdist"][
        "exclude"
    ]
    rules = Rules([pattern])
    assert rules.decide(path, is_dir=False)
    assert not rules.decide("a/other.key", is_dir=False)


def test_one_format_of_maturin_is_a_table() -> None:
    """A string is about both."""
    fixes = maturin(_subject("src/demo/.env", wheel=False), _project())
    assert _lists(fixes)["maturin"]["exclude"] == [{"path": "/src/demo/.env", "format": "sdist"}]


def test_data_of_setuptools_in_a_wheel_alone() -> None:
    """Is left out by package; a module cannot be; a package of its own is not found."""
    [data] = setuptools(_subject("src/demo/private/key.json", sdist=False), _project())
    assert data.lines == (
        "[tool.setuptools.exclude-package-data]",
        'demo = ["private/key.json"]',
    )
    [module] = setuptools(_subject("src/demo/local.py", sdist=False), _project())
    assert not module.file
    tests = Subject(path="tests", is_folder=True, in_sdist=False, in_wheel=True, wheel_path="tests")
    [found] = setuptools(tests, _project('[tool.setuptools.packages.find]\nexclude = ["docs"]'))
    assert found.lines[-1] == 'exclude = ["docs", "tests", "tests.*"]'
    [named] = setuptools(tests, _project('[tool.setuptools]\npackages = ["demo", "tests"]'))
    assert 'Take "tests" out of packages' in named.what


def test_what_is_excluded_already_needs_a_new_build() -> None:
    """The line is there; the file comes from an earlier build."""
    [fix] = pdm(_subject("a.key"), _project('[tool.pdm.build]\nexcludes = ["a.key"]'))
    assert "names it already" in fix.what


def test_changes_of_one_list_are_one_change() -> None:
    """A key may stand in a table once."""
    project = _project('[tool.pdm.build]\nexcludes = ["docs"]')
    fixes = [next(pdm(_subject(name), project)) for name in ("a.key", "b.key", "a.key")]
    [fix] = together(fixes)
    assert fix.lines[-1] == 'excludes = ["docs", "a.key", "b.key"]'
    many = together(next(pdm(_subject(f"some/folder/{n}.key"), project)) for n in range(9))
    assert _lists(iter(many))["pdm"]["build"]["excludes"][-1] == "some/folder/8.key"
