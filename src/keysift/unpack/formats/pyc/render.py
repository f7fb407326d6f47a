"""How the constants of a code object are written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.unpack.budget import Budget
from keysift.unpack.formats.pyc.unmarshal import Value

_LONGEST_NAME: Final = 200
_OTHER: Final = b"..."
_ROOM: Final = 1 << 24


class Name(Struct, frozen=True):
    """A variable or attribute on the stack, dotted."""

    text: bytes


Item: TypeAlias = "Value | Name"


class Allowance:
    """What the text of one module may cost: code objects can share their constants.

    Once the room is used up, constants are written only where they appear first.

    Attributes:
        budget: Charged for instructions and constants.
        room: Bytes that may still be written.
        told: Every text that was written.
    """

    def __init__(self, size_bytes: int, budget: Budget) -> None:
        self.budget = budget
        self.room = _ROOM + 8 * size_bytes
        self.told: set[bytes] = set()

    def step(self, count: int) -> None:
        """Charge work; raises ``StoppedError`` when that was too much."""
        if not self.budget.step(count):
            raise self.budget.stopped()


def direct(item: Item) -> tuple[bytes, ...]:
    """Return a constant text, or those that stand directly in a tuple."""
    if isinstance(item, bytes):
        return (item,)
    if isinstance(item, tuple):
        return tuple([text for text in item if isinstance(text, bytes)])
    return ()


def has_text(item: Item) -> bool:
    """Tell whether an item is a constant text, or a tuple with one."""
    return bool(direct(item))


def shown(item: Item) -> bytes:
    """Return an item as it stands in a line; what is inside nested tuples is left out."""
    if isinstance(item, Name):
        return item.text
    if isinstance(item, bytes):
        return quoted(item)
    if isinstance(item, tuple):
        members = [quoted(one) if isinstance(one, bytes) else _OTHER for one in item]
        return b"(%b)" % b", ".join(members)
    return _OTHER


def quoted(text: bytes) -> bytes:
    """Return a text in quotes that it does not contain itself, as far as there are any."""
    if b"\n" in text or b"\r" in text:
        return b'"""%b"""' % text
    return b"'%b'" % text if b'"' in text else b'"%b"' % text


def strings(value: Value, allowance: Allowance) -> Iterator[bytes]:
    """Yield the texts in a constant, at any depth, in order; code objects are not entered."""
    if isinstance(value, bytes):
        yield value
        return
    pending: list[Value] = [value]
    seen: set[int] = set()  # a tuple may contain another many times over, by reference
    while pending:
        one = pending.pop()
        if isinstance(one, bytes):
            yield one
        elif isinstance(one, tuple) and id(one) not in seen:
            seen.add(id(one))
            allowance.step(len(one))
            pending.extend(reversed(one))


def item_at(values: tuple[Value, ...], index: int) -> Value:
    """Return an item of a table, None behind its end."""
    return values[index] if index < len(values) else None


def name_at(values: tuple[Value, ...], index: int) -> Name | None:
    """Return a name from a table, cut to a sane length; None when there is none."""
    value = item_at(values, index)
    return Name(value[:_LONGEST_NAME]) if isinstance(value, bytes) else None


def attribute_of(owner: Item, names: tuple[Value, ...], index: int) -> Name | None:
    """Return the dotted name of an attribute of ``owner``, whose own name may not be known."""
    attribute = name_at(names, index)
    if attribute is None or not isinstance(owner, Name) or len(owner.text) > _LONGEST_NAME:
        return attribute
    return Name(owner.text + b"." + attribute.text)
