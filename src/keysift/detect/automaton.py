"""Hyperscan block databases over every detector and every encoded form of what they begin with.

A hit names an anchor and the offset where it ended; everything exact happens afterwards
(``keysift.detect.scanner``). Compiling takes seconds, loading the serialised databases a few
milliseconds, so they are cached by content, library version and processor features.

There are three of them, for keywords, patterns and encoded text, which are compiled at the same
time: a text is searched by all three as fast as by a single one.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import hyperscan
import msgspec
from msgspec import Struct, structs

from keysift.catalogue.cache import Cache
from keysift.catalogue.loader import Catalogue
from keysift.catalogue.schema import Detector
from keysift.detect import compressed, fold_anchors, seams
from keysift.detect.encodings import ENCODINGS, MIN_PREFIX
from keysift.detect.keywords import essential, keyword_anchor
from keysift.detect.pattern import Derived, PatternError, derive
from keysift.errors import CatalogueError

PLACE_BITS: Final = 40
"""Bits of a hit that hold its offset; those above hold the index of its anchor."""

PLACE: Final = (1 << PLACE_BITS) - 1
"""The mask of the offset."""

Hits: TypeAlias = "array[int]"
"""Hits as numbers, in which millions of them fit into memory; ``unpacked`` takes one apart."""

_MIN_KEYWORD_ANCHOR: Final = 6
_PIECE: Final = 10
_MIN_VARIETY: Final = 3
_BASE64: Final = 0
_LABELS: Final = (
    *("password", "passwd", "passphrase", "secret", "token", "credential", "authorization"),
    *("apikey", "api_key", "api-key", "access_key", "auth_key", "private_key", "account_key"),
)
"""What the names of secrets end in. Their forms in base64 are looked for, where whole files are
encoded: those of each provider's own name as well would be ten thousand expressions more."""


_MAX_SHARING: Final = 64
"""Expressions that have one number."""

_DECIDING: Final = (
    "automaton",
    "compressed",
    "encodings",
    "fold_anchors",
    "keywords",
    "pattern",
    "seams",
)
"""Modules that decide what is compiled, and what a hit means."""


class PatternAnchor(Struct, frozen=True, tag="pattern"):
    """The derived expression of one detector."""

    detector: int


class KeywordAnchor(Struct, frozen=True, tag="keyword"):
    """A word that detectors want to see before their secret."""

    keyword: str
    detectors: tuple[int, ...]


class EncodedAnchor(Struct, frozen=True, tag="encoded"):
    """The encoded form of a text that secrets begin with."""

    encoding: int
    phase: int


class CompressedAnchor(Struct, frozen=True, tag="compressed"):
    """The beginning of a compressed stream in base64."""

    kind: str


class SeamAnchor(Struct, frozen=True, tag="seam"):
    """The beginning of what stands between two string literals."""


class FoldAnchor(Struct, frozen=True, tag="fold"):
    """What puts a text together from constants."""


class LineAnchor(Struct, frozen=True, tag="line"):
    """A stretch as long as a line of base64; told of the first one in a text."""


Anchor: TypeAlias = (
    PatternAnchor
    | KeywordAnchor
    | EncodedAnchor
    | CompressedAnchor
    | SeamAnchor
    | FoldAnchor
    | LineAnchor
)


class Plan(Struct, frozen=True):
    """What the hits of a compiled database mean.

    Attributes:
        anchors: What the first number of a hit stands for.
        derived: For each detector of the catalogue, the automaton's view of its pattern, without
            the expression that was compiled.
        digest: Over the expressions that are compiled.
    """

    anchors: tuple[Anchor, ...]
    derived: tuple[Derived, ...]
    digest: str


Expressions: TypeAlias = dict[tuple[str, int], None]
"""Expressions with the index of the anchor that each one stands for, in order."""


class Automaton:
    """Finds where to look.

    Attributes:
        anchors: What the first number of a hit stands for.
        derived: For each detector of the catalogue, the automaton's view of its pattern, without
            the expression that was compiled.
    """

    def __init__(self, catalogue: Catalogue, cache: Cache | None = None) -> None:
        name = f"plan-{catalogue.digest}-{_code_digest()}"
        stored = cache.get(name) if cache else None
        known = msgspec.msgpack.decode(stored, type=Plan) if stored is not None else None
        databases = _stored(known, cache) if known is not None and cache is not None else None
        if known is None or databases is None:
            # All anew: the numbers in a database mean something with the plan it was made from.
            known, expressions = plan(catalogue)
            databases = _compiled(known, expressions)
            if cache is not None:
                for stored_as, database in zip(_database_names(known), databases, strict=True):
                    cache.put(stored_as, hyperscan.dumpb(database))
                cache.put(name, msgspec.msgpack.encode(known))
        self.anchors = known.anchors
        self.derived = known.derived
        self._databases = databases

    def hits(self, data: bytes, windows: Iterable[tuple[int, int]] | None = None) -> Hits:
        """Return every hit in ``data``; those of one anchor are in the order of their ends.

        Args:
            data: The text.
            windows: Begin and end of the only places to look at, in order and apart.
        """
        found = array("Q")
        if windows is not None:
            for low, high in windows:
                found.extend(array("Q", [hit + low for hit in self.hits(data[low:high])]))
            return found
        for database in self._databases:
            database.scan(data, match_event_handler=_collect, context=found)
        return found


