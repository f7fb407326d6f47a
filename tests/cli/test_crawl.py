"""``keysift crawl`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from keysift.cli.exit import ExitCode
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.excerpts import EXCERPT, unpacked
from keysift.store.sealing import Sealed, Sealer
from tests.cli.conftest import Console
from tests.crawl.world import DETECTORS, World, world
from tests.detector_file import detector_file
from tests.index_server import Answer, IndexServer
from tests.store.logical import logical
from tests.unpack.archives import zipped


@pytest.fixture
def small(server: IndexServer) -> World:
    """Serve a small world."""
    made = world(projects=4, releases=2)
    made.serve(server)
    return made


class Crawl:
    """Crawls the server's index with one detector into one store."""

    def __init__(self, console: Console, url: str) -> None:
        self.console = console
        self.url = url
        self.store = console.directory / "store.db"
        detector_file(console.directory / "acme.toml", DETECTORS)

    def __call__(self, *words: str) -> int:
        """Run the command."""
        return self.console(
            *("crawl", "--index-url", self.url, "--store", str(self.store), "--jobs", "1"),
            *("--detectors", "acme.toml", "--detector", "acme-*", *words),
        )

    def places(self) -> set[tuple[str, str, str, str]]:
        """Return where secrets stand."""
        store = Store(str(self.store), create=False)
        with store.reading() as connection:
            found = logical(connection)["occurrences"]
        store.close()
        return {(row[0], row[1], row[2], row[3]) for row in found}


@pytest.fixture
def crawl(keysift: Console, server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    """Return the command for the server's index."""
    monkeypatch.chdir(keysift.directory)
    return Crawl(keysift, server.url)


def test_all_projects(crawl: Crawl, small: World) -> None:
    """Everything is found, and the command says what it did."""
    assert crawl("--all") is ExitCode.CLEAN
    assert crawl.places() == {place[:4] for place in small.truth()}
    assert "Scanned     16 artifacts" in crawl.console.out


def test_names_from_the_command_line_and_from_a_file(crawl: Crawl, small: World) -> None:
    """Names are normalised, and a file may have comments."""
    names = crawl.console.directory / "names.txt"
    names.write_text("# mine\nDemo_001\n\ndemo.002  # twice\ndemo-002\n")
    assert crawl("DEMO-003", "--projects", str(names)) is ExitCode.CLEAN
    wanted = {"demo-001", "demo-002", "demo-003"}
    assert crawl.places() == {place[:4] for place in small.truth() if place[0] in wanted}


@pytest.mark.usefixtures("small")
def test_a_second_crawl_at_the_same_time_is_refused(crawl: Crawl) -> None:
    """The store is not written by two at once."""
    store = Store(str(crawl.store))
    lock = store.lock()
    assert lock.take()
    assert crawl("--all") is ExitCode.INCOMPLETE
    assert "another crawl is at work on this store" in crawl.console.err
    lock.give()
    store.close()
    assert crawl("--all") is ExitCode.CLEAN


@pytest.mark.usefixtures("small")
def test_what_could_not_be_had_is_said(crawl: Crawl, server: IndexServer) -> None:
    """One line names the file and the reason, and the exit code says that it is not complete."""
    name = "demo_001-1.0.tar.gz"
    server.answers[f"/files/demo-001/{name}"] = [Answer(404)]
    assert crawl("--all") is ExitCode.INCOMPLETE
    assert f"{name}: {server.origin} answers with the error 404" in crawl.console.err
    assert crawl("--all") is ExitCode.CLEAN


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name projects, or --projects FILE, or --all"),
        (("--all", "demo"), "name projects, or --projects FILE, or --all"),
        (("--all", "--releases", "0"), "must be all, latest or a number from 1"),
        (("--all", "--since", "yesterday"), "must be a serial, or a day"),
        (("--all", "--since", "2026-02-31"), "must be a serial, or a day"),
        (("--all", "--since", "9" * 25), "must be a serial, or a day"),
        (("--all", "--since", "\N{SUPERSCRIPT TWO}"), "must be a serial, or a day"),
        (("--all", "--releases", "\N{SUPERSCRIPT TWO}"), "must be all, latest or a number"),
        (("no good",), "'no good' is not the name of a project"),
        (("--projects", "missing.txt"), "missing.txt: no such file or directory"),
        (("demo", "--contact", "nobody"), "contact"),
    ],
)
def test_what_makes_no_sense_is_refused(crawl: Crawl, words: tuple[str, ...], message: str) -> None:
    """The message names the option and what to do, and no store is made for it."""
    assert crawl(*words) is ExitCode.USAGE
    assert message in crawl.console.err


