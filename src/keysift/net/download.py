"""One file over HTTP: bounded, hashed while it arrives, compared with what was announced."""

from __future__ import annotations

import hashlib
import io
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final, cast

import requests
from msgspec import Struct, field

from keysift.errors import ConfigurationError, HashMismatchError, IndexUnavailableError
from keysift.net.failure import FAILURES, check_status, translate
from keysift.net.pace import Pace
from keysift.net.redact import credentials, without_credentials
from keysift.net.session import politeness_of

MEMORY_BYTES: Final = 64 * 1024 * 1024
"""Files up to this size stay in memory."""

MAX_BYTES: Final = 8 * 1024 * 1024 * 1024
"""Larger files are refused unless the caller says otherwise."""

ATTEMPTS: Final = 3
"""How often a file is begun when it breaks off (requests that fail are retried by the session)."""

_CHUNK: Final = 256 * 1024

_ALGORITHMS: Final = ("sha256", "sha512", "sha384", "sha224", "sha1", "md5")
# What indexes announce: PEP 503 recommends sha256; old ones give md5.


class FileTooLargeError(IndexUnavailableError):
    """A file is larger than the caller accepts."""


class DownloadCancelledError(IndexUnavailableError):
    """The caller does not want the file any more."""


class Announced(Struct, frozen=True):
    """What an index says about a file.

    Attributes:
        size_bytes: Its size, when known.
        hashes: Hex digests by algorithm; may be empty.
    """

    size_bytes: int | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)


class Received(Struct, frozen=True):
    """A downloaded file.

    Attributes:
        file: Its bytes, at position 0; closing it frees them. Larger ones lie in a file without a
            name.
        sha256: Lower-case hex digest.
        size_bytes: Its size.
    """

    file: BinaryIO
    sha256: str
    size_bytes: int


def download(
    session: requests.Session,
    url: str,
    announced: Announced,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], None] | None = None,
    cancelled: threading.Event | None = None,
) -> Received:
    """Download a file.

    Args:
        session: From ``keysift.net.session``.
        url: Where it is; credentials in it go to its host only.
        announced: What to compare it with.
        max_bytes: Stop at files larger than this.
        progress: Is told the number of bytes of each piece; negative when a file that broke off
            begins again.
        cancelled: Stop soon after this is set.

    Raises:
        HashMismatchError: It is not the announced file.
        FileTooLargeError: It has more than ``max_bytes``.
        DownloadCancelledError: ``cancelled`` was set.
        CredentialsError: The server wants (other) credentials.
        IndexUnavailableError: Any other failure, after retries.
        OSError: The disk is full.
    """
    if (announced.size_bytes or 0) > max_bytes:
        raise FileTooLargeError(f"{announced.size_bytes} bytes, more than {max_bytes}")
    attempt = 0
    while True:
        attempt += 1
        sink = _Sink(announced, max_bytes)
        try:
            for piece in _pieces(session, url, cancelled):
                sink.write(piece)
                if progress is not None:
                    progress(len(piece))
            return sink.received()
        except FAILURES as error:
            sink.close()
            if attempt == ATTEMPTS or sink.size_bytes == 0:
                raise translate(error, url) from None
            if progress is not None:
                progress(-sink.size_bytes)
        except BaseException:
            sink.close()
            raise


def _pieces(
    session: requests.Session, url: str, cancelled: threading.Event | None
) -> Iterator[bytes]:
    """Yield the body of a file in pieces as they arrive."""
    check(cancelled)
    with ask(session, url, {}) as response:
        check_status(response)
        yield from pieces(response, cancelled)


def ask(session: requests.Session, url: str, headers: Mapping[str, str]) -> requests.Response:
    """Send a request for a file as it was published; the answer is the caller's to close.

    Args:
        session: From ``keysift.net.session``.
        url: Where it is; credentials in it go to its host only.
        headers: More headers.

    Raises:
        IndexUnavailableError: The address is not one of the web.
        requests.RequestException: And the others of ``keysift.net.failure.FAILURES``.
    """
    try:
        address, pair = without_credentials(url), credentials(url)
    except ConfigurationError:
        raise IndexUnavailableError("the index links to a file that is not on the web") from None
    # A server that "compresses" a .tar.gz on the way would have requests unpack it.
    headers = {"Accept-Encoding": "identity", **headers}
    return session.get(address, stream=True, headers=headers, auth=pair)


def pieces(response: requests.Response, cancelled: threading.Event | None) -> Iterator[bytes]:
    """Yield the body of an answer to ``ask``, in pieces as they arrive.

    Raises:
        DownloadCancelledError: ``cancelled`` was set.
        IndexUnavailableError: It arrives too slowly.
        urllib3.exceptions.HTTPError: It breaks off.
    """
    pace = Pace(politeness_of(response))
    while piece := response.raw.read1(_CHUNK, decode_content=False):
        check(cancelled)
        pace.arrived(len(piece))
        yield cast("bytes", piece)


def check(cancelled: threading.Event | None) -> None:
    """Go on unless an event is set.

    Raises:
        DownloadCancelledError: It is.
    """
    if cancelled is not None and cancelled.is_set():
        raise DownloadCancelledError("no longer wanted")


class _Sink:
    """Where a file arrives: in memory, and on disk once it is too large for that."""

    def __init__(self, announced: Announced, max_bytes: int) -> None:
        self._announced = announced
        self._max_bytes = max_bytes
        self._file: BinaryIO = io.BytesIO()
        self._in_memory = True
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=False)
            for name in _ALGORITHMS
            if name == "sha256" or name in announced.hashes
        }
        self.size_bytes = 0

    def write(self, piece: bytes) -> None:
        """Add to the file."""
        self.size_bytes += len(piece)
        expected = self._announced.size_bytes
        if expected is not None and self.size_bytes > expected:
            raise HashMismatchError(f"more than the announced {expected} bytes")
        if self.size_bytes > self._max_bytes:
            raise FileTooLargeError(f"more than {self._max_bytes} bytes")
        if self._in_memory and self.size_bytes > MEMORY_BYTES:
            self._move_to_disk()
        for running in self._hashes.values():
            running.update(piece)
        self._file.write(piece)

    def _move_to_disk(self) -> None:
        file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 (the caller closes it)
        with self._file as memory:
            self._file = file
            memory.seek(0)
            while piece := memory.read(_CHUNK):
                file.write(piece)
        self._in_memory = False

    def received(self) -> Received:
        """Return the file, if it is the announced one."""
        expected = self._announced.size_bytes
        if expected is not None and self.size_bytes != expected:
            raise HashMismatchError(f"{self.size_bytes} bytes instead of the announced {expected}")
        for name, running in self._hashes.items():
            digest = self._announced.hashes.get(name)
            if digest is not None and running.hexdigest() != digest.lower():
                raise HashMismatchError(f"its {name} is not the one that the index announces")
        self._file.seek(0)
        return Received(self._file, self._hashes["sha256"].hexdigest(), self.size_bytes)

    def close(self) -> None:
        """Throw away what arrived."""
        self._file.close()
