"""A provider is asked once, within bounds; a hostile one gets nothing else out of us."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from keysift.model import CannotAskError, Doubt
from keysift.net.asking import MAX_BODY, Asker

PROVIDER = "https://api.provider.example"
OK = b"HTTP/1.1 200 OK\r\n"
PACKED = b"Content-Encoding: %b\r\nContent-Length: 9\r\n\r\nnot so it"


class Hostile:
    """A server that sends whatever a test wants, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: Callable[[], Iterator[bytes]] = lambda: iter(())
        self.received: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Stop."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.received.append(_request(connection))
                try:
                    for piece in self.answers():
                        connection.sendall(piece)
                except OSError:
                    continue


def _request(connection: socket.socket) -> bytes:
    """Return the whole request, or what came of it."""
    request = b""
    while piece := connection.recv(65536):
        request += piece
        head, found, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if (found and len(body) >= (int(length[1]) if length else 0)) or not head[:4].isupper():
            break
    return request


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    """Return a server."""
    server = Hostile()
    yield server
    server.close()


@pytest.fixture
def asker(hostile: Hostile) -> Iterator[Asker]:
    """Return what sends the requests for a provider to it."""
    one = Asker(elsewhere={PROVIDER: hostile.origin}, total_s=1.0)
    yield one
    one.close()


def doubt(asker: Asker, url: str = f"{PROVIDER}/me") -> tuple[Doubt, str]:
    """Ask, and return why there is no answer."""
    with pytest.raises(CannotAskError) as caught:
        asker.ask("GET", url, {}, None)
    return caught.value.doubt, str(caught.value)


def test_an_answer_comes_back_whole(hostile: Hostile, asker: Asker) -> None:
    """Status, headers in lower case, and the body."""
    hostile.answers = lambda: iter(
        [OK, b"X-Scope: a\r\nX-Scope: b\r\nContent-Length: 4\r\n\r\nbody"]
    )
    reply = asker.ask("POST", f"{PROVIDER}/me?x=1", {"X-Key": "value"}, b"question")
    assert (reply.status, reply.headers["x-scope"], reply.body) == (200, "a, b", b"body")
    [sent] = hostile.received
    assert sent.startswith(b"POST /me?x=1 HTTP/1.1\r\n")
    assert b"Host: api.provider.example\r\n" in sent
    assert b"X-Key: value\r\n" in sent
    assert sent.endswith(b"\r\n\r\nquestion")


def test_a_redirect_is_not_followed(hostile: Hostile, asker: Asker) -> None:
    """The secret goes nowhere else; the redirect itself is what was answered."""
    location = f"Location: {hostile.origin}/steal\r\n".encode()
    hostile.answers = lambda: iter(
        [b"HTTP/1.1 302 Found\r\n", location, b"Content-Length: 0\r\n\r\n"]
    )
    assert asker.ask("GET", f"{PROVIDER}/me", {}, None).status == 302
    assert len(hostile.received) == 1


def test_cookies_are_not_kept(hostile: Hostile, asker: Asker) -> None:
    """What one secret's answer sets is not sent with the next one."""
    hostile.answers = lambda: iter(
        [OK, b"Set-Cookie: session=1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"]
    )
    for _ in range(2):
        asker.ask("GET", f"{PROVIDER}/me", {}, None)
    assert b"ookie" not in hostile.received[1]


