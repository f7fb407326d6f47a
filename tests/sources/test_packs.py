"""Packs are read as git reads them; what is damaged is left to git."""

from __future__ import annotations

import random
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.sources.git import families
from keysift.sources.git.command import Git
from keysift.sources.git.edits import Edit
from keysift.sources.git.families import BASE, CONTEXT, MARKS, Batch, Packed, texts
from keysift.sources.git.packs import Pack, PackError, apply
from tests.git_repository import VARIABLES, Repository

MOST = 1 << 24
COPIES = st.tuples(st.integers(0, 300), st.integers(1, 300))
OPERATIONS = st.lists(COPIES | st.binary(min_size=1, max_size=127), max_size=20)


def history(path: Path, *options: str, versions: int = 60) -> Repository:
    """Return a repository with versions of two files, in one pack of differences."""
    repository = Repository(path, *options)
    chance = random.Random(5)
    lines = [f"line {number} {chance.random()}\n" for number in range(200)]
    for number in range(versions):
        lines[chance.randrange(len(lines))] = f"new {number} {chance.random()}\n"
        if number % 3 == 0:
            del lines[chance.randrange(len(lines))]
        name = ("a.txt", "b.txt")[number % 2]
        repository.put({name: "".join(lines)})
        repository.git("add", "-A")
        repository.git("commit", "-q", "-m", f"Change {number}")
    repository.git("tag", "-a", "-m", "A tag", "v1")
    repository.git("repack", "-adfq", "--depth=20", "--window=20")
    return repository


def objects(repository: Repository) -> dict[str, str]:
    """Return the kinds of all objects but trees, by their ids."""
    printed = repository.git(
        "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
    )
    pairs = (line.split() for line in printed.splitlines())
    return {name: kind for name, kind in pairs if kind in MARKS}


def content(repository: Repository, kind: str, name: str) -> bytes:
    """Return what git says an object holds."""
    command = ["git", "-C", str(repository.path), "cat-file", kind, name]
    return subprocess.run(command, check=True, capture_output=True, env=VARIABLES).stdout


def packed(repository: Repository, wanted: dict[str, str]) -> Packed:
    """Return what reads these objects."""
    git = Git.at(repository.path, repository.path, VARIABLES)
    return Packed(git, {bytes.fromhex(name): MARKS[kind] for name, kind in wanted.items()})


def read(batches: list[Batch]) -> dict[str, bytes | None]:
    """Return the texts of what was asked for."""
    return {
        name: text.text
        for batch in batches
        for name, mark, text in zip(batch.names(), batch.marks, texts(batch, MOST), strict=True)
        if mark > BASE
    }


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
@pytest.mark.parametrize("limit", [4 << 20, 20_000])
def test_all_objects_are_read_as_git_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], limit: int
) -> None:
    """Whole ones and differences, in one batch and in many."""
    monkeypatch.setattr(families, "_BATCH_BYTES", limit)
    repository = history(tmp_path, *options)
    wanted = objects(repository)
    both = packed(repository, wanted)
    batches = list(both.batches())
    # Messages and files are apart in any case.
    assert (len(batches) > 2) == (limit == 20_000)
    assert both.left == set()
    assert read(batches) == {name: content(repository, kind, name) for name, kind in wanted.items()}
    bases = [text.base for batch in batches for text in texts(batch, MOST)]
    assert sum(base >= 0 for base in bases) > 20


