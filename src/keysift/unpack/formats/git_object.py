"""Loose objects of git: what a directory called ``.git/objects`` is full of.

Each is a zlib stream, which is undone elsewhere; here arrives what was in it: the type and size of
the object, NUL, and its content (``git help gitformat-loose``).
"""

from __future__ import annotations

from keysift.model import Blob, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts
from keysift.unpack.formats.recognition import GIT_OBJECT_HEADER


def read_git_object(blob: Blob, budget: Budget) -> Parts:
    """Yield the content of an object; a tree, which is names and digests, stays raw.

    Raises:
        StoppedError: It is shorter than it says.
    """
    header = GIT_OBJECT_HEADER.match(blob.content)
    if header is None or not budget.step():
        return False
    kind = header[1].decode()
    if kind == "tree":
        return False
    content = blob.content[header.end() :]
    yield Blob(path=blob.path, part=f"git {kind}", content=content)
    if len(content) < int(header[2]):
        raise StoppedError(SkipReason.TRUNCATED, "a git object that is shorter than it says")
    return True
