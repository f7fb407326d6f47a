"""Text that reads like the source of a code object, as far as its constants go.

Names and values stand apart in compiled code: ``api_key = "…"`` is a constant, a name, and two
instructions that refer to them. Detectors look at both together, so the instructions are followed
with a stack that holds constants and names only, and each constant is written down the way it was
used. Where the effect of an instruction is not modelled, the stack is forgotten: a constant may
lose its name then, and is written on a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.unpack.budget import Budget
from keysift.unpack.formats.pyc.opcodes import HAS_ARGUMENT, Instructions
from keysift.unpack.formats.pyc.unmarshal import Code, Value

_LONGEST_NAME: Final = 200
_OTHER: Final = b"..."
_ROOM: Final = 1 << 24
_DEEPEST_STACK: Final = 10_000
_MOST_MISSING: Final = 16
"""Items that an instruction may take from below what is known of the stack."""


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


class Statements:
    """The lines of one code object.

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

    def follow(self, name: str, argument: int) -> None:
        """Follow one instruction."""
        action = _ACTIONS.get(name)
        if action is None or len(self._stack) > _DEEPEST_STACK:
            self._stack.clear()
        else:
            action(self, argument)

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
        self._push(_item(self._code.consts, argument))

    def load_name(self, argument: int) -> None:
        """Push a name."""
        self._push(_named(self._code.names, argument))

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
        self._push(_named(self._code.variables, argument))

    def load_two(self, argument: int) -> None:
        """Push two local variables."""
        self.load_fast(argument >> 4)
        self.load_fast(argument & 15)

    def load_deref(self, argument: int) -> None:
        """Push a variable of a closure."""
        self._push(_named(self._dereferenced, argument))

    def load_attr(self, argument: int) -> None:
        """Replace an object by its attribute; for a method call, also push the object."""
        flagged = self._how.attribute_has_flag
        owner = self._top()
        self._push(_attribute(owner, self._code.names, argument >> 1 if flagged else argument))
        if flagged and argument & 1:
            self._push(None)

    def load_method(self, argument: int) -> None:
        """Replace an object by its method and itself."""
        self._push(_attribute(self._top(), self._code.names, argument))
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

    # Stores

    def store_name(self, argument: int) -> None:
        """Give the top a name."""
        self._assign(_named(self._code.names, argument), self._top())

    def store_fast(self, argument: int) -> None:
        """Give the top the name of a local variable."""
        self._assign(_named(self._code.variables, argument), self._top())

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
        self._assign(_named(self._dereferenced, argument), self._top())

    def store_attr(self, argument: int) -> None:
        """Make an item an attribute of the top."""
        value, owner = self._pop(2)
        self._assign(_attribute(owner, self._code.names, argument), value)

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
        names = _item(self._code.consts, argument)
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
            b"%b=%b" % (shown(_named(function.variables, first + index)), shown(value))
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
        self._returned(_item(self._code.consts, argument))

    def _returned(self, value: Item) -> None:
        self._stack.clear()
        if isinstance(value, bytes):
            self._write(b"def %b(): return %b" % (self._code.name, quoted(value)), value)

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


def _item(values: tuple[Value, ...], index: int) -> Value:
    return values[index] if index < len(values) else None


def _named(values: tuple[Value, ...], index: int) -> Name | None:
    value = _item(values, index)
    return Name(value[:_LONGEST_NAME]) if isinstance(value, bytes) else None


def _attribute(owner: Item, names: tuple[Value, ...], index: int) -> Name | None:
    attribute = _named(names, index)
    if attribute is None or not isinstance(owner, Name) or len(owner.text) > _LONGEST_NAME:
        return attribute
    return Name(owner.text + b"." + attribute.text)


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
