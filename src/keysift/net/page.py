"""One page of an index: read into memory, with a bound."""

from __future__ import annotations

import io
from typing import Final, overload

import requests
from msgspec import Struct

from keysift.errors import IndexUnavailableError
from keysift.net.failure import FAILURES, check_status, translate
from keysift.net.pace import Pace
from keysift.net.redact import origin
from keysift.net.serial import as_serial
from keysift.net.session import politeness_of

MAX_PAGE_BYTES: Final = 64 * 1024 * 1024
"""The longest pages of projects have tens of thousands of files, and 20 MB."""

_CHUNK: Final = 256 * 1024
_PARTIAL: Final = 206
_NOT_MODIFIED: Final = 304
_ABSENT: Final = (404, 410)
_SERIAL: Final = "X-PyPI-Last-Serial"


class Page(Struct, frozen=True):
    """An answer.

    Attributes:
        url: Where it came from in the end.
        content_type: Media type in lower case, without parameters.
        charset: Its character set, if it says so.
        body: The bytes, decompressed.
        etag: Its entity tag (RFC 9110, section 8.8.3), to ask later whether it has changed.
        serial: The number of the last change of what the page is about, where the index counts
            changes as PyPI does.
    """

    url: str
    content_type: str
    charset: str | None
    body: bytes
    etag: str | None = None
    serial: int | None = None


class NotModified(Struct, frozen=True):
    """The page is still the one whose entity tag was given.

    Attributes:
        serial: As in ``Page``; servers may leave it out here.
    """

    serial: int | None = None


@overload
def read_page(
    session: requests.Session,
    url: str,
    accept: str,
    *,
    etag: None = None,
    max_bytes: int = MAX_PAGE_BYTES,
) -> Page | None: ...


@overload
def read_page(
    session: requests.Session,
    url: str,
    accept: str,
    *,
    etag: str | None,
    max_bytes: int = MAX_PAGE_BYTES,
) -> Page | NotModified | None: ...


def read_page(
    session: requests.Session,
    url: str,
    accept: str,
    *,
    etag: str | None = None,
    max_bytes: int = MAX_PAGE_BYTES,
) -> Page | NotModified | None:
    """Read a page; None when the server says that there is none (404, 410).

    Args:
        session: From ``keysift.net.session``.
        url: Where it is, without credentials.
        accept: The formats we can read.
        etag: Entity tag of the page that the caller has; the answer may then be ``NotModified``.
        max_bytes: Longer pages are an error.

    Raises:
        CredentialsError: The server wants (other) credentials.
        IndexUnavailableError: Any other failure, after retries.
    """
    headers = {"Accept": accept}
    if etag is not None:
        headers["If-None-Match"] = etag
    try:
        with session.get(url, stream=True, headers=headers) as response:
            if response.status_code in _ABSENT:
                return None
            if response.status_code == _NOT_MODIFIED and etag is not None:
                return NotModified(as_serial(response.headers.get(_SERIAL)))
            check_status(response)
            if response.status_code == _PARTIAL:
                raise IndexUnavailableError(f"{origin(url)} answers with a part of a page only")
            body = _body(response, url, max_bytes)
            kind, _, parameters = response.headers.get("Content-Type", "text/html").partition(";")
            return Page(
                url=response.url,
                content_type=kind.strip().lower(),
                charset=response.encoding if "charset" in parameters.lower() else None,
                body=body,
                etag=response.headers.get("ETag"),
                serial=as_serial(response.headers.get(_SERIAL)),
            )
    except FAILURES as error:
        raise translate(error, url) from None


def _body(response: requests.Response, url: str, max_bytes: int) -> bytes:
    body = io.BytesIO()  # which gives its bytes away without copying them
    pace = Pace(politeness_of(response))
    # Pieces as they arrive: waiting for whole ones would hide how slow a server is.
    while piece := response.raw.read1(_CHUNK, decode_content=True):
        pace.arrived(len(piece))
        body.write(piece)
        if body.tell() > max_bytes:
            raise IndexUnavailableError(
                f"{origin(url)} sends a page of more than {max_bytes} bytes"
            )
    return body.getvalue()
