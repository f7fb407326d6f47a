"""Signatures of clouds that hash a request as AWS does, with keys and headers of their own."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from msgspec import structs

from keysift.verify.message import Moment, Request
from keysift.verify.schemes.base import Parameters, Scheme, escaped, mac, sha256
from keysift.verify.schemes.canonical import canonical, query_of


class AccessKey(Parameters, frozen=True):
    """A key that stands for itself.

    Attributes:
        key_id: Its id.
        secret: The key.
    """

    key_id: str
    secret: str


class ServiceKey(AccessKey, frozen=True):
    """A key from which one for a service is derived.

    Attributes:
        service: Short name of the service.
        region: Where it is; empty where regions are not signed.
    """

    service: str
    region: str = ""


class AlibabaKey(AccessKey, frozen=True):
    """What is needed to sign for Alibaba Cloud.

    Attributes:
        action: Name of the operation.
        version: Of the interface.
    """

    action: str
    version: str


def sign_alibaba(request: Request, own: AlibabaKey, moment: Moment) -> Request:
    """Sign with ACS3-HMAC-SHA256.

    Source: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
    """
    own_headers = {
        "x-acs-action": own.action,
        "x-acs-version": own.version,
        "x-acs-date": f"{moment.now:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": moment.nonce,
        "x-acs-content-sha256": sha256(request.body or b""),
    }
    whole = canonical(request, own_headers)
    signature = mac(own.secret.encode(), f"ACS3-HMAC-SHA256\n{whole.digest}").hex()
    authorization = (
        f"ACS3-HMAC-SHA256 Credential={own.key_id},SignedHeaders={whole.names},"
        f"Signature={signature}"
    )
    return _with(request, own_headers | {"Authorization": authorization})


def sign_tencent(request: Request, own: ServiceKey, moment: Moment) -> Request:
    """Sign with TC3-HMAC-SHA256.

    Source: https://www.tencentcloud.com/document/product/1021/34193
    """
    timestamp = str(int(moment.now.timestamp()))
    scope = f"{moment.now:%Y-%m-%d}/{own.service}/tc3_request"
    signed = {
        name: value.lower()
        for name, value in request.headers.items()
        if name.lower() == "content-type"
    }
    whole = canonical(request, signed)
    key = b"TC3" + own.secret.encode()
    for step in scope.split("/"):
        key = mac(key, step)
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{whole.digest}"
    authorization = (
        f"TC3-HMAC-SHA256 Credential={own.key_id}/{scope}, SignedHeaders={whole.names}, "
        f"Signature={mac(key, text).hex()}"
    )
    return _with(request, {"X-TC-Timestamp": timestamp, "Authorization": authorization})


def sign_volcengine(request: Request, own: ServiceKey, moment: Moment) -> Request:
    """Sign with HMAC-SHA256 of VolcEngine.

    Source: https://www.volcengine.com/docs/6369/67269
    """
    date = f"{moment.now:%Y%m%dT%H%M%SZ}"
    scope = f"{moment.now:%Y%m%d}/{own.region}/{own.service}/request"
    own_headers = {"X-Date": date, "X-Content-Sha256": sha256(request.body or b"")}
    whole = canonical(request, own_headers)
    key = own.secret.encode()
    for step in scope.split("/"):
        key = mac(key, step)
    text = f"HMAC-SHA256\n{date}\n{scope}\n{whole.digest}"
    authorization = (
        f"HMAC-SHA256 Credential={own.key_id}/{scope}, SignedHeaders={whole.names}, "
        f"Signature={mac(key, text).hex()}"
    )
    return _with(request, own_headers | {"Authorization": authorization})


def sign_huawei(request: Request, own: AccessKey, moment: Moment) -> Request:
    """Sign with SDK-HMAC-SHA256.

    Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
    """
    own_headers = {"X-Sdk-Date": f"{moment.now:%Y%m%dT%H%M%SZ}"}
    # The path is signed as if it ended in a slash.
    path = urlsplit(request.url).path.rstrip("/") + "/"
    whole = canonical(request, own_headers, path)
    text = "\n".join(("SDK-HMAC-SHA256", own_headers["X-Sdk-Date"], whole.digest))
    authorization = (
        f"SDK-HMAC-SHA256 Access={own.key_id}, SignedHeaders={whole.names}, "
        f"Signature={mac(own.secret.encode(), text).hex()}"
    )
    return _with(request, own_headers | {"Authorization": authorization})


def sign_baidu(request: Request, own: AccessKey, moment: Moment) -> Request:
    """Sign with bce-auth-v1.

    Source: https://cloud.baidu.com/doc/Reference/s/njwvz1yfu
    """
    parts = urlsplit(request.url)
    date = f"{moment.now:%Y-%m-%dT%H:%M:%SZ}"
    prefix = f"bce-auth-v1/{own.key_id}/{date}/1800"
    key = mac(own.secret.encode(), prefix).hex().encode()
    headers = (f"host:{escaped(parts.netloc)}", f"x-bce-date:{escaped(date)}")
    text = "\n".join((request.method, parts.path or "/", query_of(parts.query), *headers))
    authorization = f"{prefix}/host;x-bce-date/{mac(key, text).hex()}"
    return _with(request, {"x-bce-date": date, "Authorization": authorization})


def _with(request: Request, headers: dict[str, str]) -> Request:
    return structs.replace(request, headers={**request.headers, **headers})


ALIBABA: Final = Scheme(AlibabaKey, sign=sign_alibaba)
TENCENT: Final = Scheme(ServiceKey, sign=sign_tencent)
VOLCENGINE: Final = Scheme(ServiceKey, sign=sign_volcengine)
HUAWEI: Final = Scheme(AccessKey, sign=sign_huawei)
BAIDU: Final = Scheme(AccessKey, sign=sign_baidu)
