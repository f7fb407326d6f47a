"""The file of a baseline: what is in it, how it merges, what is read."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue.cache import Cache
from keysift.errors import ConfigurationError
from keysift.ignoring.baseline import Baseline, Entry, Known, read, save, write
from keysift.ignoring.slow_hash import Hasher, Scrypt
from keysift.model import FingerprintKey, Secret

_SCRYPT = Scrypt(salt="0123456789abcdef" * 2)
_KEY = FingerprintKey(b"k" * 32)


def _entry(hash_: str, detector: str = "acme-key", reason: str = "a test") -> Entry:
    return Entry(detector=detector, hash=hash_.ljust(32, "0"), reason=reason)


def _of(*entries: Entry) -> Baseline:
    return Baseline.of(_SCRYPT, entries)


_entries = st.lists(
    st.builds(
        Entry,
        detector=st.sampled_from(["acme-key", "other-key"]),
        hash=st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}"),
        reason=st.text(),
    )
)


@given(_entries)
def test_what_is_written_is_read(entries: list[Entry]) -> None:
    """In any order the same text, and the same entries again."""
    baseline = _of(*entries)
    text = write(baseline)
    shuffled = sorted(baseline.entries.values(), key=lambda one: one.hash[::-1])
    assert write(_of(*shuffled)) == text
    document = json.loads(text)
    assert document["schema"] == "keysift.baseline/1"
    kept = [msgspec.convert(one, Entry) for one in document["entries"] if isinstance(one, dict)]
    assert {(one.detector, one.hash): one for one in kept} == dict(baseline.entries)


def test_an_entry_is_detector_hash_and_reason(tmp_path: Path) -> None:
    """Nothing in the file says where, when or how often, and no value is in it."""
    secret = Secret(b"an-invented-password")
    known = Known(tmp_path / "b.json", _of(), _KEY, None)
    save(known.path, _of(*known.new_entries([("acme-key", secret)], "a test")))
    text = known.path.read_text()
    assert secret.reveal().decode() not in text
    [entry] = [one for one in json.loads(text)["entries"] if isinstance(one, dict)]
    assert sorted(entry) == ["detector", "hash", "reason"]
    again = Known(known.path, read(known.path), _KEY, None)
    found = again.entries_of([("acme-key", secret), ("other-key", secret)])
    assert list(found) == [("acme-key", secret)]


def test_a_hash_belongs_to_its_salt_and_detector() -> None:
    """The same value has another hash in another file, and for another detector."""
    secret = Secret(b"an-invented-password")
    hashes = {
        scrypt.hash(detector, secret)
        for scrypt in (_SCRYPT, Scrypt.fresh())
        for detector in ("acme-key", "other-key")
    }
    assert len(hashes) == 4


def test_hashes_are_remembered_without_values(tmp_path: Path) -> None:
    """The cache is its owner's alone, and holds neither value nor anything without the key."""
    cache = Cache(tmp_path / "cache")
    secret = Secret(b"an-invented-password")
    first = Hasher(_SCRYPT, _KEY, cache).hash_all([("acme-key", secret)])
    [file] = (tmp_path / "cache").iterdir()
    assert secret.reveal() not in file.read_bytes()
    if os.name != "nt":
        assert file.stat().st_mode & 0o077 == 0
    kept = json.loads(file.read_bytes()[32:])
    assert kept == {secret.fingerprint(_KEY, "acme-key"): first["acme-key", secret]}
    # What is remembered is what is used: a second run does not hash.
    cache.put(file.name, json.dumps(dict.fromkeys(kept, "f" * 32)).encode())
    again = Hasher(_SCRYPT, _KEY, cache).hash_all([("acme-key", secret)])
    assert again["acme-key", secret] == "f" * 32


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("keysift.baseline/1", "keysift.baseline/9", "keysift.baseline/9"),
        ('"n": 32768', '"n": 1024', "power of two"),
        ('"n": 32768', '"n": 1073741824', "power of two"),
        ('"n": 32768', '"n": 32769', "power of two"),
        ('"r": 8', '"r": 64', "r 8"),
        (_SCRYPT.salt, "short", "hexadecimal"),
        ('"reason"', '"line"', "line"),
        ('"end"', "", "malformed"),
        ('"01"', "<<<<<<< HEAD\n", "a merge has left conflicts"),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    """The error names the file; weak parameters, which a stranger may have written, are one."""
    path = tmp_path / "b.json"
    text = write(_of(_entry("00")))
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ConfigurationError, match=words) as error:
        read(path)
    assert str(path) in str(error.value)


