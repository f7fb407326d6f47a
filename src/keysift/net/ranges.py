"""A file over HTTP that can be read at any offset, by requests for ranges.

What will be read is said before with ``prefetch``; it then arrives in few requests, a little ahead
of the reader, and is let go behind it. The digest of the whole file cannot be checked: whoever
reads a file so has to write that down.
"""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Final

import requests
from msgspec import Struct

from keysift.errors import HashMismatchError
from keysift.net.download import Announced
from keysift.net.parts import Parts, RangesUnavailableError
from keysift.net.threads import started
from keysift.unpack import TAIL

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["GAP_BYTES", "PIECE_BYTES", "RangesUnavailableError", "RemoteFile", "coalesced"]

TAIL_BYTES: Final = TAIL
"""What is asked for first: where a zip archive says what is in it, as a rule in full."""

GAP_BYTES: Final = 16 * 1024
"""Smaller gaps are fetched along rather than be worth another request."""

PIECE_BYTES: Final = 4 * 1024 * 1024
"""The most of one request."""

AHEAD_BYTES: Final = 8 * 1024 * 1024
"""How much is fetched ahead of the reader."""

CONNECTIONS: Final = 4
"""Requests of one file at the same time; an index is a shared good."""

KEPT_BYTES: Final = 16 * 1024 * 1024
"""How much of what is read before ``prefetch`` is kept, for a second look at the directory."""

_SPARE_BYTES: Final = 1024 * 1024


class _Held(Struct, frozen=True):
    """Bytes that are here."""

    start: int
    content: bytes

    @property
    def stop(self) -> int:
        """Offset of the first byte after them."""
        return self.start + len(self.content)


class _Coming(Struct, frozen=True, eq=False):
    """Bytes that are under way."""

    start: int
    stop: int
    future: Future[bytes]