@pytest.mark.usefixtures("small")
def test_a_wrong_address_is_an_error(crawl: Crawl, server: IndexServer) -> None:
    """It is told apart from an index without projects."""
    crawl.url = f"{server.origin}/nothing/"
    assert crawl("--all") is ExitCode.INCOMPLETE
    assert "has no list of projects at the address of the index" in crawl.console.err


def test_a_store_that_is_none_is_an_error(crawl: Crawl) -> None:
    """A file that is no database is named, and left as it is."""
    crawl.store.write_bytes(b"not a database, but long enough to look at " * 30)
    before = crawl.store.read_bytes()
    assert crawl("demo") is ExitCode.INCOMPLETE
    assert f"{crawl.store}: file is not a database" in crawl.console.err
    assert crawl.store.read_bytes() == before


def test_values_are_not_kept_when_told_so(crawl: Crawl, small: World) -> None:
    """With --no-values the database has no sealed value."""
    assert small.lives
    assert crawl("--all", "--no-values") is ExitCode.CLEAN
    store = Store(str(crawl.store))
    with store.reading() as connection:
        assert logical(connection)["values"] == []
    store.close()
    content = b"".join(path.read_bytes() for path in Path(crawl.store.parent).glob("store.db*"))
    assert not any(life.value.encode() in content for life in small.lives)


def test_the_lines_around_a_secret_are_kept(crawl: Crawl, server: IndexServer) -> None:
    """Sealed, where the secret was first seen."""
    secret = b"qzt_" + b"bdfhkmpr"
    text = b"one = 1\nkey = '" + secret + b"'\nthree = 3\n"
    server.add("demo", "demo-1.0-py3-none-any.whl", zipped([("demo/a.py", text)]))
    crawl.console.variables["KEYSIFT_SEALING_KEY"] = (b"1" * 32).hex()
    assert crawl("demo") is ExitCode.CLEAN
    store = Store(str(crawl.store))
    try:
        with store.reading() as connection:
            rows = connection.execute(sa.select(t.values).where(t.values.c.name == EXCERPT)).all()
    finally:
        store.close()
    [row] = rows
    sealed = Sealed(row.key_id, row.nonce, row.sealed)
    excerpt = unpacked(Sealer(b"1" * 32).open(sealed, row.secret_id, EXCERPT))
    assert (excerpt.path, excerpt.line) == ("demo/a.py", 1)
    assert excerpt.before + excerpt.found + excerpt.after == text.decode()


def test_archives_inside_archives_have_the_path_that_a_scan_says(
    crawl: Crawl, server: IndexServer
) -> None:
    """A place in a nested archive is told, and asked for, by the path that ``scan`` gives it."""
    inner = zipped([("in/b.env", b"qzt_" + b"bdfhkmpr")])
    body = zipped([("demo/x.zip", inner)])
    server.add("demo", "demo-1.0-py3-none-any.whl", body)
    wheel = crawl.console.directory / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(body)
    crawl.console("scan", "--detectors", "acme.toml", "-f", "json", str(wheel))
    (finding,) = json.loads(crawl.console.out)["findings"]
    assert [place["path"] for place in finding["occurrences"]] == ["demo/x.zip!/in/b.env"]
    assert crawl("demo") is ExitCode.CLEAN
    for glob in ("demo/x.zip!/in/b.env", "*"):
        crawl.console("export", "-f", "jsonl", "--path", glob, "--store", str(crawl.store))
        (row,) = [json.loads(line) for line in crawl.console.out.splitlines()]
        assert row["path"] == "demo/x.zip!/in/b.env"


@pytest.mark.usefixtures("small")
def test_the_advice_at_the_end_names_no_database_that_is_not_there(
    crawl: Crawl, location: str
) -> None:
    """A path is repeated; the address of a server is not, where a part of it must not be shown."""
    assert crawl("--all", "--store", location) is ExitCode.CLEAN
    is_path = "://" not in location
    assert crawl.console.out.split()[-2:] == ["--store", location if is_path else "URL"]
    assert "***" not in crawl.console.out
