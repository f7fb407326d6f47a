"""The project that distributions were built from: its build backend, and what that was told.

``pyproject.toml`` comes from the sdist, which holds the one that was used, else from the project's
directory. A wheel alone still names what made it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from keysift.gate.distribution import Distribution, Kind
from keysift.gate.real_backend import GATE, TABLE


class Backend(Enum):
    """A build backend. The value is its name for people."""

    SETUPTOOLS = "setuptools"
    HATCHLING = "hatchling"
    FLIT = "flit_core"
    POETRY = "poetry-core"
    PDM = "pdm-backend"
    UV = "uv_build"
    MATURIN = "maturin"
    SCIKIT_BUILD = "scikit-build-core"
    MESON = "meson-python"


_MODULES: Final[Mapping[str, Backend]] = {
    "setuptools": Backend.SETUPTOOLS,
    "hatchling": Backend.HATCHLING,
    "flit_core": Backend.FLIT,
    "flit": Backend.FLIT,
    "flit_scm": Backend.FLIT,
    "poetry": Backend.POETRY,
    "poetry_dynamic_versioning": Backend.POETRY,
    "pdm": Backend.PDM,
    "uv_build": Backend.UV,
    "maturin": Backend.MATURIN,
    "scikit_build_core": Backend.SCIKIT_BUILD,
    "mesonpy": Backend.MESON,
}
"""By the first name of ``build-system.build-backend``."""

_GENERATORS: Final = (
    (r"bdist_wheel|setuptools", Backend.SETUPTOOLS),
    (r"hatchling", Backend.HATCHLING),
    (r"flit", Backend.FLIT),
    (r"poetry", Backend.POETRY),
    (r"pdm", Backend.PDM),
    (r"uv", Backend.UV),
    (r"maturin", Backend.MATURIN),
    (r"scikit-build", Backend.SCIKIT_BUILD),
    (r"meson", Backend.MESON),
)
"""By the beginning of the line ``Generator`` in a wheel's ``WHEEL``."""


class Project(Struct, frozen=True, kw_only=True):
    """What is known of a project.

    Attributes:
        backend: What builds it; None when that is not known.
        pyproject: Its ``pyproject.toml``; empty when there is none, or none that can be read.
        directory: Where it stands, when it was found on disk.
    """

    backend: Backend | None = None
    pyproject: Mapping[str, Any] = field(default_factory=dict)
    directory: Path | None = None

    @property
    def generated(self) -> frozenset[str]:
        """Files that a build writes, as the configuration of its plug-ins says."""
        keys = (
            ("setuptools_scm", "version_file"),
            ("setuptools_scm", "write_to"),
            ("setuptools-git-versioning", "version_file"),
            ("hatch", "build", "hooks", "vcs", "version-file"),
            ("pdm", "version", "write_to"),
            ("versioneer", "versionfile_source"),
            ("versioneer", "versionfile_build"),
            ("scikit-build", "generate"),
        )
        found: set[str] = set()
        for key in keys:
            value = look_up(self.pyproject, "tool", *key)
            tables = value if isinstance(value, list) else [{"path": value}]
            found.update(
                table["path"]
                for table in tables
                if isinstance(table, dict) and isinstance(table.get("path"), str)
            )
        return frozenset(found)


def look_up(document: Mapping[str, Any], *keys: str) -> Any:  # noqa: ANN401 (TOML holds anything)
    """Return what stands in a document under nested keys; None for what is not there."""
    value: Any = document
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def project_of(distributions: Iterable[Distribution], directory: Path | None) -> Project:
    """Return what distributions of one release say about their project.

    Args:
        distributions: The distributions.
        directory: Where it stands on disk, when that is known.
    """
    listed = list(distributions)
    pyproject: Mapping[str, Any] = {}
    for one in listed:
        content = one.documents.get("pyproject.toml") if one.kind is Kind.SDIST else None
        if content is not None:
            pyproject = parsed(content)
    if not pyproject and directory is not None:
        pyproject = in_directory(directory)
    backend = backend_of(pyproject)
    if backend is None:
        backend = next(filter(None, map(_generator, listed)), None)
    if backend is None and any(one.kind is Kind.SDIST for one in listed):
        backend = Backend.SETUPTOOLS  # What installers use when nothing is said (PEP 517).
    return Project(backend=backend, pyproject=pyproject, directory=directory)


def parsed(content: bytes) -> Mapping[str, Any]:
    """Return the document in a TOML file; empty when it is none: the build will have said so."""
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}


def in_directory(directory: Path) -> Mapping[str, Any]:
    """Return the document ``pyproject.toml`` in a directory; empty when there is none."""
    try:
        return parsed((directory / "pyproject.toml").read_bytes())
    except OSError:
        return {}


def backend_of(pyproject: Mapping[str, Any]) -> Backend | None:
    """Return the build backend that a project names; None when it is another one, or none.

    Without a ``build-backend`` it is setuptools (PEP 517).
    """
    if not pyproject:
        return None
    named = look_up(pyproject, "build-system", "build-backend")
    if named is None:
        return Backend.SETUPTOOLS
    if named == GATE:
        named = look_up(pyproject, *TABLE, "backend") or GATE
    if not isinstance(named, str):
        return None
    known = _MODULES.get(re.split(r"[.:]", named, maxsplit=1)[0])
    if known is not None:
        return known
    # A backend of the project's own wraps one that it needs, as a rule.
    requires = look_up(pyproject, "build-system", "requires")
    for requirement in requires if isinstance(requires, list) else ():
        name = re.match(r"[\w.-]+", str(requirement))
        known = _MODULES.get(re.sub(r"[-.]+", "_", name[0].lower())) if name else None
        if known is not None:
            return known
    return None


def _generator(distribution: Distribution) -> Backend | None:
    content = distribution.document(".dist-info/WHEEL") or b""
    line = re.search(rb"(?m)^Generator:[ \t]*(\S+)", content)
    if line is None:
        return None
    text = line[1].decode("utf-8", "replace").lower()
    return next((backend for start, backend in _GENERATORS if re.match(start, text)), None)
