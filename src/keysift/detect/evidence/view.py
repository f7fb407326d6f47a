"""What evidence is read from: a value, its name, and the text around it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from keysift.detect.evidence.words import known_share
from keysift.detect.proofs.readable import readable_share

_KINDS: Final = (re.compile(rb"[a-z]"), re.compile(rb"[A-Z]"), re.compile(rb"[0-9]"))
_BEFORE_CORE: Final = re.compile(
    rb"(?:[A-Za-z]{2,8}[_-]){1,2}(?=[A-Za-z0-9]{20,}\Z)(?=(?:[A-Za-z]*[0-9]){3})"
)
_LINE: Final = 300
_AROUND: Final = 400


class View:
    """A value with what stands around it; everything is read when first asked for.

    Args:
        value: The value, decoded.
        data: The text it stands in.
        span: Where it begins there, and one past its last byte.
        label: The name it was given; empty when there is none.
        user: Who signs in with it; empty when that is not known.

    Attributes:
        value: The same.
        label: The same.
        user: The same.
    """

    def __init__(
        self,
        value: bytes,
        data: bytes,
        span: tuple[int, int],
        label: bytes = b"",
        user: bytes = b"",
    ) -> None:
        self.value = value
        self.label = label
        self.user = user
        self._data = data
        self._start, self._end = span

    @cached_property
    def lowered(self) -> bytes:
        """The value in small letters."""
        return self.value.lower()

    @cached_property
    def core(self) -> bytes:
        """The value without words that keys of a service begin with: ``key_``, ``sk_live_``.

        What is behind them is long, and letters and digits alone.
        """
        beginning = _BEFORE_CORE.match(self.value)
        return self.value if beginning is None else self.value[beginning.end() :]

    @cached_property
    def known(self) -> float:
        """Share of the value, 0 to 1, that words of a dictionary make up."""
        return known_share(self.value)

    @cached_property
    def kinds(self) -> int:
        """How many of small letters, capitals and digits the value has."""
        return sum(kind.search(self.value) is not None for kind in _KINDS)

    @cached_property
    def readable(self) -> float:
        """Share of the value, 0 to 1, that a person could read out."""
        return readable_share(self.value)

    @cached_property
    def before(self) -> bytes:
        """The line up to the value, at most 300 bytes of it."""
        low = max(0, self._start - _LINE)
        return self._data[self._data.rfind(b"\n", low, self._start) + 1 or low : self._start]

    @cached_property
    def after(self) -> bytes:
        """The line behind the value, at most 300 bytes of it."""
        high = min(len(self._data), self._end + _LINE)
        end = self._data.find(b"\n", self._end, high)
        return self._data[self._end : high if end < 0 else end]

    @cached_property
    def lines_before(self) -> bytes:
        """At most 400 bytes before the line of the value."""
        high = self._start - len(self.before)
        return self._data[max(0, high - _AROUND) : high]

    @cached_property
    def lines_after(self) -> bytes:
        """At most 400 bytes after the line of the value."""
        low = self._end + len(self.after)
        return self._data[low : low + _AROUND]
