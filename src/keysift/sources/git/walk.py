"""One walk over the commits of a repository, which can be looked at more than once.

What the walk prints is kept in a file: ids and paths, of which a large history has millions. Each
blob that a commit put anywhere is in it.
"""

from __future__ import annotations

import tempfile
from binascii import unhexlify
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from typing import IO, Final

from keysift.errors import GitError
from keysift.sources.git.changes import (
    Change,
    diff_of_commits,
    new_blob,
    oldest_first,
    parse_raw,
)
from keysift.sources.git.command import Git
from keysift.sources.git.families import MARKS
from keysift.sources.git.objects import BLOB_BYTES, FIRST, Listed, listed

_CHUNK: Final = 1 << 20
_SHARE: Final = 2000
"""Commits for which another process is not worth starting."""

_REFERENCES: Final = "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname)"


class Walk:
    """What the commits of a repository changed, and what else it holds.

    Args:
        printed: What git printed of the changes, in several files.
        commits: Ids, the oldest first.
        others: Blobs and tags that no commit leads to, by kind.
        missing: Ids of what belongs to them and is not in this clone.
    """

    def __init__(
        self,
        printed: list[IO[bytes]],
        commits: list[str],
        others: dict[str, list[str]],
        missing: frozenset[str],
    ) -> None:
        self._printed = printed
        self._commits = commits
        self._others = others
        self.missing = missing

    @classmethod
    @contextmanager
    def of(cls, git: Git, workers: int, *, unreachable: bool) -> Iterator[Walk]:
        """Walk over all that branches, tags and the HEAD of every work tree lead to.

        Args:
            git: The repository.
            workers: Processes at most.
            unreachable: Whether to list what nothing leads to as well.

        Raises:
            GitError: A commit or a tree cannot be read.
        """
        commits = oldest_first(git, "--all").decode("ascii").split()
        others: dict[str, list[str]] = {"blob": [], "tag": []}
        _sort(git.output("for-each-ref", _REFERENCES).decode("ascii"), others)
        with ExitStack() as files:
            printed = _print(git, commits, workers, files)
            if unreachable:
                every = git.output(
                    "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"
                )
                found: dict[str, list[str]] = {"commit": [], **others}
                _sort(every.decode("ascii"), found)
                lost = _lost(git, found["commit"], set(commits))
                # When one of them rests on a commit that is gone, what they hold is reported
                # without a commit.
                with suppress(GitError):
                    printed += _print(git, lost, 1, files)
                commits += lost
            yield cls(printed, commits, others, _missing(git))

    def wanted(self) -> dict[bytes, int]:
        """Return the marks of all blobs, commits and tags, by their ids."""
        names = dict.fromkeys(self._blobs(), MARKS["blob"])
        names.update(_marked(self._others["blob"], "blob"))
        names.update(_marked(self._commits, "commit"))
        names.update(_marked(self._others["tag"], "tag"))
        for name in self.missing:
            names.pop(bytes.fromhex(name), None)
        return names

    def objects(self, chosen: Container[bytes]) -> list[Listed]:
        """Return some of the objects; versions of a file stand together, oldest first.

        Args:
            chosen: Their ids.
        """
        known: set[str] = set()
        by_path: dict[bytes, list[str]] = {}
        for change in self.changes():
            new = change.new
            if new and not change.is_submodule and new not in known and _is_in(new, chosen):
                known.add(new)
                by_path.setdefault(change.path, []).append(new)
        others = ([one] for one in dict.fromkeys(self._others["blob"]) if one not in known)
        blobs = [
            Listed(one, "blob" if place else FIRST, BLOB_BYTES)
            for versions in (*by_path.values(), *others)
            for place, one in enumerate(versions)
            if _is_in(one, chosen)
        ]
        commits = [one for one in self._commits if _is_in(one, chosen)]
        tags = [one for one in dict.fromkeys(self._others["tag"]) if _is_in(one, chosen)]
        return blobs + listed((), commits, tags)

    def changes(self, names: Iterable[str] | None = None) -> Iterator[Change]:
        """Yield the changes, those of older commits first.

        Args:
            names: Ids of the new blobs to yield changes of, beside submodules; None for all.
        """
        wanted = None if names is None else {one.encode("ascii") for one in names}
        for printed in self._printed:
            yield from parse_raw(chain.from_iterable(_fields(printed)), wanted)

    def _blobs(self) -> Iterator[bytes]:
        """Yield the ids of the blobs that commits put anywhere."""
        for printed in self._printed:
            is_path = False
            for fields in _fields(printed):
                for field in fields:
                    if is_path:
                        is_path = False
                    elif field[:1] == b":":
                        is_path = True
                        new = new_blob(field)
                        if new:
                            yield unhexlify(new)
                        elif field[1:2] == b":":
                            yield from _merged(field)


def _merged(head: bytes) -> Iterator[bytes]:
    """Yield the id of what a merge put anywhere, when that is a file."""
    for change in parse_raw((head, b"")):
        if change.new and not change.is_submodule:
            yield bytes.fromhex(change.new)


def _marked(names: Iterable[str], kind: str) -> dict[bytes, int]:
    return dict.fromkeys(map(bytes.fromhex, names), MARKS[kind])


def _is_in(name: str, chosen: Container[bytes]) -> bool:
    return bytes.fromhex(name) in chosen


def _print(git: Git, commits: list[str], workers: int, files: ExitStack) -> list[IO[bytes]]:
    """Have git print what commits changed, by several processes; returns the files in order."""
    share = max(_SHARE, -(-len(commits) // workers))
    given: list[IO[bytes]] = []
    printed: list[IO[bytes]] = []
    for start in range(0, len(commits), share):
        names = files.enter_context(_file())
        names.write("".join(f"{one}\n" for one in commits[start : start + share]).encode("ascii"))
        names.seek(0)
        given.append(names)
        printed.append(files.enter_context(_file()))
    git.write(*diff_of_commits(), given=given, into=printed)
    return printed


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _fields(printed: IO[bytes]) -> Iterator[list[bytes]]:
    """Yield what stands between the NULs, in lists."""
    printed.seek(0)
    rest = b""
    while chunk := printed.read(_CHUNK):
        fields = (rest + chunk).split(b"\0")
        rest = fields.pop()
        yield fields
    if rest:
        yield [rest]


def _sort(lines: str, kinds: dict[str, list[str]]) -> None:
    """Put ids into the lists of their kinds; each follows its kind in a line."""
    for line in lines.splitlines():
        words = line.split()
        for kind, name in zip(words[::2], words[1::2], strict=False):
            if kind in kinds:
                kinds[kind].append(name)


def _missing(git: Git) -> frozenset[str]:
    """Return the ids of what a partial clone left out; asking for them costs another walk."""
    if git.ask("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$").code:
        return frozenset()
    every = git.output("rev-list", "--all", "--objects", "--no-object-names", "--missing=print")
    lines = every.decode("ascii").splitlines()
    return frozenset(line[1:] for line in lines if line.startswith("?"))


def _lost(git: Git, commits: list[str], known: set[str]) -> list[str]:
    """Return those commits that are not known, the oldest first."""
    given = "".join(f"{one}\n" for one in commits if one not in known).encode("ascii")
    if not given:
        return []
    return oldest_first(git, "--stdin", "--no-walk", given=given).decode("ascii").split()
