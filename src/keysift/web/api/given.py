"""What a request gives: parameters and bodies as values; whatever is wrong is named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from keysift.report.escape import well_formed
from keysift.store.types import storable
from keysift.web.api.operations import operation_of
from keysift.web.dashboard import Asked
from keysift.web.problems import ProblemError, Word
from keysift.web.refusals import UnknownError

_T = TypeVar("_T", bound=Struct)

_DIGITS: Final = 18
"""Any number of so many digits fits the columns of both databases."""

_SHOWN: Final = 60
_GOT: Final = re.compile(r", got `\w+`")
_AT: Final = re.compile(r" - at `\$(?:\.(\w+))?.*`$")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def check_names(request: Asked) -> None:
    """Refuse parameters that the handler of a request does not know.

    Raises:
        ProblemError: There is one.
    """
    known = operation_of(request.route_handler).query.__struct_fields__
    for name in request.query_params:
        if name not in known:
            raise _unknown(name, known, "parameter")


def query_of(request: Asked, kind: type[_T]) -> _T:
    """Return the parameters of a request, which has no unknown ones.

    Args:
        request: The request.
        kind: Whose fields are the parameters; tuples may be given several times.

    Raises:
        ProblemError: One has a value that it cannot have, or several.
    """
    hints = get_type_hints(kind, include_extras=True)
    values = {}
    for name in dict.fromkeys(request.query_params):
        # As the store keeps texts: NUL is what PostgreSQL does not have.
        given = [storable(text) for text in request.query_params.getall(name)]
        values[name] = _value(name, given, hints[name])
    return kind(**values)


def body_of(request: Asked, body: bytes, kind: type[_T]) -> _T:
    """Return the body of a request.

    Args:
        request: The request.
        body: What it sent.
        kind: What it must be.

    Raises:
        ProblemError: It is something else.
    """
    if request.content_type[0] != "application/json":
        raise ProblemError(Word.NOT_JSON, "Send JSON, with `Content-Type: application/json`.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProblemError(Word.BAD_BODY, "The body is not well-formed JSON in UTF-8.") from None


def number_of(text: str, what: str) -> int:
    """Return the number of a row that an address names.

    Args:
        text: The part of the address.
        what: What it is the number of.

    Raises:
        UnknownError: It is no number, and so there is no such thing.
    """
    if text.isascii() and text.isdecimal() and len(text) <= _DIGITS:
        return int(text)
    raise absent(what)


def absent(what: str) -> UnknownError:
    """Return what to raise when there is no such thing."""
    return UnknownError(f"There is no such {what}.")


def words_of(text: str) -> str:
    """Return a text that somebody wrote, as it is kept."""
    return well_formed(text).strip()


def _value(name: str, given: list[str], hint: Any) -> Any:  # noqa: ANN401 (of the field's type)
    kind = _bare(hint)
    several = get_origin(kind) is tuple
    if not several and len(given) > 1:
        raise ProblemError(
            Word.BAD_PARAMETER, f"{name}: give it once, not {len(given)} times.", parameter=name
        )
    try:
        return msgspec.convert(given if several else given[0], hint, strict=False)
    except msgspec.ValidationError as error:
        words = _words(kind)
        suggestions = [one for text in given for one in _close(text, words)]
        more: dict[str, Any] = {"suggestions": suggestions} if suggestions else {}
        wanted = f"one of {', '.join(words)}" if words else _wanted(str(error))
        detail = f"{name}: it must be {wanted}."
        raise ProblemError(Word.BAD_PARAMETER, detail, parameter=name, **more) from None


def _wanted(message: str) -> str:
    """Return what msgspec expected, without what it got."""
    plain = _AT.sub("", _GOT.sub("", message))
    return plain.removeprefix("Expected ").replace("`", "")


def _wrong(message: str, kind: type[Struct]) -> ProblemError:
    """Return what to raise when msgspec does not accept a body."""
    unknown = _UNKNOWN.match(message)
    if unknown is not None:
        inner = _inner(message, kind)
        return _unknown(unknown[1], inner.__struct_fields__, "field")
    at = _AT.search(message)
    more = {"parameter": at[1]} if at is not None and at[1] else {}
    # Enumerations repeat what was sent: it may be long.
    detail = _GOT.sub("", message) if len(message) < 4 * _SHOWN else "A field is not as it must be."
    return ProblemError(Word.BAD_BODY, f"{detail}.", **more)


def _inner(message: str, kind: type[Struct]) -> type[Struct]:
    """Return the Struct that a message is about: the body, or one of its fields."""
    at = _AT.search(message)
    if at is None or not at[1]:
        return kind
    hint = _bare(get_type_hints(kind).get(at[1], kind))
    return hint if isinstance(hint, type) and issubclass(hint, Struct) else kind


def _unknown(name: str, known: Iterable[str], what: str) -> ProblemError:
    names = list(known)
    close = _close(name, names)
    shown = well_formed(name)[:_SHOWN]
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    if not close:
        hint = f" There are: {', '.join(names)}." if names else f" There is no {what} here."
    more: dict[str, Any] = {"suggestions": close} if close else {}
    detail = f"There is no {what} {shown!r}.{hint}"
    return ProblemError(Word.UNKNOWN_PARAMETER, detail, parameter=shown, **more)


def _close(word: str, words: Iterable[str]) -> list[str]:
    plain = word[:_SHOWN].lower().replace("-", "_")
    return get_close_matches(plain, list(words), n=2)


def _words(kind: Any) -> list[str]:  # noqa: ANN401 (any type)
    """Return the words that a value, or each of several, is one of; empty: it is another type."""
    inner = _bare(get_args(kind)[0]) if get_origin(kind) is tuple else kind
    if isinstance(inner, type) and issubclass(inner, Enum):
        return [str(one.value) for one in inner]
    return []


def _bare(hint: Any) -> Any:  # noqa: ANN401 (any type)
    """Return a type without what is said about it, and without None."""
    if hasattr(hint, "__metadata__"):
        return _bare(get_args(hint)[0])
    args = [one for one in get_args(hint) if one is not type(None)]
    if len(args) == 1 and type(None) in get_args(hint):
        return _bare(args[0])
    return hint
