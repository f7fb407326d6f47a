"""The OpenAPI document, from the API itself; it is made once."""

from __future__ import annotations

from typing import Any, Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from keysift.web.api.operations import reads


@reads("/openapi.json")
def openapi_json(document: NamedDependency[dict[str, Any]]) -> dict[str, Any]:
    """The description of the API: OpenAPI 3.1."""
    return document


HANDLERS: Final[list[HTTPRouteHandler]] = [openapi_json]
