"""Signature Version 4 of AWS, which many stores that speak S3 take over.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import structs

from keysift.model import CannotAskError, Doubt
from keysift.verify.message import Moment, Request
from keysift.verify.schemes.base import Parameters, Scheme, escaped, mac, sha256
from keysift.verify.schemes.canonical import canonical

_REGION: Final = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.")
_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class SigV4(Parameters, frozen=True):
    """What is needed to sign.

    Attributes:
        service: Short name of the service, such as ``sts`` or ``s3``.
        key_id: Id of the access key.
        secret: The key.
        region: Where the service is; empty when its host says so.
        token: Session token of a temporary key.
    """

    service: str
    key_id: str
    secret: str
    region: str = ""
    token: str = ""


def sign(request: Request, own: SigV4, moment: Moment) -> Request:
    """Sign a request in its headers."""
    parts = urlsplit(request.url)
    headers = {**request.headers, "X-Amz-Date": f"{moment.now:%Y%m%dT%H%M%SZ}"}
    if own.token:
        headers["X-Amz-Security-Token"] = own.token
    if own.service == "s3":
        headers["X-Amz-Content-Sha256"] = sha256(request.body or b"")
    region = own.region or _region(parts.netloc)
    scope = f"{moment.now:%Y%m%d}/{region}/{own.service}/aws4_request"
    whole = canonical(
        request,
        {
            name: value
            for name, value in headers.items()
            if name.lower().startswith(("x-amz-", "content-type"))
        },
        _path(parts.path, own.service),
    )
    text = "\n".join((_ALGORITHM, headers["X-Amz-Date"], scope, whole.digest))
    key = b"AWS4" + own.secret.encode()
    for step in scope.split("/"):
        key = mac(key, step)
    headers["Authorization"] = (
        f"{_ALGORITHM} Credential={own.key_id}/{scope}, SignedHeaders={whole.names}, "
        f"Signature={mac(key, text).hex()}"
    )
    return structs.replace(request, headers=headers)


def _region(host: str) -> str:
    """Return the region that a host names, such as ``sts.eu-west-1.amazonaws.com``."""
    found = _REGION.search(host)
    if found is None:
        raise CannotAskError(Doubt.MALFORMED, "its region is not known")
    return found[1]


def _path(path: str, service: str) -> str:
    """Every service but S3 encodes the path as it is sent once more."""
    plain = unquote(path) if service == "s3" else path
    return "/".join(escaped(one) for one in plain.split("/")) or "/"


SIGV4: Final = Scheme(SigV4, sign=sign)
