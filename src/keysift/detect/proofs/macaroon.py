"""PyPI's tokens: macaroons, which say for whom and until when they are valid."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Final

from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Refuted,
    Undecided,
    fact,
    proof,
)
from keysift.detect.proofs.moment import date, expiry
from keysift.model import Confidence, Severity

_VERSION: Final = 2
_END: Final = 0
_LOCATION: Final = 1
_IDENTIFIER: Final = 2
_SIGNATURE: Final = 6
_SIGNATURE_BYTES: Final = 32
_MAX_FIELDS: Final = 200
_MAX_SHOWN: Final = 5
_HOSTS: Final = ((b"test.pypi.", "TestPyPI"), (b"pypi.", "PyPI"))


@proof(
    "pypi-macaroon",
    decides="A complete macaroon of PyPI or TestPyPI is a token; what begins with PyPI's host and "
    "then breaks off is unlikely; anything else is refuted.",
    sources=(
        "rescrv/libmacaroons, doc/format.txt, version 2",
        "pypi/warehouse, warehouse/macaroons/caveats",
    ),
    learns=("host", "scope", "project", "user", "created", "expires", "expired", "damaged"),
)
def pypi_macaroon(candidate: Candidate) -> Outcome:
    """Read a PyPI or TestPyPI token: host, scope, expiry.

    Caveats are arrays ``[0, expires, not before]``, ``[1, [names of projects]]``, ``[2, [their
    ids]]``, ``[3, user id]``, ``[4, publisher id, …]``; before 2022 objects with ``permissions``.
    What follows the signature is no part of the token, so a token may touch other text.
    """
    fields = list(_fields(_decoded(candidate.value.removeprefix(b"pypi-"))))
    kinds = [kind for kind, _ in fields]
    if kinds[:1] != [_LOCATION]:
        return Refuted("not the beginning of a macaroon")
    location = fields[0][1]
    known = next((name for start, name in _HOSTS if location.startswith(start)), None)
    host = known or fact(location.decode("latin-1"))
    is_whole = kinds[1:2] == [_IDENTIFIER] and kinds[-1] == _SIGNATURE
    if not is_whole or len(fields[-1][1]) != _SIGNATURE_BYTES:
        return _damaged(known)
    caveats = [_json(text) for kind, text in fields[2:-1] if kind == _IDENTIFIER]
    facts = {"host": host} | _scope(caveats)
    is_minor = host == "TestPyPI" or "expired" in facts
    return Proven("structure", facts, Severity.LOW if is_minor else None, Confidence.HIGH)


def _damaged(host: str | None) -> Outcome:
    """Judge what only begins like a token: made up or mutilated, it may tell of a real one."""
    if host is None:
        return Refuted("not a complete macaroon")
    return Undecided({"host": host, "damaged": "not a complete macaroon"}, Confidence.LOW)


def _decoded(text: bytes) -> bytes:
    """Return the bytes of base64url text; of a length that cannot be, the last is left out."""
    whole = text.rstrip(b"=")
    if len(whole) % 4 == 1:
        whole = whole[:-1]
    try:
        return base64.urlsafe_b64decode(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields up to the signature, without the ends of sections; stop where malformed."""
    place = 1 if raw[:1] == bytes([_VERSION]) else len(raw)
    for _ in range(_MAX_FIELDS):
        if place >= len(raw):
            return
        kind = raw[place]
        place += 1
        if kind == _END:
            continue
        length, place = _varint(raw, place)
        if place + length > len(raw):
            return
        yield kind, raw[place : place + length]
        if kind == _SIGNATURE:
            return
        place += length


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    """Return a number of 7 bits a byte and the place after it; too large when cut short."""
    number = shift = 0
    while place < len(raw) and shift < 63:
        byte = raw[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
        shift += 7
    return len(raw) + 1, place


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _scope(caveats: list[object]) -> dict[str, str]:
    """Return what all caveats together allow; without any, everything of the user."""
    facts = {"scope": "user (every project)"}
    for caveat in caveats:
        match caveat:
            case [0, int() | float() as expires, int() | float() as begins]:
                facts |= expiry(expires)
                if day := date(begins):
                    facts["created"] = day
            case [0, int() | float() as expires, *_] | {"exp": int() | float() as expires}:
                facts |= expiry(expires)
            case [3, str() as user]:
                facts["user"] = fact(user)
            case [1, list(names)] | {"permissions": {"projects": list(names)}}:
                facts["scope"] = "projects " + _listed(names)
            case [2, list(ids)] | {"project_ids": list(ids)}:
                facts.setdefault("project", _listed(ids))
                if not facts["scope"].startswith("projects"):
                    facts["scope"] = "some projects"
            case [4, *_]:
                facts["scope"] = "trusted publishing"
            case _:
                continue
    return facts


def _listed(names: list[object]) -> str:
    shown = ", ".join(fact(name) for name in names[:_MAX_SHOWN])
    return shown + (", …" if len(names) > _MAX_SHOWN else "")
