"""The hooks of PEP 517 and PEP 660: those of the real backend, with the gate behind its builds.

The check is ``keysift check`` in a process of its own. A build runs with the project's directory,
modules and warnings in it; and what counts for a build is then what counts for a check by hand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

from keysift.errors import ConfigurationError, RefusedError
from keysift.gate.real_backend import load
from keysift.sources.files import shown

HOOKS: Final = frozenset(
    {
        "build_wheel",
        "build_sdist",
        "build_editable",
        "get_requires_for_build_wheel",
        "get_requires_for_build_sdist",
        "get_requires_for_build_editable",
        "prepare_metadata_for_build_wheel",
        "prepare_metadata_for_build_editable",
        "UnsupportedOperation",  # No hook, but what front ends ask a backend for.
    }
)
SETTING: Final = "keysift-gate"
"""The config setting that is ours: ``off`` builds without the check."""

_CHECK: Final = ("-P", "-X", "utf8", "-m", "keysift", "check", "--project")
# -P: no module of the project may stand in for one of ours.

Settings: TypeAlias = Mapping[str, Any] | None


def hook(name: str) -> object:
    """Return a hook of the project in the working directory, where front ends call backends.

    Args:
        name: One of ``HOOKS``.

    Raises:
        AttributeError: The real backend does not have it.
        ConfigurationError: There is no real backend, or it cannot be imported.
    """
    real = load(Path.cwd())
    found: object = getattr(real, name)
    return getattr(Gated(real), name, found)


class Gated:
    """The hooks. Front ends may name arguments, so the names are those of the PEPs.

    Args:
        real: The real backend.
    """

    def __init__(self, real: Any) -> None:  # noqa: ANN401 (somebody else's)
        self._real = real

    def get_requires_for_build_wheel(self, config_settings: Settings = None) -> object:
        """Return what the real backend does."""
        return self._real.get_requires_for_build_wheel(_others(config_settings))

    def get_requires_for_build_sdist(self, config_settings: Settings = None) -> object:
        """Return what the real backend does."""
        return self._real.get_requires_for_build_sdist(_others(config_settings))

    def get_requires_for_build_editable(self, config_settings: Settings = None) -> object:
        """Return what the real backend does."""
        return self._real.get_requires_for_build_editable(_others(config_settings))

    def prepare_metadata_for_build_wheel(
        self, metadata_directory: str, config_settings: Settings = None
    ) -> object:
        """Do what the real backend does."""
        settings = _others(config_settings)
        return self._real.prepare_metadata_for_build_wheel(metadata_directory, settings)

    def prepare_metadata_for_build_editable(
        self, metadata_directory: str, config_settings: Settings = None
    ) -> object:
        """Do what the real backend does."""
        settings = _others(config_settings)
        return self._real.prepare_metadata_for_build_editable(metadata_directory, settings)

    def build_editable(
        self,
        wheel_directory: str,
        config_settings: Settings = None,
        metadata_directory: str | None = None,
    ) -> object:
        """Do what the real backend does.

        Such a wheel points to the work tree of the machine that it is for. It is not published, and
        what it points to is not in it.
        """
        settings = _others(config_settings)
        return self._real.build_editable(wheel_directory, settings, metadata_directory)

    def build_wheel(
        self,
        wheel_directory: str,
        config_settings: Settings = None,
        metadata_directory: str | None = None,
    ) -> str:
        """Build a wheel, and hand it out when it passes the gate.

        Raises:
            RefusedError: It does not.
        """

        def build(directory: str, settings: Settings) -> str:
            return str(self._real.build_wheel(directory, settings, metadata_directory))

        return _gated(build, wheel_directory, config_settings)

    def build_sdist(self, sdist_directory: str, config_settings: Settings = None) -> str:
        """Build an sdist, and hand it out when it passes the gate.

        Raises:
            RefusedError: It does not.
        """

        def build(directory: str, settings: Settings) -> str:
            return str(self._real.build_sdist(directory, settings))

        return _gated(build, sdist_directory, config_settings)


def _others(settings: Settings) -> Settings:
    """Return the settings for the real backend: some refuse what they do not know."""
    return {key: value for key, value in (settings or {}).items() if key != SETTING} or None


def _is_on(settings: Settings) -> bool:
    value = (settings or {}).get(SETTING, "on")
    if value not in ("on", "off"):
        raise ConfigurationError(f"the config setting {SETTING} is on or off, not {value!r}")
    return bool(value == "on")


def _gated(build: Callable[[str, Settings], str], directory: str, settings: Settings) -> str:
    """Build into a directory that is nobody else's, and move what passes to where it is wanted."""
    if not _is_on(settings):
        return build(directory, _others(settings))
    project = Path.cwd()
    with TemporaryDirectory(prefix="keysift-") as private:
        name = Path(build(private, _others(settings))).name
        _check(Path(private) / name, project)
        shutil.move(Path(private) / name, Path(directory) / name)
    return name


def _check(distribution: Path, project: Path) -> None:
    command = [sys.executable, *_CHECK, str(project), str(distribution)]
    done = subprocess.run(  # noqa: S603 (our own command line)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        cwd=project,
    )
    if done.returncode:
        report = done.stdout.decode("utf-8", "backslashreplace")
        # The directory is gone when this is read.
        report = report.replace(f"{shown(distribution.parent)}/", "")
        raise RefusedError(
            f"{distribution.name} was built, and is not handed out:\n\n{report.strip()}\n\n"
            f"To build without this check, once: -C {SETTING}=off"
        )
