"""The lines of armoured keys, as they stand in source files: quoted, escaped, indented."""

from __future__ import annotations

import re
from typing import Final

HEADER: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----")
"""The first line; the group is the label."""

_FOOTER: Final = re.compile(rb"-----END [A-Z0-9 ]{1,60}-----")
_ESCAPES: Final = re.compile(rb"\\{1,4}r\\{1,4}n|\\{1,4}[nr]|\\\r?\n")
_BEFORE: Final = re.compile(
    rb"^\s*(?:(?:[#*>|;&]+|//(?=\s)|\+(?=\s*[\"'`]))\s*)?(?:[rbfu]?[\"'`])?\s*"
)
_REST: Final = re.compile(rb"[\s\"'`+,;.)\\\]}]{0,16}")
_AFTER: Final = re.compile(rb"(?:[\"'`]\s{0,4}[+,;.)\]}]{0,4}\s{0,4}\\?|\\)$")
_NAMED: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{2,30}\s?:.*")
"""A header inside the armour, such as ``DEK-Info``: its spaces mean something."""


def armored_lines(text: bytes) -> list[bytes]:
    """Return the lines between header and footer, without what a source file put around them."""
    header = HEADER.search(text)
    if header is None:
        return []
    footer = _FOOTER.search(text, header.end())
    inner = text[header.end() : footer.start() if footer else len(text)]
    inner = _ESCAPES.sub(b"\n", inner)
    # What is left of `"…\n" +` after its escaped line end is no line of the key.
    kept = [b"" if _REST.fullmatch(line) else line for line in inner.splitlines()]
    if all(line.lstrip().startswith(b"//") for line in kept if line):
        # A comment without spaces. One such line alone is base64, which may begin with slashes.
        kept = [line.lstrip()[2:] for line in kept]
    lines = (_AFTER.sub(b"", _BEFORE.sub(b"", line).rstrip()).rstrip() for line in kept)
    return [line if _NAMED.fullmatch(line) else line.replace(b" ", b"") for line in lines if line]
