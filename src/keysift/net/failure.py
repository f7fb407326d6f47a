"""What went wrong with a request, in one sentence for the user."""

from __future__ import annotations

from typing import Final, TypeAlias

import requests
import urllib3

from keysift.errors import (
    ConfigurationError,
    CredentialsError,
    IndexUnavailableError,
    NotServedError,
)
from keysift.net.redact import origin

Failure: TypeAlias = requests.RequestException | urllib3.exceptions.HTTPError | ValueError
FAILURES: Final = (requests.RequestException, urllib3.exceptions.HTTPError, ValueError)
"""Everything that a request or the reading of its answer raises; requests lets the last one through
for a redirect to something that is not an address."""

_REFUSED = (401, 403)
_NOT_SERVED = (404, 410, 451)
# Not found, gone, unavailable for legal reasons: RFC 9110, section 15.5, and RFC 7725.
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_SUCCESS = range(200, 300)


def check_status(response: requests.Response) -> None:
    """Accept an answer that brings what was asked for.

    Raises:
        CredentialsError: The server wants (other) credentials.
        NotServedError: It does not have what was asked for, or not any more.
        IndexUnavailableError: It is any other error, or a redirect to nowhere.
    """
    status = response.status_code
    where = _where(response.url)
    if status in _REFUSED and "Authorization" in response.request.headers:
        raise CredentialsError(
            f"{where} refuses the user name and password it was given ({status}); check those in "
            "the index URL, netrc or the keyring"
        )
    if status in _REFUSED:
        raise CredentialsError(
            f"{where} refuses access ({status}); put a user name and a password into the index "
            "URL, netrc or the keyring"
        )
    if status == _TOO_MANY_REQUESTS:
        raise IndexUnavailableError(f"{where} asks for fewer requests (429); try again later")
    if status >= _SERVER_ERROR:
        raise IndexUnavailableError(
            f"{where} answers with an error of its own ({status}), after several attempts; try "
            "again later"
        )
    if status not in _SUCCESS and response.ok:
        raise IndexUnavailableError(f"{where} answers with the status {status} and no content")
    if status in _NOT_SERVED:
        raise NotServedError(f"{where} answers with the error {status}")
    if not response.ok:
        raise IndexUnavailableError(f"{where} answers with the error {status}")


def translate(error: Failure, url: str) -> IndexUnavailableError:
    """Return the error of ours that says what happened; never a URL's path or credentials."""
    where = _where(url)
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return IndexUnavailableError(
            f"{where} does not prove who it is (TLS certificate); set REQUESTS_CA_BUNDLE if it has "
            "a certificate of your own"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return IndexUnavailableError(
            f"{where} cannot be reached through the proxy; check HTTPS_PROXY"
        )
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return IndexUnavailableError(f"{where} redirects in circles")
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return IndexUnavailableError(f"{where} does not answer in time; try again later")
    if isinstance(error, requests.exceptions.ConnectionError):
        return IndexUnavailableError(
            f"{where} cannot be reached; check the network and the address of the index"
        )
    if isinstance(
        error,
        requests.exceptions.ChunkedEncodingError
        | requests.exceptions.ContentDecodingError
        | urllib3.exceptions.HTTPError,
    ):
        return IndexUnavailableError(f"{where} breaks off in the middle of its answer")
    return IndexUnavailableError(f"{where} cannot be asked ({type(error).__name__})")


def _where(url: str) -> str:
    try:
        return origin(url)
    except ConfigurationError:
        return "the server"
