"""Versions of a file are scanned where they differ; nothing is missed by that."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.catalogue import Catalogue
from keysift.catalogue.loader import parse
from keysift.crawl.novelty import AROUND, compare, news_of
from keysift.crawl.seen import Seen, Sighting
from keysift.crawl.versions import Messages, Version, Versions, Windows, hints_in
from keysift.crawl.worker import Project
from keysift.detect.scanner import Scanner
from keysift.model import Artifact, Coverage, Match
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


class _Run:
    """Looks at texts, each of them a version of the one before.

    Attributes:
        seen: What was seen.
        scanned: Names of the texts that were scanned, and whether as a whole.
    """

    def __init__(self, scanner: Scanner, texts: Sequence[bytes], *, joined: bool = True) -> None:
        self.scanned: dict[str, bool] = {}
        self._project = Project(scanner, Limits(), shares_members=False)
        self._scanner = scanner
        versions = Versions(scanner, self._scan)
        base: Version | None = None
        last = b""
        for number, text in enumerate(texts):
            artifact = Artifact(target="x", name=str(number), is_container=False)
            edit = None if base is None else compare(last, text)
            base, last = versions.add(artifact, text, base, edit), text
            if not joined:
                versions.take()
        self.seen = versions.take()

    def _scan(self, artifact: Artifact, text: bytes, windows: Windows | None) -> Seen:
        self.scanned[artifact.name] = windows is None
        if windows is None:
            return self._project.scan(artifact, io.BytesIO(text))
        found = self._scanner.examine(text, windows=windows)
        seen = Seen(coverage=Coverage(files=1, bytes=len(text)))
        name = artifact.name
        for match in found.matches:
            seen.sightings.append(
                Sighting(artifact=artifact, member=name, part=None, match=match, placed=match)
            )
        for one in found.suppressed:
            seen.suppress(artifact, name, None, one)
        return seen

    def matches(self) -> dict[int, list[Match]]:
        """Return what the texts are known to hold, by their numbers, in order."""
        found: dict[int, list[Match]] = {}
        sightings = [*self.seen.sightings]
        for echoes in self.seen.echoes.values():
            sightings += [one for one in echoes.sightings() if isinstance(one, Sighting)]
        for one in sightings:
            assert one.artifact.name == one.member == one.path
            found.setdefault(int(one.artifact.name), []).append(one.match)
        return {
            number: sorted(matches, key=lambda match: (match.start, match.detector))
            for number, matches in sorted(found.items())
        }


def expected(scanner: Scanner, texts: Sequence[bytes]) -> dict[int, list[Match]]:
    """Return what a scan of each text finds, by their numbers, in order."""
    found = {number: scanner.scan(text) for number, text in enumerate(texts)}
    return {
        number: sorted(matches, key=lambda match: (match.start, match.detector))
        for number, matches in found.items()
        if matches
    }


def edited(text: bytes, changes: Iterable[tuple[float, int, list[bytes]]]) -> bytes:
    """Return a text with lines put in and taken out."""
    lines = text.split(b"\n")
    for place, taken, new in changes:
        at = int(place * len(lines))
        lines[at : at + taken] = new
    return b"\n".join(lines)


@given(first=FILES, edits=st.lists(EDITS, max_size=12), joined=st.booleans())
@settings(max_examples=150)
def test_nothing_is_missed(
    scanner: Scanner,
    first: bytes,
    edits: list[list[tuple[float, int, list[bytes]]]],
    joined: bool,  # noqa: FBT001 (hypothesis passes it)
) -> None:
    """Each version is known to hold what a scan of all of it finds, where that finds it."""
    texts = [first]
    for changes in edits:
        texts.append(edited(texts[-1], changes))
    run = _Run(scanner, texts)
    assert run.matches() == expected(scanner, texts)
    assert run.seen.coverage.files == len(texts)
    assert run.seen.coverage.bytes == sum(map(len, texts))
    if not joined:
        assert _Run(scanner, texts, joined=False).scanned == run.scanned


def test_what_did_not_change_is_not_scanned_again(scanner: Scanner) -> None:
    """Of a hundred versions, the one that brought something in is scanned, near that."""
    base = [b"line %d of the file" % number for number in range(300)]
    texts = []
    for number in range(100):
        base[number * 2] += b" changed"
        if number == 50:
            base[10] = SECRETS[0]
        texts.append(b"\n".join(base))
    run = _Run(scanner, texts)
    assert sorted(run.matches()) == list(range(50, 100))
    assert run.scanned == {"50": False}
    assert {one.line for matches in run.matches().values() for one in matches} == {11}


def test_another_file_is_compared_with_nothing(scanner: Scanner) -> None:
    """What one file holds says nothing about lines of the next."""
    one, other = (
        b"\n".join(b"%s %d" % (word, number) for number in range(50)) for word in (b"a", b"b")
    )
    run = _Run(scanner, [one + b"\n" + SECRETS[0], other + b"\n" + SECRETS[0]])
    assert run.scanned.keys() == {"0", "1"}
    assert [len(matches) for matches in run.matches().values()] == [1, 1]


def test_places_move_with_what_stands_before(scanner: Scanner) -> None:
    """Lines, offsets and the same secret twice, where others are put in above and between."""
    filler = b"".join(b"step_%d()\n" % number for number in range(200))
    text = filler + SECRETS[0] + b"\n" + filler + SECRETS[0] + b"\n" + filler
    texts = [text, b"first = 1\n" + text, text[: 3 * len(filler) // 2] + b"x = 1\n" + text]
    texts.append(texts[-1].replace(SECRETS[0], b"gone = 1", 1))
    run = _Run(scanner, texts)
    assert run.matches() == expected(scanner, texts)
    assert run.scanned.keys() <= {"0", "2", "3"}


def _key() -> bytes:
    return rsa.generate_private_key(65537, 3072).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def test_a_secret_that_is_changed_in_the_middle(full_scanner: Scanner) -> None:
    """A key of many lines is another key when one of its lines is another, far from its ends."""
    lines = [_key().split(b"\n") for _ in range(2)]
    half = len(lines[0]) // 2
    assert len(b"\n".join(lines[0][half:])) > 2 * AROUND
    other = [*lines[0][:half], lines[1][half], *lines[0][half + 1 :]]
    filler = b"".join(b"step_%d()\n" % number for number in range(200))
    keys = [b"\n".join(one) for one in (lines[0], other, lines[0])]
    texts = [filler + key + filler for key in keys]
    found = expected(full_scanner, texts)
    assert found[0] == found[2]
    assert found.get(1) != found[0]
    assert _Run(full_scanner, texts).matches() == found


def test_a_word_around_an_old_value_may_make_it_a_secret(full_scanner: Scanner) -> None:
    """What is near a new line is scanned with it, and so is what a deletion brings together."""
    filler = b"".join(b"step_%d()\n" % number for number in range(200))
    value = b"'" + token(5)[4:].encode() + b"'"
    texts = [
        filler + b"name = (\n" + value + b"\n)\n" + filler,
        filler + b"api_key = (\n" + value + b"\n)\n" + filler,
    ]
    assert len(expected(full_scanner, texts)) == 1
    assert _Run(full_scanner, texts).matches() == expected(full_scanner, texts)


@pytest.mark.parametrize("first", ["a test", "a program"])
def test_what_stands_around_a_value_may_change_what_it_is_taken_for(
    full_scanner: Scanner, first: str
) -> None:
    """A line near a value that is weighed is looked at with it, though the value is known."""
    filler = b"".join(b"step_%d()\n" % number for number in range(200))
    value = b"password = '" + token(5)[10:22].encode() + b"'\n"
    around = [b"with mock.patch('x'): it('should expect', fixture)\n", b"database.connect(host)\n"]
    texts = [filler + one + value + filler for one in around]
    if first == "a program":
        texts.reverse()
    run = _Run(full_scanner, texts)
    assert run.matches() == expected(full_scanner, texts)
    scores = {match.score for matches in run.matches().values() for match in matches}
    assert len(scores) == 2


def test_quotes_far_away_may_change_what_a_value_is_taken_for(full_scanner: Scanner) -> None:
    """What documents something is no program, however far above it begins."""
    filler = b"".join(b"step_%d()\n" % number for number in range(200))
    value = b"api_key = '" + token(5)[10:34].encode() + b"'\n"
    texts = [
        b"import os\n" + filler + value + filler,
        b"import os\ndef f():\n    '''\n" + filler + value + filler,
        b"import os\ndef f():\n    '''Says.'''\n" + filler + value + filler,
    ]
    run = _Run(full_scanner, texts)
    assert run.matches() == expected(full_scanner, texts)
    assert list(run.matches()) == [0, 2]


def test_constants_from_far_away(full_scanner: Scanner) -> None:
    """A secret that is put together is found when the line that does so is new."""
    secret = token(7)
    filler = b"".join(b"x%d = 1\n" % number for number in range(300))
    parts = f"import os\nFIRST = '{secret[:20]}'\nSECOND = '{secret[20:]}'\n".encode()
    texts = [
        parts + filler,
        parts + filler + b"TOKEN = FIRST + SECOND\n",
        parts + filler + b"TOKEN = FIRST + SECOND\n" + filler + b"LABEL_KEY = FIRST + THIRD\n",
    ]
    run = _Run(full_scanner, texts)
    assert len(run.matches()) == 2
    assert run.matches() == expected(full_scanner, texts)
    assert "2" not in run.scanned


def test_no_keyword_is_further_away(full_scanner: Scanner) -> None:
    """A new keyword is looked at with the old value that it introduces, and the other way round."""
    assert max(detector.distance for detector in full_scanner.catalogue.detectors) < AROUND


def test_news_are_lines_with_what_is_around_them() -> None:
    """A change in a long text is looked at with a page around it, not more."""
    lines = [b"%d" % number for number in range(5000)]
    texts = [b"\n".join(lines)]
    lines[2500] = b"new"
    texts.append(b"\n".join(lines))
    edit = compare(*texts)
    assert edit is not None
    news = news_of(edit, texts[1])
    assert b"\nnew\n" in news.text
    assert len(news.text) < 2 * AROUND + 20
    place = news.text.index(b"new")
    assert texts[1][news.source(place) :].startswith(b"new")
    same = compare(texts[1], texts[1])
    assert same is not None
    assert news_of(same, texts[1]).text == b""
    assert compare(b"", texts[1]) is None


@given(first=FILES, changes=EDITS)
def test_offsets_in_news_are_those_of_the_text(
    first: bytes, changes: list[tuple[float, int, list[bytes]]]
) -> None:
    """In any of the pieces."""
    text = edited(first, changes)
    edit = compare(first, text)
    if edit is None:
        return
    news = news_of(edit, text)
    assert text[: edit.head] == first[: edit.head]
    for place, byte in enumerate(news.text):
        source = news.source(place)
        # Between two pieces are line ends that are not in the text.
        assert text[source : source + 1] == bytes([byte]) or byte == ord("\n")


def test_the_text_that_holds_something_is_told(scanner: Scanner) -> None:
    """Of texts that are looked at together, by where in them it is."""
    texts = [b"", b"x = 1", SECRETS[0], b"", SECRETS[1], b"y"]
    hints = hints_in(scanner, texts)
    assert {place: len(hint.suspects) for place, hint in hints.items()} == {2: 1, 4: 1}
    assert hints_in(scanner, []) == {}
    assert hints_in(scanner, [b"x"]) == {}


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