def _collect(anchor: int, _start: int, end: int, _flags: int, found: object) -> None:
    # The context that `hits` passes.
    found.append(anchor << PLACE_BITS | end)  # type: ignore[attr-defined]


def unpacked(hit: int) -> tuple[int, int]:
    """Return the index of an anchor, and the offset in the data where it ended."""
    return hit >> PLACE_BITS, hit & PLACE


class _Numbering:
    """Numbers anchors in the order in which their expressions come.

    Attributes:
        anchors: The anchor that each number stands for.
        expressions: What is compiled.
    """

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []
        self.expressions: Expressions = {}
        self._numbers: dict[Anchor, int] = {}
        self._sharing: Counter[int] = Counter()
        self._known: set[tuple[str, Anchor]] = set()

    def add(self, expression: str, anchor: Anchor) -> None:
        """Add an expression whose hits stand for ``anchor``.

        An anchor of many expressions has several numbers: the time that Hyperscan takes to compile
        is quadratic in how many expressions share one.
        """
        if (expression, anchor) in self._known:
            return
        self._known.add((expression, anchor))
        number = self._numbers.get(anchor)
        if number is None or self._sharing[number] == _MAX_SHARING:
            number = self._numbers[anchor] = len(self.anchors)
            self.anchors.append(anchor)
        self._sharing[number] += 1
        self.expressions[expression, number] = None


def plan(catalogue: Catalogue) -> tuple[Plan, Expressions]:
    """Decide what to compile, and what its hits will mean.

    Raises:
        CatalogueError: Patterns that cannot be looked for, and proofs that do not exist; all of
            them are named.
    """
    numbering = _Numbering()
    derived: list[Derived] = []
    problems = _unknown_proofs(catalogue)
    keywords: dict[str, list[int]] = {}
    for number, detector in enumerate(catalogue.detectors):
        try:
            view = derive(detector.anchor or detector.pattern)
            exact = derive(detector.pattern) if detector.anchor else view
        except PatternError as error:
            problems.append(f"{detector.id}: {error}")
            continue
        if detector.anchor:
            view = _with_anchor(view, exact)
        # What is compiled is half of what there is to load.
        derived.append(structs.replace(view, expression=""))
        for keyword in essential(detector.keywords):
            keywords.setdefault(keyword, []).append(number)
        if not detector.keywords:
            numbering.add(view.expression, PatternAnchor(number))
        for expression, anchor in _encoded(detector, exact):
            numbering.add(expression, anchor)
    if problems:
        raise CatalogueError(tuple(problems))
    for keyword, numbers in keywords.items():
        numbering.add(keyword_anchor(keyword), KeywordAnchor(keyword, tuple(numbers)))
    for expression, anchor in _independent():
        numbering.add(expression, anchor)
    expressions = numbering.expressions
    digest = hashlib.sha256(msgspec.msgpack.encode(list(expressions))).hexdigest()
    return Plan(tuple(numbering.anchors), tuple(derived), digest), expressions


def _independent() -> Iterator[tuple[str, Anchor]]:
    """Yield the expressions that are the same for every catalogue."""
    for kind, expression in compressed.ANCHORS.items():
        yield expression, CompressedAnchor(kind)
    for label in _LABELS:
        for form in (label, label.upper(), label.title().replace("_", "")):
            for expression, phase in ENCODINGS[_BASE64].anchors(form.encode()):
                yield expression, EncodedAnchor(_BASE64, phase)
    for expression in seams.ANCHORS:
        yield expression, SeamAnchor()
    for expression in fold_anchors.ALL:
        yield expression, FoldAnchor()
    yield seams.LINE, LineAnchor()


def _unknown_proofs(catalogue: Catalogue) -> list[str]:
    # A plan is made rarely, and only then are the proofs needed here.
    from keysift.detect.proofs import PROOFS  # noqa: PLC0415

    return [
        f"{detector.id}: no proof is called {name!r}"
        for detector in catalogue.detectors
        for name in detector.proofs
        if name not in PROOFS
    ]


