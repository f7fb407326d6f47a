"""The list of all projects, in both formats and from servers of several kinds."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from keysift.errors import CredentialsError, IndexUnavailableError
from keysift.net.page import NotModified, Page
from keysift.sources import pypi
from keysift.sources.project_list import ProjectList, parse_project_list
from keysift.sources.pypi import Index
from tests.index_server import JSON, Answer, IndexServer

PATH = "/simple/"
URL = "https://index.example/simple/"


def _html(body: str) -> list[str]:
    page = Page(URL, "text/html", None, f"<html><body>{body}</body></html>".encode())
    return list(parse_project_list(page).projects)


def _json(*projects: object, **meta: object) -> ProjectList:
    body = {"meta": {"api-version": "1.0", **meta}, "projects": list(projects)}
    return parse_project_list(Page(URL, JSON, None, json.dumps(body).encode(), serial=5))


def test_list_of_an_index_with_serials(server: IndexServer, index: Index) -> None:
    """Names are sorted, each with its serial; the list has one too and an entity tag."""
    for name in ("zeta", "alpha", "zeta"):
        server.add(name, f"{name}-1.tar.gz")
    listed = index.projects()
    assert list(listed.projects.items()) == [("alpha", 2), ("zeta", 3)]
    assert listed.serial == 3
    assert index.projects(etag=listed.etag) == NotModified(serial=3)
    server.remove("zeta")
    changed = index.projects(etag=listed.etag)
    assert isinstance(changed, ProjectList)
    assert (dict(changed.projects), changed.serial) == ({"alpha": 2}, 4)


def test_list_of_an_index_with_html_only(server: IndexServer, index: Index) -> None:
    """The names of an index without JSON are read from its links; nothing is known of serials."""
    server.speaks_json = server.gives_serials = False
    for name in ("zeta", "alpha"):
        server.add(name, f"{name}-1.tar.gz")
    listed = index.projects()
    assert dict(listed.projects) == {"alpha": None, "zeta": None}
    assert listed.serial is None
    assert index.projects(etag=listed.etag) == NotModified()


def test_names_are_normalised_and_stand_once() -> None:
    """However a name is written it is one project, whose last change counts."""
    listed = _json(
        {"name": "Zope.Interface", "_last-serial": 3},
        {"name": "zope_interface"},
        {"name": "zope--interface", "_last-serial": 4},
        {"name": "a", "_last-serial": "2"},
        {"name": "b", "_last-serial": {"not": "a number"}},
    )
    assert list(listed.projects.items()) == [("a", 2), ("b", None), ("zope-interface", 4)]


def test_serial_of_the_list() -> None:
    """The list's own serial comes from its body, else from the header."""
    assert _json(**{"_last-serial": 4}).serial == 4
    assert _json().serial == 5


def test_empty_lists() -> None:
    """An index without projects is no error where the page says that it is one of an index."""
    assert dict(_json().projects) == {}
    assert _html('<meta name="pypi:repository-version" content="1.0">') == []


@pytest.mark.parametrize(
    "body",
    [
        # PEP 503, as PyPI has it
        '<a href="/simple/foo-bar/">Foo.Bar</a><a href="/simple/b/">b</a>',
        # pypiserver, Artifactory
        '<h1>Simple Index</h1><a href="foo-bar/">foo-bar</a><br><a href="b/">b</a><br>',
        # devpi, and a proxy that shows another index's pages
        '<a href="foo-bar">foo-bar</a><br/><a href="b">b</a>',
        '<a href="../../root/pypi/+simple/foo-bar/">foo-bar</a> <a href="/root/b/">b</a>',
        # Apache: sorting, the parent directory, names cut short, files
        (
            '<a href="?C=N;O=D">Name</a> <a href="/">Parent Directory</a> <a href="b/">b/</a> '
            '<a href="foo-bar/">foo-b..&gt;</a> <a href="index.html.bak">index.html.bak</a>'
        ),
        # nginx, Python's http.server
        '<pre><a href="../">../</a>\n<a href="foo_bar/">foo_bar/</a> - <a href="b/">b/</a></pre>',
        '<ul><li><a href="Foo%2DBar/">Foo-Bar/</a></li><li><a href="b/">b/</a></li></ul>',
        # the way here
        (
            '<a href="/">Home</a> <a href="/simple/">simple</a> <a href="foo-bar/">foo-bar</a> '
            '<a href="?order=simple">simple</a> <a href="#top">Top</a> <a href="b/">b</a>'
        ),
        # what an index behind a proxy makes of its addresses
        '<a href="http://index.example:8080/simple/foo-bar/">foo-bar</a> <a href="b/">b</a>',
        # whole addresses, and a base
        f'<base href="{URL}"><a href="{URL}foo-bar/">foo-bar</a><a href="b/">b</a>',
    ],
)
def test_html_of_many_servers(body: str) -> None:
    """Projects are told from the other links of indexes and web servers."""
    assert _html(body) == ["b", "foo-bar"]


