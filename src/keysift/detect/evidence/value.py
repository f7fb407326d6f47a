"""What the value itself says: how it is made, and what else than a secret it could be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from keysift.detect import plausibility
from keysift.detect.evidence.view import View
from keysift.detect.evidence.words import plain, words
from keysift.detect.proofs import readable

_ALPHABETS: Final = (
    (rb"[0-9]+", 10),
    (rb"[0-9a-f]+|[0-9A-F]+", 16),
    (rb"[a-z]+|[A-Z]+", 26),
    (rb"[a-z0-9]+|[A-Z0-9]+", 36),
    (rb"[A-Za-z]+", 52),
    (rb"[A-Za-z0-9]+", 62),
)
_LARGEST_ALPHABET: Final = 70
# Of a thousand random values of 16 and more characters hardly one has less.
_RANDOM: Final = ((16, 0.74), (36, 0.80), (_LARGEST_ALPHABET, 0.84))
_REGULAR: Final = 0.78
_SHORTEST_RANDOM: Final = 8
_FEW_WORDS: Final = 0.35
_SOME_WORDS: Final = 0.4
_MANY_WORDS: Final = 0.7

_HUMAN: Final = re.compile(
    rb"[A-Za-z][a-z]{2,15}(?!\.\Z)[0-9!@#$%&*?+.^_-]{1,8}|\d{1,6}[._@#!$%&*?+-]?[A-Za-z][a-z]{2,15}[!@#$%&*?.]{0,3}"
)
# A word with its capital, or a name such as UIControl: hardly one random text in 300 looks like it.
_CAPITALISED: Final = re.compile(rb"[^A-Za-z0-9]?[A-Z]{1,3}[a-z]{5,}")
_STAND_IN: Final = re.compile(
    rb"(?i)^(?:(?:my|your|the|our|some|this|a|an|new|old|user|db|app|api|admin|root|default|test"
    rb"|testing|dummy|sample|demo|example|super|top|very|fake|mock|foo|bar|baz|abc|xyz|secret|secure"
    rb"|password|passwd|pass|passphrase|pwd|pswd|token|key|auth|access|client|changeme|change|login|guest"
    rb"|temp|tmp|none|null|empty|invalid|wrong|some|no|local|dev|prod|server|bot|hello|world|is|not|for|value|string|random|123)"
    rb"[^A-Za-z]{0,6})+$"
)
_DIGEST_LENGTHS: Final = frozenset({32, 40, 56, 64, 96, 128})
_HEXADECIMAL: Final = re.compile(rb"[0-9a-f]+|[0-9A-F]+")
_NUMBER: Final = re.compile(rb"[+-]?[\d.,_]+(?:e[+-]?\d+)?|0x[0-9a-fA-F]{1,16}")
_DATE: Final = re.compile(
    rb"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.][0-3]?\d.*|\d\d?:\d\d(?::\d\d)?"
)
_VERSION: Final = re.compile(rb"(?:v|[<>=~^!]{1,2})?\d+(?:\.\d+){1,3}(?:[.-]?[a-z]+\.?\d*)?")
_URL: Final = re.compile(rb"(?i)[a-z][a-z0-9+.-]{1,12}://|^(?:www|mailto|arn|urn|data):?[.:]|^//")
_EMAIL: Final = re.compile(rb"[\w.+-]{1,40}@[\w-]{1,40}(?:\.[\w-]{1,20})+")
_HOST: Final = re.compile(
    rb"(?:[a-z][a-z0-9-]{0,40}\.){1,6}(?:com|org|net|io|dev|local|internal|gov|edu|ai|app|co|de|uk|fr|cn)(?::\d+)?/?"
)
_MARKUP: Final = re.compile(
    rb"</?[a-zA-Z][^>]*>|&[a-z]{2,8};|^#[0-9a-fA-F]{3,8}$|^\.?[a-z-]+:[a-z-]+$"
)
_EXPRESSION: Final = re.compile(
    rb"\(\?|\[\^|\\[dswbDSWB]|[\])][*+?]|\{\d+,?\d*\}|^\^|\.\*|\|\||&&|=>|->|::|;$"
)
_FORMAT: Final = re.compile(
    rb"%[-0-9.]*[sdrxif](?![a-z0-9])|\{\d*\}|\{[A-Za-z_][\w.!:]*\}|\$\{|\$[A-Za-z_]\w*$|%[A-Z_]+%"
)
_MEDIA: Final = re.compile(rb"(?:application|text|image|audio|video|multipart|font)/[\w.+-]+")
_TYPE: Final = re.compile(
    rb"(?:typing\.)?(?:str|int|bool|float|bytes|dict|list|tuple|set|object|any|None|Null|nil|true|false"
    rb"|undefined|null|string|number|boolean|char|varchar\(\d+\)|text|uuid|Optional|Union|Callable"
    rb"|SecretStr|String|Integer|Boolean|Object|Function|void|byte)(?:[\[(<?|].*)?",
    re.IGNORECASE,
)
_IDENTIFIER: Final = re.compile(
    rb"_{0,2}[a-z]+(?:_[a-z0-9]+)+_{0,2}|_?[A-Z]{2,}[A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:[A-Z][a-z]+)+\d?"
    rb"|(?:[A-Z][a-z]+){2,}\d?"
)
_DASHED: Final = re.compile(rb"[a-z]+(?:[-.:/][a-z0-9]+)+")
_FOREIGN: Final = re.compile(rb"[^\x00-\x7f]")
_SIGNS: Final = re.compile(rb"[^A-Za-z0-9_.:/+=-]")
_SENTENCE_END: Final = re.compile(rb"[.:,;]$")


def _alphabet(value: bytes) -> int:
    """Return how many characters the alphabet of a value has."""
    found = (size for regex, size in _ALPHABETS if re.fullmatch(regex, value))
    return next(found, _LARGEST_ALPHABET)


def _spread(view: View) -> float:
    """Return the entropy of a value as a share of what random text of its alphabet would have."""
    value = view.core
    size, length = _alphabet(value), len(value)
    # Of few characters each is most likely another one; of many the alphabet is the limit.
    expected = math.log2(size * (1 - (1 - 1 / size) ** length)) if length > 1 else 1.0
    return plausibility.entropy(value) / expected if expected else 0.0


def _is_varied(view: View) -> bool:
    size = _alphabet(view.core)
    return _spread(view) >= next(least for largest, least in _RANDOM if size <= largest)


def _can_be_said(view: View) -> bool:
    """Tell whether a person could read the value out: random text has syllables too."""
    return view.readable > 0.75 or (view.readable > 0.5 and view.known > 0.2)


def _is_random(view: View) -> bool:
    value = view.value
    return (
        len(value) >= _SHORTEST_RANDOM
        and view.kinds >= 2
        and _is_varied(view)
        and view.known < _FEW_WORDS
        and not _can_be_said(view)
        and not readable.is_identifier(view.core)
        and not _CAPITALISED.fullmatch(value)
    )


def _is_unknown(view: View) -> bool:
    """Tell whether the value is letters alone that make no word of the dictionary."""
    return view.value.isalpha() and view.known < _FEW_WORDS


def _is_spoken(view: View) -> bool:
    return view.readable > 0.5


def _is_code(view: View) -> bool:
    """Tell whether the value is an expression; generators of passwords use the same signs."""
    if not (readable.is_code(view.value) or _EXPRESSION.search(view.value)):
        return False
    return view.known >= _FEW_WORDS or not (view.kinds == 3 or _is_mixed(view))


def _is_mixed(view: View) -> bool:
    return len(set(_SIGNS.findall(view.value))) >= 2 and view.kinds >= 2 and view.known < 0.2


def _is_chosen(view: View) -> bool:
    """Tell whether the value is a word with a number or a sign, as people choose passwords."""
    return (
        _HUMAN.fullmatch(view.value) is not None
        and _STAND_IN.search(view.value) is None
        and not _is_sequence(view)
    )


def _is_leet(view: View) -> bool:
    core = view.value.rstrip(b"0123456789!@#$%&*?.")
    changed = plain(core)
    return changed.isalpha() and not core.isalpha() and changed in words()


def _is_sequence(view: View) -> bool:
    compact = re.sub(rb"[-_.: ]", b"", view.value)
    ordered = plausibility.longest_sequence(compact)
    return (ordered >= 4 and ordered > 0.4 * len(compact)) or plausibility.is_counting(compact)


def _is_repeated(view: View) -> bool:
    value = view.lowered
    return plausibility.longest_repeat(value) >= max(4, len(value) // 3) or (
        len(value) >= 6 and len(set(value)) <= max(3, len(value) // 8)
    )


def _is_plain_number(view: View) -> bool:
    return any(one.fullmatch(view.value) for one in (_NUMBER, _DATE, _VERSION))


VALUE: Final[dict[str, Callable[[View], object]]] = {
    "tiny": lambda view: len(view.value) < 6,
    "short": lambda view: 6 <= len(view.value) < 8,
    "long": lambda view: 16 <= len(view.value) < 32,
    "very-long": lambda view: len(view.value) >= 32,
    "random": _is_random,
    "three-kinds": lambda view: view.kinds == 3,
    "two-kinds": lambda view: view.kinds == 2,
    "signs": lambda view: _SIGNS.search(view.value),
    "regular": lambda view: (
        len(view.value) >= 12 and _spread(view) < _REGULAR and not readable.is_uuid(view.value)
    ),
    "human": _is_chosen,
    "leet": _is_leet,
    "all-words": lambda view: view.known >= _MANY_WORDS and not _is_chosen(view),
    "some-words": lambda view: _SOME_WORDS <= view.known < _MANY_WORDS and not _is_chosen(view),
    "odd-letters": lambda view: _is_unknown(view) and not _is_spoken(view),
    "unknown-word": lambda view: _is_unknown(view) and _is_spoken(view),
    "same-as-user": lambda view: view.lowered == view.user.lower(),
    "stand-in": lambda view: _STAND_IN.search(view.value),
    "test-words": lambda view: readable.is_made_of_words(view.value),
    "typed": lambda view: readable.is_typed(view.value),
    "sequence": _is_sequence,
    "repeated": _is_repeated,
    "digest-length": lambda view: (
        len(view.value) in _DIGEST_LENGTHS and _HEXADECIMAL.fullmatch(view.value)
    ),
    "uuid": lambda view: readable.is_uuid(view.value),
    "number": _is_plain_number,
    "identifier": lambda view: _IDENTIFIER.fullmatch(view.core),
    "dashed-words": lambda view: _DASHED.fullmatch(view.value) and view.known >= _SOME_WORDS,
    "pieces": lambda view: readable.is_identifier(view.core),
    "code": _is_code,
    "format": lambda view: _FORMAT.search(view.value),
    "address": lambda view: (
        _URL.search(view.value) or _EMAIL.fullmatch(view.value) or _HOST.fullmatch(view.value)
    ),
    "path": lambda view: readable.is_path(view.value) or readable.names_file(view.value),
    "media-type": lambda view: _MEDIA.fullmatch(view.value),
    "type": lambda view: _TYPE.fullmatch(view.value),
    "markup": lambda view: _MARKUP.search(view.value),
    "foreign": lambda view: _FOREIGN.search(view.value),
    "sentence": lambda view: _SENTENCE_END.search(view.value) and view.known >= _SOME_WORDS,
    "encoded-words": lambda view: readable.is_encoded_text(view.value),
    "algorithm": lambda view: readable.names_algorithm(view.value),
}
"""Tests of the value by the names of their features."""
