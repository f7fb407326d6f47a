"""Parts of one file over HTTP (RFC 9110, section 14), each checked to be what was asked for.

A server that ignores ranges, sends others than it was asked for or has another file meanwhile is
found out here; what is done with the parts is the matter of ``keysift.net.ranges``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final

import requests
import urllib3
from msgspec import Struct

from keysift.errors import IndexUnavailableError
from keysift.net.download import ATTEMPTS, ask, check, pieces
from keysift.net.failure import FAILURES, check_status, translate

_PARTIAL: Final = 206
_NOT_SATISFIABLE: Final = 416
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)


class RangesUnavailableError(IndexUnavailableError):
    """The server does not give parts of the file, or not as it should: it has to be had whole."""


class _Version(Struct, frozen=True):
    """What has to be the same in all answers.

    Attributes:
        size_bytes: Size of the whole file.
        mark: Its entity tag, else the date of its last change; None when the server says neither.
    """

    size_bytes: int
    mark: str | None


class Parts:
    """One file of a server.

    Its methods may be called from several threads.

    Args:
        session: From ``keysift.net.session``.
        url: Where it is; credentials in it go to its host only.
        progress: Is told the number of bytes of each piece that arrives.
        cancelled: Stop soon after this is set.

    Attributes:
        fetched_bytes: Bytes of bodies that arrived, those of broken answers included.
        requests: Answers that were had.
        closed: No more is wanted once this is set.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        *,
        progress: Callable[[int], None] | None = None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._session = session
        self._url = url
        self._progress = progress
        self._cancelled = cancelled
        self._version: _Version | None = None
        self._lock = threading.Lock()
        self.fetched_bytes = 0
        self.requests = 0
        self.closed = threading.Event()

    @property
    def size_bytes(self) -> int:
        """Size of the whole file, 0 before the first answer."""
        return 0 if self._version is None else self._version.size_bytes

    def tail(self, size_bytes: int) -> bytes:
        """Return the last bytes of the file, all of it if it has no more; its size is known then.

        Raises:
            RangesUnavailableError: The server does not give parts.
            CredentialsError: It wants (other) credentials.
            DownloadCancelledError: No more is wanted.
            IndexUnavailableError: Any other failure, after retries.
        """
        got = bytearray()
        try:
            self._receive(f"bytes=-{size_bytes}", None, size_bytes, got)
        except FAILURES as error:
            if not got:
                raise translate(error, self._url) from None
        start = max(0, self.size_bytes - size_bytes)
        return bytes(got) + self.part(start + len(got), self.size_bytes)

    def part(self, start: int, stop: int) -> bytes:
        """Return the bytes from one offset up to another one, which the file has.

        An answer that breaks off is continued.

        Raises:
            RangesUnavailableError: They are not what the server sends.
            CredentialsError: It wants (other) credentials.
            DownloadCancelledError: No more is wanted.
            IndexUnavailableError: Any other failure, after retries.
        """
        got = bytearray()
        attempt = 0
        while start + len(got) < stop:
            attempt += 1
            before = len(got)
            try:
                first = start + before
                self._receive(f"bytes={first}-{stop - 1}", first, stop - first, got)
            except FAILURES as error:
                if attempt == ATTEMPTS or len(got) == before:
                    raise translate(error, self._url) from None
        return bytes(got)

    def _receive(self, wanted: str, start: int | None, size_bytes: int, got: bytearray) -> None:
        """Send one request and add what arrives to ``got``.

        Args:
            wanted: The range.
            start: Where it begins; None for the last ``size_bytes``.
            size_bytes: How much it is.
            got: Where to.
        """
        self._check()
        headers = {"Range": wanted}
        mark = None if self._version is None else self._version.mark
        if mark is not None and mark.startswith('"'):
            # Only a strong entity tag may stand there (section 13.1.5).
            headers["If-Range"] = mark
        with ask(self._session, self._url, headers) as response:
            with self._lock:
                self.requests += 1
            left = self._accept(response, start, size_bytes)
            for piece in pieces(response, self._cancelled):
                self._check()
                self._count(len(piece))
                left -= len(piece)
                if left < 0:
                    raise RangesUnavailableError("the server sends more than the range it names")
                got += piece
        if left:
            raise urllib3.exceptions.IncompleteRead(size_bytes - left, left)

    def _accept(self, response: requests.Response, start: int | None, size_bytes: int) -> int:
        """Return how many bytes an answer has, when it is the one to our question."""
        if response.status_code == _NOT_SATISFIABLE or (
            response.ok and response.status_code != _PARTIAL
        ):
            raise RangesUnavailableError(
                f"the server does not give parts of the file ({response.status_code})"
            )
        check_status(response)
        said = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if said is None or encoding != "identity":
            raise RangesUnavailableError("the server does not say which part of the file it sends")
        first, last, total = int(said[1]), int(said[2]), int(said[3])
        mark = response.headers.get("ETag") or response.headers.get("Last-Modified")
        version = _Version(total, mark)
        with self._lock:
            if self._version is None:
                self._version = version
        if version != self._version:
            raise RangesUnavailableError("the file has changed while it was read")
        expected = max(0, total - size_bytes) if start is None else start
        if first != expected or last + 1 != min(expected + size_bytes, total):
            raise RangesUnavailableError("the server sends another part than the one asked for")
        return last + 1 - first

    def _count(self, size_bytes: int) -> None:
        with self._lock:
            self.fetched_bytes += size_bytes
        if self._progress is not None:
            self._progress(size_bytes)

    def _check(self) -> None:
        check(self._cancelled)
        check(self.closed)
