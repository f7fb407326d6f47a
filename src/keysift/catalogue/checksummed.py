"""Example tokens that end in a right checksum: counterparts of ``keysift.detect.proofs``."""

from __future__ import annotations

import base64
import string
import zlib
from collections.abc import Callable
from random import Random
from typing import Final

from keysift.catalogue import azure_keys
from keysift.catalogue.checksums import (
    BASE36,
    BECH32,
    bech32_checksum,
    crc32_base36,
    crc32_hex,
    crc32_hex_reversed,
    in_base,
)

_ALNUM: Final = (string.ascii_letters + string.digits).encode()
_URL_SAFE: Final = _ALNUM + b"_-"


def _text(source: Random, alphabet: bytes, length: int) -> bytes:
    return bytes(source.choices(alphabet, k=length))


def gitlab_routable(arguments: str, source: Random) -> str:
    """Return what follows the prefix of a routable token; the prefix takes part in its checksum."""
    routing = f"o:1\nu:{in_base(source.randrange(36, 36**4), BASE36).decode()}".encode()
    raw = source.randbytes(16) + routing + bytes([len(routing)])
    payload = base64.urlsafe_b64encode(raw).rstrip(b"=")
    body = payload + b".01." + in_base(len(payload), BASE36, 2)
    return (body + crc32_base36(arguments.encode() + body)).decode()


def grafana_sa(_: str, source: Random) -> str:
    """Return a Grafana service account token."""
    body = b"glsa_" + _text(source, _ALNUM, 32)
    return (body + b"_" + crc32_hex_reversed(body)).decode()


def atlassian(arguments: str, source: Random) -> str:
    """Return an Atlassian token with the given beginning and a right checksum."""
    if arguments.startswith("ATBB"):
        body = arguments.encode() + _text(source, _ALNUM, 24)
        return (body + crc32_hex(body).upper()).decode()
    length = 171 if arguments.startswith("ATATT") else 150
    body = arguments.encode() + _text(source, _URL_SAFE, length)
    return (body + b"=" + crc32_hex(body).upper()).decode()


def confluent(_: str, source: Random) -> str:
    """Return a Confluent Cloud secret of the newer form."""
    body = _text(source, _ALNUM + b"+/", 54)
    check = base64.b64encode(zlib.crc32(body).to_bytes(4, "little"))[:6]
    return (b"cflt" + body + check).decode()


def age(arguments: str, source: Random) -> str:
    """Return an age identity (Bech32 of 32 bytes); ``pq`` for a post-quantum one."""
    head = b"age-secret-key-pq-" if arguments == "pq" else b"age-secret-key-"
    # 32 bytes are 51 groups of 5 bits, and a last one of which only the first bit counts.
    values = [source.randrange(32) for _ in range(51)] + [source.choice((0, 16))]
    body = bytes(BECH32[value] for value in values)
    check = bech32_checksum(head, values)
    return (head + b"1" + body + check).decode().upper()


_AZURE_BODIES: Final = {
    **dict.fromkeys(("APIM", "ACDb", "+ABa", "+AMC", "+ASt"), 76),
    **dict.fromkeys(("AIoT", "+ASb", "+AEh", "+ARm", "AzCa", "AZEG"), 33),
    **dict.fromkeys(("AzSe", "+ACR"), 42),
    "AzFu": 44,
}
"""How many characters precede the signature of an identifiable key."""


def azure_key(arguments: str, source: Random) -> str:
    """Return an identifiable key, or an annotated one, of the service with the given signature."""
    if arguments not in _AZURE_BODIES:
        return _azure_annotated(arguments.encode(), source)
    while True:
        body = _text(source, _ALNUM, _AZURE_BODIES[arguments])
        key = azure_keys.identifiable(body, arguments.encode())
        # Search and Redis replace what is not alphanumeric, by rules of their own.
        if arguments not in {"AzSe", "AzCa"} or key.rstrip(b"=").isalnum():
            break
    if arguments == "AzFu":
        key = key.replace(b"+", b"-").replace(b"/", b"_")
    return key.decode()


def _azure_annotated(signature: bytes, source: Random) -> str:
    head = _text(source, _ALNUM, azure_keys.ANNOTATED_MARK_AT) + azure_keys.ANNOTATED_MARK + b"9"
    date = _text(source, b"AB", 1) + _text(source, b"ABCDEFGHIJKL", 1)
    body = head + date + b"A" + _text(source, _ALNUM, 15) + signature
    return (body + azure_keys.annotated_checksums(body)[0][:4]).decode()


def azure_client_secret(_: str, source: Random) -> str:
    """Return a client secret of an Entra application, of the form with a checksum."""
    body = _text(source, _ALNUM, 3) + b"8Q~" + _text(source, _ALNUM + b"._-", 31)
    return (body + azure_keys.client_secret_checksum(body)).decode()


def azure_devops(_: str, source: Random) -> str:
    """Return an Azure DevOps token of the older form."""
    return azure_keys.devops_token(source.randbytes(28)).decode()


MACROS: Final[dict[str, Callable[[str, Random], str]]] = {
    "age": age,
    "atlassian": atlassian,
    "azure_client_secret": azure_client_secret,
    "azure_devops": azure_devops,
    "azure_key": azure_key,
    "confluent": confluent,
    "gitlab_routable": gitlab_routable,
    "grafana_sa": grafana_sa,
}
"""Macros by name: from arguments and a source of randomness to text."""
