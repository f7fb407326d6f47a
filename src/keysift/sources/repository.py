"""Which ignore files count where: git's rules for ``.gitignore`` and ``.git/info/exclude``."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.sources.ignore import Rules

_MAX_IGNORE_FILE_BYTES: Final = 256 * 1024
"""A larger ignore file is not read: compiling it could cost more than it saves."""


class _Layer(Struct, frozen=True):
    """The patterns of one ignore file, and the directory they are relative to (``…/``)."""

    base: str
    rules: Rules


class Scope(Struct, frozen=True):
    """The ignore files that count for a directory, the most important one first."""

    layers: tuple[_Layer, ...] = ()

    def ignores(self, path: str, *, is_dir: bool) -> bool:
        """Say whether git ignores an entry of the directory this scope belongs to.

        Args:
            path: Absolute, resolved, ``/``-separated.
            is_dir: Whether it is a directory.
        """
        for layer in self.layers:
            decision = layer.rules.decide(path[len(layer.base) :], is_dir=is_dir)
            if decision is not None:
                return decision
        return False


def enclosing_scope(directory: Path) -> Scope | None:
    """Return what counts for a directory from above it; None outside of any repository.

    A directory that is itself ignored, or lies in one that is, starts without patterns: it was
    named, so it is wanted.

    Args:
        directory: Absolute and resolved.
    """
    above: list[Path] = []
    for parent in (directory, *directory.parents):
        if os.path.lexists(parent / ".git"):
            break
        above.append(parent)
    else:
        return None
    if not above:
        return None  # The root of a repository: ``enter`` starts its scope.
    scope: Scope | None = None
    parent = above[-1].parent
    for child in reversed(above):
        scope = enter(scope, parent)
        if scope is not None and scope.ignores(child.as_posix(), is_dir=True):
            return Scope()
        parent = child
    return scope


def enter(scope: Scope | None, directory: Path) -> Scope | None:
    """Return what counts for the entries of ``directory``, given what counts for itself.

    A repository inside another one starts afresh, as in git.

    Args:
        scope: What counts for the directory; None outside of any repository.
        directory: Absolute and resolved.
    """
    git = directory / ".git"
    layers = scope.layers if scope is not None else ()
    if os.path.lexists(git):
        layers = _layer(git / "info" / "exclude", directory)
    elif scope is None:
        return None
    return Scope((*_layer(directory / ".gitignore", directory), *layers))


def _layer(file: Path, directory: Path) -> tuple[_Layer, ...]:
    """Return the patterns of an ignore file; none when it is not a plain file that can be read."""
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_IGNORE_FILE_BYTES:
            return ()
        text = os.fsdecode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError:
        return ()
    rules = Rules(text.split("\n"))
    base = directory.as_posix().rstrip("/") + "/"
    return (_Layer(base, rules),) if rules else ()
