"""Handlers of the API, each with what the OpenAPI document says of it.

A handler's docstring is its description, its return type the schema of what it answers. What it
takes is a Struct for the query, and one for the body; both are read by ``keysift.web.api.given``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from keysift.model import Role
from keysift.web.identity import needs
from keysift.web.problems import Word

_OPERATION: Final = "operation"

Decorator = Callable[[Callable[..., Any]], HTTPRouteHandler]


class Nothing(Struct, frozen=True):
    """A query without parameters."""


class Operation(Struct, frozen=True, kw_only=True):
    """What is said of a handler, besides what its signature says.

    Attributes:
        role: Which role, or scope of a token, it wants.
        query: Its parameters; each has a default.
        body: The JSON it takes; None: none.
        status: When all is well.
        refuses: Problems that are its own.
    """

    role: Role = Role.READ
    query: type[Struct] = Nothing
    body: type[Struct] | None = None
    status: int = 200
    refuses: tuple[Word, ...] = ()

    @property
    def opt(self) -> dict[str, Any]:
        """What its handler carries along."""
        return {**needs(self.role), _OPERATION: self}


def reads(path: str, *, query: type[Struct] = Nothing, role: Role = Role.READ) -> Decorator:
    """Return the decorator of a handler that changes nothing."""
    operation = Operation(role=role, query=query)
    return get(path, opt=operation.opt, sync_to_thread=True)


def changes(
    path: str,
    *,
    role: Role,
    body: type[Struct] | None = None,
    status: int = 200,
    refuses: tuple[Word, ...] = (),
) -> Decorator:
    """Return the decorator of a handler that changes something."""
    operation = Operation(role=role, body=body, status=status, refuses=refuses)
    return post(path, opt=operation.opt, sync_to_thread=True, status_code=status)


def removes(path: str, *, role: Role) -> Decorator:
    """Return the decorator of a handler that takes something away, and answers nothing."""
    operation = Operation(role=role, status=204)
    return delete(path, opt=operation.opt, sync_to_thread=True)


def operation_of(handler: HTTPRouteHandler) -> Operation:
    """Return what is said of a handler."""
    operation: Operation = handler.opt[_OPERATION]
    return operation
