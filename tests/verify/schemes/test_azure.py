"""Signatures of Azure, by one that it publishes and by what its own libraries make."""

from __future__ import annotations

import base64

import pytest

from keysift.model import CannotAskError, Doubt
from keysift.verify.message import Request
from keysift.verify.schemes.azure import (
    AccountKey,
    sign_configuration,
    sign_cosmos,
    sign_messaging,
    sign_storage,
)
from tests.verify.schemes.moments import at

KEY = base64.b64encode(b"secret").decode()
NOW = at("2026-03-02T12:34:56")


def get(url: str, **headers: str) -> Request:
    """Return a plain request."""
    return Request(
        "GET", url, {name.replace("_", "-"): value for name, value in headers.items()}, None
    )


def test_cosmos() -> None:
    """The example of the documentation.

    https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources
    """
    parts = ("dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0", "EndXdDku/dkKBp8/ufDToSxLzR4y")
    key = "+".join(("".join(parts), "O/0H/t4bQtVNw=="))
    signed = sign_cosmos(
        get("https://acme.documents.azure.com/dbs/ToDoList"),
        AccountKey(key=key),
        at("2017-04-27T00:51:12"),
    )
    assert signed.headers["Authorization"] == (
        "type%3Dmaster%26ver%3D1.0%26sig%3Dc09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu%2Bc%2Bc%3D"
    )


def test_cosmos_about_all() -> None:
    """As azure-cosmos 4.17.1 from PyPI signs."""
    signed = sign_cosmos(get("https://acme.documents.azure.com/dbs"), AccountKey(key=KEY), NOW)
    assert signed.headers["x-ms-date"] == "Mon, 02 Mar 2026 12:34:56 GMT"
    assert signed.headers["Authorization"] == (
        "type%3Dmaster%26ver%3D1.0%26sig%3Dug3%2BVjmSLi%2B5wOqiwnvXJfZsPuTtaDwq63GZARVB1B4%3D"
    )


def test_storage() -> None:
    """As azure-storage-blob 12.31.1 from PyPI signs."""
    signed = sign_storage(
        get(
            "https://acme.blob.core.windows.net/?comp=list&maxresults=1", x_ms_version="2021-08-06"
        ),
        AccountKey(key=KEY, account="acme"),
        NOW,
    )
    assert signed.headers["Authorization"] == (
        "SharedKey acme:n77osxYUIxW193sHvdloeRRraXmKXHqcnywL7QzszNI="
    )


def test_messaging() -> None:
    """As azure-servicebus 7.15.0 from PyPI signs."""
    signed = sign_messaging(
        get("https://acme.servicebus.windows.net/$namespaceinfo?api-version=2017-04"),
        AccountKey(key="sec" + "ret", account="send"),
        NOW,
    )
    assert signed.headers["Authorization"] == (
        "SharedAccessSignature sr=https%3A%2F%2Facme.servicebus.windows.net%2F%24namespaceinfo"
        "&sig=4ZGNHEDK0MefUhPV2dpo91BF4WdPgPM56SHklNks5nk%3D&se=1772455196&skn=send"
    )


def test_configuration() -> None:
    """As azure-appconfiguration from PyPI signs."""
    signed = sign_configuration(
        get("https://acme.azconfig.io/keys?api-version=1.0"),
        AccountKey(key=KEY, account="id"),
        NOW,
    )
    assert signed.headers["Authorization"] == (
        "HMAC-SHA256 Credential=id&SignedHeaders=x-ms-date;host;x-ms-content-sha256"
        "&Signature=gkrpkKspJQ7+iWlGNrnEjPNTiOMOhlxTZSWgUisz0lU="
    )


def test_a_key_that_is_no_base64() -> None:
    """It is malformed."""
    with pytest.raises(CannotAskError) as caught:
        sign_storage(get("https://acme.blob.core.windows.net/"), AccountKey(key="%"), NOW)
    assert caught.value.doubt is Doubt.MALFORMED
