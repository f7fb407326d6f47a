"""The build backends that are told in a list of ``pyproject.toml`` what to leave out.

Sources: the documentation of each backend; what that leaves open was tried out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from keysift.gate.exclusion_subject import (
    Subject,
    as_toml,
    gitignore_quoted,
    glob_quoted,
    portable_quoted,
)
from keysift.gate.project import Project, look_up
from keysift.report.gate.result import Fix
from keysift.sources.ignore import Rules

_FILE: Final = "pyproject.toml"
_BOTH: Final = "out of the sdist and the wheel"


def hatchling(subject: Subject, project: Project) -> Iterator[Fix]:
    """Patterns of ``.gitignore`` from the project's directory on, also for the wheel.

    The list of a target takes the place of the one of both (``tool.hatch.build.exclude``), so each
    target gets its own, with what is excluded now. ``force-include`` and ``artifacts`` win over it.
    """
    build = ("hatch", "build")
    shared = look_up(project.pyproject, "tool", *build, "exclude")
    targets = (("sdist", subject.in_sdist), ("wheel", subject.in_wheel))
    for name, is_in in targets:
        if not is_in:
            continue
        table = (*build, "targets", name)
        forced = list(_forced(subject, project, table))
        yield from forced
        if not forced:
            entry = as_toml("/" + gitignore_quoted(subject.path))
            what = f"out of the {name}"
            yield _added(subject, project, table, "exclude", entry, what=what, inherited=shared)


def _forced(subject: Subject, project: Project, table: tuple[str, ...]) -> Iterator[Fix]:
    for above in (table, table[:2]):
        artifacts = look_up(project.pyproject, "tool", *above, "artifacts")
        for entry in _included(subject, artifacts):
            yield _taken_out(entry, ".".join(("artifacts in tool", *above)))
    forced = look_up(project.pyproject, "tool", *table, "force-include")
    for path in forced if isinstance(forced, Mapping) else ():
        if f"{subject.path}/".startswith(f"{path.strip('/')}/"):
            yield _taken_out(path, ".".join(("tool", *table, "force-include")))


def _taken_out(entry: str, table: str) -> Fix:
    return Fix(what=f"Take {as_toml(entry)} out of {table}, which wins over what is excluded.")


def flit(subject: Subject, project: Project) -> Iterator[Fix]:
    """Globs of Python for the sdist; nothing for a wheel that is built from the work tree."""
    remark = (
        "A wheel that is not built from the sdist takes every file of the package: build both with "
        "`python -m build`, or move the file out of the package."
    )
    entry = as_toml(glob_quoted(subject.path))
    table = ("flit", "sdist")
    yield _added(
        subject, project, table, "exclude", entry, remark=remark if subject.in_wheel else ""
    )


def poetry(subject: Subject, project: Project) -> Iterator[Fix]:
    """Globs of Python for both; what ``include`` names wins."""
    table = ("poetry",)
    included = list(_included(subject, look_up(project.pyproject, "tool", "poetry", "include")))
    for entry in included:
        yield _taken_out(entry, "include in [tool.poetry]")
    if not included:
        entry = as_toml(glob_quoted(subject.path))
        yield _added(subject, project, table, "exclude", entry, what=_BOTH)


def _included(subject: Subject, entries: object) -> Iterator[str]:
    """Yield the entries of a list of inclusions that are about a subject."""
    for entry in entries if isinstance(entries, list) else ():
        pattern = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(pattern, str) and _is_about(pattern, subject):
            yield pattern


def _is_about(pattern: str, subject: Subject) -> bool:
    rules = Rules(["/" + pattern.removeprefix("./").lstrip("/")])
    parts = subject.path.split("/")
    return any(
        rules.decide("/".join(parts[:depth]), is_dir=subject.is_folder or depth < len(parts))
        for depth in range(1, len(parts) + 1)
    ) or (subject.is_folder and pattern.startswith(f"{subject.path}/"))


def pdm(subject: Subject, project: Project) -> Iterator[Fix]:
    """Globs of Python for both; an exact path wins over every inclusion."""
    entry = as_toml(glob_quoted(subject.path))
    yield _added(subject, project, ("pdm", "build"), "excludes", entry, what=_BOTH)


def uv(subject: Subject, project: Project) -> Iterator[Fix]:
    """Globs of PEP 639 from the project's directory on; what the sdist leaves out, the wheel does.

    Without ``/**`` the wheel would keep what stands in a directory.
    """
    pattern = "/" + portable_quoted(subject.path) + ("/**" if subject.is_folder else "")
    key = "source-exclude" if subject.in_sdist else "wheel-exclude"
    yield _added(subject, project, ("uv", "build-backend"), key, as_toml(pattern))


def maturin(subject: Subject, project: Project) -> Iterator[Fix]:
    """Globs for both, or for one format; the first ``/`` is the project's directory."""
    pattern = "/" + glob_quoted(subject.path) + ("/**" if subject.is_folder else "")
    both = subject.in_sdist and subject.in_wheel
    entry: object = pattern
    if not both:
        entry = {"path": pattern, "format": "sdist" if subject.in_sdist else "wheel"}
    yield _added(subject, project, ("maturin",), "exclude", as_toml(entry))


def scikit_build(subject: Subject, project: Project) -> Iterator[Fix]:
    """Patterns of ``.gitignore``: paths in the project for the sdist, in the wheel for the wheel.

    What ``sdist.include`` names wins.
    """
    table = ("scikit-build",)
    if subject.in_sdist:
        included = list(
            _included(subject, look_up(project.pyproject, "tool", *table, "sdist", "include"))
        )
        for entry in included:
            yield _taken_out(entry, "sdist.include in [tool.scikit-build]")
        if not included:
            entry = as_toml("/" + gitignore_quoted(subject.path))
            yield _added(subject, project, table, "sdist.exclude", entry)
        return
    entry = as_toml("/" + gitignore_quoted(subject.wheel_path))
    yield _added(subject, project, table, "wheel.exclude", entry)


def _added(  # noqa: PLR0913 (the place in the file, and the words about it)
    subject: Subject,
    project: Project,
    table: tuple[str, ...],
    key: str,
    entry: str,
    *,
    what: str = "",
    remark: str = "",
    inherited: object = None,
) -> Fix:
    """Return the change that adds an entry to a list, which may be there already."""
    present = look_up(project.pyproject, "tool", *table, *key.split(".")) or inherited
    kept = tuple(map(as_toml, present)) if isinstance(present, list) else ()
    name = ".".join(("tool", *table))
    if entry in kept:
        return Fix(what=f"{key} in [{name}] names it already: build again, from a clean directory.")
    return Fix(
        what=what or subject.what,
        file=_FILE,
        table=name,
        key=key,
        values=(entry,),
        kept=kept,
        remarks=tuple(filter(None, (subject.remark, remark))),
    )
