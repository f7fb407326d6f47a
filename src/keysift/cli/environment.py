"""Everything that comes from outside: environment variables, directories, the terminal."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from msgspec import Struct

from keysift.catalogue.cache import Cache
from keysift.cli.private import create_private
from keysift.errors import ConfigurationError
from keysift.model import FingerprintKey, fingerprint_key

VARIABLES: Final = {
    "KEYSIFT_AUDIT_LOG": (
        "Directory of the audit log of `verify` (default: `audit` in the user's state directory)."
    ),
    "KEYSIFT_CACHE_DIR": "Where compiled detectors are kept (default: the user's cache directory).",
    "KEYSIFT_CONFIG": "The configuration file, as with `--config`.",
    "KEYSIFT_FINGERPRINT_KEY": (
        "Key of the fingerprints, 16 to 64 characters. Who shares it gets the same fingerprints "
        "(default: one of the user's own, made on first use)."
    ),
    "KEYSIFT_INDEX_URL": "The package index, as with `--index-url`.",
    "KEYSIFT_SEALING_KEY": (
        "Key that seals the values in a store, 64 hexadecimal digits; older ones that still open "
        "may follow after commas (default: the keyring, else a file, made on first use)."
    ),
    "KEYSIFT_SERVE_TOKEN": (
        "Token with which whoever starts `serve` logs in, 20 characters at least (default: a new "
        "one with each start)."
    ),
    "KEYSIFT_STORE": "The store, as with `--store`.",
    "NO_COLOR": "No colours when set to anything.",
}
"""The environment variables of keysift, for the documentation. Besides, what pip and requests read
for an index counts: ``PIP_INDEX_URL``, ``PIP_CONFIG_FILE``, ``HTTPS_PROXY``, ``NETRC``…"""

_KEY_BYTES = 32


class Environment(Struct, frozen=True):
    """What the process was given.

    Attributes:
        variables: The environment.
        directory: The working directory.
        stdout: For results.
        stderr: For progress and errors.
        stdin: What the target ``-`` reads; None when there is none.
    """

    variables: Mapping[str, str]
    directory: Path
    stdout: TextIO
    stderr: TextIO
    stdin: BinaryIO | None = None

    @classmethod
    def of_process(cls) -> Environment:
        """Return that of this process. Streams that are closed become ones that keep nothing."""
        stdin = None if sys.stdin is None else sys.stdin.buffer
        return cls(os.environ, _directory(), _open(sys.stdout), _open(sys.stderr), stdin)

    @contextmanager
    def output(self) -> Iterator[TextIO]:
        """Give standard output, flushed at the end.

        A reader that has gone (``| head``) is no error: there is nobody left to tell.

        Raises:
            ConfigurationError: It cannot be written.
        """
        try:
            yield self.stdout
            self.stdout.flush()
        except BrokenPipeError:
            _silence(self.stdout)
        except OSError as error:
            _silence(self.stdout)
            raise ConfigurationError(f"standard output: {error.strerror}") from error

    def use_utf8(self) -> None:
        """Write results in UTF-8 and without changing line ends, whatever the locale says."""
        if isinstance(self.stdout, io.TextIOWrapper):
            self.stdout.reconfigure(encoding="utf-8", newline="")

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


def _directory() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigurationError("the working directory does not exist any more") from None


def _open(stream: TextIO | None) -> TextIO:
    """Return a stream that can be written to, with escapes for what it cannot encode."""
    if stream is None:
        return io.StringIO()
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _silence(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere, or Python complains about it at its end."""
    with suppress(io.UnsupportedOperation):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _checked(raw: bytes, origin: str) -> FingerprintKey:
    try:
        return fingerprint_key(raw)
    except ValueError as error:
        raise ConfigurationError(f"{origin}: {error}") from error


def _make_key(path: Path) -> FingerprintKey:
    key = secrets.token_hex(_KEY_BYTES)
    try:
        made = create_private(path, key)
    except OSError as error:
        message = f"{path}: {error.strerror}; set KEYSIFT_FINGERPRINT_KEY instead"
        raise ConfigurationError(message) from error
    return _checked(key.encode() if made else path.read_bytes().strip(), str(path))
