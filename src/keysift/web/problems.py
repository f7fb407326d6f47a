"""What the API says when something goes wrong: RFC 9457, with words that programs can rely on."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from litestar.response import Response
from msgspec import UNSET, Struct, UnsetType

from keysift.web.refusals import RefusalError

MEDIA_TYPE: Final = "application/problem+json"

PAGE: Final = "/api"
"""The page that explains the words; each has an anchor there."""


class Word(Enum):
    """What kind of problem it is. The value is the end of its ``type``, and is never changed."""

    BAD_REQUEST = "bad-request"
    UNKNOWN_PARAMETER = "unknown-parameter"
    BAD_PARAMETER = "bad-parameter"
    BAD_CURSOR = "bad-cursor"
    BAD_BODY = "bad-body"
    NOT_RECOGNISED = "not-recognised"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    NO_SUCH_METHOD = "no-such-method"
    NUMBER_DIFFERS = "number-differs"
    VALUE_NOT_KEPT = "value-not-kept"
    NO_KEY = "no-key"
    NAME_TAKEN = "name-taken"
    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    TOO_OFTEN = "too-often"
    BUG = "bug"
    STORE_AWAY = "store-away"

    @property
    def status(self) -> int:
        """The status that comes with it."""
        return _MEANINGS[self][0]

    @property
    def meaning(self) -> str:
        """The same for people."""
        return _MEANINGS[self][1]


_MEANINGS: Final = {
    Word.BAD_REQUEST: (400, "The request makes no sense as it is."),
    Word.UNKNOWN_PARAMETER: (400, "There is no parameter or field of that name."),
    Word.BAD_PARAMETER: (400, "A parameter has a value that it cannot have."),
    Word.BAD_CURSOR: (400, "The cursor is not one that this list gave, sorted as it is now."),
    Word.BAD_BODY: (400, "The body is not the JSON that is expected."),
    Word.NOT_RECOGNISED: (401, "There is no token or session, or it is taken no more."),
    Word.NOT_ALLOWED: (403, "The token or person lacks the scope."),
    Word.NOT_FOUND: (404, "There is no such thing."),
    Word.NO_SUCH_METHOD: (405, "The address does not answer that method."),
    Word.NUMBER_DIFFERS: (409, "The filter matches another number than the expected one."),
    Word.VALUE_NOT_KEPT: (409, "The value of the secret is not in the store."),
    Word.NO_KEY: (409, "The dashboard has no key that opens values."),
    Word.NAME_TAKEN: (409, "There is one of that name already, or was."),
    Word.TOO_LARGE: (413, "The body is too large."),
    Word.NOT_JSON: (415, "The body must be JSON and say so (`Content-Type: application/json`)."),
    Word.TOO_OFTEN: (429, "Too many attempts; `Retry-After` has the seconds to wait."),
    Word.BUG: (500, "A bug of keysift."),
    Word.STORE_AWAY: (503, "The store cannot be read at the moment; `Retry-After` says when."),
}

_BY_STATUS: Final = {
    400: Word.BAD_REQUEST,
    401: Word.NOT_RECOGNISED,
    403: Word.NOT_ALLOWED,
    404: Word.NOT_FOUND,
    405: Word.NO_SUCH_METHOD,
    413: Word.TOO_LARGE,
    415: Word.NOT_JSON,
    429: Word.TOO_OFTEN,
    500: Word.BUG,
    503: Word.STORE_AWAY,
}


class Problem(Struct, kw_only=True):
    """What went wrong, as RFC 9457 has it.

    Attributes:
        type: Which kind of problem: an address whose last part is a word that never changes.
        title: The same for people.
        status: The status of the answer.
        detail: What exactly, and what to do.
        parameter: The parameter, or field of the body, that is wrong.
        suggestions: What may have been meant instead of it.
        matched: How many findings the filter matches now.
    """

    type: str
    title: str
    status: int
    detail: str
    parameter: str | UnsetType = UNSET
    suggestions: list[str] | UnsetType = UNSET
    matched: int | UnsetType = UNSET


class ProblemError(RefusalError):
    """A problem with its word.

    Args:
        word: Which kind.
        detail: What exactly, and what to do.
        **more: Other fields of ``Problem``.
    """

    def __init__(self, word: Word, detail: str, **more: Any) -> None:  # noqa: ANN401 (of any type)
        super().__init__(detail, status_code=word.status)
        self.word = word
        self.more = more


def problem_response(
    error: Exception, status: int, detail: str, headers: dict[str, str]
) -> Response[Any]:
    """Return what the API answers to a request that failed.

    Args:
        error: Why it failed.
        status: Of the answer.
        detail: A sentence for people.
        headers: Of the answer.
    """
    word = error.word if isinstance(error, ProblemError) else _BY_STATUS.get(status)
    more = error.more if isinstance(error, ProblemError) else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {**headers, "www-authenticate": "Bearer"}
    document = Problem(
        type="about:blank" if word is None else type_of(word),
        title=HTTPStatus(status).phrase if word is None else word.meaning,
        status=status,
        detail=detail,
        **more,
    )
    return Response(document, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def type_of(word: Word) -> str:
    """Return the ``type`` of a word."""
    return f"{PAGE}#{word.value}"
