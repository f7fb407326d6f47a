"""Everything that comes from outside: environment variables, directories, the terminal."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from msgspec import Struct

from keysift.catalogue.cache import Cache
from keysift.errors import ConfigurationError
from keysift.model import FingerprintKey

_KEY_BYTES = 32


class Environment(Struct, frozen=True):
    """What the process was given.

    Attributes:
        variables: The environment.
        directory: The working directory.
        stdout: For results.
        stderr: For progress and errors.
    """

    variables: Mapping[str, str]
    directory: Path
    stdout: TextIO
    stderr: TextIO

    @classmethod
    def of_process(cls) -> Environment:
        """Return that of this process."""
        return cls(os.environ, Path.cwd(), sys.stdout, sys.stderr)

    @property
    def color(self) -> bool:
        """Whether results may be coloured: on a terminal, unless ``NO_COLOR`` is set."""
        return (
            self.stdout.isatty()
            and not self.variables.get("NO_COLOR")
            and self.variables.get("TERM") != "dumb"
        )

    @property
    def width(self) -> int:
        """Columns of the terminal; 100 when there is none."""
        return shutil.get_terminal_size((100, 24)).columns if self.stdout.isatty() else 100

    @property
    def cache(self) -> Cache:
        """Return the user's cache of compiled patterns."""
        chosen = self.variables.get("KEYSIFT_CACHE_DIR")
        if chosen:
            return Cache(Path(chosen))
        import platformdirs  # noqa: PLC0415 (costs start-up time that --help need not pay)

        return Cache(platformdirs.user_cache_path("keysift"))

    def fingerprint_key(self) -> FingerprintKey:
        """Return the key for fingerprints: the team's, else the user's, made on first use.

        Raises:
            ConfigurationError: The key is too short, or its file cannot be read or made.
        """
        given = self.variables.get("KEYSIFT_FINGERPRINT_KEY")
        if given is not None:
            return _checked(given.encode(), "KEYSIFT_FINGERPRINT_KEY")
        import platformdirs  # noqa: PLC0415 (as above)

        path = platformdirs.user_config_path("keysift") / "fingerprint.key"
        try:
            return _checked(path.read_bytes().strip(), str(path))
        except FileNotFoundError:
            return _make_key(path)
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error


def _checked(raw: bytes, origin: str) -> FingerprintKey:
    if not 16 <= len(raw) <= 64:
        message = f"{origin}: a fingerprint key has 16 to 64 bytes, this one has {len(raw)}"
        raise ConfigurationError(message)
    return FingerprintKey(raw)


def _make_key(path: Path) -> FingerprintKey:
    key = secrets.token_hex(_KEY_BYTES).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _checked(path.read_bytes().strip(), str(path))
    except OSError as error:
        message = f"{path}: {error.strerror}; set KEYSIFT_FINGERPRINT_KEY instead"
        raise ConfigurationError(message) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(key + b"\n")
    return FingerprintKey(key)
