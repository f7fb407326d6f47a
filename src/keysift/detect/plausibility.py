"""Is it a secret at all? Placeholders, examples, look-ups and text that is too regular.

Every answer has a reason that reaches the report. The checks know nothing of single detectors; what
is specific (a checksum, a structure) is a proof.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Final

from keysift.model import SuppressReason

Doubt = tuple[SuppressReason, str]
"""Why a value is not reported, and a detail for a person (never the value)."""

# Expressions are compiled when first used (and kept by `re`): most scans need none of them.
_TEMPLATE: Final = (
    rb"\$\{[^}\n]{0,200}\}|\{\{[^\n]{0,200}?\}\}|\{%|<%|%\([A-Za-z_]\w{0,60}\)s|\$\([^)\n]{0,200}\)"
    rb"|^\$[A-Za-z_]\w*$|^%[A-Za-z_]\w*%$|^\{[A-Za-z_][\w.\[\]'\":!]*\}$|^<[^<>\n]{1,200}>$"
    rb"|(?<=[^\n])\{[a-z_][A-Za-z0-9_.]{1,40}(?:![rsa])?(?::[^{}\s]{0,20})?\}"
    rb"|^%[sdr]$|^:[a-z_]+$|^\[[A-Za-z_ -]+\]$|^@[A-Za-z_.]+@?$|^#\{[^\n]*\}$|\$\$?\{"
    rb"|(?:A-Z|a-z|0-9){2}"  # the characters of a regular expression
)
_LOOKUP: Final = (
    rb"(?i)os\.environ|getenv|process\.env|ENV\[|environ\.get|System\.getProperty|secrets\.[A-Z_]"
    rb"|vault:|config\(|settings\.|keyring\.get|ssm:|!(?:Ref|Sub|GetAtt)\b|data\.external"
)
_WORDS: Final = (
    rb"(?i)example|placeholder|change[_-]?me|change[_-]?this|replace[_-]?(?:me|with|this)|your[_-]?"
    rb"(?:own|api|app|key|token|secret|password|access|account|auth|client|user|project)|<?your[_-]"
    rb"|dummy|fake[_-]?|redact|insert[_-]|sample|foobar|notreal|not[_-]a[_-]real|lorem|todo|fixme"
    rb"|x{4,}|\*{3,}|\.{3,}|_{5,}|#{4,}|\?{3,}|^none$|^null$|undefined|deadbeef|c0ffee"
    rb"|test[_-]?(?:key|token|secret)"
    rb"|my[_-]?(?:api|app|key|token|secret|password)|enter[_-]|fill[_-]?in|goes[_-]?here"
    rb"|here[_-]?$|super[_-]?secret"
)
_DIGEST_BEFORE: Final = (
    rb"(?i)(?:sha[-_]?(?:1|2|224|256|384|512)|md5|sum|hash(?:es)?|digest|checksum|commit"
    rb"|integrity|etag|revision|rev|fingerprint|blob|object[-_ ]?id|uuid|guid)"
    rb"[\"'\]\s:=,@(-]{0,6}(?:sha\d{1,3}[-:=])?$"
)
_ALGORITHM_BEFORE: Final = rb"(?i)(?:sha[-_]?(?:1|224|256|384|512)|md5|blake2[bs])[-=:]$"
_RUN_SHARE: Final = 0.5
_MIN_DISTINCT: Final = 4
_MIN_HALF: Final = 8
_MIN_COUNTED: Final = 4
_COUNTED_SHARE: Final = 0.75
_SEPARATORS: Final = b"-_.: "
_ALPHABETS: Final = (
    (rb"[0-9]+", 10),
    (rb"[0-9a-f]+|[0-9A-F]+", 16),
    (rb"[a-z]+|[A-Z]+", 26),
    (rb"[a-z0-9]+|[A-Z0-9]+", 36),
    (rb"[A-Za-z]+", 52),
)
_MOST: Final = 62
"""Different characters of text that has more kinds of them."""

_KEYBOARD: Final = (b"qwertyuiopasdfghjklzxcvbnm", b"1234567890", b"abcdefghijklmnopqrstuvwxyz")
_RUNS: Final = frozenset(
    row[place : place + 4]
    for rows in (_KEYBOARD, [row[::-1] for row in _KEYBOARD])
    for row in rows
    for place in range(len(row) - 3)
)
"""Every four neighbours of a row, up and down."""


def known_examples() -> frozenset[str]:
    """Return the SHA-256 digests of values that documentation publishes as examples."""
    text = (Path(__file__).parent / "known-examples.txt").read_text("ascii")
    return frozenset(line.split()[0] for line in text.splitlines() if line and line[0] != "#")


def doubt_text(value: bytes, core: bytes) -> Doubt | None:
    """Judge the text of a value.

    Args:
        value: The whole secret.
        core: Its variable part, without a prefix that every secret of the type has.

    Returns:
        None when nothing speaks against it.
    """
    if re.search(_TEMPLATE, value):
        return SuppressReason.TEMPLATE, "the value is a template variable"
    if re.search(_LOOKUP, value):
        return SuppressReason.LOOKUP, "the value is looked up elsewhere"
    word = re.search(_WORDS, core)
    if word:
        return SuppressReason.PLACEHOLDER, f"contains {word[0].decode('latin-1').lower()!r}"
    if len(core) >= 2 * _MIN_DISTINCT and len(set(core)) < _MIN_DISTINCT:
        return SuppressReason.REPETITION, f"{len(set(core))} different characters"
    repeated = longest_repeat(core)
    if repeated >= max(6, len(core) // 3):
        return SuppressReason.REPETITION, f"one character {repeated} times"
    if _is_periodic(core):
        return SuppressReason.REPETITION, "a short text repeated"
    bare = core.translate(None, _SEPARATORS)
    if is_counting(bare):
        return SuppressReason.SEQUENCE, "letters and digits that count"
    compact = re.sub(rb"(.)\1", rb"\1", bare)
    ordered = longest_sequence(compact)
    if ordered >= 6 and ordered > _RUN_SHARE * len(compact):
        return SuppressReason.SEQUENCE, f"{ordered} characters in order"
    return None


def doubt_digest(data: bytes, start: int, value: bytes) -> Doubt | None:
    """Doubt a value that is introduced as a checksum or an identifier of content.

    Words such as ``commit`` only speak against hexadecimal text; the name of a hash algorithm
    (``sha256=`` in a wheel's RECORD, ``sha512-`` in a lock file) against any.
    """
    if re.fullmatch(rb"[0-9a-fA-F-]+", value) is None:
        return doubt_named_digest(data, start)
    return _introduced(_DIGEST_BEFORE, data, start)


def doubt_named_digest(data: bytes, start: int) -> Doubt | None:
    """Doubt a value that follows the name of a hash algorithm: any text may be a digest there."""
    return _introduced(_ALGORITHM_BEFORE, data, start)


def _introduced(expression: bytes, data: bytes, start: int) -> Doubt | None:
    if re.search(expression, data[max(0, start - 40) : start]) is None:
        return None
    return SuppressReason.DIGEST, "introduced as a digest"


def entropy(value: bytes) -> float:
    """Return the Shannon entropy of the characters of ``value``, in bits a character."""
    if not value:
        return 0.0
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def least_entropy(value: bytes, wanted: float) -> float:
    """Return the least entropy to ask of a value, in bits a character.

    A detector's limit is meant for typical values; of short ones, or of few characters, a
    generator makes some below it. What is returned is at most what all but one of 2,000 random
    texts of the same length and alphabet have.

    Args:
        value: The value.
        wanted: The detector's limit.
    """
    length = len(value)
    size = next((size for regex, size in _ALPHABETS if re.fullmatch(regex, value)), _MOST)
    typical = math.log2(max(1.0, size * (1 - (1 - 1 / size) ** length)))
    # Measured with random texts of 8 to 64 characters of 10 to 62 different ones.
    share = 0.945 - 2.2 / length - 1.9 / size if length else 0.0
    return min(wanted, max(0.0, share) * typical)


def lacks(value: bytes, needs: tuple[str, ...]) -> str | None:
    """Return the first kind of character that ``value`` should have and has not."""
    tests = {
        "digit": rb"[0-9]",
        "lower": rb"[a-z]",
        "upper": rb"[A-Z]",
        "letter": rb"[A-Za-z]",
        "symbol": rb"[^A-Za-z0-9]",
    }
    return next((kind for kind in needs if not re.search(tests[kind], value)), None)


def is_known_example(value: bytes, examples: frozenset[str]) -> bool:
    """Tell whether documentation publishes exactly this value."""
    return hashlib.sha256(value).hexdigest() in examples


def longest_repeat(value: bytes) -> int:
    """Return the length of the longest run of one character."""
    longest = run = 0
    previous = None
    for byte in value:
        run = run + 1 if byte == previous else 1
        previous = byte
        longest = max(longest, run)
    return longest


def longest_sequence(value: bytes) -> int:
    """Return the total length of runs of 4 or more characters that follow each other.

    Followers are neighbours in the alphabet, the digits or a keyboard row, up or down.
    """
    lowered = value.lower()
    # Most values hold no run at all.
    if not any(lowered[place : place + 4] in _RUNS for place in range(len(lowered) - 3)):
        return 0
    total, run = 0, 1
    step = 0
    for left, right in pairwise(lowered):
        now = _follows(left, right)
        if now and (run == 1 or now == step):
            run += 1
        else:
            total += run if run >= 4 else 0
            run = 2 if now else 1
        step = now
    return total + (run if run >= 4 else 0)


def is_counting(value: bytes) -> bool:
    """Tell whether ``value`` counts letters and digits in turn: ``a0b1c2d3e4f5``."""
    lowered = value.lower()
    rows = lowered[::2], lowered[1::2]
    return len(rows[1]) >= _MIN_COUNTED and all(
        longest_sequence(row) >= _COUNTED_SHARE * len(row) or len(set(row)) == 1 for row in rows
    )


def _follows(left: int, right: int) -> int:
    """Return 1 or -1 when ``right`` is the neighbour of ``left``, else 0."""
    for row in _KEYBOARD:
        place = row.find(left)
        if place < 0:
            continue
        if row[place + 1 : place + 2] == bytes([right]):
            return 1
        if place and row[place - 1] == right:
            return -1
    if left == ord("9") and right == ord("0"):
        return 1
    return 0


def _is_periodic(value: bytes) -> bool:
    """Tell whether ``value`` is a short text repeated, or a longer one two or three times."""
    length = len(value)
    longest = length // 2 if length >= 2 * _MIN_HALF else length // 4
    return any(
        value == (value[:period] * (length // period + 1))[:length]
        for period in range(1, longest + 1)
        if period <= length // 4 or length % period == 0
    )
