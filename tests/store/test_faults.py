"""What goes wrong with a database is one sentence, without a value or a password."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from keysift.cli.exit import ExitCode
from keysift.cli.main import parser
from keysift.errors import StoreError
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.ledger import now
from tests.cli.conftest import Console
from tests.databases import new_database
from tests.store.filled import fill, names
from tests.store.samples import value

PASSWORD = value(99).reveal_text()
NOBODY = 65534
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
_ROLES = count()


@pytest.fixture
def keysift(tmp_path: Path) -> Iterator[Console]:
    """Return a console; whatever it prints about a store is one sentence without the password."""
    console = Console(tmp_path, str(tmp_path / "cache"))
    yield console
    assert console.err.startswith("keysift: ")
    assert console.err.count("\n") == 1
    assert PASSWORD not in console.err + console.out


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody whom permissions stop: the super-user is not."""
    if os.geteuid() != 0:
        yield
        return
    parser()  # loads the commands: nobody else may read our modules
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed() -> Iterator[Path]:
    """Return a store in a directory of its own that everybody can enter, and nobody change."""
    directory = Path(tempfile.mkdtemp(prefix="keysift-"))
    path = directory / "store.db"
    store = Store(str(path))
    fill(store)
    store.close()
    path.chmod(0o444)
    directory.chmod(0o555)
    yield path
    directory.chmod(0o700)
    shutil.rmtree(directory)


@posix
def test_a_read_only_file(closed: Path, keysift: Console) -> None:
    """Nothing can be written to a file that is read-only, in a directory that is not."""
    closed.parent.chmod(0o777)
    keysift.directory = closed.parent
    with unprivileged():
        arguments = ("--store", str(closed), "--status", "open")
        assert keysift("triage", "1", *arguments) is ExitCode.INCOMPLETE
    assert f"{closed}: is read-only; SQLite must be able to write" in keysift.err


@posix
def test_a_read_only_directory(closed: Path, keysift: Console) -> None:
    """SQLite makes its log beside the file; a directory without room for it is told as that."""
    closed.chmod(0o666)
    keysift.directory = closed.parent
    with unprivileged():
        arguments = ("--store", str(closed), "--status", "open")
        assert keysift("triage", "1", *arguments) is ExitCode.INCOMPLETE
    assert f"keysift: {closed}: is read-only; SQLite must be able to write" in keysift.err


@posix
def test_a_directory_that_may_not_be_entered(closed: Path, keysift: Console) -> None:
    """Where we may not even look is told as that."""
    directory = closed.parent / "private"
    closed.parent.chmod(0o755)
    directory.mkdir(mode=0o000)
    keysift.directory = Path("/")
    path = directory / "store.db"
    with unprivileged():
        assert keysift("store", "info", "--store", str(path)) is ExitCode.INCOMPLETE
    directory.chmod(0o700)
    assert f"{path}: permission denied" in keysift.err


