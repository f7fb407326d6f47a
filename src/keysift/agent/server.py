"""The tools served with the Model Context Protocol over standard input and output.

This is the only module that knows the SDK. Whatever the SDK would log or send of a message is kept
from leaving: messages hold what an agent asked about.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
import msgspec
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from keysift.agent.conversation import Conversation
from keysift.agent.text import text_of
from keysift.agent.tools import INSTRUCTIONS, TOOLS, Tool, schema
from keysift.errors import KeysiftError

_ANNOTATIONS = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def serve(conversation: Conversation, version: str) -> None:
    """Serve until standard input ends.

    Args:
        conversation: Answers.
        version: Of keysift.
    """
    logging.disable(logging.CRITICAL)
    anyio.run(_serve, conversation, version)


async def _serve(conversation: Conversation, version: str) -> None:
    one_at_a_time = anyio.CapacityLimiter(1)

    async def list_tools(
        _: ServerRequestContext[Any], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=list(map(_described, TOOLS)))

    async def call_tool(
        _: ServerRequestContext[Any], asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        # Scanning takes the processor: in a thread, so that pings are answered meanwhile.
        work = partial(_called, conversation, asked.name, asked.arguments or {})
        return await anyio.to_thread.run_sync(work, limiter=one_at_a_time)

    server: Server[Any] = Server(
        "keysift",
        version=version,
        title="keysift",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    # Instead of the one for OpenTelemetry, which could send what it sees.
    server.middleware[:] = [_without_data]
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def _without_data(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Keep errors of the protocol from repeating what was asked."""
    try:
        return await call_next(ctx)
    except MCPError as error:
        raise MCPError(code=error.code, message=error.message) from None


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=schema(tool.takes),
        output_schema=schema(tool.gives),
        annotations=_ANNOTATIONS,
    )


def _called(
    conversation: Conversation, name: str, arguments: dict[str, Any]
) -> types.CallToolResult:
    """Return the answer of a tool; what went wrong is an answer too, for the model to read."""
    tool = next((one for one in TOOLS if one.name == name), None)
    if tool is None:
        return _refused(f"there is no such tool; there are {', '.join(one.name for one in TOOLS)}")
    try:
        answer = tool.call(conversation, arguments)
    except KeysiftError as error:
        return _refused(conversation.hidden(str(error)))
    except Exception as error:  # noqa: BLE001 (a named boundary: its message could hold a secret)
        return _refused(f"this is a bug of keysift, please report it: {_where(error)}")
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text_of(answer))],
        structured_content=msgspec.to_builtins(answer),
    )


def _refused(message: str) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=message)], is_error=True
    )


def _where(error: BaseException) -> str:
    """Return the kind of an error and where it was raised, without its message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace is not None else None
    where = f" in {code.co_qualname}, line {trace.tb_lineno}" if trace and code else ""
    return type(error).__qualname__ + where
