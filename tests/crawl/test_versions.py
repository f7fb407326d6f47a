"""Versions of a file are scanned where they differ; nothing is missed by that."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.catalogue import Catalogue
from keysift.catalogue.loader import parse
from keysift.crawl.novelty import AROUND, Novelty
from keysift.crawl.versions import Messages, Versions, tell
from keysift.crawl.worker import Project, Seen
from keysift.detect.scanner import Scanner
from keysift.model import Artifact, Secret
from keysift.unpack import Limits
from tests.detector_file import TEXT
from tests.tokens import token

LINES = [b"", b"}", b"x = 1", b"import os", b"y = " + b"z" * 200, *(b"# %d" % n for n in range(40))]
SECRETS = [b"key = 'qzt_" + letters + b"'" for letters in (b"bdfhkmpr", b"mprbdfhk", b"hkmprbdf")]
FILES = st.lists(st.sampled_from(LINES), max_size=60).map(b"\n".join)
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 5),
        st.lists(st.sampled_from([*LINES, *SECRETS]), max_size=4),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """Return a scanner with one detector."""
    return Scanner(Catalogue(parse(Path("acme.toml"), TEXT.encode())))


def run(scanner: Scanner, texts: list[bytes]) -> tuple[list[set[Secret]], list[str]]:
    """Return the secrets that each text is known to hold, and which were scanned as a whole."""
    project = Project(scanner, Limits(), shares_members=False)
    whole: list[str] = []

    def scan(artifact: Artifact, text: bytes) -> Seen:
        whole.append(artifact.name)
        return project.scan(artifact, io.BytesIO(text))

    versions = Versions(scanner, scan)
    seen = Seen()
    for number, text in enumerate(texts):
        artifact = Artifact(target="x", name=str(number), is_container=False)
        seen.add(versions.add(artifact, text))
    seen.add(versions.flush())
    assert seen.coverage.files == len(texts)
    assert seen.coverage.bytes == sum(map(len, texts))
    known: list[set[Secret]] = [set() for _ in texts]
    for one in seen.sightings:
        known[int(one.artifact.name)].add(one.match.secret)
    for name, held in seen.echoes.items():
        known[int(name)] |= {secret for _, secret in held}
    return known, whole


@given(first=FILES, edits=st.lists(EDITS, max_size=12))
@settings(max_examples=150)
def test_nothing_is_missed(scanner: Scanner, first: bytes, edits: list[object]) -> None:
    """Each version is known to hold what a scan of all of it finds."""
    texts = [first]
    for changes in edits:
        lines = texts[-1].split(b"\n")
        for place, taken, new in changes:  # type: ignore[attr-defined] # tuples of the strategy
            at = int(place * len(lines))
            lines[at : at + taken] = new
        texts.append(b"\n".join(lines))
    expected = [{one.secret for one in scanner.scan(text)} for text in texts]
    assert run(scanner, texts)[0] == expected


def test_what_did_not_change_is_not_scanned_again(scanner: Scanner) -> None:
    """Of a hundred versions, the first is scanned, and the one that brought something in."""
    base = [b"line %d of the file" % number for number in range(300)]
    texts = []
    for number in range(100):
        base[number * 2] += b" changed"
        if number == 50:
            base[10] = SECRETS[0]
        texts.append(b"\n".join(base))
    known, whole = run(scanner, texts)
    assert [bool(held) for held in known] == [number >= 50 for number in range(100)]
    assert whole == ["0", "50"]


def test_another_file_is_scanned_as_a_whole(scanner: Scanner) -> None:
    """What one file holds says nothing about lines of the next."""
    one, other = (
        b"\n".join(b"%s %d" % (word, number) for number in range(50)) for word in (b"a", b"b")
    )
    known, whole = run(scanner, [one + b"\n" + SECRETS[0], other + b"\n" + SECRETS[0]])
    assert whole == ["0", "1"]
    assert [len(held) for held in known] == [1, 1]


def test_a_word_around_an_old_value_may_make_it_a_secret(full_scanner: Scanner) -> None:
    """What is near a new line is scanned with it, and so is what a deletion brings together."""
    filler = b"".join(b"step_%d()\n" % number for number in range(200))
    value = b"'" + token(5)[4:].encode() + b"'"
    texts = [
        filler + b"name = (\n" + value + b"\n)\n" + filler,
        filler + b"api_key = (\n" + value + b"\n)\n" + filler,
    ]
    expected = [{one.secret for one in full_scanner.scan(text)} for text in texts]
    assert run(full_scanner, texts)[0] == expected


def test_constants_from_far_away(full_scanner: Scanner) -> None:
    """A secret that is put together is found when the line that does so is new."""
    secret = token(7)
    filler = b"".join(b"x%d = 1\n" % number for number in range(300))
    parts = f"FIRST = '{secret[:20]}'\nSECOND = '{secret[20:]}'\n".encode()
    texts = [parts + filler, parts + filler + b"TOKEN = FIRST + SECOND\n"]
    expected = [{one.secret for one in full_scanner.scan(text)} for text in texts]
    assert len(expected[1]) == 1
    assert run(full_scanner, texts)[0] == expected


def test_no_keyword_is_further_away(full_scanner: Scanner) -> None:
    """A new keyword is looked at with the old value that it introduces, and the other way round."""
    assert max(detector.distance for detector in full_scanner.catalogue.detectors) < AROUND


def test_news_are_lines_with_what_is_around_them() -> None:
    """A change in a long text is looked at with a page around it, not more."""
    novelty = Novelty()
    lines = [b"%d" % number for number in range(5000)]
    assert novelty.news(b"\n".join(lines)) is None
    lines[2500] = b"new"
    news = novelty.news(b"\n".join(lines))
    assert news is not None
    assert b"\nnew\n" in news
    assert len(news) < 2 * AROUND + 20
    assert novelty.news(b"\n".join(lines)) == b""


def test_the_text_that_holds_something_is_told(scanner: Scanner) -> None:
    """Of texts that are looked at together, by where in them it is."""
    texts = [b"", b"x = 1", SECRETS[0], b"", SECRETS[1], b"y"]
    assert tell(scanner, texts) == {2, 4}
    assert tell(scanner, []) == set()
    assert tell(scanner, [b"x"]) == set()


def test_messages(scanner: Scanner) -> None:
    """Each that holds something is scanned by itself; all are counted."""
    whole = []

    def scan(artifact: Artifact, _: bytes) -> Seen:
        whole.append(artifact.name)
        return Seen()

    messages = Messages(scanner, scan)
    for number in range(100):
        text = b"Change" if number % 50 else b"Change\n" + SECRETS[0]
        messages.add(Artifact(target="x", name=str(number), is_container=False), text)
    assert messages.flush().coverage.bytes == 98 * len(b"Change")
    assert whole == ["0", "50"]