@posix
def test_a_store_that_cannot_be_made(closed: Path) -> None:
    """A directory that may not be written to takes no new store."""
    path = closed.parent / "deep" / "new.db"
    with unprivileged(), pytest.raises(StoreError, match=f"^{path}: permission denied$"):
        Store(str(path))


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    """The transaction that does not fit is undone, and may succeed when there is room."""
    store = Store(str(tmp_path / "store.db"))
    fill(store)
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    store.engine.dispose()

    def full(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(store.engine, "connect", full)
    rows = [{"digest": bytes([number]), "path": "x" * 5000} for number in range(200)]
    with (
        pytest.raises(StoreError, match=r"database or disk is full$") as caught,
        store.writing() as connection,
    ):
        connection.execute(sa.insert(t.paths).values(rows))
    assert not caught.value.is_passing
    event.remove(store.engine, "connect", full)
    store.engine.dispose()
    with store.writing() as connection:
        assert names(connection, t.paths.c.path) == ["a.py", "b.py", "c.py"]
        connection.execute(sa.insert(t.paths).values(rows))
    store.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read", b"\0" * 4096])
def test_what_is_no_database(tmp_path: Path, keysift: Console, content: bytes) -> None:
    """Another file is refused, and stays as it is."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    assert keysift("store", "info", "--store", str(path)) is ExitCode.INCOMPLETE
    assert "notes.txt: file is not a database" in keysift.err
    assert path.read_bytes() == content


def test_a_damaged_database(tmp_path: Path, keysift: Console) -> None:
    """A page that was overwritten is told, whatever command meets it."""
    path = tmp_path / "store.db"
    store = Store(str(path))
    fill(store)
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    assert keysift("store", "check", "--store", str(path)) is ExitCode.INCOMPLETE
    assert "malformed" in keysift.err


def test_a_database_of_something_else(location: str, keysift: Console) -> None:
    """The tables of another program are not mixed with ours."""
    Store(location).close()
    url = sa.make_url(location) if "://" in location else sa.URL.create("sqlite", database=location)
    backend = url.get_backend_name()
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg") if backend != "sqlite" else url
    )
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    engine.dispose()
    assert keysift("store", "info", "--store", location) is ExitCode.INCOMPLETE
    assert "a database of something else" in keysift.err
    with pytest.raises(StoreError, match="a database of something else"):
        Store(location)


def test_an_empty_database_is_no_store_yet(location: str, keysift: Console) -> None:
    """Who only reads makes nothing: neither a file nor tables."""
    assert keysift("store", "info", "--store", location) is ExitCode.INCOMPLETE
    assert "there is no store yet; `keysift crawl` makes one" in keysift.err
    assert "://" in location or not Path(location).exists()
    with pytest.raises(StoreError, match="no store yet"):
        Store(location, create=False)
    Store(location, create=True).close()
    Store(location, create=False).close()


def test_a_server_that_goes_away_in_a_transaction(postgresql: sa.URL) -> None:
    """The transaction is lost, the message is one line, and the next transaction works."""
    store = Store(new_database(postgresql))

    def interrupted() -> None:
        with store.writing() as connection:
            connection.execute(sa.insert(t.settings).values(name="lost", value=PASSWORD))
            number = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            with _admin(postgresql).connect() as admin:
                admin.execute(sa.text("SELECT pg_terminate_backend(:number)"), {"number": number})
            connection.execute(sa.insert(t.settings).values(name="never", value=PASSWORD))

    with pytest.raises(StoreError) as caught:
        interrupted()
    assert caught.value.is_passing
    assert "terminating connection" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    with store.writing() as connection:
        assert names(connection, t.settings.c.name) == []
    store.close()


def test_a_wrong_password(postgresql: sa.URL, keysift: Console) -> None:
    """The server says which user it refuses, and nobody what the password was."""
    role = f"keysift_{next(_ROLES)}_{os.getpid()}"
    location = new_database(postgresql)
    with _admin(postgresql).connect() as admin:
        admin.execute(sa.text(f"CREATE ROLE {role} LOGIN PASSWORD 'right'"))
        rules = Path(admin.execute(sa.text("SHOW hba_file")).scalar_one())
        before = rules.read_text()
        rules.write_text(f"local all {role} scram-sha-256\n{before}")
        try:
            admin.execute(sa.text("SELECT pg_reload_conf()"))
            url = sa.make_url(location).set(username=role, password=PASSWORD)
            wrong = url.render_as_string(hide_password=False)
            # The server reads its rules again in its own time.
            while "password" not in keysift.err:
                assert keysift("store", "info", "--store", wrong) is ExitCode.INCOMPLETE
        finally:
            rules.write_text(before)
    assert f'password authentication failed for user "{role}"' in keysift.err


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://someone:{PASSWORD}@nobody.invalid/store",
        f"postgresql://someone:{PASSWORD}@127.0.0.1:1/store",
        f"postgresql://someone@127.0.0.1:1/store?password={PASSWORD}",
        f"postgresql://someone:{PASSWORD}@/store?host=/there/is/none",
        f"postgresql://someone:{PASSWORD}@127.0.0.1:1/store?nonsense={PASSWORD}",
        f"postgresql://someone:{PASSWORD}@127.0.0.1:port/store",
        f"postgresql:/someone:{PASSWORD}@127.0.0.1/store",
        f"mysql://someone:{PASSWORD}@127.0.0.1/store",
    ],
)
def test_a_server_that_is_not_there(url: str, keysift: Console) -> None:
    """Unknown hosts, closed ports and wrong URLs are told without the password."""
    assert keysift("store", "info", "--store", url) is ExitCode.INCOMPLETE


def test_a_missing_driver(keysift: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no PostgreSQL learns what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = f"postgresql://someone:{PASSWORD}@127.0.0.1/store"
    assert keysift("store", "info", "--store", url) is ExitCode.INCOMPLETE
    assert "pip install 'keysift[postgresql]'" in keysift.err


def test_what_must_outlast_a_loss_of_power(tmp_path: Path) -> None:
    """SQLite is told to wait for the disk when that is asked for, and only then: 2 is FULL."""
    store = Store(str(tmp_path / "store.db"))
    for durable, level in ((True, 2), (False, 1)):
        with store.writing(durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == level
    store.close()


def test_a_value_stays_out_of_messages(store: Store) -> None:
    """A row that the database refuses is not shown."""
    row = {"detector": "demo", "fingerprint": PASSWORD, "mask": PASSWORD, "first_seen_at": now()}
    with pytest.raises(StoreError) as caught, store.writing() as connection:
        connection.execute(sa.insert(t.secrets).values([row, row]))
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_reader_sees_one_state(store: Store) -> None:
    """What another process commits between two statements of a reader is not seen by it."""
    fill(store)
    with store.reading() as connection:
        before = names(connection, t.secrets.c.id)
        with store.writing() as other:
            other.execute(sa.delete(t.secrets))
        assert names(connection, t.secrets.c.id) == before
    with store.reading() as connection:
        assert names(connection, t.secrets.c.id) == []


def _admin(postgresql: sa.URL) -> sa.Engine:
    return sa.create_engine(
        postgresql.set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
