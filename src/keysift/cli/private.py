"""Files that only their owner may read: keys. They appear whole, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from keysift.errors import ConfigurationError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path) -> str | None:
    """Return what a private file holds, without white space around; None when there is none.

    Raises:
        ConfigurationError: It cannot be read, or others can read it too.
    """
    try:
        with path.open(encoding="ascii") as file:
            # Windows has other permissions, which this mode does not show.
            if os.name != "nt" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise ConfigurationError(f"{path}: others can read it; run: chmod 600 {path}")
            return file.read().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: is not a file of keys") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error


def create_private(path: Path, text: str) -> bool:
    """Write a file that is not there, in a directory that is made; tell whether it was not there.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _written(path, text) as temporary:
        try:
            # Unlike a rename, a link never replaces what another process made meanwhile.
            os.link(temporary, path)
        except FileExistsError:
            return False
    _sync(path.parent)
    return True


def replace_private(path: Path, text: str) -> None:
    """Replace what a file holds in one step: whoever reads it gets the old or the new.

    Raises:
        OSError: It cannot be written.
    """
    with _written(path, text) as temporary:
        temporary.replace(path)
    _sync(path.parent)


def _sync(directory: Path) -> None:
    """Make names safe against a loss of power: what was written after them may be on the disk."""
    if os.name != "nt":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _written(path: Path, text: str) -> Iterator[Path]:
    """Give a temporary file beside ``path``, of mode 600 and safe on the disk; delete it after."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
