"""Tokens that carry a checksum."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Final

from keysift.catalogue.checksums import (
    BECH32,
    BECH32_CHECKSUM_LENGTH,
    bech32_checksum,
    crc32_base36,
    crc32_base62,
    crc32_hex,
    crc32_hex_reversed,
)
from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided, proof

_WRONG: Final = Refuted("the checksum does not fit")
_GITHUB_KINDS: Final = {
    b"ghp_": "personal",
    b"gho_": "oauth",
    b"ghu_": "user-to-server",
    b"ghs_": "installation",
    b"ghr_": "refresh",
}
_GITHUB_CLASSIC_LENGTH: Final = 40


@proof(
    "github-checksum",
    decides="The last six characters are the CRC-32 of the 30 before them in base 62: a right one "
    "proves, a wrong one refutes a token of the classic length of 40. Longer ones may follow other "
    "rules.",
    sources=(
        "The GitHub blog, “Behind GitHub's new authentication token formats”, 2021",
        "alphabet and padding are community knowledge, confirmed with published tokens",
    ),
    learns=("kind",),
)
def github_checksum(candidate: Candidate) -> Outcome:
    """Check the CRC-32 of a classic token."""
    value = candidate.value
    head, body, check = value[:4], value[4:-6], value[-6:]
    facts = {"kind": _GITHUB_KINDS[head]} if head in _GITHUB_KINDS else {}
    if crc32_base62(body) == check:
        return Proven("checksum", facts)
    return _WRONG if len(value) == _GITHUB_CLASSIC_LENGTH else Undecided(facts)


@proof(
    "npm-checksum",
    decides="The last six characters are the CRC-32 of the 30 before them in base 62: a right one "
    "proves, a wrong one refutes.",
    sources=("The GitHub blog, “Announcing npm's new access token format”, 2021",),
)
def npm_checksum(candidate: Candidate) -> Outcome:
    """Check the CRC-32 of an npm token."""
    value = candidate.value
    return Proven("checksum") if crc32_base62(value[4:-6]) == value[-6:] else _WRONG


@proof(
    "crc32-suffix",
    decides="Six digits of base 62 or eight hexadecimal ones at the end that are the CRC-32 of the "
    "text before them, with or without its prefix, prove a token: by chance one in a hundred "
    "million has them. That none fits decides nothing, because the issuer does not publish the "
    "formula.",
    sources=(
        (
            "GitHub documentation, “Secret scanning partner program”: issuers are asked for a "
            "32-bit checksum"
        ),
        (
            "Cloudflare documentation, “Token formats”; Zuplo documentation, “API key format”; "
            "Vercel's changelog: each says that there is one, not over what"
        ),
    ),
)
@proof(
    "github-fine-grained",
    decides="As `crc32-suffix`: GitHub does not say whether fine-grained tokens have a checksum.",
    sources=("GitHub documentation, “Secret scanning partner program”",),
)
def crc32_suffix(candidate: Candidate) -> Outcome:
    """Look for a CRC-32 at the end, where an issuer has one but does not say over what."""
    value = candidate.value
    for length, sums in ((6, (crc32_base62,)), (8, (crc32_hex, crc32_hex_reversed))):
        body, check = value[:-length], value[-length:]
        body = body.removesuffix(b"_")
        texts = {body, body.partition(b"_")[2], body.rpartition(b"_")[2]}
        if any(checksum(text) == check for checksum in sums for text in texts if text):
            return Proven("checksum")
    return Undecided()


_ROUTABLE: Final = re.compile(
    rb"(?P<head>[A-Za-z0-9_-]+)\.(?P<version>[0-9a-z]{2}\.)?(?P<length>[0-9a-z]{2})(?P<crc>[0-9a-z]{7})"
)
_ROUTING: Final = re.compile(rb"[a-z]:[0-9a-z]{1,16}(?:\n[a-z]:[0-9a-z]{1,16}){0,7}")
_ROUTING_KEYS: Final = {"c": "cell", "o": "organization", "p": "project", "u": "user"}


@proof(
    "gitlab-routable",
    decides="A routable token ends in the length of its payload and a CRC-32 over all before it: "
    "right ones prove it, wrong ones refute it when it has a version. What has another shape is an "
    "older token, of which nothing is known.",
    sources=("gitlab-org/gitlab, lib/authn/token_field/generator/routable_token.rb",),
    learns=("cell", "organization", "project", "user"),
)
def gitlab_routable(candidate: Candidate) -> Outcome:
    """Check the end of a routable token, and read where it is routed.

    It is a prefix, a payload in base64url, ``.``, a version, ``.``, the payload's length in two
    digits of base 36, and seven of CRC-32. Tokens of the first generation have no version.
    """
    value = candidate.value
    shape = _ROUTABLE.fullmatch(value)
    if shape is None:
        return Undecided()
    length = int(shape["length"], 36)
    if crc32_base36(value[:-7]) == shape["crc"] and 0 < length < len(shape["head"]):
        return Proven("checksum", _routing(shape["head"][-length:]))
    return _WRONG if shape["version"] else Undecided()


def _routing(payload: bytes) -> dict[str, str]:
    """Return what a payload says: random bytes, lines such as ``o:1``, the length of the lines."""
    try:
        raw = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    except binascii.Error:
        return {}
    text = raw[-1 - raw[-1] : -1] if raw else b""
    if not _ROUTING.fullmatch(text):
        return {}
    pairs = (line.decode("ascii").split(":") for line in text.split(b"\n"))
    return {_ROUTING_KEYS[key]: str(int(id_, 36)) for key, id_ in pairs if key in _ROUTING_KEYS}


@proof(
    "grafana-service-account",
    decides="The eight hexadecimal digits at the end are the CRC-32 of all before the last "
    "underscore, the least significant byte first: a right one proves, a wrong one refutes.",
    sources=("grafana/grafana, pkg/components/satokengen, which refuses a wrong checksum",),
)
def grafana_service_account(candidate: Candidate) -> Outcome:
    """Check the CRC-32 of a service account token."""
    head, _, check = candidate.value.rpartition(b"_")
    return Proven("checksum") if crc32_hex_reversed(head) == check else _WRONG


@proof(
    "atlassian-checksum",
    decides="Eight hexadecimal digits at the end that are the CRC-32 of everything before them "
    "prove a token; others decide nothing.",
    sources=(
        (
            "Atlassian documentation, “Manage API tokens”, has the prefixes only; that the end is "
            "a CRC-32 is community knowledge"
        ),
    ),
)
@proof(
    "bitbucket-app-password",
    decides="As `atlassian-checksum`.",
    sources=("as for `atlassian-checksum`",),
)
def atlassian_checksum(candidate: Candidate) -> Outcome:
    """Check the CRC-32 at the end.

    In ATATT3 and ATCTT3 tokens ``=`` separates the two, in ATBB tokens nothing does.
    """
    value = re.sub(rb"\\?=|%3[Dd]", b"=", candidate.value)
    body, check = value[:-8], value[-8:].lower()
    texts = (body, body.removesuffix(b"="))
    return Proven("checksum") if check in map(crc32_hex, texts) else Undecided()


@proof(
    "confluent-checksum",
    decides="The last six characters of a `cflt` secret are base64 of the CRC-32 of what is "
    "between, the least significant byte first: a right one proves, another decides nothing.",
    sources=("Confluent documents the prefix; the formula is community knowledge",),
)
def confluent_checksum(candidate: Candidate) -> Outcome:
    """Check the last six characters of a ``cflt`` secret."""
    value = candidate.value
    check = base64.b64encode(zlib.crc32(value[4:-6]).to_bytes(4, "little"))[:6]
    return Proven("checksum") if check == value[-6:] else Undecided()


_POLAR: Final = re.compile(
    rb"polar_(?:[a-z]{1,4}_)+(?P<body>[A-Za-z0-9]{37})(?P<crc>[A-Za-z0-9]{6})"
)
_THUNDERSTORE: Final = re.compile(rb"tss_(?P<body>[A-Za-z0-9]{30})(?P<crc>[A-Za-z0-9]{6})")


@proof(
    "polar-checksum",
    decides="The last six characters are the CRC-32 of the 37 before them in base 62: a right one "
    "proves, a wrong one refutes. Another length decides nothing.",
    sources=("polarsource/polar, server/polar/kit/crypto.py",),
)
def polar_checksum(candidate: Candidate) -> Outcome:
    """Check the CRC-32 of a token of Polar."""
    return _judge_base62(_POLAR.fullmatch(candidate.value))


@proof(
    "thunderstore-checksum",
    decides="The last six characters are the CRC-32 of the 30 before them in base 62: a right one "
    "proves, a wrong one refutes. Another length decides nothing.",
    sources=("thunderstore-io/Thunderstore, `get_service_account_api_token`",),
)
def thunderstore_checksum(candidate: Candidate) -> Outcome:
    """Check the CRC-32 of a service account token of Thunderstore."""
    return _judge_base62(_THUNDERSTORE.fullmatch(candidate.value))


def _judge_base62(shape: re.Match[bytes] | None) -> Outcome:
    if shape is None:
        return Undecided()
    return Proven("checksum") if crc32_base62(shape["body"]) == shape["crc"] else _WRONG


_NUGET_PADDING: Final = (19, 45)
_NUGET_LENGTH: Final = 46


@proof(
    "nuget-key",
    decides="Base 32 of `v4` and ten bytes, then of sixteen bytes, whose left-over bits are zero, "
    "is a key of version 4; anything else decides nothing.",
    sources=("NuGet/NuGetGallery, src/NuGetGallery.Services/Authentication/ApiKeyV4.cs",),
)
def nuget_key(candidate: Candidate) -> Outcome:
    """Decode the two halves of a key of nuget.org."""
    value = candidate.value.lower()
    if len(value) != _NUGET_LENGTH or not re.fullmatch(rb"[a-z2-7]+", value):
        return Undecided()
    # 12 bytes leave 4 bits of the 20th character over, 16 bytes 2 bits of the last.
    last = [b"abcdefghijklmnopqrstuvwxyz234567".index(value[place]) for place in _NUGET_PADDING]
    return Proven("structure") if not last[0] % 16 and not last[1] % 4 else Undecided()


_AGE_HEADS: Final = {b"age-secret-key-": True, b"age-secret-key-pq-": False}
"""What precedes the separator, and whether a wrong checksum refutes."""


@proof(
    "age-secret-key",
    decides="A right Bech32 checksum proves an identity, a wrong one refutes it; for post-quantum "
    "identities a wrong one decides nothing.",
    sources=("C2SP/C2SP, age.md; BIP 173",),
    learns=("kind",),
)
def age_secret_key(candidate: Candidate) -> Outcome:
    """Check the Bech32 checksum of an age identity."""
    head, _, text = candidate.value.lower().rpartition(b"1")
    values = [BECH32.find(byte) for byte in text]
    if head not in _AGE_HEADS or min(values, default=-1) < 0:
        return Refuted("not in Bech32")
    facts = {} if _AGE_HEADS[head] else {"kind": "post-quantum"}
    body, check = values[:-BECH32_CHECKSUM_LENGTH], text[-BECH32_CHECKSUM_LENGTH:]
    if bech32_checksum(head, body) == check:
        return Proven("checksum", facts)
    return _WRONG if _AGE_HEADS[head] else Undecided(facts)