def _with_anchor(anchor: Derived, exact: Derived) -> Derived:
    """Combine a hand-written anchor, which may stand anywhere in a match, with the pattern."""
    return structs.replace(
        exact, expression=anchor.expression, reach_back=exact.width, reach_on=exact.width
    )


def _distinctive(text: bytes) -> bytes:
    """Return the piece of a beginning that is looked for: short, and not what all URLs share."""
    for scheme in (b"https://", b"http://"):
        text = text.removeprefix(scheme)
    return text[:_PIECE]


def _is_specific(text: bytes, *, own: bool) -> bool:
    """Tell whether a text is rare enough to look for its encoded forms: a plain word is not."""
    if len(set(text)) < _MIN_VARIETY:
        return False
    if own and not _is_word(text):
        return len(text) >= MIN_PREFIX
    return len(text) >= (MIN_PREFIX if text.isupper() else _MIN_KEYWORD_ANCHOR)


def _is_word(text: bytes) -> bool:
    """Tell whether a text may be a word: ``AIza`` is none."""
    return text.isalpha() and (text.islower() or text.isupper() or text.istitle())


def _encoded(detector: Detector, derived: Derived) -> Iterator[tuple[str, Anchor]]:
    own = {_distinctive(text) for text in derived.own_prefixes}
    texts = own | {_distinctive(text) for text in derived.prefixes}
    texts |= {_distinctive(text.encode()) for text in detector.literals}
    for text in sorted(texts):
        if not _is_specific(text, own=text in own):
            continue
        # What only surrounds a secret is looked for where whole files are encoded: in base64.
        for number, encoding in enumerate(ENCODINGS if text in own else ENCODINGS[:1]):
            for expression, phase in encoding.anchors(text):
                yield expression, EncodedAnchor(number, phase)


def _part(anchor: Anchor) -> int:
    """Return which of the databases looks for an anchor."""
    match anchor:
        case KeywordAnchor():
            return 0
        case EncodedAnchor():
            return 2
        case _:
            return 1


def _parts(known: Plan) -> list[int]:
    """Return the databases that a plan needs, in order: none is empty."""
    return sorted({_part(anchor) for anchor in known.anchors})


def _database_names(known: Plan) -> list[str]:
    code = _code_digest().encode()
    digest = hashlib.sha256(known.digest.encode() + code + _platform()).hexdigest()
    return [f"automaton-{digest[:32]}-{part}" for part in _parts(known)]


def _stored(known: Plan, cache: Cache) -> list[hyperscan.Database] | None:
    databases = []
    for name in _database_names(known):
        stored = cache.get(name)
        if stored is None:
            return None
        database = hyperscan.loadb(stored, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        databases.append(database)
    return databases


def _compiled(known: Plan, expressions: Expressions) -> list[hyperscan.Database]:
    # Compiled databases are in the cache as a rule, and start-up counts.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    parts: dict[int, Expressions] = {part: {} for part in _parts(known)}
    for expression, anchor in expressions:
        parts[_part(known.anchors[anchor])][expression, anchor] = None
    # The library lets other threads run while it compiles.
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda part: _compile(known, part), parts.values()))


def _compile(known: Plan, expressions: Expressions) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[expression.encode("ascii") for expression, _ in expressions],
            ids=[anchor for _, anchor in expressions],
            flags=[
                hyperscan.HS_FLAG_SINGLEMATCH if known.anchors[anchor] == LineAnchor() else 0
                for _, anchor in expressions
            ],
        )
    except hyperscan.error as error:
        problems = tuple(_refused(known, expressions)) or (f"Hyperscan: {error}",)
        raise CatalogueError(problems) from error
    return database


def _refused(known: Plan, expressions: Expressions) -> Iterator[str]:
    """Name the expressions that Hyperscan refuses, one by one."""
    for expression, anchor in expressions:
        try:
            hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
                expressions=[expression.encode("ascii")], ids=[0], flags=[0]
            )
        except hyperscan.error as error:
            yield f"{known.anchors[anchor]}: Hyperscan refuses {expression!r}: {error}"


def _code_digest() -> str:
    """Return a digest of the code that decides what a hit means: a plan is only valid with it."""
    digest = hashlib.sha256()
    for module in _DECIDING:
        digest.update((Path(__file__).parent / f"{module}.py").read_bytes())
    return digest.hexdigest()[:16]


def _platform() -> bytes:
    """Return the library's version and the processor features that a database depends on."""
    probe = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    probe.compile(expressions=[b"a"], ids=[0], flags=[0])
    return str(probe.info()).encode()
