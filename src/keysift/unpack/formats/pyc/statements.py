"""Text that reads like the source of a code object, as far as its constants go.

Names and values stand apart in compiled code: ``api_key = "…"`` is a constant, a name, and two
instructions that refer to them. Detectors look at both together, so the instructions are followed
with a stack that holds constants and names only, and each constant is written down the way it was
used. Where the effect of an instruction is not modelled, the stack is forgotten: a constant may
lose its name then, and is written on a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from keysift.unpack.formats.pyc.machine import DEEPEST_STACK, Machine
from keysift.unpack.formats.pyc.opcodes import HAS_ARGUMENT, Instructions
from keysift.unpack.formats.pyc.render import (
    Allowance,
    Item,
    Name,
    attribute_of,
    has_text,
    item_at,
    name_at,
    quoted,
    shown,
)
from keysift.unpack.formats.pyc.unmarshal import Code, Value


def write(code: Code, instructions: Instructions, allowance: Allowance) -> bytes:
    """Return the constants of a code object as lines.

    Values are not escaped: a key of several lines keeps its lines, in triple quotes.

    Raises:
        StoppedError: The budget is used up.
    """
    if not any(isinstance(value, (bytes, tuple)) for value in code.consts):
        return b""
    allowance.step(len(code.bytecode) + len(code.consts))
    statements = Statements(code, instructions, allowance)
    for name, argument in decode(code.bytecode, instructions):
        statements.follow(name, argument)
    return b"\n".join(statements.finish())


def decode(bytecode: bytes, instructions: Instructions) -> Iterator[tuple[str, int]]:
    """Yield each instruction's name, empty when it is not modelled, and its argument."""
    names = instructions.names
    position = extended = 0
    size = len(bytecode)
    while position < size:
        number = bytecode[position]
        if instructions.has_words:
            argument = bytecode[position + 1] if position + 1 < size else 0
            position += 2
        elif number < HAS_ARGUMENT:
            argument = 0
            position += 1
        else:
            argument = int.from_bytes(bytecode[position + 1 : position + 3], "little")
            position += 3
        argument |= extended
        extended = 0
        name = names.get(number, "")
        if name == "EXTENDED_ARG":
            extended = (argument << instructions.extended_bits) & 0xFFFFFFFF
        elif number:  # zero is a cache entry, or the end of very old code
            yield name, argument


