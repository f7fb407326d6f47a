"""The session that every request goes through: identity, time-outs, retries, proxies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, metadata
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import requests
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from keysift._version import __version__
from keysift.errors import ConfigurationError
from keysift.net.credentials import IndexAuth
from keysift.net.politeness import Politeness
from keysift.net.pool import GuardedAdapter, PolitePool, pool_classes
from keysift.net.reach import Reach

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 30.0
"""For the next bytes of an answer, not for all of it."""

RETRIES: Final = 4
BACKOFF_S: Final = 0.5
"""Waits of 0, 1, 2 and 4 seconds (urllib3 doubles it from the second retry on)."""

MAX_RETRY_AFTER_S: Final = 60.0
"""A server may ask for a pause; for a longer one the user would rather be told."""

_WORTH_RETRYING: Final = (429, 500, 502, 503, 504)
_OVERLOADED: Final = (429, 503)


_EMAIL: Final = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_URL: Final = re.compile(r"https?://[\w.:/?&=%~+-]+", re.ASCII)
# Of the characters that a comment in a header can hold (RFC 9110, section 5.6.5); no password.


class BoundedRetry(Retry):
    """Retries that obey ``Retry-After``, but not for ever, and tell all processes of it."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return how many seconds the server wants us to wait, within reason."""
        try:
            wanted = super().get_retry_after(response)
        except InvalidHeader:
            return None
        return None if wanted is None else min(wanted, MAX_RETRY_AFTER_S)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Return what is left after one more attempt."""
        if (
            response is not None
            and response.status in _OVERLOADED
            and isinstance(_pool, PolitePool)
        ):
            wanted_s = self.get_retry_after(response)
            _pool.pause(self._own_pause_s() if wanted_s is None else wanted_s)
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def _own_pause_s(self) -> float:
        """Return the pause of an overloaded server that asks for none: longer each time."""
        return float(min(self.backoff_factor * 2 ** len(self.history), MAX_RETRY_AFTER_S))


class _Adapter(GuardedAdapter):
    """Transport with a time-out for every request, and no way into private networks.

    Args:
        retry: How requests are retried.
        reach: Where requests may lead.
        politeness: What they count in.
    """

    def __init__(self, retry: Retry, reach: Reach, politeness: Politeness | None) -> None:
        self.politeness = politeness
        super().__init__(partial(pool_classes, politeness), reach, max_retries=retry)
        self._reach = reach

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 (the signature is that of requests)
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 (the same)
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request."""
        self._reach.check_url(request.url or "")
        limits = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S) if timeout is None else timeout
        response = super().send(request, stream, limits, verify, cert, proxies)
        _check_location(response)
        return response


def _check_location(response: requests.Response) -> None:
    """Refuse a redirect that requests would stumble over, with the connection left open."""
    location = response.headers.get("Location", "")
    try:
        # http.client decodes headers as Latin-1, requests takes them for UTF-8.
        urlsplit(location.encode("latin-1").decode())
    except ValueError:
        response.close()
        raise requests.exceptions.InvalidURL("a redirect to what is not an address") from None


def open_session(
    index_url: str | None = None,
    *,
    backoff_s: float = BACKOFF_S,
    contact: str | None = None,
    politeness: Politeness | None = None,
) -> requests.Session:
    """Return a session; proxies, certificates and netrc are found as requests does.

    Args:
        index_url: Address of the index, whose credentials are used for its origin; None for no
            index in particular. Unless it is a private address, no other private one is asked.
        backoff_s: Unit of the waits between retries.
        contact: As in ``user_agent``.
        politeness: Bounds that the session shares with those of other processes; None for none.

    Raises:
        ConfigurationError: The address is not one of HTTP, or the contact is none.
    """
    session = requests.Session()
    session.headers["User-Agent"] = user_agent(contact)
    session.auth = IndexAuth(index_url)
    retry = BoundedRetry(
        total=RETRIES,
        backoff_factor=backoff_s,
        status_forcelist=_WORTH_RETRYING,
        allowed_methods=("GET", "HEAD"),
        # The last answer itself says more than "too many 503 error responses".
        raise_on_status=False,
    )
    adapter = _Adapter(retry, Reach(index_url), politeness)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def politeness_of(response: requests.Response) -> Politeness | None:
    """Return the bounds that the session of an answer keeps."""
    # A response remembers what it was sent with, though the types do not say so.
    adapter = getattr(response, "connection", None)
    return adapter.politeness if isinstance(adapter, _Adapter) else None


def user_agent(contact: str | None = None) -> str:
    """Return how we introduce ourselves: ``keysift/1.2 (+https://…; someone@example.org)``.

    Args:
        contact: An e-mail address or a URL of who runs us, for whoever runs the index.

    Raises:
        ConfigurationError: The contact is neither.
    """
    try:
        urls = metadata("keysift").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    about = [f"+{url.rpartition(', ')[2]}" for url in urls[:1]]
    if contact is not None:
        about.append(_checked_contact(contact))
    return f"keysift/{__version__}" + (f" ({'; '.join(about)})" if about else "")


def _checked_contact(contact: str) -> str:
    if _EMAIL.fullmatch(contact):
        return contact
    if _URL.fullmatch(contact):
        return f"+{contact}"
    raise ConfigurationError(
        "the contact is neither an e-mail address nor a URL without a password; it is sent with "
        "every request"
    )
