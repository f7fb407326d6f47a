"""What is being pushed, as git tells its hooks on standard input."""

from __future__ import annotations

import re
from typing import Final

from keysift.errors import UsageError
from keysift.sources.git.command import Git
from keysift.sources.git.selection import Range

_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def pushed(git: Git, text: str, remote: str) -> Range | None:
    """Return the commits that ``pre-push`` is about: those that the remote does not have.

    Args:
        git: The repository.
        text: Lines of local reference, local id, remote reference and remote id; an id of zeros
            stands for a reference that is not there.
        remote: Its name, or its address.

    Raises:
        UsageError: A line cannot be understood.
    """
    wanted, had = [], []
    for _, local, _, there in _lines(text, 4):
        if _exists(local):
            wanted.append(local)
            # What the remote has need not have been fetched.
            if _exists(there) and not git.ask("cat-file", "-e", there).code:
                had.append(there)
    if not wanted:
        return None
    chosen = (*wanted, "--not", *had, f"--remotes={remote}")
    return Range("what is pushed", chosen, lists_known=False, named=tuple(wanted))


def received(text: str) -> Range | None:
    """Return the commits that ``pre-receive`` is about: those that no reference leads to yet.

    Args:
        text: Lines of old id, new id and reference.

    Raises:
        UsageError: A line cannot be understood.
    """
    wanted = [new for _, new, _ in _lines(text, 3) if _exists(new)]
    if not wanted:
        return None
    chosen = (*wanted, "--not", "--all")
    return Range("what is pushed", chosen, lists_known=False, named=tuple(wanted))


def _lines(text: str, fields: int) -> list[list[str]]:
    lines = [line.split(" ") for line in text.splitlines() if line]
    for words in lines:
        ids = words[:2] if fields == 3 else words[1::2]
        if len(words) != fields or not all(_ID.fullmatch(one) for one in ids):
            raise UsageError(
                "standard input is not what git tells this hook; git runs it, not a person"
            )
    return lines


def _exists(name: str) -> bool:
    return name.strip("0") != ""