def test_a_text_comes_behind_the_one_that_it_was_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that was in another batch, or was not asked for."""
    monkeypatch.setattr(families, "_BATCH_BYTES", 20_000)
    repository = history(tmp_path)
    blobs = [name for name, kind in objects(repository).items() if kind == "blob"]
    wanted = dict.fromkeys(blobs[::7], "blob")
    batches = list(packed(repository, wanted).batches())
    marks = [mark for batch in batches for mark in batch.marks]
    assert {CONTEXT, BASE, MARKS["blob"]} == set(marks)
    for batch in batches:
        for place, text in enumerate(texts(batch, MOST)):
            assert text.base < place
            if batch.marks[place] > BASE and text.base >= 0:
                assert batch.marks[text.base] != CONTEXT
    assert set(read(batches)) == set(wanted)


def test_what_a_difference_says_is_new(tmp_path: Path) -> None:
    """What is outside of it stands in the other text as well, in one piece."""
    repository = history(tmp_path)
    (_, batch) = packed(repository, objects(repository)).batches()
    known: list[bytes] = []
    compared = 0
    for text in texts(batch, MOST):
        assert text.text is not None
        known.append(text.text)
        if text.edit is None:
            continue
        compared += 1
        base = known[text.base]
        edit = text.edit
        assert text.text[: edit.head] == base[: edit.head]
        assert text.text[len(text.text) - edit.tail :] == base[len(base) - edit.tail :]
        assert edit.growth == len(text.text) - len(base)
        assert undone(text.text, edit) in (base, None)
        place = 0
        for start, end in (*edit.spans, (len(text.text), len(text.text))):
            assert place <= start <= end
            assert text.text[place:start] in base
            place = end
    assert compared > 20


@pytest.mark.parametrize(
    "way", ["reference", "index of version 1", "far", "no index", "cut index", "short index"]
)
def test_other_packs(tmp_path: Path, way: str) -> None:
    """What is not read here is left to git; nothing is read wrongly."""
    repository = history(tmp_path)
    wanted = objects(repository)
    (pack,) = (tmp_path / ".git" / "objects" / "pack").glob("*.pack")
    index = pack.with_suffix(".idx")
    index.chmod(0o600)
    whole = way == "far"
    if way == "reference":
        names = "\n".join(wanted).encode()
        made = repository.git("pack-objects", "-q", "--depth=9", str(tmp_path / "p"), given=names)
        (tmp_path / f"p-{made}.pack").rename(pack.with_name(f"pack-{made}.pack"))
        (tmp_path / f"p-{made}.idx").rename(pack.with_name(f"pack-{made}.idx"))
        for one in (pack, index):
            one.unlink()
    elif way == "index of version 1":
        repository.git("index-pack", "--index-version=1", "-o", str(index), str(pack))
    elif way == "far":
        repository.git("index-pack", "--index-version=2,0x40", "-o", str(index), str(pack))
    elif way == "no index":
        index.unlink()
    else:
        index.write_bytes(index.read_bytes()[: -100 if way == "cut index" else 500])
    both = packed(repository, wanted)
    got = read(list(both.batches()))
    assert bool(got) == (way in {"reference", "far"})
    assert set(got) == set(wanted) - {name.hex() for name in both.left}
    assert whole == (not both.left)
    for name, text in got.items():
        assert text == content(repository, wanted[name], name)


def test_objects_that_are_not_packed_are_left(tmp_path: Path) -> None:
    """Loose ones, and what is not there at all."""
    repository = history(tmp_path, versions=4)
    before = objects(repository)
    repository.put({"c.txt": "loose\n"})
    repository.git("add", "-A")
    loose = set(objects(repository)) - set(before)
    both = packed(repository, {**objects(repository), "0" * 40: "blob"})
    assert set(read(list(both.batches()))) == set(before)
    assert both.left == {bytes.fromhex(one) for one in {*loose, "0" * 40}}


def test_an_object_of_another_kind_is_left(tmp_path: Path) -> None:
    """A commit that is asked for as if it were a file."""
    repository = history(tmp_path, versions=4)
    commit = repository.git("rev-parse", "HEAD")
    both = packed(repository, {commit: "blob"})
    assert list(both.batches()) == []
    assert both.left == {bytes.fromhex(commit)}


def test_texts_that_are_too_large_are_left_with_what_was_made_of_them(tmp_path: Path) -> None:
    """Of a bound on one text."""
    repository = history(tmp_path)
    blobs = {name: kind for name, kind in objects(repository).items() if kind == "blob"}
    (batch,) = packed(repository, blobs).batches()
    assert {text.text for text in texts(batch, 1000)} == {None}


def test_damage_is_noticed(tmp_path: Path) -> None:
    """Whatever byte of a pack is wrong, a text is right, or is left to git."""
    repository = history(tmp_path, versions=12)
    wanted = objects(repository)
    right = {name: content(repository, kind, name) for name, kind in wanted.items()}
    (path,) = (tmp_path / ".git" / "objects" / "pack").glob("*.pack")
    sound = path.read_bytes()
    path.chmod(0o600)
    chance = random.Random(3)
    lost = 0
    for number in range(400):
        bad = bytearray(sound)
        if number % 10 == 0:
            del bad[chance.randrange(12, len(bad)) :]
        else:
            bad[chance.randrange(12, len(bad) - 20)] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        both = packed(repository, wanted)
        for name, text in read(list(both.batches())).items():
            assert text in (None, right[name])
            lost += text is None
        lost += len(both.left)
    assert lost > 400


def test_a_pack_that_goes_away(tmp_path: Path) -> None:
    """Git packed anew while its objects were being listed."""
    repository = history(tmp_path, versions=4)
    wanted = objects(repository)
    batches = list(packed(repository, wanted).batches())
    batches[0].pack.unlink()
    assert read(batches) == dict.fromkeys(wanted)


def undone(text: bytes, edit: Edit) -> bytes | None:
    """Return what a text was made of; None when pieces of that stand in another order."""
    pieces: list[bytes] = []
    place = 0
    for start, end, old in edit.exchanges:
        if old is None:
            return None
        pieces += (text[place:start], old)
        place = end
    return b"".join((*pieces, text[place:]))


def _delta(base: bytes, operations: list[tuple[int, int] | bytes]) -> tuple[bytes, bytes]:
    """Return a difference, as git writes it, and the text that it makes."""
    made, text = bytearray(), b""
    for one in operations:
        if isinstance(one, bytes):
            made += bytes([len(one)]) + one
            text += one
        else:
            start, count = one
            code, arguments = 0x80, bytearray()
            for bit, value in enumerate(
                (*start.to_bytes(4, "little"), *count.to_bytes(3, "little"))
            ):
                if value:
                    code |= 1 << bit
                    arguments.append(value)
            made += bytes([code]) + arguments
            text += base[start : start + count]
    return _number(len(base)) + _number(len(text)) + bytes(made), text


def _number(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


@given(base=st.binary(min_size=600, max_size=700), operations=OPERATIONS)
def test_differences_are_applied(base: bytes, operations: list[tuple[int, int] | bytes]) -> None:
    """Pieces of the other text and new ones, in any order."""
    delta, text = _delta(base, operations)
    made, edit = apply(base, delta, MOST)
    assert made == text
    assert text[: edit.head] == base[: edit.head]
    assert text[len(text) - edit.tail :] == base[len(base) - edit.tail :]
    assert edit.head + edit.tail <= len(text)
    assert undone(text, edit) in (base, None)
    new = bytearray(len(text))
    for start, end in edit.spans:
        new[start:end] = b"\1" * (end - start)
    place = 0
    for one in operations:
        length = len(one) if isinstance(one, bytes) else one[1]
        assert set(new[place : place + length]) <= ({1} if isinstance(one, bytes) else {0})
        place += length


@given(base=st.binary(max_size=50), delta=st.binary(max_size=60))
def test_a_difference_may_be_anything(base: bytes, delta: bytes) -> None:
    """It makes a text of the length that it names, or is refused."""
    try:
        made, _ = apply(base, delta, 1000)
    except PackError:
        return
    assert len(made) <= 1000


def test_a_difference_makes_no_more_than_it_says() -> None:
    """A bomb: a few bytes that copy a text ten thousand times."""
    base = bytes(60_000)
    copies = b"\xb0\x60\xea" * 10_000
    for size in (100, 60_000 * 10_000):
        with pytest.raises(PackError):
            apply(base, _number(len(base)) + _number(size) + copies, MOST)


def test_what_is_compressed_makes_no_more_than_it_says(tmp_path: Path) -> None:
    """A bomb: a pack that says ten bytes where there are a million."""
    repository = history(tmp_path, versions=2)
    (path,) = (tmp_path / ".git" / "objects" / "pack").glob("*.pack")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:12] + zlib.compress(bytes(1_000_000)))
    with pytest.raises(PackError):
        Pack(path, 20).inflate(12, 10)
    assert Pack(path, 20).inflate(12, 1_000_000) == bytes(1_000_000)
    assert repository.path == tmp_path
