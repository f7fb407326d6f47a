"""Column types that mean the same in SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

SQLITE = "sqlite"

Long = BigInteger().with_variant(Integer, SQLITE)
"""Numbers that may not fit 32 bits."""

Id = BigInteger().with_variant(Integer, SQLITE)
"""Numbers that the database gives to rows, and references to them."""


def storable(text: str) -> str:
    r"""Return a text as both databases can keep it: NUL and lone surrogates as escapes.

    PostgreSQL refuses NUL in text and JSON; neither database takes half of a surrogate pair. What
    packages hold and indexes say may have both.
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


class Words(TypeDecorator[str]):
    """Any text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Return what the database gets."""
        return None if value is None else storable(value)


class Bytewise(Words):
    """Text that sorts by its code points in both databases, whatever their locale."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column."""
        # As it is: made to fit a dialect, it would be a VARCHAR.
        return Text() if dialect.name == SQLITE else Text(collation="C")


class Stamp(TypeDecorator[datetime]):
    """A point in time, always in UTC: ``TIMESTAMPTZ``, or ISO 8601 text in SQLite.

    The text has a fixed width, so that it sorts as time does.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column."""
        if dialect.name == SQLITE:
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 (SQLAlchemy's signature)
        """Return what the database gets.

        Raises:
            ValueError: The time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a point in time needs a zone")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == SQLITE else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 (the same)
        """Return a time in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        result: datetime = value if value.tzinfo is UTC else value.astimezone(UTC)
        return result


class Json(TypeDecorator[Any]):
    """A small JSON document: ``JSONB``, or text in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column."""
        if dialect.name == SQLITE:
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(JSONB())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401 (the same)
        """Return what the database gets."""
        value = _storable(value)
        if value is None or dialect.name != SQLITE:
            return value
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401 (the same)
        """Return the document."""
        if value is None or dialect.name != SQLITE:
            return value
        return json.loads(value)


def _storable(document: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(document, str):
        return storable(document)
    if isinstance(document, dict):
        return {storable(key): _storable(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_storable(value) for value in document]
    return document
