"""Tokens that carry a checksum."""

from __future__ import annotations

import base64
import binascii
import string
import zlib
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided

_BASE62: Final = (string.digits + string.ascii_uppercase + string.ascii_lowercase).encode()
_BASE36: Final = (string.digits + string.ascii_lowercase).encode()


def base62(number: int, width: int) -> bytes:
    """Write a number in base 62 (digits, upper, lower case), padded with zeros."""
    return _in_base(number, width, _BASE62)


def base36(number: int, width: int) -> bytes:
    """Write a number in base 36 (digits, lower case), padded with zeros."""
    return _in_base(number, width, _BASE36)


def _in_base(number: int, width: int, alphabet: bytes) -> bytes:
    digits = bytearray()
    while number:
        number, rest = divmod(number, len(alphabet))
        digits.append(alphabet[rest])
    return bytes(reversed(digits)).rjust(width, alphabet[:1])


def github_checksum(candidate: Candidate) -> Outcome:
    """Check the last six characters: CRC-32 of the random part in base 62.

    Source: "Behind GitHub's new authentication token formats", the GitHub blog, 2021. The alphabet
    and padding are community knowledge. Only tokens of the classic length of 40 are refuted.
    """
    value = candidate.value
    head, body, check = value[:4], value[4:-6], value[-6:]
    kinds = {b"ghp_": "personal", b"gho_": "oauth", b"ghu_": "user-to-server"}
    facts = {"kind": kinds.get(head, "installation" if head == b"ghs_" else "refresh")}
    if base62(zlib.crc32(body), 6) == check:
        return Proven("checksum", facts)
    classic = 40
    return Refuted("the checksum does not fit") if len(value) == classic else Undecided(facts)


def github_fine_grained(candidate: Candidate) -> Outcome:
    """Check the checksum of a fine-grained token, whose scope is not documented.

    A fitting checksum over the text before it, with or without the prefix, proves the token; a
    mismatch decides nothing.
    """
    value = candidate.value
    body, check = value[:-6], value[-6:]
    texts = (body, body.removeprefix(b"github_pat_"), body.rpartition(b"_")[2])
    if any(base62(zlib.crc32(text), 6) == check for text in texts):
        return Proven("checksum")
    return Undecided()


def npm_checksum(candidate: Candidate) -> Outcome:
    """Check the last six characters of an npm token: CRC-32 of the random part in base 62.

    Source: "Announcing npm's new access token format", the GitHub blog, 2021.
    """
    value = candidate.value
    if base62(zlib.crc32(value[4:-6]), 6) == value[-6:]:
        return Proven("checksum")
    return Refuted("the checksum does not fit")


def gitlab_routable(candidate: Candidate) -> Outcome:
    """Check the length and CRC-32 at the end of a routable token, both in base 36.

    Source: GitLab's development documentation, "Token routing": payload, ``.``, optionally a
    version and ``.``, two characters of payload length, seven of CRC-32 over all before them. A
    mismatch decides nothing, since older tokens have no such end.
    """
    value = candidate.value
    head, dot, tail = value.rpartition(b".")
    trailer = 9
    if not dot or len(tail) != trailer:
        return Undecided()
    checked = value[:-7]
    if base36(zlib.crc32(checked), 7) != tail[2:]:
        return Undecided()
    return Proven("checksum", _routing(head.split(b"-", 1)[-1].split(b".")[0]))


def _routing(payload: bytes) -> dict[str, str]:
    """Return the routing keys of a payload: lines such as ``o:1`` (an organisation)."""
    try:
        text = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    except binascii.Error:
        return {}
    names = {b"c": "cell", b"o": "organization", b"u": "user", b"g": "group", b"p": "project"}
    facts = {}
    for line in text.split(b"\n"):
        key, colon, number = line.partition(b":")
        if colon and key in names and number.isalnum() and len(number) < 16:
            facts[names[key]] = str(int(number, 36))
    return facts


def grafana_service_account(candidate: Candidate) -> Outcome:
    """Check the eight hexadecimal digits after the second underscore: CRC-32 of the random part.

    Source: grafana/grafana, pkg/components/satokengen.
    """
    head, _, check = candidate.value.rpartition(b"_")
    random_part = head.removeprefix(b"glsa_")
    if b"%08x" % zlib.crc32(random_part) == check.lower():
        return Proven("checksum")
    return Undecided()


def atlassian_checksum(candidate: Candidate) -> Outcome:
    """Check the eight hexadecimal digits at the end: CRC-32 of everything before them.

    Community knowledge: in ATATT3 and ATCTT3 tokens ``=`` separates the two, in ATBB tokens
    nothing does. A mismatch decides nothing.
    """
    value = candidate.value
    body, check = value[:-8], value[-8:].upper()
    texts = (body, body.removesuffix(b"="))
    if any(b"%08X" % zlib.crc32(text) == check for text in texts):
        return Proven("checksum")
    return Undecided()


_BECH32: Final = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


def age_secret_key(candidate: Candidate) -> Outcome:
    """Check the Bech32 checksum (BIP 173) of an age identity.

    Source: the age file format specification, C2SP/C2SP/age.md.
    """
    head, _, text = candidate.value.upper().rpartition(b"1")
    values = [_BECH32.find(byte) for byte in text]
    if min(values, default=-1) < 0:
        return Refuted("a character outside Bech32")
    if bech32_polymod(bech32_expand(head.lower()) + values) != 1:
        return Refuted("the checksum does not fit")
    return Proven("checksum")


def bech32_expand(head: bytes) -> list[int]:
    """Return the human-readable part as the values that enter the checksum (BIP 173)."""
    return [byte >> 5 for byte in head] + [0] + [byte & 31 for byte in head]


def bech32_polymod(values: list[int]) -> int:
    """Return the remainder of BIP 173's checksum over 5-bit values."""
    generator = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, term in enumerate(generator):
            check ^= term if (top >> place) & 1 else 0
    return check
