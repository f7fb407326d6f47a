"""The build backends that are told in files of their own what to leave out.

Sources: the documentation of each backend; what that leaves open was tried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from keysift.gate.exclusion_subject import Subject, as_toml, gitignore_quoted, glob_quoted
from keysift.gate.project import Project, look_up
from keysift.report.gate.result import Fix

_PYPROJECT: Final = "pyproject.toml"


def setuptools(subject: Subject, project: Project) -> Iterator[Fix]:
    """``MANIFEST.in`` for the sdist, and for data in wheels; modules go with their package."""
    if subject.in_sdist:
        yield _manifest(subject, project)
    elif not subject.package and "/" not in subject.wheel_path:
        yield _top_level(subject, project)
    elif subject.is_module:
        yield Fix(
            what=f"Move {subject.name} out of the package: setuptools takes every module of a "
            "package into a wheel. If it is not there any more, delete build/ and build again."
        )
    else:
        yield _package_data(subject, project)


def _manifest(subject: Subject, project: Project) -> Fix:
    command = "prune" if subject.is_folder else "exclude"
    remarks = ["A later line wins, so it belongs at the end."]
    names = look_up(project.pyproject, "tool", "setuptools", "package-data")
    if subject.in_wheel and (subject.is_module or names or subject.is_folder):
        remarks.append(
            "A wheel that is not built from the sdist may take it all the same: build both with "
            "`python -m build`."
        )
    return Fix(
        what=subject.what,
        file="MANIFEST.in",
        values=(f"{command} {_manifest_quoted(subject.path)}",),
        remarks=tuple(remarks),
    )


def _manifest_quoted(path: str) -> str:
    """Return a pattern of ``MANIFEST.in`` for one path: words end at white space."""
    return re.sub(r"\s", "?", glob_quoted(path))


def _top_level(subject: Subject, project: Project) -> Fix:
    """Keep a package or module of its own out of ``site-packages``."""
    tables = ("tool", "setuptools", "packages")
    named = look_up(project.pyproject, *tables)
    name = subject.name.removesuffix(".py")
    if not subject.is_folder:
        return Fix(what=f"Take {name} out of py-modules, or name those that are meant.")
    if isinstance(named, list):
        return Fix(what=f"Take {as_toml(name)} out of packages in [tool.setuptools].")
    present = look_up(project.pyproject, *tables, "find", "exclude")
    return Fix(
        what=subject.what,
        file=_PYPROJECT,
        table="tool.setuptools.packages.find",
        key="exclude",
        values=(as_toml(name), as_toml(f"{name}.*")),
        kept=tuple(map(as_toml, present)) if isinstance(present, list) else (),
    )


def _package_data(subject: Subject, project: Project) -> Fix:
    package = subject.package.replace("/", ".")
    below = subject.wheel_path.removeprefix(subject.package).strip("/")
    key = package if re.fullmatch(r"[\w-]+", package) else as_toml(package)
    table = ("tool", "setuptools", "exclude-package-data")
    present = look_up(project.pyproject, *table, package)
    pattern = glob_quoted(below) + ("/*" if subject.is_folder else "")
    return Fix(
        what=subject.what,
        file=_PYPROJECT,
        table=".".join(table),
        key=key or as_toml("*"),
        values=(as_toml(pattern),),
        kept=tuple(map(as_toml, present)) if isinstance(present, list) else (),
        remarks=("If it is not in the project any more, delete build/ and build again.",),
    )


def meson(subject: Subject, _: Project) -> Iterator[Fix]:
    """``.gitattributes`` for the sdist, which is an archive of a commit; the wheel is installed."""
    if subject.in_sdist:
        pattern = "/" + gitignore_quoted(subject.path)
        quoted = f'"{pattern}"' if re.search(r"\s", pattern) else pattern
        yield Fix(
            what="out of the sdist",
            file=".gitattributes",
            values=(f"{quoted} export-ignore",),
            remarks=("Commit it: the sdist is made from the last commit.",),
        )
    if subject.in_wheel:
        kind = "directories" if subject.is_folder else "files"
        name = subject.name.replace("\\", "\\\\").replace("'", "\\'")
        yield Fix(
            what=f"In meson.build, take it out of what is installed, or add exclude_{kind}: "
            f"['{name}'] to the install_subdir that copies it."
        )
