"""What of a repository is to be scanned: its history, what is staged, the commits of a range."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.errors import TargetError
from keysift.sources.git.changes import RAW, RENAMES, Change, parse_raw
from keysift.sources.git.command import Git

_DIFF: Final = ("diff-index", "--cached", *RAW, *RENAMES)


class Everything(Struct, frozen=True):
    """The whole history.

    Attributes:
        unreachable: Whether that is what no branch or tag leads to as well.
    """

    unreachable: bool = False


class Staged(Struct, frozen=True):
    """What would be committed now.

    Attributes:
        lists_known: Whether to list the secrets as well that the versions before it hold. Without,
            files are scanned where they differ from those.
    """

    lists_known: bool = True


class Range(Struct, frozen=True):
    """Some commits.

    Attributes:
        text: What the user wrote, for messages.
        chosen: Arguments of ``git rev-list`` that choose them.
        lists_known: As in `Staged`.
        named: Ids of what references are to lead to: commits, or tags with messages of their own.
    """

    text: str
    chosen: tuple[str, ...]
    lists_known: bool = True
    named: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Range:
        """Read a range as git writes it: ``A..B``, ``A...B``, or one commit.

        Raises:
            TargetError: It is none.
        """
        if not text or text.startswith("-"):
            raise TargetError(f"--range {text!r}: write A..B, A...B or one commit")
        return cls(text, (text if ".." in text else f"{text}^!",))

    def list(self, git: Git) -> bytes:
        """Return the ids of its commits, one a line, the oldest first.

        Raises:
            TargetError: Git knows no such commits.
        """
        answer = git.ask("rev-list", "--topo-order", "--reverse", *self.chosen, "--")
        if answer.code:
            shallow = git.ask("rev-parse", "--is-shallow-repository").text.strip() == b"true"
            hint = "; this is a shallow clone, fetch more of the history" if shallow else ""
            raise TargetError(f"{self.text}: {answer.complaint}{hint}")
        return answer.text

    def tags(self, git: Git) -> tuple[str, ...]:
        """Return the ids of the annotated tags among what is named.

        Raises:
            GitError: Git fails.
        """
        if not self.named:
            return ()
        given = "".join(f"{one}\n" for one in self.named).encode("ascii")
        printed = git.output("cat-file", "--batch-check=%(objecttype) %(objectname)", given=given)
        lines = (line.split() for line in printed.decode("ascii").splitlines())
        return tuple(name for kind, name in lines if kind == "tag")


Part: TypeAlias = Everything | Staged | Range


class GitTarget(Struct, frozen=True, kw_only=True):
    """A repository, and what of it is to be scanned.

    Attributes:
        directory: A directory of it; None for where git itself would look.
        working: The working directory, which that is relative to.
        part: What is to be scanned.
    """

    directory: Path | None
    working: Path
    part: Part

    @property
    def name(self) -> str:
        """What the user named."""
        return "." if self.directory is None else str(self.directory)


def staged(git: Git) -> list[Change]:
    """Return what a commit would change now, by the index alone.

    During a merge that is what is in none of the commits that are merged: what they hold has been
    committed already.

    Raises:
        TargetError: There is no repository.
        GitError: The index cannot be read.
    """
    first = git.ask(*_DIFF, "HEAD", "--")
    if first.code:
        # Before the first commit; or no repository at all.
        git.folder()
        nothing = git.output("hash-object", "-t", "tree", "--stdin").decode("ascii").strip()
        return list(parse_raw(git.output(*_DIFF, nothing, "--").split(b"\0")))
    changes = list(parse_raw(first.text.split(b"\0")))
    for other in _merged(git) if changes else ():
        differing = {
            one.path: one for one in parse_raw(git.output(*_DIFF, other, "--").split(b"\0"))
        }
        changes = [
            Change(one.commit, one.path, one.mode, one.new, (*one.olds, *there.olds))
            for one in changes
            for there in [differing.get(one.path)]
            if there is not None
        ]
    return changes


def _merged(git: Git) -> list[str]:
    """Return the ids of the commits that are being merged into the one checked out."""
    path = git.output("rev-parse", "--git-path", "MERGE_HEAD").decode("utf-8", "surrogateescape")
    try:
        return Path(git.directory, path.rstrip("\r\n")).read_text("ascii").split()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{git.directory}: MERGE_HEAD cannot be read") from error
