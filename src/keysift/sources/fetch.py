"""Downloads of several files, overlapped with each other and with what is done with them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from typing import BinaryIO, Final, TypeAlias

import requests
from msgspec import Struct, structs

from keysift.errors import HashMismatchError, IndexUnavailableError, NotServedError
from keysift.model import Artifact, Skip, SkipReason
from keysift.net.download import (
    MAX_BYTES,
    MEMORY_BYTES,
    Announced,
    FileTooLargeError,
    download,
)
from keysift.net.threads import Threads
from keysift.sources.project_page import IndexFile

WORKERS: Final = 4
"""Downloads at the same time; an index is a shared good."""

IN_FLIGHT_BYTES: Final = 256 * 1024 * 1024
_MAX_WAITING: Final = 32
# Also bounds the open temporary files.


class Fetched(Struct, frozen=True):
    """A downloaded file.

    Attributes:
        artifact: What the index said, with the digest and size of what arrived.
        file: The bytes, at position 0, seekable. Closed when the next one is asked for.
    """

    artifact: Artifact
    file: BinaryIO


class Bounds(Struct, frozen=True):
    """How much may be under way.

    Attributes:
        workers: Downloads at the same time.
        in_flight_bytes: Memory of files that are arriving, waiting or in use; one file at least.
        max_bytes: Larger files are skipped.
        disk_bytes: Room for files that are too large for memory; one that does not fit is skipped.
            None for no bound.
    """

    workers: int = WORKERS
    in_flight_bytes: int = IN_FLIGHT_BYTES
    max_bytes: int = MAX_BYTES
    disk_bytes: int | None = None

    @property
    def largest_bytes(self) -> int:
        """The largest file that there is room for."""
        if self.disk_bytes is None:
            return self.max_bytes
        return min(self.max_bytes, max(self.disk_bytes, MEMORY_BYTES))


def fetch(
    files: Iterable[IndexFile],
    session: requests.Session,
    *,
    bounds: Bounds | None = None,
    progress: Callable[[int], None] | None = None,
) -> Generator[Fetched | Skip, None, None]:
    """Download files and yield them in order; one that cannot be had is a skip.

    Closing the iterator (or an exception where it is used, such as Ctrl-C) abandons what is under
    way without waiting for it.

    Args:
        files: From ``Index.select``.
        session: Of the index.
        bounds: How much may be under way.
        progress: Is told the number of bytes of each piece, from several threads.
    """
    bounds = bounds or Bounds()
    workers = _Workers(session, bounds, progress)
    waiting: deque[_Job] = deque()
    coming = iter(files)
    following = next(coming, None)
    try:
        while waiting or following is not None:
            while following is not None and _fits(following, waiting, bounds):
                waiting.append(workers.start(following))
                following = next(coming, None)
            job = waiting[0]
            result = job.future.result()
            yield result
            if isinstance(result, Fetched):
                result.file.close()
            waiting.popleft()
    finally:
        workers.abandon()
        for job in waiting:
            job.future.add_done_callback(_close)


_Result: TypeAlias = "Fetched | Skip"


class _Job(Struct, frozen=True, eq=False):
    """A file under way, and what became of it."""

    file: IndexFile
    future: Future[_Result]

    @property
    def memory_bytes(self) -> int:
        """How much memory it takes, at most."""
        return _memory_bytes(self._size_bytes)

    def disk_bytes(self, bounds: Bounds) -> int:
        """How much room on disk it takes, at most."""
        return _disk_bytes(self._size_bytes, bounds)

    @property
    def _size_bytes(self) -> int | None:
        if not self.future.done():
            return self.file.artifact.size_bytes
        result = self.future.result()
        return result.artifact.size_bytes if isinstance(result, Fetched) else 0


def _fits(file: IndexFile, waiting: deque[_Job], bounds: Bounds) -> bool:
    if not waiting:
        return True
    size = file.artifact.size_bytes
    memory = _memory_bytes(size) + sum(job.memory_bytes for job in waiting)
    disk = _disk_bytes(size, bounds) + sum(job.disk_bytes(bounds) for job in waiting)
    return (
        len(waiting) < _MAX_WAITING
        and memory <= bounds.in_flight_bytes
        and (bounds.disk_bytes is None or disk <= bounds.disk_bytes)
    )


def _memory_bytes(size_bytes: int | None) -> int:
    return MEMORY_BYTES if size_bytes is None else min(size_bytes, MEMORY_BYTES)


def _disk_bytes(size_bytes: int | None, bounds: Bounds) -> int:
    size = bounds.largest_bytes if size_bytes is None else size_bytes
    return 0 if size <= MEMORY_BYTES else size


def _close(future: Future[_Result]) -> None:
    if future.exception() is None:
        result = future.result()
        if isinstance(result, Fetched):
            result.file.close()


class _Workers:
    """Threads that download."""

    def __init__(
        self,
        session: requests.Session,
        bounds: Bounds,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._session = session
        self._bounds = bounds
        self._progress = progress
        self._cancelled = threading.Event()
        self._threads = Threads(bounds.workers, "keysift-fetch")

    def start(self, file: IndexFile) -> _Job:
        """Begin a download, at once or when a thread is free."""
        return _Job(file, self._threads.start(lambda: self._download(file)))

    def abandon(self) -> None:
        """End all downloads soon, and the threads after them."""
        self._cancelled.set()
        self._threads.end()

    def _download(self, file: IndexFile) -> _Result:
        artifact = file.artifact
        try:
            received = download(
                self._session,
                file.url,
                Announced(artifact.size_bytes, file.hashes),
                max_bytes=self._bounds.largest_bytes,
                progress=self._progress,
                cancelled=self._cancelled,
            )
        except FileTooLargeError as error:
            limit = self._bounds.largest_bytes
            why = "" if limit == self._bounds.max_bytes else ", for which there is room on disk"
            return _skip(artifact, SkipReason.TOO_LARGE, f"{error}{why}")
        except IndexUnavailableError as error:
            return failure(artifact, error)
        except OSError as error:
            detail = f"it cannot be stored: {error.strerror or type(error).__name__}"
            return _skip(artifact, SkipReason.DOWNLOAD_FAILED, detail)
        known = structs.replace(artifact, sha256=received.sha256, size_bytes=received.size_bytes)
        return Fetched(known, received.file)


def failure(artifact: Artifact, error: IndexUnavailableError) -> Skip:
    """Return the skip that says why a file could not be had."""
    reason = SkipReason.DOWNLOAD_FAILED
    if isinstance(error, FileTooLargeError):
        reason = SkipReason.TOO_LARGE
    elif isinstance(error, NotServedError):
        reason = SkipReason.NOT_SERVED
    elif isinstance(error, HashMismatchError):
        reason = SkipReason.HASH_MISMATCH
    return _skip(artifact, reason, str(error))


def _skip(artifact: Artifact, reason: SkipReason, detail: str) -> Skip:
    return Skip(
        path="",
        reason=reason,
        detail=detail,
        size_bytes=artifact.size_bytes,
        artifact=artifact.name,
    )
