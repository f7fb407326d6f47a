"""Local files: what a path that a user named stands for.

A directory is walked in the order of names, without following links. ``.gitignore`` files count
inside git repositories only, as in ripgrep, and never for what the user named: ``scan dist`` looks
at ``dist`` even where it is ignored.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.errors import ConfigurationError, TargetError
from keysift.model import Skip, SkipReason
from keysift.sources.ignore import Rules, parse_rule
from keysift.sources.repository import Scope, enclosing_scope, enter
from keysift.sources.spec import PathTarget, project_hint

_REPARSE_MOUNT_POINT: Final = 0xA0000003
# What Windows calls a junction: a link to a directory that does not say it is one.


class LocalFile(Struct, frozen=True):
    """A file to scan.

    Attributes:
        target: What the user named, as written.
        path: Where it is.
        display: Its path for people and reports: ``/``-separated, valid Unicode, beginning with
            the target.
        size_bytes: Its size when it was listed.
    """

    target: str
    path: str
    display: str
    size_bytes: int

    @property
    def name(self) -> str:
        """The last part of its path."""
        return os.path.basename(self.path)  # noqa: PTH119 (a path for each of a million files)


def walk(
    target: PathTarget, exclude: Sequence[str] = (), *, use_ignore_files: bool = True
) -> Iterator[LocalFile | Skip]:
    """Return the files of a target, in a fixed order, and what was left out.

    A pruned directory is one skip.

    Args:
        target: A file or a directory.
        exclude: Globs of what to leave out, in the language of ``.gitignore``; they are matched
            with the path below the target and with the path as shown, and count for named files
            too.
        use_ignore_files: Whether to leave out what git ignores, and ``.git`` itself.

    Raises:
        TargetError: There is no such file or directory, or it is neither.
        ConfigurationError: A glob cannot be read.
    """
    excluded = exclusions(exclude)
    path = target.path
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        hint = project_hint(path) if isinstance(error, FileNotFoundError) else ""
        raise TargetError(f"{shown(path)}: {(reason or 'cannot be read').lower()}{hint}") from error
    if stat.S_ISDIR(status.st_mode):
        return _Walk(path, excluded, use_ignore_files=use_ignore_files).run()
    if not stat.S_ISREG(status.st_mode):
        raise TargetError(
            f"{shown(path)}: neither a file nor a directory; pipe it in and use - as the target"
        )
    return iter([_named_file(path, excluded, status.st_size)])


def shown(path: Path) -> str:
    """Return a path for people: ``/``-separated, bytes that are not UTF-8 as escapes."""
    return _display(str(path))


def _display(path: str) -> str:
    text = path.replace(os.sep, "/").removeprefix("./")
    return text if text.isascii() else os.fsencode(text).decode("utf-8", "backslashreplace")


def exclusions(globs: Sequence[str]) -> Rules:
    """Return globs of paths to leave out as rules.

    Raises:
        ConfigurationError: One cannot be read.
    """
    rules = Rules(globs)
    for glob in globs:
        rule = parse_rule(glob)
        if rule is None or rule.is_malformed:
            raise ConfigurationError(
                f"{glob!r} is not a glob of paths to exclude; see gitignore(5)"
            )
    return rules


def is_excluded(excluded: Rules, parts: Sequence[str]) -> bool:
    """Tell whether globs leave out a file, or any directory of its path as written.

    Args:
        excluded: The globs.
        parts: The names in its path.
    """
    return bool(excluded) and any(
        excluded.decide("/".join(parts[:depth]), is_dir=depth < len(parts))
        for depth in range(1, len(parts) + 1)
    )


def _named_file(path: Path, excluded: Rules, size_bytes: int) -> LocalFile | Skip:
    if is_excluded(excluded, [part for part in path.parts if part not in (path.anchor, "..")]):
        return Skip(path=shown(path), reason=SkipReason.EXCLUDED, size_bytes=size_bytes)
    return LocalFile(str(path), str(path), shown(path), size_bytes)


class _Walk:
    """One walk of a directory."""

    def __init__(self, root: Path, excluded: Rules, *, use_ignore_files: bool) -> None:
        self._root = root
        self._target = str(root)
        self._real = root.resolve()
        self._prefix = self._real.as_posix().rstrip("/")
        self._excluded = excluded
        self._use_ignore_files = use_ignore_files

    def run(self) -> Iterator[LocalFile | Skip]:
        scope = enclosing_scope(self._real) if self._use_ignore_files else None
        # A stack instead of recursion: a hostile tree may be deeper than Python's.
        stack: list[Iterator[LocalFile | Skip | _Directory]] = [
            self._list(_Directory(str(self._root), "", scope))
        ]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, _Directory):
                stack.append(self._list(item))
            else:
                yield item

    def _list(self, directory: _Directory) -> Iterator[LocalFile | Skip | _Directory]:
        try:
            with os.scandir(directory.path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Skip(
                path=_display(directory.path),
                reason=SkipReason.UNREADABLE,
                detail=f"directory: {error.strerror or error}",
            )
            return
        scope = None
        if self._use_ignore_files:
            scope = enter(directory.scope, self._real / directory.below)
        for entry in entries:
            yield self._entry(entry, directory.below, scope)

    def _entry(
        self, entry: os.DirEntry[str], parent: str, scope: Scope | None
    ) -> LocalFile | Skip | _Directory:
        display = _display(entry.path)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            return Skip(
                path=display, reason=SkipReason.UNREADABLE, detail=error.strerror or str(error)
            )
        is_dir = stat.S_ISDIR(status.st_mode)
        below = f"{parent}/{entry.name}" if parent else entry.name
        left_out = self._left_out(entry.path, below, scope, is_dir=is_dir)
        if left_out is not None:
            return Skip(path=display, reason=left_out, detail="directory" if is_dir else "")
        if stat.S_ISLNK(status.st_mode) or _is_junction(status):
            return Skip(path=display, reason=SkipReason.LINK)
        if is_dir:
            return _Directory(entry.path, below, scope)
        if not stat.S_ISREG(status.st_mode):
            return Skip(path=display, reason=SkipReason.DEVICE)
        return LocalFile(self._target, entry.path, display, status.st_size)

    def _left_out(
        self, path: str, below: str, scope: Scope | None, *, is_dir: bool
    ) -> SkipReason | None:
        if self._excluded:
            ways = (below, path.replace(os.sep, "/").removeprefix("./").lstrip("/"))
            decisions = {self._excluded.decide(way, is_dir=is_dir) for way in ways}
            if True in decisions and False not in decisions:
                return SkipReason.EXCLUDED
        if self._use_ignore_files:
            if is_dir and below.rpartition("/")[2] == ".git":
                return SkipReason.IGNORED
            if scope is not None and scope.ignores(self._whole(below), is_dir=is_dir):
                return SkipReason.IGNORED
        return None

    def _whole(self, below: str) -> str:
        return f"{self._prefix}/{below}"


class _Directory(Struct, frozen=True):
    """A directory to list.

    Attributes:
        path: Where it is.
        below: Its path below the root of the walk; empty for the root.
        scope: Which ignore files count for it, except its own.
    """

    path: str
    below: str
    scope: Scope | None


def _is_junction(status: os.stat_result) -> bool:
    return getattr(status, "st_reparse_tag", 0) == _REPARSE_MOUNT_POINT
