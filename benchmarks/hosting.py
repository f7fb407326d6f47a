"""An index on loopback in a process of its own, whose files lie on the disk."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from msgspec import Struct

from tests.index_server import IndexServer

_END_S: Final = 10


class File(Struct, frozen=True):
    """A file that an index serves.

    Attributes:
        project: Normalised name.
        name: File name.
        path: Where it lies.
        sha256: Its digest.
        size_bytes: Its size.
        uploaded: When, in ISO 8601.
        yanked: The reason, when it is yanked.
    """

    project: str
    name: str
    path: str
    sha256: str
    size_bytes: int
    uploaded: str
    yanked: str | None = None


class Host:
    """Serves an index while it is entered; it can be changed meanwhile.

    Attributes:
        url: Address of the index.
    """

    url: str

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        self.url = self._connection.recv()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self._process.join(_END_S)

    @property
    def pid(self) -> int:
        """Number of its process."""
        assert self._process.pid is not None  # noqa: S101 (it has been started)
        return self._process.pid

    def add(self, files: list[File]) -> None:
        """Serve files; one of the same name is replaced."""
        self._ask("add", files)

    def remove(self, project: str, name: str | None = None) -> None:
        """Serve a file no more, or a whole project."""
        self._ask("remove", (project, name))

    def requests(self) -> list[str]:
        """Return the paths of the requests since this was asked last."""
        found: list[str] = self._ask("requests", None)
        return found

    def _ask(self, what: str, about: object) -> Any:  # noqa: ANN401 (by what is asked)
        self._connection.send((what, about))
        return self._connection.recv()


def _serve(connection: Connection) -> None:
    """Serve until the other side is gone."""
    with IndexServer() as server:
        connection.send(server.url)
        while True:
            try:
                what, about = connection.recv()
            except EOFError:
                return
            if what == "add":
                for file in about:
                    _add(server, file)
                connection.send(None)
            elif what == "remove":
                server.remove(*about)
                connection.send(None)
            else:
                connection.send(server.paths())
                server.requests.clear()


def _add(server: IndexServer, file: File) -> None:
    server.add(
        file.project,
        file.name,
        Path(file.path).read_bytes,
        hashes={"sha256": file.sha256},
        size_bytes=file.size_bytes,
        uploaded=file.uploaded,
        yanked=file.yanked,
    )
