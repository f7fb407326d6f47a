"""The directory of the project that a distribution was built from, when it is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from keysift.gate.project import in_directory, look_up
from keysift.sources.spec import normalise

_MARKS: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_NAMES: Final = (
    ("project", "name"),
    ("tool", "poetry", "name"),
    ("tool", "flit", "metadata", "dist-name"),
    ("tool", "flit", "metadata", "module"),
)


def project_directory(project: str, distribution: Path, working_directory: Path) -> Path | None:
    """Return the directory of a project, None when it is not found.

    That is the directory above the one that a distribution lies in (``dist``), that one, or the
    working directory: the first that holds a project, unless that says it has another name.

    Args:
        project: Normalised name.
        distribution: One of its files.
        working_directory: Where the user is.
    """
    lies_in = distribution.absolute().parent
    for directory in dict.fromkeys((lies_in.parent, lies_in, working_directory)):
        if any((directory / name).is_file() for name in _MARKS) and _is_of(directory, project):
            return directory
    return None


def _is_of(directory: Path, project: str) -> bool:
    document = in_directory(directory)
    names = (look_up(document, *keys) for keys in _NAMES)
    named = next((name for name in names if isinstance(name, str)), None)
    return named is None or normalise(named) == project
