"""Pages of an index: conditional requests, serials and bounds."""

from __future__ import annotations

import gzip

import pytest
import requests

from keysift.errors import IndexUnavailableError
from keysift.net.page import NotModified, Page, read_page
from keysift.net.serial import as_serial
from tests.index_server import Answer, IndexServer

PATH = "/simple/demo/"


def _read(
    server: IndexServer, session: requests.Session, etag: str | None = None
) -> Page | NotModified | None:
    return read_page(session, server.origin + PATH, "text/html", etag=etag)


def test_page_says_how_to_ask_again(server: IndexServer, session: requests.Session) -> None:
    """A page comes with its entity tag and serial; asked with the tag, it is not sent again."""
    server.add("demo", "demo-1.tar.gz")
    first = _read(server, session)
    assert isinstance(first, Page)
    assert first.serial == 1
    assert first.etag is not None
    assert _read(server, session, first.etag) == NotModified(serial=1)
    server.add("demo", "demo-2.tar.gz")
    second = _read(server, session, first.etag)
    assert isinstance(second, Page)
    assert (second.serial, b"demo-2" in second.body) == (2, True)
    assert second.etag != first.etag


def test_absence_is_not_the_same_as_no_change(
    server: IndexServer, session: requests.Session
) -> None:
    """A page that has gone is None, also when it is asked for with an entity tag."""
    server.add("demo", "demo-1.tar.gz")
    first = _read(server, session)
    assert isinstance(first, Page)
    server.remove("demo")
    assert _read(server, session, first.etag) is None


def test_index_without_serials_and_tags(server: IndexServer, session: requests.Session) -> None:
    """An index that gives neither serials nor entity tags gives pages without them."""
    server.gives_etags = server.gives_serials = False
    server.add("demo", "demo-1.tar.gz")
    page = _read(server, session)
    assert isinstance(page, Page)
    assert (page.etag, page.serial) == (None, None)


@pytest.mark.parametrize("status", [304, 300])
def test_answer_without_content(
    server: IndexServer, session: requests.Session, status: int
) -> None:
    """No change since what we never had, or a redirect to nowhere, is an error: not a page."""
    server.answers[PATH] = [Answer(status)]
    with pytest.raises(IndexUnavailableError, match=f"status {status} and no content"):
        _read(server, session)


def test_entity_tag_that_no_header_can_hold(server: IndexServer, session: requests.Session) -> None:
    """An entity tag with a line break is refused before anything is sent."""
    with pytest.raises(IndexUnavailableError, match="InvalidHeader"):
        _read(server, session, 'x"\r\nHost: elsewhere')
    assert server.requests == []


def test_page_without_end(server: IndexServer, session: requests.Session) -> None:
    """A page is read up to a bound only, counted after decompressing."""
    bomb = Answer(200, gzip.compress(bytes(10**6)), {"Content-Encoding": "gzip"})
    server.answers[PATH] = [Answer(200, b"x" * 1000), Answer(200, b"x" * 1001), bomb]
    url = server.origin + PATH
    page = read_page(session, url, "text/html", max_bytes=1000)
    assert page is not None
    assert len(page.body) == 1000
    for _ in range(2):
        with pytest.raises(IndexUnavailableError, match="a page of more than 1000 bytes"):
            read_page(session, url, "text/html", max_bytes=1000)


def test_part_of_a_page(server: IndexServer, session: requests.Session) -> None:
    """A part of a page that nobody asked for is an error."""
    server.answers[PATH] = [Answer(206, b"<a href='demo-1.tar.gz'>demo-1.tar.gz</a>")]
    with pytest.raises(IndexUnavailableError, match="a part of a page only"):
        _read(server, session)


@pytest.mark.parametrize(
    ("value", "serial"),
    [
        ("123", 123),
        (123, 123),
        (0, 0),
        (None, None),
        ("", None),
        ("-1", None),
        (-1, None),
        ("1.5", None),
        (1.5, None),
        (True, None),
        ("\N{ARABIC-INDIC DIGIT ONE}", None),
        ("9" * 5000, None),
        (10**18, None),
        ([1], None),
    ],
)
def test_serials(value: object, serial: int | None) -> None:
    """A serial is a number or its digits, of a size that a database can hold."""
    assert as_serial(value) == serial
