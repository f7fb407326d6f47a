"""OpenPGP private keys in ASCII armour, as far as their first packet."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from msgspec import structs

from keysift.detect.proofs.armor import armored_lines
from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, fact, proof
from keysift.detect.proofs.moment import date
from keysift.model import Severity

_CHECKSUM: Final = re.compile(rb"=[A-Za-z0-9+/]{4}$")
_HEADER_LINE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{2,30}\s?:.*")
"""Any name will do (RFC 4880, section 6.2); base64 has no colon."""

_SECRET_KEY_TAGS: Final = (5, 7)
_USER_ID_TAG: Final = 13
_MAX_PACKETS: Final = 20
_MPIS: Final = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4}
"""Number of public integers by algorithm: RSA in three forms, Elgamal, DSA."""

_CURVE_ALGORITHMS: Final = (19, 22)
_NAMES: Final = {1: "rsa", 2: "rsa", 3: "rsa", 16: "elgamal", 17: "dsa", 19: "ecdsa", 22: "eddsa"}


class _CutShortError(Exception):
    """A length in a packet goes beyond its end."""


class _Reader:
    """Reads a packet from its beginning."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, count: int) -> bytes:
        if self.place + count > len(self.data):
            raise _CutShortError
        self.place += count
        return self.data[self.place - count : self.place]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def rest(self) -> bytes:
        return self.data[self.place :]


@proof(
    "pgp-private-key",
    decides="Secret numbers with the right sum prove a key without a passphrase; whole packets "
    "make one likely; what is cut short, or begins with no secret key, is refuted.",
    sources=("RFC 4880, section 5.5.3; RFC 9580",),
    learns=("algorithm", "created", "encrypted", "user"),
)
def pgp_private_key(candidate: Candidate) -> Outcome:
    """Read an ASCII-armoured OpenPGP private key.

    The checksum of the armour is optional and not looked at. A key without a passphrase carries a
    sum of its secret numbers, which proves it.
    """
    lines = [line for line in armored_lines(candidate.value) if not _HEADER_LINE.fullmatch(line)]
    body = b"".join(line for line in lines if not line.startswith(b"="))
    try:
        packets = base64.b64decode(_CHECKSUM.sub(b"", body), validate=True)
    except binascii.Error:
        return Refuted("the armour is cut short or altered")
    reader = _Reader(packets)
    try:
        tag, packet = _packet(reader)
        if tag not in _SECRET_KEY_TAGS:
            return Refuted("the first packet is no secret key")
        proven = _secret_key(_Reader(packet))
    except _CutShortError:
        return Refuted("a packet is cut short")
    return structs.replace(proven, facts=dict(proven.facts) | _owner(reader))


def _owner(reader: _Reader) -> dict[str, str]:
    """Return the first user id among the packets that follow a key."""
    for _ in range(_MAX_PACKETS):
        try:
            tag, packet = _packet(reader)
        except _CutShortError:
            break
        if tag == _USER_ID_TAG:
            return {"user": fact(packet.decode("utf-8", "replace"))}
    return {}


def _packet(reader: _Reader) -> tuple[int, bytes]:
    """Return the tag and the body of the next packet, of either format."""
    head = reader.number(1)
    if not head & 0x80:
        raise _CutShortError
    if not head & 0x40:
        kind = head & 3
        length = len(reader.rest()) if kind == 3 else reader.number(1 << kind)
        return (head >> 2) & 15, reader.take(length)
    length = reader.number(1)
    if 192 <= length < 224:
        length = ((length - 192) << 8) + reader.number(1) + 192
    elif length == 255:
        length = reader.number(4)
    elif length >= 224:
        # A body in pieces of a power of two: its first piece is enough.
        length = min(1 << (length & 31), len(reader.rest()))
    return head & 63, reader.take(length)


def _secret_key(reader: _Reader) -> Proven:
    version, created, algorithm = reader.number(1), reader.number(4), reader.number(1)
    facts = {"algorithm": _NAMES[algorithm]} if algorithm in _NAMES else {}
    if day := date(created):
        facts["created"] = day
    if version != 4 or algorithm not in _NAMES:
        return Proven("structure", facts)
    if algorithm in _CURVE_ALGORITHMS:
        reader.take(reader.number(1))
    for _ in range(_MPIS.get(algorithm, 1)):
        reader.take((reader.number(2) + 7) // 8)
    if reader.number(1) != 0:
        return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)
    numbers = reader.rest()
    facts["encrypted"] = "no"
    fits = sum(numbers[:-2]) & 0xFFFF == int.from_bytes(numbers[-2:], "big")
    return Proven("key" if fits and len(numbers) > 2 else "structure", facts)
