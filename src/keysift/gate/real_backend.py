"""The real build backend of a project, behind ``build-backend = "keysift.gate"``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from keysift.errors import ConfigurationError

GATE: Final = "keysift.gate"
TABLE: Final = ("tool", "keysift", "gate")
"""Where it is named in ``pyproject.toml``."""

GATE_TABLE: Final = f"[{'.'.join(TABLE)}]"
_SHOWN: Final = f"{GATE_TABLE} of pyproject.toml"


class RealBackend(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """The build backend behind ``build-backend = "keysift.gate"``, in ``pyproject.toml`` alone.

    Attributes:
        backend: As ``build-backend`` would name it: a module, or ``module:object``.
        backend_path: Directories of the project that it is in, when it is the project's own.
    """

    backend: str | None = None
    backend_path: tuple[str, ...] = ()


def load(project: Path) -> Any:  # noqa: ANN401 (a module or object of somebody else's)
    """Return the real backend of a project, which is imported.

    Args:
        project: Its directory.

    Raises:
        ConfigurationError: It is not named as it should be, or cannot be imported.
    """
    named = _named(project)
    if not named.backend:
        raise ConfigurationError(
            f'{_SHOWN} does not say what builds the project: add backend = "hatchling.build", or '
            "what build-backend was before"
        )
    module, _, path = named.backend.partition(":")
    if module == GATE:
        raise ConfigurationError(f"{_SHOWN}: {GATE} cannot be the real backend of itself")
    sys.path[:0] = [_inside(project, directory) for directory in named.backend_path]
    try:
        found: Any = importlib.import_module(module)
        for name in filter(None, path.split(".")):
            found = getattr(found, name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"{_SHOWN}: {named.backend} cannot be imported: {error}; build-system.requires must "
            "name what it is in"
        ) from error
    return found


def _named(project: Path) -> RealBackend:
    import tomllib  # noqa: PLC0415 (start-up time: every command reads the configuration)

    path = project / "pyproject.toml"
    try:
        table: Any = tomllib.loads(path.read_text("utf-8"))
        for key in TABLE:
            table = table.get(key, {}) if isinstance(table, dict) else table
        return msgspec.convert(table, RealBackend)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: not a TOML file: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{_SHOWN}: {error}") from error


def _inside(project: Path, directory: str) -> str:
    """Return a directory of the project as an absolute path; PEP 517 allows no other."""
    path = (project / directory).resolve()
    if not path.is_relative_to(project.resolve()):
        raise ConfigurationError(f"{_SHOWN}: backend-path: {directory} is outside of the project")
    return str(path)
