"""Redirects and links into private networks are not followed, elsewhere they are."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
import requests

from keysift.errors import IndexUnavailableError
from keysift.model import Skip, SkipReason
from keysift.net import reach as module
from keysift.net.download import Announced, download
from keysift.net.page import read_page
from keysift.net.reach import PrivateAddressError, Reach, is_private
from keysift.net.session import open_session
from keysift.sources.fetch import fetch
from keysift.sources.pypi import Index
from tests.index_server import Answer, IndexServer, join_downloads

PATH = "/simple/demo/"
ON_THE_WEB = "https://8.8.8.8/simple/"
REFUSED = "is a private address, to which an index on the web may not lead"


@pytest.fixture
def public(server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """Return a client of the index, for which 127.0.0.1 stands for an address on the web."""
    monkeypatch.setattr(module, "is_private", lambda text: text != "127.0.0.1" and is_private(text))
    with open_session(server.url, backoff_s=0) as session:
        yield Index(server.url, session)
        join_downloads()


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/simple/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:8080/",
        "http://[::ffff:192.168.0.1]/",
        "http://167772161/",
        "https://localhost/",
        "http://printer.localhost./",
    ],
)
def test_redirect_into_a_private_network(server: IndexServer, public: Index, location: str) -> None:
    """A page or file of an index on the web that redirects to a private address is an error."""
    redirect = Answer(302, b"", {"Location": location})
    server.answers[PATH] = [redirect]
    path = server.add("demo", "demo-1.tar.gz")
    server.answers[path] = [redirect]
    with pytest.raises(PrivateAddressError, match=REFUSED):
        public.project("demo")
    with pytest.raises(PrivateAddressError, match=REFUSED):
        download(public.session, server.origin + path, Announced())
    assert server.paths() == [PATH, path]


def test_file_in_a_private_network(server: IndexServer, public: Index) -> None:
    """A file that an index on the web says is at a private address is a gap that says why."""
    server.add("demo", "demo-1.tar.gz", url="http://192.168.1.1/demo-1.tar.gz")
    project = public.project("demo")
    assert project is not None
    (skip,) = fetch(project.files, public.session)
    assert isinstance(skip, Skip)
    assert skip.reason is SkipReason.DOWNLOAD_FAILED
    assert skip.detail == f"http://192.168.1.1 {REFUSED}"


def test_name_that_is_looked_up_as_a_private_address(server: IndexServer) -> None:
    """What counts is the address that a name leads to; nothing is sent there."""
    url = server.origin.replace("127.0.0.1", "0x7f.1")
    with (
        open_session(ON_THE_WEB, backoff_s=0) as session,
        pytest.raises(PrivateAddressError, match=REFUSED),
    ):
        read_page(session, url, "text/html")
    assert server.requests == []


def test_private_index_leads_anywhere(server: IndexServer, session: requests.Session) -> None:
    """An index at a private address may redirect to another one, as those of companies do."""
    with IndexServer() as other:
        path = other.add("demo", "demo-1.tar.gz", b"content")
        other_url = other.origin.replace("127.0.0.1", "localhost") + path
        server.answers[PATH] = [Answer(302, b"", {"Location": other_url})]
        received = download(session, server.origin + PATH, Announced())
        assert isinstance(received.file, io.BytesIO)
        assert received.file.read() == b"content"


def test_index_whose_name_only_a_proxy_knows(
    server: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy the index is asked, and the private addresses it leads to are refused."""
    monkeypatch.setenv("HTTP_PROXY", server.origin)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    url = f"http://{'x' * 64}.invalid/simple/"  # too long to be looked up
    server.answers[url] = [Answer(302, b"", {"Location": "http://10.0.0.1/"})]
    with (
        open_session(url, backoff_s=0) as session,
        pytest.raises(IndexUnavailableError, match=REFUSED),
    ):
        read_page(session, url, "text/html")
    assert server.paths() == [url]


def test_name_of_the_index_changes_its_address() -> None:
    """An index on the web stays there, though its name is looked up as a private address later."""
    url = "http://index.example/simple/"
    reach = Reach(url)
    reach.check_peer("8.8.8.8", url)
    with pytest.raises(PrivateAddressError, match=REFUSED):
        reach.check_peer("10.0.0.1", url)
    with pytest.raises(PrivateAddressError, match=REFUSED):
        reach.check_url("http://10.0.0.1/")


def test_index_with_a_name_at_a_private_address() -> None:
    """An index with a name of a private network may lead to other hosts of it."""
    reach = Reach("http://index.example/simple/")
    reach.check_peer("10.0.0.1", "http://index.example/simple/demo/")
    reach.check_peer("10.0.0.2", "http://files.example/demo-1.tar.gz")
    reach.check_url("http://10.0.0.3/demo-1.tar.gz")


@pytest.mark.parametrize(
    ("found", "leads_anywhere"),
    [(["10.0.0.1", "fd00::1"], True), (["10.0.0.1", "8.8.8.8"], False), (["8.8.8.8"], False)],
)
def test_index_that_was_not_asked_yet(
    monkeypatch: pytest.MonkeyPatch,
    found: list[str],
    leads_anywhere: bool,  # noqa: FBT001
) -> None:
    """Before it is asked, an index is private if its name has private addresses only."""
    answer = [(0, 0, 0, "", (address, 0)) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with nullcontext() if leads_anywhere else pytest.raises(PrivateAddressError, match=REFUSED):
        Reach("http://index.example/simple/").check_url("http://10.0.0.3/demo-1.tar.gz")


def test_no_index_in_particular() -> None:
    """Without an index no private address is asked."""
    with pytest.raises(PrivateAddressError, match=REFUSED):
        Reach(None).check_url("http://127.0.0.1/")
    with pytest.raises(PrivateAddressError, match=REFUSED):
        Reach(None).check_peer("10.0.0.1", "http://files.example/")


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("127.1", True),
        ("0x0a.1", True),
        ("012.0.0.1", True),
        ("2130706433", True),
        ("134744072", False),
        ("0x7f000001.example", False),
        ("100.64.0.1", True),
        ("169.254.169.254", True),
        ("0.0.0.0", True),  # noqa: S104 (an address, nothing is bound to it)
        ("224.0.0.1", True),
        ("::1", True),
        ("fe80::1%lo", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("8.8.8.8", False),
        ("2001:4860:4860::8888", False),
        ("index.example", False),
        ("", False),
        # Where clouds tell their machines about themselves.
        ("168.63.129.16", True),
        ("192.0.0.192", True),
        ("fd00:ec2::254", True),
        # What translators and tunnels lead to.
        ("64:ff9b::a9fe:a9fe", True),
        ("64:ff9b::8.8.8.8", False),
        ("64:ff9b:1::a9fe:a9fe", True),
        ("2002:7f00:1::", True),
        ("2002:808:808::", False),
        ("::127.0.0.1", True),
        ("::ffff:0:10.0.0.1", True),
        ("fec0::1", True),
    ],
)
def test_private_addresses(address: str, private: bool) -> None:  # noqa: FBT001
    """Every address that the web does not reach is private."""
    assert is_private(address) is private