def test_lines_twice_and_in_any_order_are_read(tmp_path: Path) -> None:
    """A merge that kept the lines of both sides needs no repair; of two, the one with a reason."""
    path = tmp_path / "b.json"
    lines = write(_of(_entry("00"), _entry("ff"))).splitlines()
    bare = json.dumps(msgspec.structs.asdict(_entry("ff", reason=""))) + ","
    path.write_text("\r\n".join([*lines[:4], bare, lines[-4], *lines[4:]]))
    assert read(path) == _of(_entry("00"), _entry("ff"))


class _Repository:
    """A repository with a baseline."""

    def __init__(self, directory: Path, baseline: Baseline) -> None:
        self.directory = directory
        self.path = directory / "baseline.json"
        self.git("init", "-q", "-b", "main")
        self.commit(baseline)

    def git(self, *arguments: str) -> int:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.run(
            command, cwd=self.directory, check=False, capture_output=True
        ).returncode

    def commit(self, baseline: Baseline) -> None:
        save(self.path, baseline)
        self.git("add", "-A")
        assert self.git("commit", "-qm", "baseline") == 0

    def merge(self, ours: Baseline, theirs: Baseline) -> bool:
        """Commit two versions on two branches; tell whether git merges them by itself."""
        self.git("checkout", "-qb", "theirs")
        self.commit(theirs)
        self.git("checkout", "-q", "main")
        self.commit(ours)
        return self.git("merge", "-q", "-m", "merge", "theirs") == 0


@pytest.fixture
def repository(tmp_path: Path) -> _Repository:
    """Return a repository whose baseline has three entries."""
    return _Repository(tmp_path, _of(_entry("20"), _entry("21"), _entry("c0")))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["30"], ["31"]),  # with nothing between them but a mark
        (["1f"], ["22"]),  # on both sides of others
        (["00"], ["ff"]),  # at the ends
        (["40", "41", "42"], ["43", "44"]),
        (["30"], ["30"]),  # the same
    ],
)
def test_branches_that_add_entries_merge(
    repository: _Repository, ours: list[str], theirs: list[str]
) -> None:
    """Git merges by itself, and the result has the entries of both."""
    before = read(repository.path).entries.values()
    mine, other = [_entry(one) for one in ours], [_entry(one) for one in theirs]
    assert repository.merge(_of(*before, *mine), _of(*before, *other))
    assert read(repository.path) == _of(*before, *mine, *other)


def test_branches_that_remove_and_give_reasons_merge(repository: _Repository) -> None:
    """One takes an entry out, the other adds and explains others."""
    ours = _of(_entry("20"), _entry("21"))
    theirs = _of(_entry("20", reason="another"), _entry("21"), _entry("c0"), _entry("77"))
    assert repository.merge(ours, theirs)
    assert read(repository.path) == _of(_entry("20", reason="another"), _entry("21"), _entry("77"))


def test_two_reasons_for_one_entry_are_a_conflict(repository: _Repository) -> None:
    """That is a real one, and reading the file says what to do."""
    assert not repository.merge(_of(_entry("20", reason="x")), _of(_entry("20", reason="y")))
    with pytest.raises(ConfigurationError, match="keep the lines of both sides"):
        read(repository.path)


def test_a_conflict_is_settled_by_git_when_it_may_keep_both(repository: _Repository) -> None:
    """With ``merge=union`` even entries in one place merge."""
    attributes = repository.directory / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("baseline.json merge=union\n")
    before = read(repository.path).entries.values()
    ours, theirs = _entry("301"), _entry("302")
    assert repository.merge(_of(*before, ours), _of(*before, theirs))
    assert read(repository.path) == _of(*before, ours, theirs)
