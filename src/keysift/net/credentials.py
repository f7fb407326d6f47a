"""Credentials for private indexes, found as pip finds them: in the URL, in netrc, in the keyring.

They are sent to the origin they belong to and to no other: a redirect or a link elsewhere does not
take them along.
"""

from __future__ import annotations

import base64
import threading
from typing import Any

import requests
from requests.auth import AuthBase
from requests.utils import get_netrc_auth

from keysift.errors import ConfigurationError
from keysift.net.keyrings import keyring_library
from keysift.net.redact import credentials, origin, without_credentials

_UNAUTHORIZED = 401


class IndexAuth(AuthBase):
    """Adds the ``Authorization`` header to requests that may have it.

    The keyring is asked only after the index has refused a request, since asking may open a
    dialogue; and once a host.

    Args:
        index_url: Address of the index, with its credentials if it holds any.
    """

    def __init__(self, index_url: str | None = None) -> None:
        self._index_url = without_credentials(index_url) if index_url else None
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, str]] = {}
        self._asked: set[str] = set()
        given = credentials(index_url) if index_url else None
        if index_url and given is not None:
            self._known[origin(index_url)] = given

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Authorize a request, if there are credentials for where it goes."""
        url = request.url or ""
        pair = self._known.get(origin(url))
        if pair is None or not pair[1]:
            # A user name alone is completed by netrc, or is itself a token.
            pair = get_netrc_auth(url) or pair
        if pair is not None:
            _authorize(request, pair)
        request.hooks["response"].append(self._answered)
        return request

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def _answered(
        self,
        response: requests.Response,
        **options: Any,  # noqa: ANN401 (those of the transport, handed through)
    ) -> requests.Response:
        """Ask again with credentials, when an answer says that it takes some."""
        if response.status_code != _UNAUTHORIZED:
            return response
        pair = self._other_credentials(response.request)
        if pair is None:
            return response
        # The connection can be used again once the answer is out of the way.
        response.close()
        request = response.request.copy()
        _authorize(request, pair)
        answer: requests.Response = response.connection.send(request, **options)
        answer.history.append(response)
        answer.request = request
        return answer

    def _other_credentials(self, request: requests.PreparedRequest) -> tuple[str, str] | None:
        """Return credentials that the request did not have."""
        try:
            where = origin(request.url or "")
        except ConfigurationError:
            return None
        with self._lock:
            # A redirect to another host and back again loses the header; another thread may have
            # asked the keyring meanwhile.
            known = self._known.get(where)
            if known is not None and request.headers.get("Authorization") != _basic(known):
                return known
            if where in self._asked:
                return None
            self._asked.add(where)
            pair = _keyring_credentials(self._services(where), known[0] if known else None)
            if pair is not None:
                self._known[where] = pair
            return pair

    def _services(self, where: str) -> list[str]:
        """Return the names under which the keyring may know an origin, as pip asks for it."""
        host = where.partition("://")[2]
        if self._index_url is not None and origin(self._index_url) == where:
            return [self._index_url, host]
        return [host]


def _authorize(request: requests.PreparedRequest, pair: tuple[str, str]) -> None:
    request.headers["Authorization"] = _basic(pair)


def _basic(pair: tuple[str, str]) -> str:
    # As UTF-8, which RFC 7617 recommends; requests itself would use Latin-1.
    return "Basic " + base64.b64encode(":".join(pair).encode()).decode()


def _keyring_credentials(services: list[str], user: str | None) -> tuple[str, str] | None:
    keyring = keyring_library()
    if keyring is None:
        return None
    for service in services:
        try:
            found = keyring.get_credential(service, user)
        except (keyring.errors.KeyringError, OSError, RuntimeError):
            # A keyring that is locked, or has no desktop to ask on, knows nothing.
            return None
        if found is not None and found.password is not None:
            return found.username or "", found.password
    return None
