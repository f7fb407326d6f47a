"""Expressions of Python whose value is known without executing anything.

Only what is listed here is computed, by our own code (``keysift.detect.values``), within bounds of
size and of steps. Nothing of the text is compiled or called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from keysift.detect.functions import FUNCTIONS, METHODS, percent
from keysift.detect.values import (
    MAX_BITS,
    OpenError,
    Value,
    added,
    bounded_int,
    checked,
    integer,
    items_of,
    repeated,
    shown,
    together,
    unknown,
)

MAX_STEPS: Final = 50_000
"""Expressions computed for one text."""

Names: TypeAlias = Callable[[str], "Sequence[ast.expr] | None"]
"""Returns the expressions that are added up to the value of a name; None when that is not known."""


class Folder:
    """Computes constant expressions of one text.

    Args:
        names: What names stand for.
        imported: What a name was called where it was imported from, as in
            ``from base64 import b64decode as d``.

    Attributes:
        stopped: Why it computes nothing any more; empty while it does.
    """

    def __init__(self, names: Names, imported: Callable[[str], str]) -> None:
        self._names = names
        self._imported = imported
        self.stopped = ""
        self._steps = 0
        self._open: set[str] = set()
        self._locals: dict[str, Value] = {}

    def fold(self, node: ast.expr) -> Value | None:
        """Return the value of an expression; None when it is not known."""
        try:
            return self._value(node)
        except OpenError:
            return None
        except RecursionError:
            # So deep that no more of it is tried, from one level after the other.
            self._steps = MAX_STEPS
            self.stopped = "an expression that is nested too deep"
            return None

    def _value(self, node: ast.expr) -> Value:  # noqa: C901 (a line for each kind)
        self._steps += 1
        if self._steps > MAX_STEPS:
            self.stopped = self.stopped or f"more than {MAX_STEPS} constant expressions"
            raise OpenError
        match node:
            case ast.Constant():
                return _constant(node)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                return self._name(name)
            case ast.JoinedStr(values=parts):
                return together(self._formatted(part) for part in parts)
            case ast.BinOp():
                return self._operation(node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -integer(self._value(operand))
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._value(item) for item in items]
            case ast.Subscript():
                return self._part(node)
            case ast.ListComp() | ast.GeneratorExp():
                return self._each(node)
            case ast.Call():
                return self._call(node)
            case _:
                raise OpenError

    def _name(self, name: str) -> Value:
        if name in self._locals:
            return self._locals[name]
        expressions = self._names(name)
        if not expressions or name in self._open:
            raise OpenError
        self._open.add(name)
        try:
            value = self._value(expressions[0])
            for expression in expressions[1:]:
                value = added(value, self._value(expression))
        finally:
            self._open.discard(name)
        return value

    def _formatted(self, part: ast.expr) -> str:
        match part:
            case ast.Constant(value=str() as text):
                return text
            case ast.FormattedValue(value=inner, conversion=-1 | 115, format_spec=None):
                return shown(self._value(inner))
            case _:
                raise OpenError

    def _operation(self, node: ast.BinOp) -> Value:
        # Long sums lean to the left, deeper than recursion goes.
        operands: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            operands.append(left.right)
            left = left.left
        if operands:
            value = self._value(left)
            for operand in reversed(operands):
                value = added(value, self._value(operand))
            return value
        first, second = self._value(node.left), self._value(node.right)
        if isinstance(node.op, ast.Mod) and isinstance(first, str):
            return percent(first, second)
        if isinstance(node.op, ast.Mult) and not isinstance(first, int):
            return repeated(first, integer(second))
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise OpenError
        return operation(integer(first), integer(second))

    def _part(self, node: ast.Subscript) -> Value:
        whole = self._value(node.value)
        if isinstance(whole, int):
            raise OpenError
        if isinstance(node.slice, ast.Slice):
            bounds = [
                None if bound is None else integer(self._value(bound))
                for bound in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            if bounds[2] == 0:
                raise OpenError
            return whole[slice(*bounds)]
        place = integer(self._value(node.slice))
        if not -len(whole) <= place < len(whole):
            raise OpenError
        return whole[place]

    def _each(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=[])]:
                items = items_of(self._value(source))
                return [self._with(name, item, node.elt) for item in items]
            case _:
                raise OpenError

    def _with(self, name: str, value: Value, body: ast.expr) -> Value:
        """Return the value of an expression in which a name stands for something."""
        before = self._locals
        self._locals = {**before, name: value}
        try:
            return self._value(body)
        finally:
            self._locals = before

    def _call(self, node: ast.Call) -> Value:
        match node.func:
            case ast.Name(id="map"):
                return self._map(node)
            case ast.Name(id=name):
                function = self._imported(name)
            case ast.Attribute(value=ast.Name(id="codecs"), attr=name):
                function = f"codecs.{name}"
            case ast.Attribute(value=base, attr=name) if name in METHODS:
                owner = self._value(base)
                return checked(METHODS[name], owner, *self._arguments(node))
            case ast.Attribute(attr=name):
                function = name
            case _:
                raise OpenError
        if function not in FUNCTIONS:
            raise OpenError
        return checked(FUNCTIONS[function], *self._arguments(node))

    def _arguments(self, node: ast.Call) -> list[Value | Mapping[str, Value]]:
        """Return the arguments of a call; those with names as one, behind the others."""
        positional = [self._value(argument) for argument in node.args]
        named = {
            keyword.arg: self._value(keyword.value)
            for keyword in node.keywords
            if keyword.arg is not None
        }
        return [*positional, named] if named else [*positional]

    def _map(self, node: ast.Call) -> Value:
        match node.args:
            case [ast.Name(id=name), items] if name in FUNCTIONS:
                values = items_of(self._value(items))
                return [checked(FUNCTIONS[name], value) for value in values]
            case [ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)]), body=body), items]:
                values = items_of(self._value(items))
                return [self._with(name, value, body) for value in values]
            case _:
                raise OpenError


def _constant(node: ast.Constant) -> Value:
    if isinstance(node.value, int):
        return bounded_int(node.value)
    if isinstance(node.value, str | bytes):
        return node.value
    raise OpenError


_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Sub: lambda first, second: bounded_int(first - second),
    ast.Mult: lambda first, second: bounded_int(first * second),
    ast.BitXor: lambda first, second: first ^ second,
    ast.BitAnd: lambda first, second: first & second,
    ast.BitOr: lambda first, second: first | second,
    ast.Mod: lambda first, second: first % second if second else unknown(),
    ast.FloorDiv: lambda first, second: first // second if second else unknown(),
    ast.RShift: lambda first, second: first >> second if 0 <= second < MAX_BITS else unknown(),
}
