"""Changes: which commit put which blob at which path, and what stood there before."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from keysift.model import Commit
from keysift.sources.git.command import Git

GITLINK: Final = "160000"
_ABSENT: Final = "000000"
_FILES: Final = frozenset({b"100", b"120"})
"""What modes of files and of links begin with."""
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
    yield from parse_raw(git.output(*diff_of_commits(renames=renames), given=commits).split(b"\0"))


def diff_of_commits(*, renames: bool = False) -> tuple[str, ...]:
    """Return arguments for git that print what the commits on its standard input changed."""
    detect = RENAMES if renames else ("--no-renames",)
    return ("diff-tree", "--stdin", "--root", "-c", *RAW, *detect)


def parse_raw(fields: Iterable[bytes], wanted: Container[bytes] | None = None) -> Iterator[Change]:
    """Yield the changes in what ``--raw -z`` prints, with or without ids of commits.

    Args:
        fields: What stands between the NULs.
        wanted: Ids in hex digits of the new blobs to yield changes of, beside submodules and
            conflicts; None for all.
    """
    fields = iter(fields)
    commit = b""
    for head in fields:
        if head[:1] != b":":
            commit = head
            continue
        path = next(fields)
        new = new_blob(head)
        if new and wanted is not None and new not in wanted:
            continue
        change = _change(commit.decode("ascii"), head, path, fields)
        if change is not None and (new or wanted is None or _counts(change, wanted)):
            yield change


def new_blob(head: bytes) -> bytes:
    """Return the id, in hex digits, of the file that a change of one parent put there.

    Empty for other changes.

    Args:
        head: What stands before its path: ``:100644 100644 OLD NEW M``.
    """
    if head[1:2] == b":" or head[8:11] not in _FILES or head[-1:] not in b"AMT":
        return b""
    return head[head.find(b" ", 15) + 1 : -2]


def _counts(change: Change, wanted: Container[bytes]) -> bool:
    return not change.new or change.is_submodule or change.new.encode("ascii") in wanted


def _change(commit: str, head: bytes, path: bytes, fields: Iterator[bytes]) -> Change | None:
    """Return a change of any kind; None for what was deleted."""
    parents = len(head) - len(head.lstrip(b":"))
    words = head[parents:].decode("ascii").split(" ")
    modes, ids, status = words[: parents + 1], words[parents + 1 : -1], words[-1]
    if parents == 1 and status[0] in "RC":
        path = next(fields)
    if "U" in status:
        return Change(commit, path, "", "")
    if modes[-1] == _ABSENT:
        return None
    olds = tuple(
        one for mode, one in zip(modes, ids[:-1], strict=False) if mode not in {_ABSENT, GITLINK}
    )
    return Change(commit, path, modes[-1], ids[-1], olds)


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