def test_a_body_without_end(hostile: Hostile, asker: Asker) -> None:
    """An answer is read up to a bound."""
    hostile.answers = lambda: iter([OK, b"\r\n", *repeat(b"x" * 65536, MAX_BODY // 65536 + 8)])
    assert doubt(asker)[0] is Doubt.TOO_LARGE


def test_a_compressed_bomb(hostile: Hostile, asker: Asker) -> None:
    """What is small on the wire is unpacked up to the same bound."""
    bomb = gzip.compress(b"x" * (64 * MAX_BODY))
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    hostile.answers = lambda: iter([OK, head, bomb])
    assert doubt(asker)[0] is Doubt.TOO_LARGE


def test_a_compressed_answer_is_unpacked(hostile: Hostile, asker: Asker) -> None:
    """Some servers compress what nobody asked them to."""
    packed = gzip.compress(b'{"id": 1}')
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    hostile.answers = lambda: iter([OK, head, packed])
    assert asker.ask("GET", f"{PROVIDER}/me", {}, None).body == b'{"id": 1}'


def test_headers_without_end(hostile: Hostile, asker: Asker) -> None:
    """So many headers are no answer."""
    hostile.answers = lambda: iter([OK, *(f"X-{n}: {n}\r\n".encode() for n in range(10_000))])
    assert doubt(asker)[0] is Doubt.NETWORK


@pytest.mark.parametrize(
    "begin", [b"HTTP/1.1 200 OK\r\nX-Slow: ", OK + b"Content-Length: 9999\r\n\r\n"]
)
def test_an_answer_that_trickles(hostile: Hostile, asker: Asker, begin: bytes) -> None:
    """A byte now and then keeps no connection open for longer than an answer may take."""
    ended = threading.Event()

    def trickle() -> Iterator[bytes]:
        yield begin
        while not ended.wait(0.05):
            yield b"x"

    hostile.answers = trickle
    try:
        assert doubt(asker)[0] is Doubt.TIMEOUT
    finally:
        ended.set()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", Doubt.NETWORK),
        (b"SSH-2.0-OpenSSH\r\n", Doubt.NETWORK),
        (b"HTTP/1.1 401 Unauth", Doubt.NETWORK),
        (b"HTTP/1.1 401 Unauthorized\r\nX-Half: ", Doubt.NETWORK),
        (OK + b"Content-Length: 100\r\n\r\nhalf", Doubt.NETWORK),
        (OK + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx", Doubt.UNEXPECTED_RESPONSE),
        (
            OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot so it",
            Doubt.UNEXPECTED_RESPONSE,
        ),
    ],
)
def test_no_answer(hostile: Hostile, asker: Asker, answer: bytes, expected: Doubt) -> None:
    """What breaks off, or is no answer of HTTP, is none."""
    hostile.answers = lambda: iter([answer])
    assert doubt(asker)[0] is expected


@pytest.mark.parametrize(
    "host", ["127.0.0.1:1", "10.1.2.3", "169.254.169.254", "[::1]", "localhost"]
)
def test_private_networks_are_not_asked(host: str) -> None:
    """Neither this machine nor the services of the network that we stand in."""
    asker = Asker()
    assert doubt(asker, f"https://{host}/latest/meta-data/")[0] is Doubt.BLOCKED


def test_a_name_that_is_looked_up_as_a_private_address(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that a connection leads to is what counts, not what the name was before."""
    port = int(hostile.origin.rpartition(":")[2])
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *args, **more: real("127.0.0.1", port, *args[2:], **more)
    )
    asker = Asker()
    assert doubt(asker, f"http://rebound.example:{port}/me")[0] is Doubt.BLOCKED
    assert hostile.received in ([], [b""])


def test_a_server_that_cannot_be_trusted(hostile: Hostile) -> None:
    """What does not speak TLS gets no request, also where private addresses are allowed."""
    asker = Asker(allow_private=True)
    hostile.answers = lambda: iter([OK, b"Content-Length: 0\r\n\r\n"])
    url = hostile.origin.replace("http:", "https:")
    assert doubt(asker, f"{url}/me")[0] is Doubt.TLS
    assert b"/me" not in b"".join(hostile.received)


def test_messages_do_not_repeat_the_address() -> None:
    """An address may hold the secret."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    asker = Asker(allow_private=True)
    for url in (f"http://127.0.0.1:{port}/the-value", "http://[broken/the-value"):
        with pytest.raises(CannotAskError) as caught:
            asker.ask("GET", url, {}, None)
        assert "the-value" not in "".join(traceback.format_exception(caught.value))
