"""``keysift store`` and ``keysift triage``, as a user runs them, on both databases."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from keysift.cli.exit import ExitCode
from keysift.cli.sealing import KEYRING_SERVICE, KEYRING_USER
from keysift.model import fingerprint_key
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.held import HeldStore
from keysift.store.sealing import Sealer
from keysift.store.summaries import refresh
from tests.cli.conftest import Console
from tests.ring import Ring
from tests.store.filled import VALUES, change, fill, opened
from tests.store.samples import KEY

LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)

_MORTAL = """
import os, platformdirs, signal, sys
from pathlib import Path
from keysift.cli.main import run
from keysift.store import rotation
from keysift.store.sealing import Sealer
directory, left = Path(sys.argv[1]), int(sys.argv[2])
platformdirs.user_config_path = lambda name: directory / name
seal = Sealer.seal
def mortal(*arguments):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return seal(*arguments)
Sealer.seal = mortal
rotation.reseal.__kwdefaults__["batch"] = 2
sys.argv[1:] = ["store", "rotate-key"]
run()
"""
"""Rotates with two values a transaction, and is killed when it has sealed some."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the key file, which holds one key."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    path = tmp_path / "keysift" / "sealing.key"
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_text(f"{(b'1' * 32).hex()}\n")
    return path


def file_keys(file: Path) -> list[bytes]:
    """Return the keys in the file."""
    return [bytes.fromhex(line) for line in file.read_text().splitlines()]


@pytest.fixture
def keysift(store: Store, location: str, file: Path, tmp_path: Path) -> Iterator[Console]:
    """Return a console with the keys of a filled store."""
    fill(store, sealer=Sealer(*file_keys(file)))
    console = Console(tmp_path, str(tmp_path / "cache"))
    console.variables |= {"KEYSIFT_STORE": location, "KEYSIFT_FINGERPRINT_KEY": KEY.decode()}
    console.variables["LOGNAME"] = "someone"
    yield console
    # Whatever happened, no key was shown.
    assert not re.search(r"[0-9a-f]{64}", console.out + console.err)


def open_all(store: Store, file: Path) -> int:
    """Open all values with the keys of the file; returns how many there are."""
    with store.reading() as connection:
        return len(opened(connection, Sealer(*file_keys(file))))


def test_a_sound_store_is_clean(keysift: Console) -> None:
    """Nothing is printed but the summary, and the exit code is 0."""
    assert keysift("store", "check") is ExitCode.CLEAN
    assert keysift.out == ""
    assert "0 problems (1 project, 2 artifacts, 3 secrets, 6 secret values)" in keysift.err


def test_each_problem_is_a_line(keysift: Console, store: Store) -> None:
    """Problems go to standard output, and the exit code is 1."""
    change(store, t.artifacts, t.artifacts.c.id == 1, attempts=3, name="\x1b[2Jx")
    assert keysift("store", "check") is ExitCode.FINDINGS
    assert keysift.out == "artifact 1 (\\x1b[2Jx): scanned, and failed\n"
    assert ": 1 problem (" in keysift.err


def test_lists_are_made_anew(keysift: Console, store: Store) -> None:
    """Then they say what the store does."""
    refresh(store)
    change(store, t.summaries, t.summaries.c.secret_id == 1, places=77)
    assert keysift("store", "check") is ExitCode.FINDINGS
    assert "keysift store rebuild" in keysift.out
    assert keysift("store", "rebuild") is ExitCode.CLEAN
    assert re.search(r"^the lists of [1-9] projects? are made anew$", keysift.out, re.MULTILINE)
    assert keysift("store", "check") is ExitCode.CLEAN


def test_info_says_where_and_how_much(keysift: Console, store: Store) -> None:
    """A reader learns which database it is, and what was looked at."""
    assert keysift("store", "info") is ExitCode.CLEAN
    assert store.name in keysift.out
    assert ("SQLite" if store.is_sqlite else "PostgreSQL") in keysift.out
    assert "2 scanned, 0 incomplete, 0 failed, 0 pending, 0 deleted" in keysift.out
    assert re.search(r"^secret_values +6 rows", keysift.out, re.MULTILINE)
    assert "No crawl yet." in keysift.out


