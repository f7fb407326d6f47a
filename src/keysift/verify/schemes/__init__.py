"""Signing schemes, by the name that a validity table has for them: one module a family.

All are pure: the same secret, request, time and nonce give the same signed request.

A signature that a provider cannot verify proves nothing in most schemes: the clock may be wrong, or
the id that stands beside a secret may be that of another one. Only answers that say that the key
itself does not exist, or does not work any more, make a secret inactive; the tables say which.
"""

from __future__ import annotations

from typing import Final

from keysift.verify.schemes import aws, azure, clouds, codes, edgegrid, oauth1, tokens
from keysift.verify.schemes.base import Parameters, Scheme

__all__ = ["SCHEMES", "Parameters", "Scheme"]

SCHEMES: Final[dict[str, Scheme]] = {
    "akamai-edgegrid": edgegrid.EDGEGRID,
    "alibaba-acs3": clouds.ALIBABA,
    "aws-sigv4": aws.SIGV4,
    "azure-app-configuration": azure.CONFIGURATION,
    "azure-cosmos": azure.COSMOS,
    "azure-messaging": azure.MESSAGING,
    "azure-storage": azure.STORAGE,
    "baidu-bce": clouds.BAIDU,
    "google-service-account": tokens.GOOGLE,
    "hmac": codes.CODES,
    "huawei-sdk": clouds.HUAWEI,
    "jwt": tokens.TOKEN,
    "oauth1": oauth1.HMAC_SHA1,
    "tencent-tc3": clouds.TENCENT,
    "volcengine": clouds.VOLCENGINE,
}
