"""A server in a process of its own, a client of the SDK, and everything that the server wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

_RELAY = """\
import os, subprocess, sys
out, err, *command = sys.argv[1:]
with open(out, "ab") as kept, open(err, "ab") as errors:
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    while chunk := os.read(server.stdout.fileno(), 65536):
        kept.write(chunk)
        os.write(1, chunk)
    sys.exit(server.wait())
"""
"""Keeps what a server writes. Its standard input is the server's own."""

_NO_NETWORK = """\
import os, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"):
        os.write(2, b"NETWORK " + event.encode())
        os._exit(99)
sys.addaudithook(refuse)
"""
"""A ``sitecustomize`` that ends a process which uses the network."""


class Served:
    """Runs ``keysift mcp`` for a test.

    Attributes:
        directory: Its working directory.
    """

    def __init__(self, directory: Path, cache: str) -> None:
        self.directory = directory
        self._cache = cache
        self._kept = directory.parent / "kept"
        self._kept.mkdir()
        (self._kept / "sitecustomize.py").write_text(_NO_NETWORK)

    @property
    def written(self) -> bytes:
        """All that servers wrote so far, on both streams."""
        return b"".join(path.read_bytes() for path in sorted(self._kept.glob("std*")))

    def use(
        self, work: Callable[[Client], Awaitable[None]], *roots: str, mode: str = "auto"
    ) -> None:
        """Start a server, let a client work with it, and end both."""

        async def run() -> None:
            async with Client(self._parameters(roots), mode=mode) as client:
                await work(client)

        # In a thread of its own: in this one a browser of other tests may have a loop that runs.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(anyio.run, run).result()

    def raw(self, lines: list[str], *, answers: int) -> list[dict[str, Any]]:
        """Start a server, write lines as they are, and return so many answers."""
        how = self._parameters(())
        environment = {**os.environ, **(how.env or {})}
        with subprocess.Popen(
            [how.command, *how.args],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write("".join(f"{line}\n" for line in lines).encode())
            server.stdin.flush()
            told = [json.loads(server.stdout.readline()) for _ in range(answers)]
            server.stdin.close()
        return told

    def _parameters(self, roots: tuple[str, ...]) -> StdioServerParameters:
        out, err = (str(self._kept / name) for name in ("stdout", "stderr"))
        command = [sys.executable, "-m", "keysift", "mcp", *roots]
        path = [str(self._kept), *(one for one in sys.path if one)]
        return StdioServerParameters(
            command=sys.executable,
            args=["-c", _RELAY, out, err, *command],
            cwd=self.directory,
            env={
                "KEYSIFT_CACHE_DIR": self._cache,
                "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
                "PYTHONPATH": ":".join(path),
            },
        )


def answer(result: Any) -> dict[str, Any]:  # noqa: ANN401 (the SDK gives a union)
    """Return the structured content of a tool's answer that is no error."""
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    content: dict[str, Any] = result.structured_content
    return content


def refusal(result: Any) -> str:  # noqa: ANN401 (the same)
    """Return the message of a tool's answer that is an error."""
    assert isinstance(result, CallToolResult)
    assert result.is_error, result.structured_content
    return text(result)


def text(result: Any) -> str:  # noqa: ANN401 (the same)
    """Return the text of a tool's answer."""
    [content] = result.content
    return str(content.text)