def test_info_tells_of_the_last_runs(keysift: Console, store: Store) -> None:
    """A run that has no end was killed, or goes on: the newest one, while a crawl has the lock."""
    with store.writing() as connection:
        for ended in (None, LONG_AGO, None):
            row = {"registry_id": 1, "ruleset_id": 1, "version": "1.0", "wanted": {}}
            row |= {"began_at": LONG_AGO, "ended_at": ended, "counts": {"artifacts": 4}}
            connection.execute(sa.insert(t.runs).values(row))
    keysift("store", "info")
    assert "2021-01-01 00:00 to 2021-01-01 00:00 UTC, keysift 1.0" in keysift.out
    said = "2021-01-01 00:00 UTC, keysift 1.0: "
    assert keysift.out.count(f"{said}it was killed") == 2
    with closing(HeldStore(store)):
        keysift("store", "info")
    assert keysift.out.count(f"{said}it was killed") == 1
    assert keysift.out.count(f"{said}it goes on") == 1
    assert "artifacts 4" in keysift.out


def test_a_rotation_seals_everything_again(keysift: Console, store: Store, file: Path) -> None:
    """The new key seals all values; the old one stays for other stores, behind it."""
    [old] = file_keys(file)
    assert keysift("store", "rotate-key") is ExitCode.CLEAN
    new, kept = file_keys(file)
    assert kept == old
    assert f"{VALUES} values sealed with key {Sealer(new).key_id}" in keysift.out
    assert "--forget-old" in keysift.err
    with store.reading() as connection:
        assert len(opened(connection, Sealer(new))) == VALUES
    assert keysift("store", "check") is ExitCode.CLEAN
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600


def test_old_keys_are_forgotten_when_that_is_asked_for(
    keysift: Console, store: Store, file: Path
) -> None:
    """Then the file holds the new key alone."""
    keysift("store", "rotate-key")
    assert keysift("store", "rotate-key", "--forget-old") is ExitCode.CLEAN
    assert len(file_keys(file)) == 1
    assert open_all(store, file) == VALUES


def test_a_rotation_of_another_store_is_followed(
    keysift: Console, store: Store, file: Path
) -> None:
    """When the key on top is newer than the store's, that is used and no other made."""
    file.write_text(f"{(b'2' * 32).hex()}\n{file.read_text()}")
    assert keysift("store", "rotate-key") is ExitCode.CLEAN
    assert file_keys(file) == [b"2" * 32, b"1" * 32]
    with store.reading() as connection:
        assert len(opened(connection, Sealer(b"2" * 32))) == VALUES


def test_old_keys_stay_while_a_value_does_not_open(
    keysift: Console, store: Store, file: Path
) -> None:
    """A value that could not be sealed again may need them: exit code 3."""
    change(store, t.values, t.values.c.secret_id == 1, sealed=b"damaged")
    assert keysift("store", "rotate-key", "--forget-old") is ExitCode.INCOMPLETE
    assert "2 values could not be opened" in keysift.err
    assert len(file_keys(file)) == 2


def test_a_variable_is_not_ours_to_change(keysift: Console, store: Store, file: Path) -> None:
    """The message says what to do, and doing so rotates."""
    old = file_keys(file)[0].hex()
    keysift.variables["KEYSIFT_SEALING_KEY"] = old
    assert keysift("store", "rotate-key") is ExitCode.USAGE
    assert "KEYSIFT_SEALING_KEY=NEW,PRESENT" in keysift.err
    keysift.variables["KEYSIFT_SEALING_KEY"] = f"{(b'2' * 32).hex()},{old}"
    assert keysift("store", "rotate-key", "--forget-old") is ExitCode.CLEAN
    assert "leave them out" in keysift.err
    assert file_keys(file) == [b"1" * 32]
    with store.reading() as connection:
        assert len(opened(connection, Sealer(b"2" * 32))) == VALUES


