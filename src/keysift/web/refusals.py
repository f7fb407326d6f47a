"""Errors of the dashboard whose message is meant for whoever asked."""

from __future__ import annotations

from litestar.exceptions import HTTPException


class RefusalError(HTTPException):
    """Something is refused; the message says why, and what to do. Those of others are not shown."""


class ForbiddenError(RefusalError):
    """Whoever asks may not."""

    status_code = 403


class UnknownError(RefusalError):
    """There is no such thing."""

    status_code = 404


class SenselessError(RefusalError):
    """What was asked for makes no sense."""

    status_code = 400


class TooOftenError(RefusalError):
    """It was tried too often; ``Retry-After`` says for how long to wait."""

    status_code = 429

    def __init__(self, detail: str, *, wait_s: float) -> None:
        super().__init__(detail, headers={"retry-after": str(int(wait_s) + 1)})
