"""One page of an index: read into memory, with a bound."""

from __future__ import annotations

import requests
from msgspec import Struct

from keysift.errors import IndexUnavailableError
from keysift.net.failure import FAILURES, check_status, translate
from keysift.net.pace import Pace
from keysift.net.redact import origin

MAX_PAGE_BYTES = 256 * 1024 * 1024
"""The list of a project's files; the longest have some tens of megabytes."""

_CHUNK = 256 * 1024
_NOT_FOUND = 404


class Page(Struct, frozen=True):
    """An answer.

    Attributes:
        url: Where it came from in the end.
        content_type: Media type in lower case, without parameters.
        charset: Its character set, if it says so.
        body: The bytes, decompressed.
    """

    url: str
    content_type: str
    charset: str | None
    body: bytes


def read_page(session: requests.Session, url: str, accept: str) -> Page | None:
    """Read a page; None when the server says that there is none (404).

    Args:
        session: From ``keysift.net.session``.
        url: Where it is, without credentials.
        accept: The formats we can read.

    Raises:
        CredentialsError: The server wants (other) credentials.
        IndexUnavailableError: Any other failure, after retries.
    """
    body = bytearray()
    try:
        with session.get(url, stream=True, headers={"Accept": accept}) as response:
            if response.status_code == _NOT_FOUND:
                return None
            check_status(response)
            pace = Pace()
            # Pieces as they arrive: waiting for whole ones would hide how slow a server is.
            while piece := response.raw.read1(_CHUNK, decode_content=True):
                pace.arrived(len(piece))
                body += piece
                if len(body) > MAX_PAGE_BYTES:
                    raise IndexUnavailableError(f"{origin(url)} sends a page without end")
            kind, _, parameters = response.headers.get("Content-Type", "text/html").partition(";")
            charset = response.encoding if "charset" in parameters.lower() else None
            return Page(response.url, kind.strip().lower(), charset, bytes(body))
    except FAILURES as error:
        raise translate(error, url) from None