def test_a_rotation_needs_the_present_key(keysift: Console, file: Path) -> None:
    """With another key nothing is changed, neither the store nor the file."""
    file.write_text(f"{(b'3' * 32).hex()}\n")
    assert keysift("store", "rotate-key") is ExitCode.USAGE
    assert f"sealed with key {Sealer(b'1' * 32).key_id}, found: " in keysift.err
    assert file_keys(file) == [b"3" * 32]
    file.unlink()
    assert keysift("store", "rotate-key") is ExitCode.USAGE
    assert "none was found" in keysift.err
    assert not file.exists()


def test_without_a_value_there_is_nothing_to_rotate(
    store: Store, location: str, file: Path, tmp_path: Path
) -> None:
    """A store that no crawl has sealed anything in needs no new key."""
    file.unlink()
    console = Console(tmp_path, str(tmp_path / "cache"))
    assert console("store", "rotate-key", "--store", location) is ExitCode.USAGE
    assert "there is no sealing key yet; the first crawl makes one" in console.err
    assert not file.exists()
    with store.reading() as connection:
        assert keys.sealing_key_id(connection) is None


def test_a_rotation_waits_for_no_crawl(keysift: Console, store: Store, file: Path) -> None:
    """While a crawl writes, the keys stay as they are."""
    lock = store.lock()
    assert lock.take()
    try:
        assert keysift("store", "rotate-key") is ExitCode.INCOMPLETE
        assert "a crawl, a purge or a change of its key is at work" in keysift.err
        assert keysift("store", "purge", "--older-than", "0d") is ExitCode.INCOMPLETE
    finally:
        lock.give()
    assert len(file_keys(file)) == 1
    assert open_all(store, file) == VALUES


def test_a_killed_rotation_loses_nothing(
    keysift: Console, store: Store, file: Path, tmp_path: Path
) -> None:
    """Killed for good in the middle, every value opens with a key of the file; then it is done."""
    outside = {name: text for name, text in os.environ.items() if "KEYSIFT" not in name}
    variables = outside | keysift.variables
    for survived in (0, 3, VALUES):
        result = subprocess.run(
            [sys.executable, "-c", _MORTAL, str(tmp_path), str(survived)],
            env=variables,
            capture_output=True,
            check=False,
        )
        expected = 0 if survived == VALUES else -signal.SIGKILL
        assert result.returncode == expected, result.stderr
        assert open_all(store, file) == VALUES
        # The first attempt made the key; the next ones go on with it.
        assert len(file_keys(file)) == 2
    with store.reading() as connection:
        assert len(opened(connection, Sealer(file_keys(file)[0]))) == VALUES


def test_a_key_in_the_keyring_is_rotated_there(
    keysift: Console, store: Store, file: Path, ring: Ring
) -> None:
    """Who chose the keyring keeps it: the file is left alone."""
    ring.kept[KEYRING_SERVICE, KEYRING_USER] = (b"1" * 32).hex()
    assert keysift("store", "rotate-key") is ExitCode.CLEAN
    new, old = ring.kept[KEYRING_SERVICE, KEYRING_USER].split(",")
    assert old == (b"1" * 32).hex()
    assert file_keys(file) == [b"1" * 32]
    with store.reading() as connection:
        assert len(opened(connection, Sealer(bytes.fromhex(new)))) == VALUES
    assert keysift("store", "rotate-key", "--forget-old") is ExitCode.CLEAN
    assert len(ring.kept[KEYRING_SERVICE, KEYRING_USER]) == 64


def test_a_keyring_that_cannot_be_written_changes_nothing(
    keysift: Console, store: Store, ring: Ring
) -> None:
    """Without a place for the new key no value is sealed with it."""
    ring.kept[KEYRING_SERVICE, KEYRING_USER] = (b"1" * 32).hex()
    ring.is_read_only = True
    assert keysift("store", "rotate-key") is ExitCode.USAGE
    assert "the keyring (keysift, sealing-key): PasswordSetError" in keysift.err
    with store.reading() as connection:
        assert len(opened(connection, Sealer(b"1" * 32))) == VALUES