class Statements(Machine):
    """Follows the instructions of one code object."""

    def follow(self, name: str, argument: int) -> None:
        """Follow one instruction."""
        action = _ACTIONS.get(name)
        if action is None or len(self._stack) > DEEPEST_STACK:
            self._stack.clear()
        else:
            action(self, argument)

    # Stores

    def store_name(self, argument: int) -> None:
        """Give the top a name."""
        self._assign(name_at(self._code.names, argument), self._top())

    def store_fast(self, argument: int) -> None:
        """Give the top the name of a local variable."""
        self._assign(name_at(self._code.variables, argument), self._top())

    def store_two(self, argument: int) -> None:
        """Give the two topmost items the names of local variables."""
        self.store_fast(argument >> 4)
        self.store_fast(argument & 15)

    def store_and_load(self, argument: int) -> None:
        """Give the top the name of a local variable, and push another."""
        self.store_fast(argument >> 4)
        self.load_fast(argument & 15)

    def store_deref(self, argument: int) -> None:
        """Give the top the name of a variable of a closure."""
        self._assign(name_at(self._dereferenced, argument), self._top())

    def store_attr(self, argument: int) -> None:
        """Make an item an attribute of the top."""
        value, owner = self._pop(2)
        self._assign(attribute_of(owner, self._code.names, argument), value)

    def store_subscr(self, argument: int) -> None:
        """Put an item under a key of another."""
        del argument
        value, owner, key = self._pop(3)
        if has_text(value):
            self._write(b"%b[%b] = %b" % (shown(owner), shown(key), shown(value)), value, key)

    def store_map(self, argument: int) -> None:
        """Put an item under a key of the dictionary below, which stays."""
        del argument
        value, key = self._pop(2)
        self._pair(key, value)

    def unpack(self, argument: int) -> None:
        """Replace a tuple by its items, the first on top."""
        value = self._top()
        if isinstance(value, tuple) and len(value) == argument:
            self._stack.extend(reversed(value))
        else:
            self._stack.clear()

    # What is built of several items

    def build_sequence(self, argument: int) -> None:
        """Replace items by a tuple, list or set of them."""
        self._push(tuple([None if isinstance(i, Name) else i for i in self._pop(argument)]))

    def extend(self, argument: int) -> None:
        """Add a tuple to a list; the list of a display is empty before."""
        del argument
        below, value = self._pop(2)
        self._push(value if isinstance(value, tuple) and not below else None)

    def build_map(self, argument: int) -> None:
        """Replace keys and values by a dictionary."""
        if self._how.has_words:
            items = self._pop(2 * argument)
            for key, value in zip(items[::2], items[1::2], strict=True):
                self._pair(key, value)
        self._push(None)

    def build_const_key_map(self, argument: int) -> None:
        """Replace values and the tuple of their keys by a dictionary."""
        keys = self._top()
        values = self._pop(argument)
        if isinstance(keys, tuple) and len(keys) == len(values):
            for key, value in zip(keys, values, strict=True):
                self._pair(key, value)
        self._push(None)

    def build_string(self, argument: int) -> None:
        """Replace the pieces of an f-string by the whole, with ``{}`` for what is not constant."""
        pieces = self._pop(argument)
        text = b"".join(piece if isinstance(piece, bytes) else b"{}" for piece in pieces)
        if text.strip(b"{}"):
            self._written.update(piece for piece in pieces if isinstance(piece, bytes))
            self._joined.append(text)
            self._push(text)
        else:
            self._push(None)

    # Calls

    def keyword_names(self, argument: int) -> None:
        """Note the names of the last arguments of the next call."""
        names = item_at(self._code.consts, argument)
        self._keywords = names if isinstance(names, tuple) else ()

    def call(self, argument: int) -> None:
        """Call with positional arguments; since 3.11 ``keyword_names`` may have been noted."""
        keywords, self._keywords = self._keywords, ()
        if self._how.has_plain_calls:
            self._call(self._pop(argument), keywords)
            return
        named = self._pop(2 * (argument >> 8 & 0xFF))
        arguments = self._pop(argument & 0xFF) + named[1::2]
        self._call(arguments, tuple([k if isinstance(k, bytes) else None for k in named[::2]]))

    def call_keywords(self, argument: int) -> None:
        """Call with the tuple of the last arguments' names on top."""
        names = self._top()
        self._call(self._pop(argument), names if isinstance(names, tuple) else ())

    def call_method(self, argument: int) -> None:
        """Call a method, which stands below its object."""
        self._call(self._pop(argument), (), pair=True)

    def _call(
        self, arguments: list[Item], keywords: tuple[Value, ...], *, pair: bool = False
    ) -> None:
        below = self._pop(2 if pair or self._how.has_null else 1)
        self._push(None)
        if not any(has_text(argument) for argument in arguments):
            return
        callee = next((item for item in below if isinstance(item, Name)), None)
        first = len(arguments) - len(keywords)
        texts = [shown(argument) for argument in arguments]
        first = len(arguments) - len(keywords)
        if first >= 0:
            for index, keyword in enumerate(keywords, first):
                if isinstance(keyword, bytes):
                    texts[index] = keyword + b"=" + texts[index]
        self._write(b"%b(%b)" % (shown(callee), b", ".join(texts)), *arguments, keywords)

    def make_function(self, argument: int) -> None:
        """Replace code, its name, and what belongs to its definition by a function."""
        if self._how.names_functions:
            self._pop()
        function = self._top()
        if isinstance(function, bytes):  # 3.3 to 3.5 have the name on top, earlier ones do not
            function = self._top()
        defaults: Item = None
        if self._how.has_function_flags:
            self._pop((argument >> 3 & 1) + (argument >> 2 & 1) + (argument >> 1 & 1))
            defaults = self._top() if argument & 1 else None
        elif not self._how.has_null:
            values = self._pop(argument & 0xFF)
            defaults = tuple([None if isinstance(value, Name) else value for value in values])
        self._define(function, defaults)
        self._push(function)

    def set_function_attribute(self, argument: int) -> None:
        """Give the function on top what stands below it."""
        value, function = self._pop(2)
        self._define(function, value if argument == 1 else None)
        self._push(function)

    def _define(self, function: Item, defaults: Item) -> None:
        if not isinstance(function, Code) or not isinstance(defaults, tuple):
            return
        if not has_text(defaults) or len(defaults) > function.arguments:
            return
        first = function.arguments - len(defaults)
        parameters = [
            b"%b=%b" % (shown(name_at(function.variables, first + index)), shown(value))
            for index, value in enumerate(defaults)
        ]
        self._write(b"def %b(%b)" % (function.name, b", ".join(parameters)), defaults)

    # Other uses

    def compare(self, argument: int) -> None:
        """Compare two items; which way does not matter here."""
        del argument
        left, right = self._pop(2)
        self._push(None)
        if isinstance(left, Name) and isinstance(right, bytes):
            self._write(b"%b == %b" % (left.text, quoted(right)), right)
        elif isinstance(right, Name) and isinstance(left, bytes):
            self._write(b"%b == %b" % (quoted(left), right.text), left)

    def return_value(self, argument: int) -> None:
        """Return the top."""
        del argument
        self._returned(self._top())

    def return_const(self, argument: int) -> None:
        """Return a constant."""
        self._returned(item_at(self._code.consts, argument))

    def _returned(self, value: Item) -> None:
        self._stack.clear()
        if isinstance(value, bytes):
            self._write(b"def %b(): return %b" % (self._code.name, quoted(value)), value)