class RemoteFile(io.RawIOBase):
    """A seekable, read-only binary file on a server, for one reader.

    Reading raises ``RangesUnavailableError`` when the server stops giving parts of the same file
    (the caller then downloads it whole), or as soon as more would be fetched than that costs; other
    failures are those of ``keysift.net.download``.

    Args:
        session: From ``keysift.net.session``.
        url: Where it is; credentials in it go to its host only.
        announced: Its size is compared; its digests cannot be.
        progress: Is told the number of bytes of each piece that arrives, from several threads.
        cancelled: Stop soon after this is set.
        slots: Held during each request: how many there are at the same time, of all the files that
            share it. None for ``CONNECTIONS`` of this file.

    Raises:
        RangesUnavailableError: The server does not give parts of the file.
        HashMismatchError: Its size is not the announced one.
        CredentialsError: The server wants (other) credentials.
        DownloadCancelledError: ``cancelled`` was set.
        IndexUnavailableError: Any other failure, after retries.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        announced: Announced,
        *,
        progress: Callable[[int], None] | None = None,
        cancelled: threading.Event | None = None,
        slots: threading.Semaphore | None = None,
    ) -> None:
        super().__init__()
        self._slots = slots or threading.Semaphore(CONNECTIONS)
        self._parts = Parts(session, url, progress=progress, cancelled=cancelled)
        self._position = 0
        self._kept: list[_Held] = []
        self._pieces: list[_Held] = []
        self._planned: deque[tuple[int, int]] = deque()
        self._coming: deque[_Coming] = deque()
        self._has_plan = False
        with self._slots:
            tail = self._parts.tail(TAIL_BYTES)
        self.size_bytes = self._parts.size_bytes
        self._kept.append(_Held(self.size_bytes - len(tail), tail))
        expected = announced.size_bytes
        if expected is not None and self.size_bytes != expected:
            raise HashMismatchError(f"{self.size_bytes} bytes instead of the announced {expected}")

    @property
    def fetched_bytes(self) -> int:
        """Bytes that came over the network so far."""
        return self._parts.fetched_bytes

    @property
    def requests(self) -> int:
        """Answers that it took so far."""
        return self._parts.requests

    def prefetch(self, spans: Iterable[tuple[int, int]]) -> None:
        """Say what will be read, so that it is fetched ahead of the reader.

        Args:
            spans: Offsets (first byte, first byte after), in the order in which they are read,
                which must be that of the offsets. Replaces what was said before.
        """
        self._has_plan = True
        self._planned = deque(_in_pieces(self._missing(coalesced(spans))))
        self._send_for_next()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset, which nothing is fetched for."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end; all that is left when it is negative."""
        if self.closed:
            raise ValueError("reading a closed file")
        start = self._position
        stop = self.size_bytes if size < 0 else min(start + size, self.size_bytes)
        if start >= stop:
            return b""
        self._let_go(start)
        found: list[bytes] = []
        while self._position < stop:
            held = self._held(self._position) or self._fetched(self._position, stop)
            found.append(held.content[self._position - held.start : stop - held.start])
            self._position += len(found[-1])
        return found[0] if len(found) == 1 else b"".join(found)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer; less only at the end. Returns how many bytes."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let everything go, and end what is under way soon."""
        if not self.closed:
            self._parts.closed.set()
            self._kept.clear()
            self._pieces.clear()
            self._planned.clear()
            self._coming.clear()
        super().close()

    def _held(self, position: int) -> _Held | None:
        for held in (*self._pieces, *self._kept):
            if held.start <= position < held.stop:
                return held
        return None

    def _let_go(self, position: int) -> None:
        """Forget pieces that lie behind the reader, unless it only looks at the directory."""
        if not any(held.start <= position < held.stop for held in self._kept):
            self._pieces = [held for held in self._pieces if held.stop > position]

    def _fetched(self, position: int, stop: int) -> _Held:
        """Return bytes from a position on that are not here: planned ones, or just those."""
        coming = self._awaited(position)
        if coming is not None:
            held = _Held(coming.start, coming.future.result())
            self._send_for_next()
        else:
            held = _Held(position, self._part(position, self._until(position, stop)))
        if self._has_plan:
            self._pieces.append(held)
        elif sum(len(kept.content) for kept in self._kept) + len(held.content) <= KEPT_BYTES:
            self._kept.append(held)
        return held

    def _awaited(self, position: int) -> _Coming | None:
        """Take what is under way for a position; what was planned before it is passed over.

        A position for which nothing is planned changes nothing.
        """
        coming, planned = self._coming, self._planned
        if any(one.start <= position < one.stop for one in coming):
            while coming[0].stop <= position:
                coming.popleft()
        elif any(start <= position < stop for start, stop in planned):
            coming.clear()
            while planned[0][1] <= position:
                planned.popleft()
            self._send_for_next()
        else:
            return None
        return coming.popleft()

    def _until(self, position: int, stop: int) -> int:
        """Return where an unplanned request should end: before what is here or comes anyway."""
        known = [held.start for held in (*self._kept, *self._pieces)]
        known += [one.start for one in self._coming]
        return min([stop, position + PIECE_BYTES, *(start for start in known if start > position)])

    def _part(self, start: int, stop: int) -> bytes:
        if self.fetched_bytes + stop - start > self.size_bytes + _SPARE_BYTES:
            raise RangesUnavailableError("its parts are more than the whole file")
        with self._slots:
            return self._parts.part(start, stop)

    def _send_for_next(self) -> None:
        """Have planned pieces fetched while those before them are in use."""
        ahead = sum(one.stop - one.start for one in self._coming)
        while self._planned and len(self._coming) < CONNECTIONS:
            start, stop = self._planned[0]
            ahead += stop - start
            if ahead > AHEAD_BYTES:
                break
            self._planned.popleft()
            future = started(partial(self._part, start, stop), "keysift-fetch")
            self._coming.append(_Coming(start, stop, future))

    def _missing(self, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield the parts of spans that are not here yet."""
        for first, stop in spans:
            start = first
            for held in sorted(self._kept, key=lambda one: one.start):
                if held.start < stop and held.stop > start:
                    if held.start > start:
                        yield start, held.start
                    start = held.stop
            if start < stop:
                yield start, stop


def coalesced(
    spans: Iterable[tuple[int, int]], gap_bytes: int = GAP_BYTES
) -> list[tuple[int, int]]:
    """Return spans with small gaps closed, so that each is worth a request.

    Args:
        spans: Offsets (first byte, first byte after), in their order; they may overlap.
        gap_bytes: Smaller gaps are closed.
    """
    out: list[tuple[int, int]] = []
    for start, stop in spans:
        if out and start - out[-1][1] < gap_bytes:
            out[-1] = (out[-1][0], max(out[-1][1], stop))
        elif start < stop:
            out.append((start, stop))
    return out


def _in_pieces(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for first, stop in spans:
        for start in range(first, stop, PIECE_BYTES):
            yield start, min(start + PIECE_BYTES, stop)
