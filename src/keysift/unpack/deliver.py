"""A member as blobs: one, or several overlapping segments when it is large."""

from __future__ import annotations

from collections.abc import Iterator

from keysift.model import Blob, Position, Skip, SkipReason
from keysift.unpack.budget import Budget, Limits, StoppedError
from keysift.unpack.formats import recognise
from keysift.unpack.kind import HEAD, TAIL, ends_zip, identify
from keysift.unpack.reader import Pushback, Reader, gather


def deliver(
    path: str, reader: Reader, budget: Budget, *, part: str | None = None, size: int | None = None
) -> Iterator[Blob | Skip]:
    """Read a member to its end and yield it.

    A large one is held whole when its beginning says that it can be opened; else, or when it is
    too large for that as well, it comes in segments. A failure ends it with a ``Skip``, after what
    was read.

    Args:
        path: As in ``Blob.path``.
        reader: The bytes; charges the budget itself.
        budget: For its limits.
        part: As in ``Blob.part``.
        size: How many bytes to expect, when known; a hint.
    """
    limits = budget.limits
    got = gather(reader, limits.blob_bytes)
    head = got.content[:HEAD]
    if len(got.content) == limits.blob_bytes and got.failure is None and _opens(head):
        if size is None or size <= limits.container_bytes:
            before, got.content = got.content, b""
            got = gather(reader, limits.container_bytes - limits.blob_bytes + 1, before)
        if size is not None and size > limits.container_bytes:
            yield _too_large(path, size, limits)
        elif len(got.content) > limits.container_bytes:
            yield _too_large(path, None, limits)
        else:
            yield Blob(path=path, content=got.content, part=part)
            if got.failure is not None:
                yield got.failure.skip(path)
            return
    if len(got.content) < limits.blob_bytes:
        if got.content or got.failure is None:
            yield Blob(path=path, content=got.content, part=part)
        if got.failure is not None:
            yield got.failure.skip(path)
        return
    again = Pushback(got.content, reader)
    got.content = b""
    yield from _segments(path, again, limits, part)


def _opens(head: bytes) -> bool:
    # A script with an archive behind it (zipapp, pex) shows the archive only at its end.
    return identify(head) is not None or recognise(head) is not None or head.startswith(b"#!")


def _too_large(path: str, size: int | None, limits: Limits) -> Skip:
    return Skip(
        path=path,
        reason=SkipReason.TOO_LARGE,
        detail=f"not opened: larger than {limits.container_bytes} bytes",
        size_bytes=size,
    )


def _segments(path: str, reader: Reader, limits: Limits, part: str | None) -> Iterator[Blob | Skip]:
    base = Position()
    kept = b""
    total = 0
    failure: StoppedError | None = None
    while failure is None and total < limits.member_bytes:
        got = gather(reader, limits.segment_bytes - len(kept), kept)
        failure = got.failure
        fresh = len(got.content) - len(kept)
        if not fresh and total:
            break
        total += fresh
        yield Blob(path=path, content=got.content, part=part, base=base)
        cut = max(0, len(got.content) - limits.segment_overlap)
        kept = got.content[cut:]
        base = _advanced(base, got.content, cut)
        got.content = b""
    if failure is not None:
        yield failure.skip(path)
    elif total >= limits.member_bytes and reader.read(1):
        detail = f"only the first {total} bytes were looked at"
        yield Skip(path=path, reason=SkipReason.TOO_LARGE, detail=detail)
    if total > limits.blob_bytes and ends_zip(kept[-TAIL:]):
        detail = "the archive at its end is not opened: the file is too large to hold in memory"
        yield Skip(path=path, reason=SkipReason.TOO_LARGE, detail=detail, size_bytes=total)


def _advanced(base: Position, content: bytes, count: int) -> Position:
    """Return the position ``count`` bytes into a segment that begins at ``base``.

    The column counts bytes: an exact one would need the encoding of a file this large. Binary data
    has no lines worth counting: there the line stays that of the segment before.
    """
    if b"\0" in content[:4096]:
        return Position(base.offset + count, base.line, base.column + count)
    newline = content.rfind(b"\n", 0, count)
    column = base.column + count if newline < 0 else count - newline
    line = base.line + content.count(b"\n", 0, count)
    return Position(base.offset + count, line, column)
