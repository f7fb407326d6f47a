"""Which names a wheel may install, and what lies outside of them.

Everything at the top of a wheel lands in ``site-packages``, beside everybody else's packages: a
``tests`` or ``config`` there is somebody's mistake, and the usual way in which settings are leaked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from keysift.gate.catalogue import OUTSIDE
from keysift.gate.distribution import Distribution
from keysift.gate.project import Backend, Project, look_up
from keysift.report.gate.result import Level, Place, Problem
from keysift.sources.spec import normalise

_MODULE: Final = re.compile(
    r"(.+?)(?:\.(?:cpython|abi3|cp|pypy)[^/]*)?\.(?:py|pyi|so|pyd|dylib|pth)"
)
_METADATA: Final = re.compile(r"[^/]+\.(?:dist-info|data|libs|dylibs)")
_NOBODYS: Final = frozenset(
    {
        "benchmark",
        "benchmarks",
        "bin",
        "build",
        "ci",
        "conf",
        "config",
        "configs",
        "data",
        "demo",
        "demos",
        "deploy",
        "dist",
        "doc",
        "docker",
        "docs",
        "env",
        "example",
        "examples",
        "images",
        "logs",
        "notebooks",
        "output",
        "resources",
        "sample",
        "samples",
        "scripts",
        "src",
        "static",
        "templates",
        "test",
        "testing",
        "tests",
        "tmp",
        "tools",
        "utils",
        "venv",
        "setup.py",
        "conftest.py",
        "noxfile.py",
        "tasks.py",
        "fabfile.py",
    }
)
"""Names at the top of a wheel that no project means to own."""


def outside(wheel: Distribution, project: Project) -> Iterator[Problem]:
    """Yield what a wheel installs outside of the packages that its project declares.

    Args:
        wheel: The wheel.
        project: What it was built from. When it declares nothing, packages and modules with names
            of their own are taken to be meant.
    """
    declared = declared_names(project)
    tops: dict[str, list[str]] = {}
    for path in wheel.members:
        top, slash, _ = path.partition("/")
        if not (slash and _METADATA.fullmatch(top)):
            tops.setdefault(f"{top}/" if slash else top, []).append(path)
    for subject, paths in sorted(tops.items()):
        own = normalise(subject.rstrip("/")) == wheel.named.project
        if own or _is_meant(subject, paths, declared):
            continue
        yield Problem(
            rule=OUTSIDE,
            title="outside the project's packages",
            level=Level.WARNING,
            why="It is installed into site-packages, beside everybody's packages.",
            path=subject,
            places=(Place(wheel.display, subject),),
            files=len(paths),
        )


def _is_meant(subject: str, paths: list[str], declared: frozenset[str] | None) -> bool:
    name = subject.rstrip("/")
    if not subject.endswith("/"):
        module = _MODULE.fullmatch(name)
        if module is None:
            return False
        if name.endswith(".pth"):
            return True
        return module[1] in declared if declared is not None else name not in _NOBODYS
    if declared is not None:
        return name in declared or name.removesuffix("-stubs") in declared
    holds_code = any(_MODULE.fullmatch(path.rpartition("/")[2]) for path in paths)
    return holds_code and name not in _NOBODYS


def declared_names(project: Project) -> frozenset[str] | None:
    """Return the first parts of the import names that a project declares; None for no word of it.

    Sources: the configuration of each backend, and ``import-names`` (PEP 794).
    """
    document = project.pyproject
    names = _strings(look_up(document, "project", "import-names"))
    names += _strings(look_up(document, "project", "import-namespaces"))
    names = [name.partition(";")[0].strip() for name in names]
    if not names:
        names = list(_of_backend(project.backend, look_up(document, "tool") or {}))
    tops = {re.split(r"[./]", name.removeprefix("src/"), maxsplit=1)[0] for name in names}
    return frozenset(tops - {"", "*"}) or None


def _of_backend(  # noqa: C901 (a case for each backend)
    backend: Backend | None, tool: Mapping[str, Any]
) -> Iterator[str]:
    """Yield import names, or paths of packages, that the table ``tool`` names."""
    match backend:
        case Backend.SETUPTOOLS:
            yield from _strings(look_up(tool, "setuptools", "packages"))
            yield from _strings(look_up(tool, "setuptools", "py-modules"))
        case Backend.HATCHLING:
            target = look_up(tool, "hatch", "build", "targets", "wheel") or {}
            shared = look_up(tool, "hatch", "build") or {}
            packages = _strings(look_up(target, "packages") or look_up(shared, "packages"))
            # The last part of a path is what it is installed as.
            yield from (path.rstrip("/").rpartition("/")[2] for path in packages)
            if packages:
                for table in (target, shared):
                    forced = look_up(table, "force-include") or {}
                    yield from (str(path).lstrip("/") for path in dict(forced).values())
        case Backend.FLIT:
            yield from _strings(look_up(tool, "flit", "module", "name"))
        case Backend.POETRY:
            yield from _poetry(look_up(tool, "poetry", "packages"))
        case Backend.UV:
            names = _strings(look_up(tool, "uv", "build-backend", "module-name"))
            yield from names
        case Backend.MATURIN:
            # The extension, which may stand beside the packages.
            packages = _strings(look_up(tool, "maturin", "python-packages"))
            yield from packages
            if packages:
                yield from _strings(look_up(tool, "maturin", "module-name"))
        case Backend.SCIKIT_BUILD:
            packages = _strings(look_up(tool, "scikit-build", "wheel", "packages"))
            yield from (path.rstrip("/").rpartition("/")[2] for path in packages)
        case _:
            return


def _poetry(packages: object) -> Iterator[str]:
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and isinstance(package.get("include"), str):
            include = package["include"]
            target = package.get("to")
            yield f"{target}/{include}" if isinstance(target, str) else include


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
