"""What is known of a project: its backend, its names, what its builds write, where it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from keysift.gate.declared import declared_names
from keysift.gate.directory import project_directory
from keysift.gate.distribution import Distribution, Kind, Member, Named
from keysift.gate.grouping import collapse
from keysift.gate.origin import Origins, installed
from keysift.gate.project import Backend, Project, backend_of, project_of


def _distribution(
    kind: Kind, paths: dict[str, int], documents: dict[str, bytes] | None = None
) -> Distribution:
    return Distribution(
        named=Named(f"demo.{kind.value}", kind, "demo", "1.0"),
        root="",
        members={path: Member(10, crc) for path, crc in paths.items()},
        documents=documents or {},
    )


@pytest.mark.parametrize(
    ("table", "backend"),
    [
        ('build-backend = "setuptools.build_meta"', Backend.SETUPTOOLS),
        ('build-backend = "setuptools.build_meta:__legacy__"', Backend.SETUPTOOLS),
        ('requires = ["setuptools"]', Backend.SETUPTOOLS),
        ('build-backend = "hatchling.build"', Backend.HATCHLING),
        ('build-backend = "flit_core.buildapi"', Backend.FLIT),
        ('build-backend = "poetry.core.masonry.api"', Backend.POETRY),
        ('build-backend = "pdm.backend"', Backend.PDM),
        ('build-backend = "uv_build"', Backend.UV),
        ('build-backend = "maturin"', Backend.MATURIN),
        ('build-backend = "scikit_build_core.build"', Backend.SCIKIT_BUILD),
        ('build-backend = "mesonpy"', Backend.MESON),
        ('build-backend = "backend"\nrequires = ["hatchling>=1.2"]', Backend.HATCHLING),
        ('build-backend = "sipbuild.api"\nrequires = ["sip"]', None),
        ("build-backend = 3", None),
    ],
)
def test_the_backend_that_a_project_names(table: str, backend: Backend | None) -> None:
    """Or needs, when its backend is its own; setuptools without a word."""
    assert backend_of(tomllib.loads(f"[build-system]\n{table}")) is backend


@pytest.mark.parametrize(
    ("generator", "backend"),
    [
        ("bdist_wheel (0.37.1)", Backend.SETUPTOOLS),
        ("setuptools (84.2.1)", Backend.SETUPTOOLS),
        ("uv 0.13.6", Backend.UV),
        ("meson", Backend.MESON),
        ("somebody 1", None),
    ],
)
def test_a_wheel_alone_names_what_made_it(generator: str, backend: Backend | None) -> None:
    """In its own metadata."""
    content = f"Wheel-Version: 1.0\nGenerator: {generator}\n".encode()
    wheel = _distribution(Kind.WHEEL, {}, {"demo-1.0.dist-info/WHEEL": content})
    assert project_of([wheel], None).backend is backend


def test_an_sdist_without_a_word_is_built_by_setuptools() -> None:
    """As installers do it; a file that is no TOML says nothing."""
    sdist = _distribution(Kind.SDIST, {}, {"pyproject.toml": b"\xff[["})
    assert project_of([sdist], None).backend is Backend.SETUPTOOLS


@pytest.mark.parametrize(
    ("backend", "text", "names"),
    [
        (
            Backend.SETUPTOOLS,
            '[tool.setuptools]\npackages = ["a", "a.b"]\npy-modules = ["c"]',
            "a c",
        ),
        (Backend.SETUPTOOLS, "[tool.setuptools.packages.find]\nwhere = ['src']", ""),
        (Backend.HATCHLING, '[tool.hatch.build.targets.wheel]\npackages = ["src/a"]', "a"),
        (Backend.HATCHLING, '[tool.hatch.build]\npackages = ["a/"]', "a"),
        (
            Backend.HATCHLING,
            '[tool.hatch.build.targets.wheel]\npackages = ["a"]\nforce-include = { "x" = "b/x" }',
            "a b",
        ),
        (Backend.FLIT, '[tool.flit.module]\nname = "a.b"', "a"),
        (Backend.POETRY, '[tool.poetry]\npackages = [{ include = "a/*", from = "src" }]', "a"),
        (Backend.POETRY, '[tool.poetry]\npackages = [{ include = "b", to = "a" }]', "a"),
        (Backend.UV, '[tool.uv.build-backend]\nmodule-name = ["a", "b"]', "a b"),
        (Backend.MATURIN, '[tool.maturin]\nmodule-name = "a._a"\npython-packages = ["a"]', "a"),
        (Backend.SCIKIT_BUILD, '[tool.scikit-build]\nwheel.packages = ["python/a"]', "a"),
        (Backend.PDM, '[project]\nimport-names = ["a", "b.c; private"]', "a b"),
        (Backend.MESON, "", ""),
    ],
)
def test_names_that_a_project_declares(backend: Backend, text: str, names: str) -> None:
    """None when it leaves that to the backend."""
    declared = declared_names(Project(backend=backend, pyproject=tomllib.loads(text)))
    assert (declared or frozenset()) == set(names.split())


def test_files_that_plug_ins_write() -> None:
    """As they are configured."""
    text = (
        '[tool.setuptools_scm]\nversion_file = "a/_version.py"\n'
        '[[tool.scikit-build.generate]]\npath = "a/b.py"\n'
    )
    assert Project(pyproject=tomllib.loads(text)).generated == {"a/_version.py", "a/b.py"}


def test_where_a_project_stands(tmp_path: Path) -> None:
    """Above its distributions, unless another project is there."""
    root, other = tmp_path / "root", tmp_path / "other"
    for path, name in ((root, "Demo.Pkg"), (other, "other")):
        path.mkdir()
        (path / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n')
    wheel = root / "dist" / "demo_pkg-1.0-py3-none-any.whl"
    assert project_directory("demo-pkg", wheel, other) == root
    assert project_directory("demo-pkg", tmp_path / "x.whl", other) is None
    assert project_directory("demo-pkg", tmp_path / "x.whl", root) == root
    (other / "pyproject.toml").unlink()
    (other / "setup.py").write_text("")
    assert project_directory("demo-pkg", tmp_path / "x.whl", other) == other


def test_members_of_wheels_are_found_in_the_sources() -> None:
    """By path, by what other members show of moved directories, by name and content."""
    sdist = _distribution(
        Kind.SDIST,
        {"src/a/x.py": 1, "lib/deep/b/y.py": 2, "lib/deep/b/__init__.py": 0, "conf/z.json": 3},
    )
    wheel = _distribution(
        Kind.WHEEL,
        {"a/x.py": 9, "b/y.py": 2, "b/__init__.py": 0, "a/data/z.json": 3, "a/new.py": 4},
    )
    origins = Origins(sdist, None)
    assert [origins.of(wheel, path) for path in wheel.members] == [
        "src/a/x.py",
        "lib/deep/b/y.py",
        "lib/deep/b/__init__.py",
        "conf/z.json",
        None,
    ]
    assert origins.of_subject(wheel, "b/", "b/y.py") == "lib/deep/b/"
    assert origins.of_subject(wheel, "a/data/", "a/data/z.json") == "conf/"
    assert Origins(None, None).of(wheel, "a/x.py") is None


def test_where_a_wheel_installs_its_members() -> None:
    """Its own metadata nowhere."""
    assert installed("a/b.py") == "a/b.py"
    assert installed("demo-1.0.dist-info/METADATA") is None
    assert installed("demo-1.0.data/scripts/run") == "run"
    assert installed("demo-1.0.data/data/etc/a.conf") == "etc/a.conf"


def test_paths_are_put_together_by_directories_that_hold_nothing_else() -> None:
    """The outermost one; a file alone stays what it is."""
    every = ["a/b/x", "a/b/y", "a/c", "d/e/f/z", "d/e/w", "g/only", "top"]
    assert collapse(["a/b/x", "a/b/y", "d/e/f/z", "d/e/w", "g/only", "top"], every) == {
        "a/b/": ["a/b/x", "a/b/y"],
        "d/": ["d/e/f/z", "d/e/w"],
        "g/only": ["g/only"],
        "top": ["top"],
    }
