"""Fifty providers on one server, as they are: 50 ms away, and now and then not well.

``python -m benchmarks.providers`` prints its port, then serves until it is stopped. What it does
about a secret depends on the secret alone, so that the truth is known: one in two works; some are
answered only when they are asked about again.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Final

from msgspec import Struct, json

LATENCY_S: Final = 0.05

PROVIDERS: Final = 50

FAULTS: Final = {
    # The lot of a secret, and how the first request about it fails.
    11: "busy",
    37: "broken",
    73: "hangs up",
    101: "breaks off",
    150: "busy",
}
NONSENSE: Final = 190
"""The lot of those that are answered with a page to log in, always."""


class Report(Struct):
    """What was asked so far.

    Attributes:
        requests: All requests.
        settled: Requests that were answered for good, by secret.
        began_s: When the first one came, by the server's clock.
        ended_s: When the last one came.
        most_at_once: Requests at the same time to one provider, at most.
    """

    requests: int
    settled: dict[str, int]
    began_s: float
    ended_s: float
    most_at_once: int


def lot(number: int) -> int:
    """Return the lot of a secret, below 200: every provider has all of them, at other times."""
    provider, index = number % PROVIDERS, number // PROVIDERS
    return (index + 37 * provider) % 200


def is_active(number: int) -> bool:
    """Tell whether a secret works."""
    return number // PROVIDERS % 2 == 0


class Server:
    """Answers."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.settled: Counter[str] = Counter()
        self.times: list[float] = []
        self.open: Counter[str] = Counter()
        self.most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        fields = {name.lower(): text for name, text in fields.items()}
        if head.startswith("GET /report"):
            self._write(writer, 200, json.encode(self._report()))
            await writer.drain()
            return True
        host, secret = fields["host"], fields["authorization"].removeprefix("Bearer ")
        self.times.append(asyncio.get_running_loop().time())
        self.open[host] += 1
        self.most = max(self.most, self.open[host])
        await asyncio.sleep(LATENCY_S)
        self.open[host] -= 1
        self.asked[secret] += 1
        return await self._answer(writer, secret)

    async def _answer(self, writer: asyncio.StreamWriter, secret: str) -> bool:
        number = int(secret.rpartition("_")[2], 36)
        fault = FAULTS.get(lot(number)) if self.asked[secret] == 1 else None
        match fault:
            case "busy":
                self._write(writer, 429, b"{}", "Retry-After: 1\r\n")
            case "broken":
                self._write(writer, 503, b"{}")
            case "hangs up":
                return False
            case "breaks off":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
                await writer.drain()
                return False
            case _:
                self.settled[secret] += 1
                if lot(number) == NONSENSE:
                    self._write(writer, 200, b"<html>log in</html>")
                elif is_active(number):
                    self._write(writer, 200, b'{"login":"grace"}')
                else:
                    self._write(writer, 401, b'{"error":"unauthorized"}')
        await writer.drain()
        return True

    @staticmethod
    def _write(writer: asyncio.StreamWriter, status: int, body: bytes, more: str = "") -> None:
        head = f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)

    def _report(self) -> Report:
        return Report(
            requests=len(self.times),
            settled=dict(self.settled),
            began_s=self.times[0] if self.times else 0.0,
            ended_s=self.times[-1] if self.times else 0.0,
            most_at_once=self.most,
        )


async def _main() -> None:
    server = await asyncio.start_server(Server().serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(_main())
    except KeyboardInterrupt:
        sys.exit(0)
