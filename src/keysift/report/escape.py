"""Untrusted text (paths, member names, facts) made safe for whoever shows it."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""Return ``text`` on one line, with nothing in it that a terminal or viewer obeys.

    Control characters, line separators, bidirectional and other invisible formatting characters,
    and lone surrogates become ``\xNN``, ``\uNNNN`` or ``\UNNNNNNNN``.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def well_formed(text: str) -> str:
    r"""Return ``text`` as valid Unicode: lone surrogates become ``\uNNNN``, the rest stays."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text


def _escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
