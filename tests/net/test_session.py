"""Identity, retries and credentials of requests."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.response import HTTPResponse

from keysift import __version__
from keysift.errors import ConfigurationError, CredentialsError, IndexUnavailableError
from keysift.net import pace
from keysift.net.download import Announced, download
from keysift.net.page import read_page
from keysift.net.redact import credentials, origin, without_credentials
from keysift.net.session import MAX_RETRY_AFTER_S, BoundedRetry, open_session, user_agent
from tests.index_server import Answer, IndexServer

PAGE = "/simple/demo/"
PASSWORD = secrets.token_hex(8)
LOGIN = ("user@example", PASSWORD)


@pytest.fixture
def private(server: IndexServer) -> Iterator[IndexServer]:
    """Serve an index that wants credentials."""
    server.login = LOGIN
    server.add("demo", "demo-1.tar.gz", b"content")
    yield server
    for request in server.requests:
        assert PASSWORD not in request.path


def _get(url: str, *, index_url: str | None = None) -> int:
    with open_session(index_url, backoff_s=0) as session:
        return session.get(url).status_code


def test_requests_introduce_themselves(server: IndexServer, session: requests.Session) -> None:
    """Every request says who asks."""
    session.get(server.url)
    assert server.requests[0].headers["User-Agent"].startswith(f"keysift/{__version__}")


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ("team.x+y@index.example", "team.x+y@index.example)"),
        ("https://example.org/crawl?a=%20", "+https://example.org/crawl?a=%20)"),
    ],
)
def test_contact(server: IndexServer, contact: str, said: str) -> None:
    """Requests say whom to write to, if we are told."""
    with open_session(server.url, contact=contact) as session:
        session.get(server.url)
    assert server.requests[0].headers["User-Agent"].endswith(said)


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "someone",
        "a b@c.example",
        "a@b.example\r\nX: y",
        "a@b.example)",
        "https://u:p@c.example/",
    ],
)
def test_contact_that_is_none(contact: str) -> None:
    """What is no address, or would change the request, or holds a password is no contact."""
    with pytest.raises(ConfigurationError, match="neither an e-mail address nor a URL"):
        user_agent(contact)


def test_every_request_has_a_time_out(
    server: IndexServer, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request without a time-out of its own gets ours; one that has its own keeps it."""
    limits: list[object] = []
    send = HTTPAdapter.send

    def spy(adapter: HTTPAdapter, *arguments: object, **options: object) -> requests.Response:
        limits.append(arguments[2])
        return send(adapter, *arguments, **options)  # type: ignore[arg-type] # handed through

    monkeypatch.setattr(HTTPAdapter, "send", spy)
    session.get(server.url)
    session.get(server.url, timeout=3)
    assert limits == [(10.0, 30.0), 3]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("99999", MAX_RETRY_AFTER_S), (formatdate(4e9), MAX_RETRY_AFTER_S), ("soon", None)],
)
def test_pauses_are_bounded(header: str, seconds: float | None) -> None:
    """A server may ask for a pause, but not for one without end."""
    response = HTTPResponse(headers={"Retry-After": header})
    assert BoundedRetry().get_retry_after(response) == seconds


def test_credentials_from_the_address(private: IndexServer) -> None:
    """Credentials in the index's address are sent, decoded, to its host for pages and files."""
    index_url = private.url_with("user%40example", PASSWORD)
    assert _get(private.origin + PAGE, index_url=index_url) == 200
    assert _get(private.origin + "/files/demo/demo-1.tar.gz", index_url=index_url) == 200
    assert _get(private.origin + PAGE, index_url=private.url) == 401


