"""What tells the automaton that constants are put together (``keysift.detect.folding``)."""

from __future__ import annotations

from typing import Final

FOLDED: Final = "folded"

_QUOTE: Final = r"[\x22\x27]"

ANCHORS: Final = (
    # Each holds a literal of a few characters: the automaton looks for anything else at every byte.
    _QUOTE + r"{2}\.join\([\s\[(]{0,8}(?:[rRbBuUfF]{0,2}[\x22\x27]|chr|map\(|reversed\(|\[)",
    r"fromhex\(",
    r"(?:b(?:64|32|16|85)|a85)decode\(",
    r"unhexlify\(",
    r"a2b_(?:hex|base64)\(",
    r"decodebytes\(",
    r"decompress\(",
    r"[\x22\x27]rot[_-]?13[\x22\x27]",
    r"chr\(\d{1,3}\)\s?\+",
    r"\[::-1\]",
    r"bytes\([\[(]\s?(?:0x)?[0-9]",
    r"bytearray\([\[(]\s?(?:0x)?[0-9]",
    _QUOTE + r"\.format\(\s{0,8}(?:[rRbBuU]{0,2}[\x22\x27]|[A-Z_]{2})",
    _QUOTE + r" % \(?\s?(?:[rRbBuU]{0,2}[\x22\x27]|[A-Z_]{2})",
    _QUOTE + r"\.replace\([\x22\x27][^\x22\x27\n]{1,20}[\x22\x27], ?[\x22\x27]{2}\)",
)
"""Expressions of what computes a text from constants."""

_WORDED: Final = (
    r"(?i:key|token|secret|passw(?:or)?d|pwd|auth|credentials?)"
    r"[A-Za-z0-9_]{0,8}[\x22\x27\]]{0,2}\s?"
)
_ASSIGNED: Final = _WORDED + r"[:=]\s?"
_CONSTANT: Final = r"[A-Z][A-Z0-9_]{1,40}"
_TEXT: Final = r"[\x22\x27][A-Za-z0-9_+/=-]{1,60}[\x22\x27]"

NAMED: Final = (
    # Sums, f-strings and templates are in every file: what is looked at names a secret, and is made
    # of what is written like a constant.
    _ASSIGNED + _CONSTANT + r"\s?\+\s?[A-Z_\x22\x27]",
    _ASSIGNED + _TEXT + r"\s?\+\s?[A-Z]",
    _ASSIGNED + r"[fF][\x22\x27][A-Za-z0-9_-]{0,40}\{[A-Z][A-Z0-9_]{1,40}\}",
    _ASSIGNED + r"\x60[A-Za-z0-9_-]{0,40}\$\{[A-Za-z_][A-Za-z0-9_]{2,40}\}[\x60$A-Za-z0-9_-]",
    _ASSIGNED + _CONSTANT + r"\[-?[0-9]{0,3}:",
    _WORDED + r"\+=\s?[bBrRuUfF]?[\x22\x27][A-Za-z0-9_+/=-]{4,200}[\x22\x27]",
    r"[\x22\x27]\[-?[0-9]{0,3}:-?[0-9]{0,3}\]",
)
"""Expressions of what computes the value of a name that ends as the names of secrets do."""

SCRIPTED: Final = (
    r"[\x22\x27\x60]\s?\](?:\.reverse\(\))?\.join\([\x22\x27\x60]",
    r"\.reverse\(\)\.join\([\x22\x27\x60]",
    r"atob\([\x22\x27\x60]",
    r"fromCharCode\(\s?(?:0x)?[0-9]",
    r"Buffer\.from\([\x22\x27\x60]",
)
"""Expressions of what computes a text from constants in JavaScript."""

ALL: Final = (*ANCHORS, *NAMED, *SCRIPTED)
"""All of these."""
