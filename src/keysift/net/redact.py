"""Addresses that can be shown: without credentials, and without what may be one."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from keysift.errors import ConfigurationError

_PORTS = {"http": 80, "https": 443}


def split(url: str) -> SplitResult:
    """Return the parts of an address.

    Raises:
        ConfigurationError: It is not an address of HTTP.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError(
            "the address of the index does not begin with https:// or http:// and a host; check "
            "--index-url, KEYSIFT_INDEX_URL and pip's index-url"
        )
    return parts


def origin(url: str) -> str:
    """Return scheme, host and port (``https://index.example:8443``), for messages and comparing.

    Two addresses have the same origin exactly when the results are equal. Paths and queries are
    left out since tokens stand there too.

    Raises:
        ConfigurationError: It is not an address of HTTP.
    """
    parts = split(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port
    return f"{parts.scheme}://{host}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def without_credentials(url: str) -> str:
    """Return an address without user name and password, to send requests to.

    Raises:
        ConfigurationError: It is not an address of HTTP.
    """
    parts = split(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def credentials(url: str) -> tuple[str, str] | None:
    """Return the user name and password that an address holds; an absent password is empty.

    Raises:
        ConfigurationError: It is not an address of HTTP.
    """
    parts = split(url)
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")
