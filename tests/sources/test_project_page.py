"""What the page of one project says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.errors import IndexUnavailableError
from keysift.net.page import NotModified
from keysift.sources.project_page import Project, is_behind, package_url
from keysift.sources.pypi import Index
from tests.index_server import JSON, Answer, IndexServer

PAGE = "/simple/demo/"


def _project(index: Index) -> Project:
    project = index.project("demo")
    assert project is not None
    return project


@pytest.mark.parametrize("speaks_json", [True, False])
def test_everything_a_page_says(server: IndexServer, index: Index, speaks_json: bool) -> None:  # noqa: FBT001
    """A project has all files of its page, its status, serial and entity tag, in both formats."""
    server.speaks_json = speaks_json
    server.statuses["demo"] = "archived"
    server.add("other", "other-1.tar.gz")
    server.add("demo", "demo-2.tar.gz", yanked="broken")
    server.add("demo", "demo-1.tar.gz")
    project = _project(index)
    assert project.name == "demo"
    assert [file.artifact.name for file in project.files] == ["demo-2.tar.gz", "demo-1.tar.gz"]
    assert [file.artifact.yanked for file in project.files] == ["broken", None]
    assert [file.artifact.target for file in project.files] == ["pypi:demo"] * 2
    assert (project.status, project.serial) == ("archived", 3)
    assert index.project("Demo", etag=project.etag) == NotModified(serial=3)


@pytest.mark.parametrize(("announced", "size"), [(2**63 - 1, 2**63 - 1), (2**63, None), (-1, None)])
def test_sizes_that_no_file_has(
    server: IndexServer, index: Index, announced: int, size: int | None
) -> None:
    """An index may announce any number; what nobody can count is as good as no size."""
    server.add("demo", "demo-1.tar.gz", size_bytes=announced)
    assert _project(index).files[0].artifact.size_bytes == size


@pytest.mark.parametrize(
    ("said", "uploaded"),
    [
        ("2020-01-01T03:00:00+05:00", datetime(2019, 12, 31, 22, tzinfo=UTC)),
        ("2020-01-01T03:00:00", datetime(2020, 1, 1, 3, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_upload_times(
    server: IndexServer, index: Index, said: str, uploaded: datetime | None
) -> None:
    """A time is one of UTC; one that is none there is as good as none."""
    server.add("demo", "demo-1.tar.gz", uploaded=said)
    assert _project(index).files[0].artifact.uploaded == uploaded


def test_names_that_a_web_server_cuts_short(server: IndexServer, index: Index) -> None:
    """The files of a directory have the names of their addresses, whatever the links are called."""
    names = ["demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "demo-1.0+a.tar.gz", "demo-2.zip"]
    links = [
        "<a href='?C=M;O=A'>Last modified</a> <a href='../'>Parent Directory</a>",
        f"<a href='{names[0]}'>demo-1.0-cp311-cp311-m..&gt;</a>",
        "<a href='demo-1.0%2Ba.tar.gz?from=here#md5=0'> Download </a>",
        f"<a href='{names[2]}'>{names[2]}</a> <a href='demo-notes-1.txt'>demo-notes-1.txt</a>",
    ]
    page = f"<html><title>Index of /demo</title>{''.join(links)}</html>".encode()
    server.answers[PAGE] = [Answer(200, page, {"Content-Type": "text/html"})]
    files = _project(index).files
    assert [file.artifact.name for file in files] == names
    assert [file.artifact.version for file in files] == ["1.0", "1.0+a", "2"]
    assert files[0].url == f"{server.origin}{PAGE}{names[0]}"


def test_serial_of_the_body(server: IndexServer, index: Index) -> None:
    """The serial in the body counts more than the one of the header, which a cache may make."""
    page = {"meta": {"api-version": "1.0", "_last-serial": 7}, "name": "demo", "files": []}
    headers = {"Content-Type": JSON, "X-PyPI-Last-Serial": "9"}
    server.answers[PAGE] = [Answer(200, json.dumps(page).encode(), headers)]
    assert _project(index).serial == 7


def test_project_without_files(server: IndexServer, index: Index) -> None:
    """A project of which all files were removed is one without files, not an error."""
    server.add("demo", "demo-1.tar.gz")
    server.remove("demo", "demo-1.tar.gz")
    assert _project(index).files == ()


def test_no_such_project(index: Index) -> None:
    """A project that the index does not have is None."""
    assert index.project("demo") is None
    assert index.project("demo", etag='"x"') is None


@pytest.mark.parametrize(
    "marker",
    [{"status": "unheard-of"}, "unheard-of", {"status": "active"}, ["x"], {"status": ["x"]}, 5],
)
def test_a_status_that_nobody_knows_hides_no_files(
    server: IndexServer, index: Index, marker: object
) -> None:
    """It is left out, and the rest of the page is read."""
    server.add("demo", "demo-1.tar.gz")
    body = index.session.get(server.origin + PAGE, headers={"Accept": JSON}).json()
    said = json.dumps({**body, "project-status": marker}).encode()
    server.answers[PAGE] = [Answer(200, said, {"Content-Type": JSON})]
    project = index.project("demo")
    assert project is not None
    assert [file.artifact.name for file in project.files] == ["demo-1.tar.gz"]
    assert project.status in {None, "active"}


def test_half_a_page(server: IndexServer, index: Index) -> None:
    """A page that breaks off is an error in both formats: it would hide files."""
    server.add("demo", "demo-1.tar.gz")
    server.add("demo", "demo-2.tar.gz")
    for server.speaks_json in (True, False):
        accept = JSON if server.speaks_json else "text/html"
        whole = index.session.get(server.origin + PAGE, headers={"Accept": accept})
        kind = {"Content-Type": whole.headers["Content-Type"]}
        server.answers[PAGE] = [Answer(200, whole.content[: len(whole.content) * 2 // 3], kind)]
        with pytest.raises(IndexUnavailableError, match=r"a part of a page|not one of a package"):
            index.project("demo")


@pytest.mark.parametrize(
    ("serial", "listed", "behind"),
    [(1, 2, True), (2, 2, False), (3, 2, False), (None, 2, False), (1, None, False)],
)
def test_pages_of_a_cache(serial: int | None, listed: int | None, behind: bool) -> None:  # noqa: FBT001
    """A page with a lower serial than the list gave is old; without serials nothing is known."""
    assert is_behind(serial, listed) is behind


@given(st.text(min_size=1), st.text(min_size=1))
def test_package_urls_hold_any_name(version: str, file_name: str) -> None:
    """Whatever an index calls its files, the package URL is ASCII and can be decoded."""
    purl = package_url("demo", version, file_name)
    assert purl.isascii()
    head, _, qualifier = purl.partition("?file_name=")
    assert unquote(head.partition("@")[2]) == version.encode("utf-8", "replace").decode()
    assert unquote(qualifier) == file_name.encode("utf-8", "replace").decode()