def test_other_links_on_the_page_of_an_index() -> None:
    """A page that says which version of the protocol it speaks may hold any links besides."""
    assert _html(
        '<meta name="pypi:repository-version" content="1.0"><a href="b/">b</a>'
        '<a href="https://help.example/">Help</a>'
    ) == ["b"]


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Welcome</h1>",
        '<a href="/">Home</a>',
        '<h1>Not found</h1><a href="../">Back</a>',
        '<a href="packages/">here</a> <a href="https://software.example/server/">server</a>',
        '<a href="/help/">Get help</a> <a href="/login/">login</a> <a href="b/">b</a>',
        '<a href="https://elsewhere.example/simple/b/">b</a>',
        '<a href="mailto:webmaster@index.example">Write to us</a> <a href="b/">b</a>',
        '<a href="http://[bad/">b</a>',
    ],
)
def test_other_web_pages(body: str) -> None:
    """A web page of another kind is an error: its links are not all projects there are."""
    with pytest.raises(IndexUnavailableError, match=r"not a list of projects|not one of a package"):
        _html(body)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(404), "has no list of projects"),
        (Answer(500, b"<h1>Oh no</h1>"), r"error of its own \(500\)"),
        (Answer(200, b"<html><a href='b/'>b</a>", {"Content-Type": "text/html"}), "part of a page"),
        (Answer(200, b"<h1>Oh no</h1>", {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b'{"meta": {"api-v', {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"{}", {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"\xff\xfe", {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"[" * 100_000, {"Content-Type": JSON}), "not one of a package index"),
        (Answer(200, b"", {"Content-Type": "image/png"}), "answers with 'image/png'"),
        (Answer(200, b"x" * 99, cut=50), "breaks off"),
    ],
)
def test_answers_of_something_else(
    server: IndexServer, index: Index, answer: Answer, says: str
) -> None:
    """An answer that is not a list of projects is an error in one sentence."""
    server.answers[PATH] = [answer] * 9
    with pytest.raises(IndexUnavailableError, match=says) as caught:
        index.projects()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["", "-a", "a b", "../a", "a/b", "a\n", "\N{KELVIN SIGN}"],
)
def test_names_that_are_none(name: str) -> None:
    """Something that cannot be a project's name is passed over, as long as there are others."""
    assert list(_json({"name": "good"}, {"name": name}).projects) == ["good"]
    with pytest.raises(IndexUnavailableError, match="not the name of a project"):
        _json({"name": name})


@pytest.mark.parametrize("version", ["2.0", "x"])
def test_other_versions_of_the_protocol(version: str) -> None:
    """A list in a protocol that we do not know is an error."""
    with pytest.raises(IndexUnavailableError, match=r"version 2\.0|not one of a package index"):
        _json(**{"api-version": version})


def test_endless_list(server: IndexServer, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is read up to a bound that is its own."""
    monkeypatch.setattr(pypi, "MAX_LIST_BYTES", 1000)
    server.answers[PATH] = [Answer(200, b"x" * 1001)]
    with pytest.raises(IndexUnavailableError, match="a page of more than 1000 bytes"):
        index.projects()


def test_credentials_are_asked_for(server: IndexServer, index: Index) -> None:
    """A private index without credentials is an error that says where to put them."""
    server.answers[PATH] = [Answer(401)]
    with pytest.raises(CredentialsError, match="netrc or the keyring"):
        index.projects()


@pytest.mark.parametrize("kind", [JSON, "text/html"])
def test_memory_grows_with_the_list_alone(kind: str) -> None:
    """Reading a list takes a few times its size in memory: there is no tree of the page."""
    names = [f"project-number-{number}" for number in range(5000)]
    body = "".join(f'<a href="/simple/{name}/">{name}</a><br>\n' for name in names).encode()
    if kind == JSON:
        projects = [{"name": name, "_last-serial": 10**7} for name in names]
        body = json.dumps({"meta": {"api-version": "1.0"}, "projects": projects}).encode()
    tracemalloc.start()
    try:
        listed = parse_project_list(Page(URL, kind, None, body))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(listed.projects) == 5000
    assert peak_bytes < 8 * len(body)
