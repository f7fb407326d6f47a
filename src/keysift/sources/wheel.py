"""Wheels of which only the wanted members are fetched, by requests for ranges."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import requests

from keysift.errors import ConfigurationError
from keysift.net.download import Announced
from keysift.net.ranges import CONNECTIONS, RangesUnavailableError, RemoteFile, coalesced
from keysift.net.redact import origin
from keysift.net.threads import started
from keysift.sources.project_page import IndexFile
from keysift.unpack import Budget, Choose, chosen_spans

MIN_BYTES: Final = 512 * 1024
"""Smaller wheels are not worth the requests."""

_WORTH: Final = 0.8
"""When more than this part of a wheel is wanted, all of it is as cheap, and can be verified."""

_LIBRARY: Final = re.compile(
    r"\.(?:so(?:\.[0-9]+)*|dylib|dll|pyd|a|lib|exe)\Z", re.IGNORECASE | re.ASCII
)


def is_library(path: str) -> bool:
    """Tell a shared or static library or a program by its name (``libz.so.1.3``, ``x.pyd``)."""
    return _LIBRARY.search(path) is not None


class Wheels:
    """Opens wheels of an index; remembers which servers give no parts of files.

    May be used from several threads.

    Args:
        session: Of the index.
        connections: Requests at the same time, of all of its wheels together.
        min_bytes: Smaller wheels are left to a download.
    """

    def __init__(
        self,
        session: requests.Session,
        *,
        connections: int = CONNECTIONS,
        min_bytes: int = MIN_BYTES,
    ) -> None:
        self._session = session
        self._min_bytes = min_bytes
        self._slots = threading.Semaphore(connections)
        self._whole_only: set[str] = set()

    def is_worth_it(self, file: IndexFile) -> bool:
        """Tell whether parts may be better than a download, as far as is known without asking.

        False for what is no wheel, a small one, or on a server that gives no parts.
        """
        size = file.artifact.size_bytes
        is_small = size is not None and size < self._min_bytes
        if is_small or not file.artifact.name.lower().endswith(".whl"):
            return False
        try:
            return origin(file.url) not in self._whole_only
        except ConfigurationError:
            return False  # A download says what is wrong with it.

    def send_for(
        self,
        file: IndexFile,
        *,
        progress: Callable[[int], None] | None = None,
        cancelled: threading.Event | None = None,
    ) -> Future[RemoteFile] | None:
        """Have the directory of a wheel fetched, for ``open``; whoever waits for it closes it.

        Args:
            file: What the index says about it.
            progress: Is told the number of bytes of each piece of it that arrives, from several
                threads; also of what comes in vain.
            cancelled: Stop soon after this is set.

        Returns:
            None when it is not worth it.

        Raises:
            MemoryError: There is no room for a thread.
        """
        if not self.is_worth_it(file):
            return None
        server = origin(file.url)

        def remote() -> RemoteFile:
            try:
                return RemoteFile(
                    self._session,
                    file.url,
                    Announced(file.artifact.size_bytes, file.hashes),
                    progress=progress,
                    cancelled=cancelled,
                    slots=self._slots,
                )
            except RangesUnavailableError:
                self._whole_only.add(server)
                raise

        return started(remote, "keysift-fetch")

    def open(self, coming: Future[RemoteFile], wanted: Choose) -> RemoteFile | None:
        """Return a wheel to be read by ``members`` with the same choice; the caller closes it.

        What is wanted begins to arrive at once, a few megabytes ahead of the reader. Reading may
        raise ``RangesUnavailableError``: then what came out is to be forgotten, and the wheel to be
        downloaded whole. The digest of the wheel is not checked, only the checksum of each member
        that is read.

        Args:
            coming: From ``send_for``.
            wanted: Which members to fetch: path, size in bytes, CRC-32. Asked once for each; when
                it is asked again by ``members``, it may want fewer.

        Returns:
            None when a whole download is the better way or the only one after all: an irregular
            wheel, nearly all of it is wanted, or the server gives no parts.

        Raises:
            HashMismatchError: Its size is not the announced one.
            CredentialsError: The server wants (other) credentials.
            DownloadCancelledError: ``cancelled`` was set.
            IndexUnavailableError: Any other failure, after retries.
        """
        try:
            remote = coming.result()
        except RangesUnavailableError:
            return None
        try:
            spans = chosen_spans(remote, Budget(), wanted)
        except RangesUnavailableError:
            spans = None
        except BaseException:
            remote.close()
            raise
        if spans is None or _size(spans) > _WORTH * remote.size_bytes:
            remote.close()
            return None
        remote.prefetch(spans)
        return remote


def _size(spans: list[tuple[int, int]]) -> int:
    return sum(stop - start for start, stop in coalesced(spans))
