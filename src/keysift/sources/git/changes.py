"""Changes: which commit put which blob at which path, and what stood there before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from keysift.model import Commit
from keysift.sources.git.command import Git

GITLINK: Final = "160000"
_ABSENT: Final = "000000"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
RAW: Final = ("-r", "--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv")
RENAMES: Final = ("-M", "-l1000")
_RECORD: Final = "--format=%H%x00%an%x00%ae%x00%at%x00"


class Change(Struct, frozen=True, gc=False):
    """One file of one commit that differs from what all parents of it hold.

    Attributes:
        commit: Id of the commit; empty for what is not committed yet.
        path: The file, as git stores it.
        mode: What it is now, in git's octal digits.
        new: Id of its blob; empty while a conflict about it is not resolved.
        olds: Those of the versions before it: one for each parent that has the file.
    """

    commit: str
    path: bytes
    mode: str
    new: str
    olds: tuple[str, ...] = ()

    @property
    def is_submodule(self) -> bool:
        """Whether it is a commit of another repository."""
        return self.mode == GITLINK


def changes_of(git: Git, commits: bytes, *, renames: bool = False) -> Iterator[Change]:
    """Yield what commits changed, in the order of the commits; what they deleted is left out.

    Of a merge, that is what is in none of its parents.

    Args:
        git: The repository.
        commits: Their ids, one a line.
        renames: Whether the version before a renamed file is the one under its old name. Costs
            reading both; without it, such a file is a new one.

    Raises:
        GitError: A commit cannot be read.
    """
    detect = RENAMES if renames else ("--no-renames",)
    text = git.output("diff-tree", "--stdin", "--root", "-c", *RAW, *detect, given=commits)
    yield from parse_raw(text)


def parse_raw(text: bytes) -> Iterator[Change]:
    """Yield the changes in what ``--raw -z`` prints, with or without ids of commits."""
    fields = iter(text.split(b"\0"))
    commit = ""
    for head in fields:
        if not head.startswith(b":"):
            commit = head.decode("ascii")
            continue
        parents = len(head) - len(head.lstrip(b":"))
        words = head[parents:].decode("ascii").split(" ")
        modes, ids, status = words[: parents + 1], words[parents + 1 : -1], words[-1]
        path = next(fields)
        if parents == 1 and status[0] in "RC":
            path = next(fields)
        if "U" in status:
            yield Change(commit, path, "", "")
            continue
        if modes[-1] == _ABSENT:
            continue
        olds = tuple(
            one
            for mode, one in zip(modes, ids[:-1], strict=False)
            if mode not in {_ABSENT, GITLINK}
        )
        yield Change(commit, path, modes[-1], ids[-1], olds)


def oldest_first(git: Git, *chosen: str, given: bytes = b"") -> bytes:
    """Return the ids of commits, one a line, no commit before one that it rests on.

    Args:
        git: The repository.
        chosen: Arguments of ``git rev-list`` that choose them.
        given: Its standard input, when ``--stdin`` is among them.

    Raises:
        GitError: They cannot be listed.
    """
    return git.output("rev-list", "--topo-order", "--reverse", *chosen, given=given)


def commits_of(git: Git, ids: Iterable[str]) -> dict[str, Commit]:
    """Return the commits with these ids.

    Raises:
        GitError: One cannot be read.
    """
    given = "".join(f"{one}\n" for one in sorted(set(ids)))
    if not given:
        return {}
    text = git.output(
        "log", "--no-walk=unsorted", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8",
        "--no-patch", "-z", "--stdin", _RECORD, given=given.encode("ascii"),
    )  # fmt: skip
    fields = text.decode("utf-8", "backslashreplace").split("\0")
    found = {}
    # Each ends with a NUL of its own before the one between them.
    for place in range(0, len(fields) - 4, 5):
        name, author, email, when = fields[place : place + 4]
        found[name] = Commit(id=name, author=author, email=email, date=_date(when))
    return found


def _date(seconds: str) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=int(seconds))
    except (OverflowError, ValueError):
        return _EPOCH
