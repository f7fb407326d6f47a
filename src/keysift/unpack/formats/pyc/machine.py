"""The interpreter's stack with constants and names on it, and the instructions that load them."""

from __future__ import annotations

from typing import Final

from keysift.unpack.formats.pyc.opcodes import Instructions
from keysift.unpack.formats.pyc.render import (
    Allowance,
    Item,
    Name,
    attribute_of,
    direct,
    has_text,
    item_at,
    name_at,
    quoted,
    shown,
    strings,
)
from keysift.unpack.formats.pyc.unmarshal import Code, Value

DEEPEST_STACK: Final = 10_000
_MOST_MISSING: Final = 16
"""Items that an instruction may take from below what is known of the stack."""


class Machine:
    """The stack of the interpreter, as far as it is known, and the lines that came of it.

    Args:
        code: The code object.
        instructions: How its bytecode reads.
        allowance: Of the module.
    """

    def __init__(self, code: Code, instructions: Instructions, allowance: Allowance) -> None:
        self._allowance = allowance
        self._code = code
        self._how = instructions
        self._stack: list[Item] = []
        self._lines: list[bytes] = []
        self._written: set[bytes] = set()
        self._joined: list[bytes] = []
        self._keywords: tuple[Value, ...] = ()
        self._dereferenced = code.variables if instructions.has_null else code.cells

    def finish(self) -> list[bytes]:
        """Return the lines, with the constants that no instruction named at the end."""
        for value in (*self._code.consts, *self._joined):
            for text in strings(value, self._allowance):
                if text not in self._written:
                    self._write(quoted(text), text)
        return self._lines

    # The stack. It may be shorter than the interpreter's: what is below is not known.

    def _pop(self, count: int = 1) -> list[Item]:
        """Return the ``count`` topmost items, the top last."""
        missing = max(0, count - len(self._stack))
        if missing > _MOST_MISSING:
            self._stack.clear()
            return []
        cut = len(self._stack) - (count - missing)
        items = self._stack[cut:]
        del self._stack[cut:]
        return [None] * missing + items

    def _top(self) -> Item:
        return self._pop()[0]

    def _push(self, item: Item) -> None:
        self._stack.append(item)

    # Loads

    def load_const(self, argument: int) -> None:
        """Push a constant."""
        self._push(item_at(self._code.consts, argument))

    def load_name(self, argument: int) -> None:
        """Push a name."""
        self._push(name_at(self._code.names, argument))

    def load_global(self, argument: int) -> None:
        """Push a global name, and a NULL beside it for calls."""
        if not self._how.has_null:
            self.load_name(argument)
            return
        self.load_name(argument >> 1)
        if argument & 1:
            self._push(None)

    def load_fast(self, argument: int) -> None:
        """Push a local variable."""
        self._push(name_at(self._code.variables, argument))

    def load_two(self, argument: int) -> None:
        """Push two local variables."""
        self.load_fast(argument >> 4)
        self.load_fast(argument & 15)

    def load_deref(self, argument: int) -> None:
        """Push a variable of a closure."""
        self._push(name_at(self._dereferenced, argument))

    def load_attr(self, argument: int) -> None:
        """Replace an object by its attribute; for a method call, also push the object."""
        flagged = self._how.attribute_has_flag
        owner = self._top()
        self._push(attribute_of(owner, self._code.names, argument >> 1 if flagged else argument))
        if flagged and argument & 1:
            self._push(None)

    def load_method(self, argument: int) -> None:
        """Replace an object by its method and itself."""
        self._push(attribute_of(self._top(), self._code.names, argument))
        self._push(None)

    def load_build_class(self, argument: int) -> None:
        """Push what makes a class of a function and a name."""
        del argument
        self._push(Name(b"class"))

    def unknown(self, argument: int) -> None:
        """Push something that has no name."""
        del argument
        self._push(None)

    def nothing(self, argument: int) -> None:
        """Do not touch the stack."""

    def pop(self, argument: int) -> None:
        """Drop the top."""
        del argument
        self._pop()

    def copy(self, argument: int) -> None:
        """Push a copy of an item, counted from the top."""
        self._push(self._stack[-argument] if 0 < argument <= len(self._stack) else None)

    def duplicate(self, argument: int) -> None:
        """Push a copy of the top."""
        del argument
        self.copy(1)

    def swap_two(self, argument: int) -> None:
        """Exchange the two topmost items."""
        del argument
        self._stack.extend(reversed(self._pop(2)))

    def convert(self, argument: int) -> None:
        """Replace the top by its text, which is not known."""
        del argument
        self._pop()
        self._push(None)

    def combine(self, argument: int) -> None:
        """Replace two items by what an operator makes of them."""
        del argument
        self._pop(2)
        self._push(None)

    def format_value(self, argument: int) -> None:
        """Replace a value, and its format if there is one, by a text."""
        self._pop(2 if argument & 4 else 1)
        self._push(None)

    def imported(self, argument: int) -> None:
        """Replace level and names by a module."""
        self._pop(2)
        self.load_name(argument)

    def imported_from(self, argument: int) -> None:
        """Push a name of the module on top."""
        self.load_name(argument)

    # Lines

    def _assign(self, name: Item, value: Item) -> None:
        if has_text(value):
            self._write(b"%b = %b" % (shown(name), shown(value)), value)

    def _pair(self, key: Item, value: Item) -> None:
        if has_text(value):
            self._write(b"%b: %b" % (shown(key), shown(value)), value, key)

    def _write(self, line: bytes, *items: Item) -> None:
        texts = [text for item in items for text in direct(item)]
        told = self._allowance.told
        if self._allowance.room < len(line) and told.issuperset(texts):
            return
        self._allowance.room -= len(line)
        self._lines.append(line)
        self._written.update(texts)
        told.update(texts)
