"""Releases and files of projects of an index."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from keysift.errors import (
    ConfigurationError,
    CredentialsError,
    IndexUnavailableError,
    TargetError,
)
from keysift.net.session import open_session
from keysift.sources.pypi import Index, index_address
from keysift.sources.spec import ProjectTarget
from tests.index_server import JSON, Answer, IndexServer

PAGE = "/simple/demo/"


def _page(api_version: str, *names: str, **more: object) -> Answer:
    """Return a page in JSON, with what ``more`` says."""
    files = [{"filename": name, "url": name, "hashes": {}} for name in names]
    page = {"meta": {"api-version": api_version}, "name": "demo", "files": files, **more}
    return Answer(200, json.dumps(page).encode(), {"Content-Type": JSON})


def _names(index: Index, version: str | None = None, *, all_releases: bool = False) -> list[str]:
    target = ProjectTarget("demo", version)
    return [file.artifact.name for file in index.select(target, all_releases=all_releases)]


def _add(server: IndexServer, *versions: str, yanked: str | None = None) -> None:
    for version in versions:
        server.add("demo", f"demo-{version}.tar.gz", version.encode(), yanked=yanked)


@pytest.fixture(params=["json", "html"])
def speaking(request: pytest.FixtureRequest, server: IndexServer) -> IndexServer:
    """Serve an index that speaks one of the two formats."""
    server.speaks_json = request.param == "json"
    return server


@pytest.mark.usefixtures("speaking")
class TestSelection:
    """Which files a target means, in both formats of the index."""

    def test_newest_is_a_final_release(self, server: IndexServer, index: Index) -> None:
        """The newest final release is meant, compared as versions, not as text."""
        _add(server, "9.0", "10.0", "11.0rc1", "10.1.dev1")
        assert _names(index) == ["demo-10.0.tar.gz"]

    def test_prerelease_when_there_is_nothing_else(self, server: IndexServer, index: Index) -> None:
        """A project that only has pre-releases gives the newest of them."""
        _add(server, "1.0a1", "1.0b2")
        assert _names(index) == ["demo-1.0b2.tar.gz"]

    def test_yanked_release_is_not_the_newest(self, server: IndexServer, index: Index) -> None:
        """A yanked release is not meant, unless there is no other."""
        _add(server, "2.0", yanked="broken")
        assert _names(index) == ["demo-2.0.tar.gz"]
        _add(server, "1.0")
        assert _names(index) == ["demo-1.0.tar.gz"]

    def test_yanked_reason_is_kept(self, server: IndexServer, index: Index) -> None:
        """The reason of a yank is kept, an empty one too."""
        _add(server, "2.0", yanked="leaks a key")
        _add(server, "1.0", yanked="")
        files = index.select(ProjectTarget("demo"), all_releases=True)
        assert [file.artifact.yanked for file in files] == ["leaks a key", ""]

    def test_all_artifacts_of_a_release(self, server: IndexServer, index: Index) -> None:
        """Files belong to one release when their versions are equal, however written."""
        _add(server, "1.0")
        server.add("demo", "demo-1.0.0-py3-none-any.whl")
        server.add("demo", "Demo-1-py2.7.egg")
        expected = ["Demo-1-py2.7.egg", "demo-1.0.0-py3-none-any.whl", "demo-1.0.tar.gz"]
        assert _names(index) == expected
        assert _names(index, "1.0.0.0") == expected

    def test_all_releases(self, server: IndexServer, index: Index) -> None:
        """All releases are listed from the newest on, old and unreadable versions at the end."""
        _add(server, "0.1-bulbasaur", "1.0", "2.0rc1")
        server.add("demo", "demo.exe")
        assert _names(index, all_releases=True) == [
            "demo-2.0rc1.tar.gz",
            "demo-1.0.tar.gz",
            "demo-0.1-bulbasaur.tar.gz",
            "demo.exe",
        ]
        assert _names(index, "0.1-bulbasaur") == ["demo-0.1-bulbasaur.tar.gz"]

    def test_one_file(self, server: IndexServer, index: Index) -> None:
        """A file name chooses one file of a release."""
        _add(server, "1.0")
        server.add("demo", "demo-1.0-py3-none-any.whl")
        (file,) = index.select(ProjectTarget("demo", "1.0", "demo-1.0.tar.gz"))
        assert file.artifact.name == "demo-1.0.tar.gz"
        with pytest.raises(TargetError, match=r"no such file; it has demo-1\.0-py3"):
            index.select(ProjectTarget("demo", "1.0", "demo-1.0.zip"))

    def test_unknown_project(self, index: Index) -> None:
        """An unknown project is an error that names the index."""
        with pytest.raises(TargetError, match=r"pypi:demo: http://127.* has no project demo"):
            _names(index)

    def test_unknown_version(self, server: IndexServer, index: Index) -> None:
        """An unknown version is an error that suggests others."""
        _add(server, "1.4.1", "1.4.2", "3.0")
        with pytest.raises(TargetError, match=r"no release 1\.4\.3; the newest is 3\.0; similar"):
            _names(index, "1.4.3")


def test_provenance(server: IndexServer, index: Index) -> None:
    """What the index says about a file is kept with it."""
    server.add("demo", "demo-1.0+x.tar.gz", b"abc", uploaded="2024-02-29T12:00:00.5+02:00")
    (file,) = index.select(ProjectTarget("demo"), target="as typed")
    artifact = file.artifact
    assert artifact.target == "as typed"
    assert (artifact.project, artifact.version) == ("demo", "1.0+x")
    assert artifact.purl == "pkg:pypi/demo@1.0%2Bx?file_name=demo-1.0%2Bx.tar.gz"
    assert artifact.uploaded == datetime(2024, 2, 29, 10, 0, 0, 500000, tzinfo=UTC)
    assert (artifact.size_bytes, artifact.sha256) == (3, file.hashes["sha256"])
    assert file.url == f"{server.origin}/files/demo/demo-1.0+x.tar.gz"


def test_html_page_holds_more_than_files(server: IndexServer, index: Index) -> None:
    """Links to other pages are not files."""
    page = (
        b'<a href="../">..</a> <a href="demo-1.0.tar.gz">demo-1.0.tar.gz</a> <a href="/">Help</a>'
    )
    server.answers[PAGE] = [Answer(200, page, {"Content-Type": "text/html"})]
    assert _names(index, all_releases=True) == ["demo-1.0.tar.gz"]


def test_project_without_files(server: IndexServer, index: Index) -> None:
    """A project whose files were all removed is an error that says so."""
    status = {"status": "quarantined"}
    server.answers[PAGE] = [_page("1.4", **{"project-status": status})]
    with pytest.raises(TargetError, match=r"no files \(status: quarantined\)"):
        _names(index)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(200, b"<h1>Welcome</h1>", {"Content-Type": "text/html"}), "not a list of files"),
        (Answer(200, b"<h1>Oh no</h1>", {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"{}", {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"[" * 100_000, {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"\xff\xfe\x00", {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"", {"Content-Type": "image/png"}), "answers with 'image/png'"),
        (_page("2.0"), r"speaks version 2\.0"),
        (_page("x"), "not one of a package index"),
        (
            Answer(
                200,
                b'<meta name="pypi:repository-version" content="9.0">',
                {"Content-Type": "text/html"},
            ),
            r"speaks version 9\.0",
        ),
        (
            Answer(200, b'{"meta"', {"Content-Type": JSON, "Content-Length": "99"}, cut=5),
            "breaks off",
        ),
        (Answer(302, b"", {"Location": "http://[bad/"}), "cannot be asked"),
        (Answer(302, b"", {"Location": "/\xff"}), "cannot be asked"),
        (Answer(302, b"", {"Location": PAGE}), "redirects in circles"),
        (Answer(418), "the error 418"),
    ],
)
def test_answers_of_something_else(
    server: IndexServer, index: Index, answer: Answer, says: str
) -> None:
    """An answer that is not a page of an index is an error in one sentence."""
    server.answers[PAGE] = [answer] * 40
    with pytest.raises(IndexUnavailableError, match=says) as caught:
        _names(index)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("error")
def test_newer_minor_version_is_read_silently(server: IndexServer, index: Index) -> None:
    """A protocol with a newer minor version is read without a warning."""
    server.answers[PAGE] = [_page("1.99", "demo-1.tar.gz")]
    assert _names(index) == ["demo-1.tar.gz"]


def test_passing_errors_are_retried(server: IndexServer, index: Index) -> None:
    """An overloaded server is asked again, and its wish for a pause is respected."""
    _add(server, "1.0")
    server.answers[PAGE] = [Answer(429, b"", {"Retry-After": "0"}), Answer(500), Answer(503)]
    assert _names(index) == ["demo-1.0.tar.gz"]
    assert server.paths() == [PAGE] * 4


def test_lasting_errors(server: IndexServer, index: Index) -> None:
    """A server that keeps failing is an error after a bounded number of requests."""
    server.answers[PAGE] = [Answer(502)] * 99
    with pytest.raises(IndexUnavailableError, match=r"error of its own \(502\)"):
        _names(index)
    assert len(server.requests) == 5


def test_no_server(unused_origin: str) -> None:
    """A host that nobody listens on is an error that names it without credentials."""
    password = "p" * 9
    url = f"{unused_origin}/simple/".replace("://", f"://user:{password}@")
    with open_session(url, backoff_s=0) as session:
        index = Index(url, session)
        with pytest.raises(IndexUnavailableError, match="cannot be reached") as caught:
            _names(index)
    assert unused_origin in str(caught.value)
    assert password not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_refusal(server: IndexServer, index: Index, status: int) -> None:
    """A refusal is an error that says where credentials can be put."""
    server.answers[PAGE] = [Answer(status)] * 9
    with pytest.raises(CredentialsError, match="netrc or the keyring"):
        _names(index)


def test_index_of_pip() -> None:
    """Without an address, the index is the one that pip uses; its credentials are not shown."""
    password = "p" * 9
    environ = {"PIP_INDEX_URL": f"https://user:{password}@index.example/simple"}
    assert index_address(None, environ) == environ["PIP_INDEX_URL"]
    assert index_address("https://other.example/", environ) == "https://other.example/"
    index = Index(environ=environ)
    assert index.url == "https://index.example/simple/"
    assert index.name == "https://index.example"
    index.session.close()


@pytest.mark.parametrize(
    "url", ["ftp://index.example", "index.example/simple", "http://[", "file:///x"]
)
def test_address_that_is_not_one(url: str) -> None:
    """An address that is not one of HTTP is an error before any request."""
    with pytest.raises(ConfigurationError, match="https://"):
        Index(url)


def test_nothing_is_printed_about_a_bad_page(
    server: IndexServer, index: Index, capfd: pytest.CaptureFixture[str]
) -> None:
    """The reader of HTML keeps its opinions to itself: the error says what is wrong."""
    server.answers[PAGE] = [Answer(200, b"")]
    with pytest.raises(IndexUnavailableError):
        index.releases("demo")
    assert capfd.readouterr().err == ""
