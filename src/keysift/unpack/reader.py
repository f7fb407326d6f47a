"""Where bytes are read from: a file or a buffer at any offset, and one pass over a part of it."""

from __future__ import annotations

import io
from typing import Final, Protocol

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError

CHUNK: Final = 256 * 1024
"""Bytes asked of a reader at a time."""

_WINDOW: Final = 1024 * 1024


class Reader(Protocol):
    """One pass over some bytes."""

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used; for the ratio of a stream."""

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, and none at all only at the end.

        Raises:
            StoppedError: It cannot go on. Everything before was returned by earlier calls.
        """


class BinaryFile(Protocol):
    """What is needed of a file: any ``BinaryIO`` has it."""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset and return it from the beginning."""

    def read(self, size: int = -1, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""


class Source:
    """Bytes at any offset. A file is read in windows, so that neighbours cost one read.

    Args:
        file: Binary, seekable, and not used by anyone else meanwhile.
        is_exact: Read nothing but what is asked for: what lies beside it costs more than a call.
    """

    __slots__ = ("_file", "_least", "_window", "_window_start", "size")

    def __init__(self, file: BinaryFile, *, is_exact: bool = False) -> None:
        self._file = file
        self._least = 0 if is_exact else _WINDOW
        self._window = b""
        self._window_start = 0
        self.size = file.seek(0, io.SEEK_END)

    @classmethod
    def of(cls, content: bytes) -> Source:
        """Make a source of bytes in memory: its window is all of it."""
        source = cls(io.BytesIO(content))
        source._window = content
        return source

    def at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer at the end.

        Raises:
            StoppedError: The file cannot be read.
        """
        if offset >= self.size or size <= 0:
            return b""
        start = offset - self._window_start
        if start >= 0 and start + size <= len(self._window):
            return self._window[start : start + size]
        size = min(size, self.size - offset)
        if size > _WINDOW:
            return self._read(offset, size)
        if start < 0 or start + size > len(self._window):
            self._window = self._read(offset, self._least or size)
            self._window_start = offset
            start = 0
        return self._window[start : start + size]

    def find(self, mark: bytes, offset: int, end: int) -> int:
        """Return where a mark stands between two offsets in the present window, or -1.

        A negative answer says nothing about what lies beyond ``searched(offset)``.

        Raises:
            StoppedError: The file cannot be read.
        """
        self.at(offset, len(mark) if self._least else min(end - offset, _WINDOW))
        start = self._window_start
        found = self._window.find(mark, offset - start, end - start)
        return found + start if found >= 0 else -1

    def searched(self, offset: int) -> int:
        """Return the offset at which the window that holds ``offset`` ends."""
        return max(self._window_start + len(self._window), offset + 1)

    def _read(self, offset: int, size: int) -> bytes:
        try:
            self._file.seek(offset)
            return self._file.read(size)
        except OSError as error:
            raise StoppedError(SkipReason.UNREADABLE, error.strerror or "read error") from None


class Span:
    """One pass over a part of a source."""

    __slots__ = ("end", "position", "source", "start")

    def __init__(self, source: Source, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.start = start
        self.position = start
        self.end = source.size if end is None else min(end, source.size)

    @property
    def consumed(self) -> int:
        """Bytes read so far."""
        return self.position - self.start

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        data = self.source.at(self.position, min(size, self.end - self.position))
        self.position += len(data)
        return data


class Metered:
    """Charges a budget for what is read, and holds a stream to the ratio.

    After a failure every further read fails in the same way.
    """

    __slots__ = ("_budget", "_failure", "_inner", "produced")

    def __init__(self, inner: Reader, budget: Budget) -> None:
        self._inner = inner
        self._budget = budget
        self._failure: StoppedError | None = None
        self.produced = 0

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._inner.consumed

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        if self._failure is not None:
            raise self._failure
        try:
            data = self._inner.read(size)
        except StoppedError as error:
            self._failure = error
            raise
        self.produced += len(data)
        within = self._budget.take(len(data))
        if not (self._budget.step() and within):
            # What was just read has been charged, and is returned all the same.
            self._failure = self._budget.stopped()
        limits = self._budget.limits
        if (
            self.produced > limits.ratio_from_bytes
            and self.produced > limits.ratio * self._inner.consumed
        ):
            self._failure = StoppedError(
                SkipReason.RATIO, f"more than {limits.ratio} times its compressed size"
            )
        return data


class Exactly:
    """A reader that ends after ``size`` bytes and for which an earlier end is a failure."""

    __slots__ = ("_inner", "left")

    def __init__(self, inner: Reader, size: int) -> None:
        self._inner = inner
        self.left = size

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._inner.consumed

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        if self.left <= 0:
            return b""
        data = self._inner.read(min(size, self.left))
        if not data:
            missing, self.left = self.left, 0
            raise StoppedError(SkipReason.TRUNCATED, f"{missing} bytes are missing")
        self.left -= len(data)
        return data

    def drain(self) -> None:
        """Read what is left, for nobody."""
        while self.read(CHUNK):
            pass


class Pushback:
    """A reader that first gives bytes which were read already."""

    __slots__ = ("_inner", "_pending", "_position")

    def __init__(self, pending: bytes, inner: Reader) -> None:
        self._pending = pending
        self._position = 0
        self._inner = inner

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._inner.consumed

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        start = self._position
        if start >= len(self._pending):
            return self._inner.read(size)
        self._position = start + size
        data = self._pending[start : self._position]
        if self._position >= len(self._pending):
            self._pending = b""
            self._position = 0
        return data


class Gathered:
    """What could be read: the bytes, and what stopped the reading short of them, if anything."""

    __slots__ = ("content", "failure")

    def __init__(self, content: bytes, failure: StoppedError | None) -> None:
        self.content = content
        self.failure = failure


def gather(reader: Reader, size: int, before: bytes = b"") -> Gathered:
    """Read ``size`` bytes, fewer only at the end or after a failure.

    Args:
        reader: What to read.
        size: How much to read of it.
        before: Bytes to put in front; joining them here saves a copy.
    """
    chunks: list[bytes] = [before] if before else []
    left = size
    failure = None
    try:
        while left > 0:
            data = reader.read(min(CHUNK, left))
            if not data:
                break
            chunks.append(data)
            left -= len(data)
    except StoppedError as error:
        # Without its frames, which hold the chunks.
        failure = error.with_traceback(None)
    return Gathered(chunks[0] if len(chunks) == 1 else b"".join(chunks), failure)
