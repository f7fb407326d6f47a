"""The last gate: whatever is told to an agent has its secrets masked.

Findings are masked already. Names of files, members of archives and messages about them are not
ours, and may be made of a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from keysift.detect.scanner import Scanner
from keysift.model import Secret, masked
from keysift.report.escape import well_formed

_T = TypeVar("_T")


class Hider:
    """Masks secrets in texts: those that the detectors find, and those that it is told.

    Args:
        scanner: Finds them.
        known: Secrets that are known to be about.
    """

    def __init__(self, scanner: Scanner, known: Iterable[Secret] = ()) -> None:
        self._scanner = scanner
        self._known = frozenset(known)

    def text(self, text: str) -> str:
        """Return a text without secrets, as valid Unicode."""
        raw = masked(well_formed(text).encode(), self._known)
        for match in reversed(self._scanner.scan(raw)):
            raw = raw[: match.start] + match.secret.mask.encode() + raw[match.end :]
        return raw.decode(errors="replace")

    def value(self, value: _T) -> _T:
        """Return a value of one of our types with every text in it without secrets."""
        plain = msgspec.to_builtins(value)
        return msgspec.convert(self._walked(plain), type(value))

    def _walked(self, plain: Any) -> Any:  # noqa: ANN401 (whatever JSON can hold)
        match plain:
            case str():
                return self.text(plain)
            case list() | tuple():
                return [self._walked(one) for one in plain]
            case dict():
                return {self.text(name): self._walked(one) for name, one in plain.items()}
            case _:
                return plain
