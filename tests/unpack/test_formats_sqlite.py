"""Databases give their rows as text, and never run what is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, Limits
from tests.unpack.extracting import extraction, marker, parts, skips


def database(*statements: str, value: str = marker(1), pragma: str = "page_size=4096") -> bytes:
    """Return a database after some statements, in which ``:value`` stands for a text."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA {pragma}")
        for statement in statements:
            connection.execute(statement, {"value": value})
        connection.commit()
        return connection.serialize()


USERS = (
    'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, "pass word" TEXT, data BLOB)',
    "INSERT INTO users VALUES (1, 'a', :value, x'00ff'), (2, NULL, '', 1.5)",
)


def test_rows_are_lines() -> None:
    """Texts and blobs stand behind the names of their columns; the raw bytes count as well."""
    content = database(*USERS)
    found = parts(content)
    assert found["table users"].splitlines() == [
        *[b"name: a", b"pass word: " + marker(1).encode(), b"data: \0\xff"],
    ]
    assert b"CREATE TABLE users" in found["schema"]
    assert not extraction(content)[0].replaces_raw


def test_values_longer_than_a_page_are_whole() -> None:
    """What the file cuts into pages comes out in one piece."""
    value = "".join(marker(seed) for seed in range(1000))
    content = database("CREATE TABLE t (v)", "INSERT INTO t VALUES (:value)", value=value)
    assert value.encode() not in content
    assert value.encode() in parts(content)["table t"]


def test_utf_16_databases_give_utf_8() -> None:
    """The encoding of a database does not matter."""
    content = database(*USERS, pragma="encoding='UTF-16le'")
    assert marker(1).encode() in parts(content)["table users"]


def test_write_ahead_mode_is_no_obstacle() -> None:
    """A database that was left in WAL mode opens without its log."""
    content = bytearray(database(*USERS))
    content[18:20] = b"\2\2"
    assert marker(1).encode() in parts(bytes(content))["table users"]


def test_views_triggers_and_virtual_tables_are_not_run() -> None:
    """Only tables are read; those behind a virtual table are among them."""
    content = database(
        *USERS,
        "CREATE VIEW v AS SELECT hex(zeroblob(100000)) FROM users",
        "CREATE VIRTUAL TABLE texts USING fts5(body)",
        "INSERT INTO texts VALUES (:value)",
    )
    found = parts(content)
    assert "table v" not in found
    assert "table texts" not in found
    assert marker(1).encode() in found["table texts_content"]


def test_odd_names_are_quoted() -> None:
    """A table can have any name, quotes and control characters too."""
    content = database(
        'CREATE TABLE "a""; DROP TABLE b;\n" (v)',
        'INSERT INTO "a""; DROP TABLE b;\n" VALUES (\'x\')',
    )
    assert parts(content)['table a"; DROP TABLE b;\\n'] == b"v: x"


def test_many_rows_are_many_parts() -> None:
    """Large tables come in parts that are not held together in memory."""
    content = database(
        "CREATE TABLE t (v)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
        "INSERT INTO t SELECT :value || i FROM n",
        value="x" * 1000,
    )
    _, items = extraction(content)
    sizes = [len(getattr(item, "content", b"")) for item in items]
    assert len(items) == 4
    assert max(sizes) < 1_100_000


def test_corrupt_pages_are_a_skip() -> None:
    """Tables that can be read are read; one that cannot says so."""
    content = bytearray(
        database(*USERS, "CREATE TABLE other (v)", "INSERT INTO other VALUES ('y')")
    )
    content[4096:4196] = b"\xff" * 100
    _, items = extraction(bytes(content))
    assert SkipReason.CORRUPT in [getattr(item, "reason", None) for item in items]
    assert b"v: y" in [getattr(item, "content", b"") for item in items]


def test_a_page_cannot_be_read_over_and_over() -> None:
    """A tree whose inner nodes all lead to the same page ends when more rows come than can be."""
    content = bytearray(
        database(
            "CREATE TABLE t (v)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
            "INSERT INTO t SELECT 'v' || i FROM n",
            pragma="page_size=512",
        )
    )
    pages = [content[at : at + 512] for at in range(0, len(content), 512)]
    roots = [index for index, page in enumerate(pages) if index and page[0] == 5]
    for index in roots:
        page = pages[index]
        count = int.from_bytes(page[3:5], "big")
        cells = [int.from_bytes(page[12 + 2 * i : 14 + 2 * i], "big") for i in range(count)]
        for cell in cells:
            page[cell : cell + 4] = page[8:12]
    found = [item for item in extraction(b"".join(pages))[1] if hasattr(item, "reason")]
    assert [skip.reason for skip in found] in ([SkipReason.CORRUPT], [])


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database_is_a_skip(content: bytes) -> None:
    """A header alone is not enough."""
    assert [skip.reason for skip in skips(content)] == [SkipReason.CORRUPT]


def test_the_budget_ends_reading() -> None:
    """A budget that is used up is the reason of the skip."""
    content = database(
        "CREATE TABLE t (v)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO t SELECT 'v' || i FROM n",
    )
    assert skips(content, Budget(Limits(steps=500)))[-1].reason is SkipReason.STEP_BUDGET
