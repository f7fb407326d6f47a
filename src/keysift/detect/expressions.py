"""Which expressions of a statement of Python may put a text together, and what it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

_LONGEST_NAME: Final = 80


def may_be_made(node: ast.AST) -> bool:
    """Tell an expression that may put a text together, and is not found without parsing."""
    match node:
        case ast.BinOp(op=ast.Add()):
            return not _is_plain_sum(node)
        case ast.BinOp(op=ast.Mod() | ast.Mult()) | ast.Call():
            return True
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.FormattedValue) for part in parts)
        case ast.Subscript(ctx=ast.Load()):
            return True
        case _:
            return False


def _is_plain_sum(node: ast.expr) -> bool:
    """Tell ``"a" + "b"``, which is an encoding of its own."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        if not isinstance(node.right, ast.Constant):
            return False
        node = node.left
    return isinstance(node, ast.Constant)


def children(node: ast.AST, hint: str) -> Iterator[tuple[ast.AST, str]]:  # noqa: C901 (a line for each kind)
    """Yield the parts of a node, each with what its value is called; empty for nothing."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield from ((child, name) for child in ast.iter_child_nodes(node))
        case ast.arguments():
            yield from _defaults(node)
        case (
            ast.Assign(targets=[target, *_], value=value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield value, _name_of(target)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.AugAssign(target=target, value=value)
        ):
            yield value, _name_of(target)
        case ast.keyword(arg=str() as name, value=value):
            yield value, name
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield value, _name_of(key)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            called = _name_of(arguments[0]) if len(arguments) > 1 else ""
            yield function, hint
            yield from ((argument, called or hint) for argument in arguments)
            yield from ((keyword, hint) for keyword in keywords)
        case ast.Compare(left=left, comparators=[right]):
            yield left, _name_of(right)
            yield right, _name_of(left)
        case ast.expr() | ast.Return():
            yield from ((child, hint) for child in ast.iter_child_nodes(node))
        case _:
            for child in ast.iter_child_nodes(node):
                yield child, hint if isinstance(child, ast.stmt) else ""


def _defaults(node: ast.arguments) -> Iterator[tuple[ast.expr, str]]:
    positional = [*node.posonlyargs, *node.args]
    with_default = positional[len(positional) - len(node.defaults) :]
    for argument, value in zip(with_default, node.defaults, strict=True):
        yield value, argument.arg
    for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        if default is not None:
            yield default, argument.arg


def _name_of(node: ast.expr | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    key = node.slice if isinstance(node, ast.Subscript) else node
    text = key.value if isinstance(key, ast.Constant) else None
    is_name = isinstance(text, str) and text.isprintable() and len(text) <= _LONGEST_NAME
    return str(text) if is_name else ""
