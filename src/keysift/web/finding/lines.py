"""The lines around a secret, one by one, with what of each is the secret."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from keysift.store.excerpts import StoredExcerpt


class Stretch(Struct, frozen=True):
    """Some of a line.

    Attributes:
        text: What stands there.
        is_found: Whether it belongs to the secret.
    """

    text: str
    is_found: bool


def lines_of(excerpt: StoredExcerpt) -> list[Sequence[Stretch]]:
    """Return the lines of an excerpt; the first has the number ``excerpt.line``."""
    pieces = ((excerpt.before, False), (excerpt.found, True), (excerpt.after, False))
    lines: list[list[Stretch]] = [[]]
    for text, is_found in pieces:
        first, *more = _split(text)
        for number, part in enumerate((first, *more)):
            if number:
                lines.append([])
            if part:
                lines[-1].append(Stretch(part, is_found))
    if not lines[-1]:
        lines.pop()
    return list(lines)


def _split(text: str) -> list[str]:
    # Not splitlines: only these end a line for whoever counted them.
    text = text.replace("\r\n", "\n")
    return text.split("\n" if "\n" in text else "\r")
