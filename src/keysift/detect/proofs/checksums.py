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
from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided

_WRONG: Final = Refuted("the checksum does not fit")
_GITHUB_KINDS: Final = {
    b"ghp_": "personal",
    b"gho_": "oauth",
    b"ghu_": "user-to-server",
    b"ghs_": "installation",
    b"ghr_": "refresh",
}
_GITHUB_CLASSIC_LENGTH: Final = 40


def github_checksum(candidate: Candidate) -> Outcome:
    """Check the last six characters: CRC-32 of the random part in base 62.

    Source: "Behind GitHub's new authentication token formats", the GitHub blog, 2021. The alphabet
    and padding are community knowledge, confirmed with published tokens. Only tokens of the
    classic length of 40 are refuted, since longer ones may follow other rules.
    """
    value = candidate.value
    head, body, check = value[:4], value[4:-6], value[-6:]
    facts = {"kind": _GITHUB_KINDS[head]} if head in _GITHUB_KINDS else {}
    if crc32_base62(body) == check:
        return Proven("checksum", facts)
    return _WRONG if len(value) == _GITHUB_CLASSIC_LENGTH else Undecided(facts)


def npm_checksum(candidate: Candidate) -> Outcome:
    """Check the last six characters of an npm token: CRC-32 of the random part in base 62.

    Source: "Announcing npm's new access token format", the GitHub blog, 2021.
    """
    value = candidate.value
    return Proven("checksum") if crc32_base62(value[4:-6]) == value[-6:] else _WRONG


def crc32_suffix(candidate: Candidate) -> Outcome:
    """Look for a CRC-32 at the end, where an issuer has one but does not say over what.

    Six digits of base 62 or eight hexadecimal ones, of the text before them with or without its
    prefix (what stands before the first or last ``_``). One that fits by chance is rarer than one
    in a hundred million; that none fits decides nothing.
    """
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
_ROUTING_KEYS: Final = {
    "c": "cell",
    "g": "group",
    "o": "organization",
    "p": "project",
    "u": "user",
}


def gitlab_routable(candidate: Candidate) -> Outcome:
    """Check the length and CRC-32 at the end of a routable token, and read where it is routed.

    Source: gitlab-org/gitlab, lib/authn/token_field/generator/routable_token.rb: prefix, payload in
    base64url, ``.``, version, ``.``, the payload's length in two digits of base 36, and seven of
    CRC-32 over all before them. Tokens of the first generation have no version; what has another
    shape is an older token, of which nothing is known.
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


def grafana_service_account(candidate: Candidate) -> Outcome:
    """Check the eight hexadecimal digits at the end: CRC-32 of all before the last underscore.

    Source: grafana/grafana, pkg/components/satokengen, which writes the least significant byte
    first and refuses a token whose checksum does not fit.
    """
    head, _, check = candidate.value.rpartition(b"_")
    return Proven("checksum") if crc32_hex_reversed(head) == check else _WRONG


def atlassian_checksum(candidate: Candidate) -> Outcome:
    """Check the eight hexadecimal digits at the end: CRC-32 of everything before them.

    Community knowledge: in ATATT3 and ATCTT3 tokens ``=`` separates the two, in ATBB tokens
    nothing does. A mismatch decides nothing.
    """
    value = re.sub(rb"\\?=|%3[Dd]", b"=", candidate.value)
    body, check = value[:-8], value[-8:].lower()
    texts = (body, body.removesuffix(b"="))
    return Proven("checksum") if check in map(crc32_hex, texts) else Undecided()


def confluent_checksum(candidate: Candidate) -> Outcome:
    """Check the last six characters of a ``cflt`` secret: base64 of CRC-32 of what is between.

    Community knowledge; the least significant byte comes first. A mismatch decides nothing.
    """
    value = candidate.value
    check = base64.b64encode(zlib.crc32(value[4:-6]).to_bytes(4, "little"))[:6]
    return Proven("checksum") if check == value[-6:] else Undecided()


_AGE_HEAD: Final = b"age-secret-key-"


def age_secret_key(candidate: Candidate) -> Outcome:
    """Check the Bech32 checksum (BIP 173) of an age identity.

    Source: the age file format specification, C2SP/C2SP/age.md.
    """
    head, _, text = candidate.value.lower().rpartition(b"1")
    values = [BECH32.find(byte) for byte in text]
    if head != _AGE_HEAD or min(values, default=-1) < 0:
        return Refuted("not in Bech32")
    body, check = values[:-BECH32_CHECKSUM_LENGTH], text[-BECH32_CHECKSUM_LENGTH:]
    return Proven("checksum") if bech32_checksum(head, body) == check else _WRONG
