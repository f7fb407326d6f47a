"""Signatures of Azure's services, each of which has its own."""

from __future__ import annotations

import base64
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from msgspec import structs

from keysift.verify.message import Moment, Request
from keysift.verify.schemes.base import Parameters, Scheme, decoded, mac, sha256

_LIFETIME_S: Final = 300
_STORAGE_HEADERS: Final = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


class AccountKey(Parameters, frozen=True):
    """A key in base64.

    Attributes:
        key: The key.
        account: Name of the account or of the key; empty where it is not signed.
    """

    key: str
    account: str = ""


def sign_storage(request: Request, own: AccountKey, moment: Moment) -> Request:
    """Sign with Shared Key, for a request that has no body.

    Source: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
    """
    headers = {**request.headers, "x-ms-date": _http(moment)}
    given = {name.lower(): value for name, value in headers.items()}
    parts = urlsplit(request.url)
    pairs = sorted(pair.partition("=") for pair in parts.query.split("&") if pair)
    lines = (
        request.method,
        *(given.get(name, "") for name in _STORAGE_HEADERS),
        *(f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-ms-")),
        f"/{own.account}{parts.path}",
        *(f"{name.lower()}:{unquote(value)}" for name, _, value in pairs),
    )
    signature = _signed(own.key, "\n".join(lines))
    headers["Authorization"] = f"SharedKey {own.account}:{signature}"
    return structs.replace(request, headers=headers)


def sign_cosmos(request: Request, own: AccountKey, moment: Moment) -> Request:
    """Sign with a master key.

    Source: https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources
    """
    date = _http(moment)
    steps = urlsplit(request.url).path.strip("/").split("/")
    # A path of an odd number of steps ends in a kind of thing, one of an even number in a thing.
    link = steps[: len(steps) // 2 * 2]
    kind = steps[-1] if len(link) < len(steps) else steps[-2]
    text = f"{request.method.lower()}\n{kind.lower()}\n{'/'.join(link)}\n{date.lower()}\n\n"
    token = quote(f"type=master&ver=1.0&sig={_signed(own.key, text)}", safe="")
    return structs.replace(
        request, headers={**request.headers, "x-ms-date": date, "Authorization": token}
    )


def sign_messaging(request: Request, own: AccountKey, moment: Moment) -> Request:
    """Sign with a shared access signature, as Service Bus, Event Hubs and Relay want it.

    Source: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
    """
    resource = quote(request.url.partition("?")[0].lower(), safe="")
    until = int(moment.now.timestamp()) + _LIFETIME_S
    code = mac(own.key.encode(), f"{resource}\n{until}")
    signature = quote(base64.b64encode(code), safe="")
    token = (
        f"SharedAccessSignature sr={resource}&sig={signature}"
        f"&se={until}&skn={quote(own.account, safe='')}"
    )
    return structs.replace(request, headers={**request.headers, "Authorization": token})


def sign_configuration(request: Request, own: AccountKey, moment: Moment) -> Request:
    """Sign with HMAC, as App Configuration wants it.

    Source: https://learn.microsoft.com/azure/azure-app-configuration/rest-api-authentication-hmac
    """
    parts = urlsplit(request.url)
    date, digest = _http(moment), base64.b64encode(bytes.fromhex(sha256(request.body or b"")))
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    text = f"{request.method}\n{target}\n{date};{parts.netloc};{digest.decode()}"
    authorization = (
        f"HMAC-SHA256 Credential={own.account}&SignedHeaders=x-ms-date;host;x-ms-content-sha256"
        f"&Signature={_signed(own.key, text)}"
    )
    own_headers = {
        "x-ms-date": date,
        "x-ms-content-sha256": digest.decode(),
        "Authorization": authorization,
    }
    return structs.replace(request, headers={**request.headers, **own_headers})


def _signed(key: str, text: str) -> str:
    return base64.b64encode(mac(decoded(key, "base64"), text)).decode()


def _http(moment: Moment) -> str:
    return moment.values()["now_http"].decode()


STORAGE: Final = Scheme(AccountKey, sign=sign_storage)
COSMOS: Final = Scheme(AccountKey, sign=sign_cosmos)
MESSAGING: Final = Scheme(AccountKey, sign=sign_messaging)
CONFIGURATION: Final = Scheme(AccountKey, sign=sign_configuration)
