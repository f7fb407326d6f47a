"""The index that the tests run against answers as real ones do."""

from __future__ import annotations

import pytest
import requests

from tests.index_server import IndexServer


@pytest.mark.parametrize(
    ("wanted", "status", "body", "where"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("lines=1-2", 200, b"0123456789", None),
        ("", 200, b"0123456789", None),
    ],
)
def test_ranges(
    server: IndexServer, wanted: str, status: int, body: bytes, where: str | None
) -> None:
    """A range of a file is sent as RFC 9110 says; what is no range is ignored."""
    path = server.add("demo", "demo-1.tar.gz", b"0123456789")
    answer = requests.get(server.origin + path, headers={"Range": wanted}, timeout=10)
    assert (answer.status_code, answer.content) == (status, body)
    assert answer.headers.get("Content-Range") == where
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_server_without_ranges(server: IndexServer) -> None:
    """A server that gives no ranges sends the file whole, and says nothing of them."""
    server.gives_ranges = False
    path = server.add("demo", "demo-1.tar.gz", b"0123456789")
    answer = requests.get(server.origin + path, headers={"Range": "bytes=0-3"}, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert "Accept-Ranges" not in answer.headers


def test_content_is_made_when_it_is_asked_for(server: IndexServer) -> None:
    """A file whose digest and size are said is made by the request for it, and each time."""
    made: list[bytes] = []

    def content() -> bytes:
        made.append(b"x" * len(made))
        return made[-1]

    path = server.add("demo", "demo-1.tar.gz", content, hashes={}, size_bytes=0)
    requests.get(server.url, timeout=10)
    assert made == []
    assert [requests.get(server.origin + path, timeout=10).content for _ in "12"] == [b"", b"x"]