_ACTIONS: Final[dict[str, Callable[[Statements, int], None]]] = {
    "BINARY_ADD": Statements.combine,
    "BINARY_MODULO": Statements.combine,
    "BINARY_OP": Statements.combine,
    "BINARY_SUBSCR": Statements.combine,
    "BUILD_CONST_KEY_MAP": Statements.build_const_key_map,
    "BUILD_LIST": Statements.build_sequence,
    "BUILD_MAP": Statements.build_map,
    "BUILD_SET": Statements.build_sequence,
    "BUILD_STRING": Statements.build_string,
    "BUILD_TUPLE": Statements.build_sequence,
    "CALL": Statements.call,
    "CALL_FUNCTION": Statements.call,
    "CALL_FUNCTION_KW": Statements.call_keywords,
    "CALL_KW": Statements.call_keywords,
    "CALL_METHOD": Statements.call_method,
    "COMPARE_OP": Statements.compare,
    "CONVERT_VALUE": Statements.convert,
    "COPY": Statements.copy,
    "COPY_FREE_VARS": Statements.nothing,
    "DUP_TOP": Statements.duplicate,
    "FORMAT_SIMPLE": Statements.convert,
    "FORMAT_VALUE": Statements.format_value,
    "FORMAT_WITH_SPEC": Statements.combine,
    "IMPORT_FROM": Statements.imported_from,
    "IMPORT_NAME": Statements.imported,
    "KW_NAMES": Statements.keyword_names,
    "LIST_EXTEND": Statements.extend,
    "LOAD_ATTR": Statements.load_attr,
    "LOAD_BUILD_CLASS": Statements.load_build_class,
    "LOAD_COMMON_CONSTANT": Statements.unknown,
    "LOAD_CONST": Statements.load_const,
    "LOAD_DEREF": Statements.load_deref,
    "LOAD_FAST": Statements.load_fast,
    "LOAD_FAST_BORROW": Statements.load_fast,
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": Statements.load_two,
    "LOAD_FAST_CHECK": Statements.load_fast,
    "LOAD_FAST_LOAD_FAST": Statements.load_two,
    "LOAD_GLOBAL": Statements.load_global,
    "LOAD_METHOD": Statements.load_method,
    "LOAD_NAME": Statements.load_name,
    "LOAD_SMALL_INT": Statements.unknown,
    "MAKE_CELL": Statements.nothing,
    "MAKE_FUNCTION": Statements.make_function,
    "NOP": Statements.nothing,
    "NOT_TAKEN": Statements.nothing,
    "POP_TOP": Statements.pop,
    "PRECALL": Statements.nothing,
    "PUSH_NULL": Statements.unknown,
    "RESUME": Statements.nothing,
    "RETURN_CONST": Statements.return_const,
    "RETURN_VALUE": Statements.return_value,
    "ROT_TWO": Statements.swap_two,
    "SET_FUNCTION_ATTRIBUTE": Statements.set_function_attribute,
    "SET_LINENO": Statements.nothing,
    "SET_UPDATE": Statements.extend,
    "STORE_ATTR": Statements.store_attr,
    "STORE_DEREF": Statements.store_deref,
    "STORE_FAST": Statements.store_fast,
    "STORE_FAST_LOAD_FAST": Statements.store_and_load,
    "STORE_FAST_STORE_FAST": Statements.store_two,
    "STORE_GLOBAL": Statements.store_name,
    "STORE_MAP": Statements.store_map,
    "STORE_NAME": Statements.store_name,
    "STORE_SUBSCR": Statements.store_subscr,
    "UNPACK_SEQUENCE": Statements.unpack,
}