def test_credentials_from_netrc(
    private: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials in a netrc file are used for the host they are for."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login {LOGIN[0]} password {PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert _get(private.origin + PAGE, index_url=private.url) == 200


def test_a_user_name_alone_is_completed_by_netrc(
    private: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address with a user name but no password gets the one of netrc, as in pip."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login {LOGIN[0]} password {PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    index_url = private.url.replace("://", "://someone@")
    assert _get(private.origin + PAGE, index_url=index_url) == 200


@pytest.mark.parametrize("given", [True, False])
def test_a_refusal_says_whether_credentials_were_given(private: IndexServer, given: bool) -> None:  # noqa: FBT001
    """Wrong credentials are called wrong; missing ones are asked for. Neither is shown."""
    index_url = private.url_with("nobody", "wrong-word") if given else private.url
    with (
        open_session(index_url, backoff_s=0) as session,
        pytest.raises(CredentialsError) as caught,
    ):
        read_page(session, private.origin + PAGE, "text/html")
    assert ("it was given" in str(caught.value)) is given
    assert "wrong-word" not in str(caught.value)


@pytest.mark.parametrize(
    "read",
    [
        lambda session, url: read_page(session, url, "text/html"),
        lambda session, url: download(session, url, Announced()),
    ],
)
def test_a_server_that_keeps_us_waiting_is_left(
    server: IndexServer,
    session: requests.Session,
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[requests.Session, str], object],
) -> None:
    """After a minute with hardly a byte the answer is given up; the clock here is made up."""
    url = server.origin + server.add("demo", "demo-1.tar.gz", b"x" * 5000)
    ticks = iter(range(0, 10**6, 61))
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    with pytest.raises(IndexUnavailableError, match=r"bytes arrived in 61 seconds"):
        read(session, url)


def test_redirect_elsewhere_does_not_take_credentials_along(private: IndexServer) -> None:
    """A redirect to another host, or to another port of it, does not get the credentials."""
    with IndexServer() as other:
        private.answers[PAGE] = [Answer(302, b"", {"Location": other.origin + PAGE})]
        private.login = None
        _get(private.origin + PAGE, index_url=private.url_with(*LOGIN))
        assert "Authorization" in private.requests[0].headers
        assert other.paths() == [PAGE]
        assert "Authorization" not in other.requests[0].headers


def test_redirected_file_does_not_take_credentials_along(private: IndexServer) -> None:
    """A file whose address holds credentials is fetched without them where it redirects to."""
    path = "/files/demo/demo-1.tar.gz"
    with IndexServer() as other, open_session(private.url, backoff_s=0) as session:
        private.login = None
        private.answers[path] = [Answer(302, b"", {"Location": other.origin + path})]
        other.add("demo", "demo-1.tar.gz", b"content")
        url = private.url_with(*LOGIN).replace("/simple/", path)
        assert download(session, url, Announced()).size_bytes == 7
        assert "Authorization" in private.requests[0].headers
        assert "Authorization" not in other.requests[0].headers


def test_links_elsewhere_do_not_get_credentials(private: IndexServer) -> None:
    """A file on another host is asked for without the credentials of the index."""
    with IndexServer() as other:
        _get(other.origin + PAGE, index_url=private.url_with(*LOGIN))
        assert "Authorization" not in other.requests[0].headers


def test_redirect_there_and_back_is_authorized(private: IndexServer) -> None:
    """A redirect that comes back to the index's host is authorized again."""
    with IndexServer() as other:
        private.answers["/simple/"] = [Answer(302, b"", {"Location": other.origin + PAGE})]
        other.answers[PAGE] = [Answer(302, b"", {"Location": private.origin + PAGE})]
        assert _get(private.url, index_url=private.url_with("user%40example", PASSWORD)) == 200


def test_credentials_from_the_keyring(private: IndexServer) -> None:
    """The keyring is asked after a refusal, once, for the index and then for the host."""
    keyring = pytest.importorskip("keyring")
    backend = pytest.importorskip("keyring.backend")
    asked: list[tuple[str, str | None]] = []
    before = keyring.get_keyring()  # chosen before there is another one to choose

    class Ring(backend.KeyringBackend):  # type: ignore[misc,name-defined] # optional library
        priority = 1

        def get_credential(self, service: str, username: str | None) -> object:
            asked.append((service, username))
            if service == private.url:
                return None
            return keyring.credentials.SimpleCredential(*LOGIN)

        def get_password(self, service: str, username: str) -> str | None:
            raise NotImplementedError

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    keyring.set_keyring(Ring())
    try:
        with open_session(private.url, backoff_s=0) as session:
            assert session.get(private.origin + PAGE).status_code == 200
            assert session.get(private.origin + PAGE).status_code == 200
            private.login = ("someone", "else")
            assert session.get(private.origin + PAGE).status_code == 401
    finally:
        keyring.set_keyring(before)
    assert asked == [(private.url, None), (private.url.split("/")[2], None)]
    basic = base64.b64encode(":".join(LOGIN).encode()).decode()
    assert [r.headers.get("Authorization") for r in private.requests] == [
        None,
        f"Basic {basic}",
        f"Basic {basic}",
        f"Basic {basic}",
    ]


def test_json_of_a_private_index(private: IndexServer) -> None:
    """A page of a private index is the same as that of a public one."""
    with open_session(private.url_with("user%40example", PASSWORD), backoff_s=0) as session:
        page = session.get(private.origin + PAGE, headers={"Accept": "*/*"})
    assert b"demo-1.tar.gz" in page.content
    with pytest.raises(json.JSONDecodeError):
        json.loads(page.content)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@index.example:443/t/x/simple/?q=1", "https://index.example"),
        ("http://INDEX.example:8080/", "http://index.example:8080"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_origin(url: str, shown: str) -> None:
    """Only scheme, host and port of an address are shown, always in the same form."""
    assert origin(url) == shown


def test_addresses_without_credentials() -> None:
    """Credentials are taken off, and nothing else."""
    assert without_credentials("https://u:p%40@a.example/x?y#z") == "https://a.example/x?y#z"
    assert credentials("https://u:p%40@a.example/x") == ("u", "p@")
    assert credentials("https://token@a.example/x") == ("token", "")
    assert credentials("https://a.example/x@y") is None


@pytest.mark.parametrize("url", ["", "a.example", "ftp://a.example", "https://", "http://a:x/"])
def test_what_is_not_an_address(url: str) -> None:
    """Anything that is not an address of HTTP is an error that does not repeat it."""
    with pytest.raises(ConfigurationError, match="https://"):
        origin(url)