def test_a_key_file_that_cannot_be_written_changes_nothing(
    keysift: Console, store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without room for the new key costs nothing: no value is sealed with it."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert keysift("store", "rotate-key") is ExitCode.USAGE
    assert "sealing.key: No space left on device" in keysift.err
    assert [entry.name for entry in file.parent.iterdir()] == ["sealing.key"]
    assert file_keys(file) == [b"1" * 32]
    assert open_all(store, file) == VALUES


def test_purge_says_what_it_would_do(keysift: Console, store: Store, file: Path) -> None:
    """A dry run and the deletion print the same numbers."""
    change(store, t.projects, read_at=LONG_AGO)
    arguments = ("store", "purge", "--older-than", "2022-01-01", "--findings")
    assert keysift(*arguments, "--dry-run") is ExitCode.CLEAN
    told = "6 values of 3 secrets, 3 secrets with 4 occurrences; 0 secrets kept for a decision"
    assert keysift.out == (f"would be deleted, last public before 2022-01-01 00:00 UTC: {told}\n")
    assert open_all(store, file) == VALUES
    assert keysift(*arguments) is ExitCode.CLEAN
    assert keysift.out == f"deleted, last public before 2022-01-01 00:00 UTC: {told}\n"
    assert open_all(store, file) == 0
    assert keysift(*arguments) is ExitCode.CLEAN
    assert keysift.out.endswith(": nothing\n")


def test_purge_wants_a_date(keysift: Console) -> None:
    """What is no date is refused before the store is opened."""
    assert keysift("store", "purge", "--older-than", "soon") is ExitCode.USAGE
    assert "--older-than takes a number of days" in keysift.err


def test_check_tells_when_fingerprints_are_of_another_key(keysift: Console) -> None:
    """What could not be compared is no clean result."""
    keysift.variables["KEYSIFT_FINGERPRINT_KEY"] = fingerprint_key(b"o" * 32).decode()
    assert keysift("store", "check") is ExitCode.FINDINGS
    assert "another key" in keysift.out


def test_triage_adds_to_the_trail(keysift: Console) -> None:
    """Each decision is a line with its time, author, status and note; the last one counts."""
    assert keysift("triage", "1") is ExitCode.CLEAN
    assert keysift.out.splitlines()[1:] == ["open: nobody decided yet"]
    arguments = ("triage", "1", "--status", "test", "--note", "a \x1b[31mred note")
    assert keysift(*arguments) is ExitCode.CLEAN
    assert keysift("triage", "1", "--status", "revoked", "--author", "a") is ExitCode.CLEAN
    first, *trail = keysift.out.splitlines()
    fingerprint = first.split()[-1]
    assert [re.sub(r"^[-0-9]+ [:0-9]+ UTC", "WHEN", line) for line in trail] == [
        "WHEN  someone  test            a \\x1b[31mred note",
        "WHEN  a        revoked",
    ]
    assert keysift("triage", fingerprint[:12]) is ExitCode.CLEAN
    assert keysift.out.splitlines() == [first, *trail]


def test_triage_refuses_what_makes_no_sense(keysift: Console) -> None:
    """An unknown secret, a note without a decision, an author without a name: exit code 2."""
    assert keysift("triage", "77", "--status", "open") is ExitCode.USAGE
    assert "no secret is called '77'" in keysift.err
    assert keysift("triage", "1", "--note", "x") is ExitCode.USAGE
    assert "add --status" in keysift.err
    assert keysift("triage", "1", "--status", "open", "--author", " ") is ExitCode.USAGE
    assert "add --author NAME" in keysift.err
    assert keysift("triage", "1") is ExitCode.CLEAN
    assert "nobody decided yet" in keysift.out


def test_a_note_that_is_no_text_is_written_down(keysift: Console) -> None:
    """Bytes of the command line that are not UTF-8 are escaped, in the database too."""
    note = os.fsdecode(b"caf\xe9")
    assert keysift("triage", "2", "--status", "open", "--note", note) is ExitCode.CLEAN
    assert "caf\\udce9" in keysift.out
