"""Tokens that can be read: PyPI's macaroons, JSON web tokens, ids with a date in them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided
from keysift.model import Confidence, Severity

_VERSION: Final = 2
_LOCATION: Final = 1
_IDENTIFIER: Final = 2
_SIGNATURE: Final = 6
_END: Final = 0
_SIGNATURE_BYTES: Final = 32
_MAX_FIELDS: Final = 200


def pypi_macaroon(candidate: Candidate) -> Outcome:
    """Read a PyPI or TestPyPI token: host, scope, expiry.

    Source: the libmacaroons binary format, version 2; pypi/warehouse, warehouse/macaroons/caveats:
    arrays ``[0, expires, not before]``, ``[1, [project names]]``, ``[2, [project ids]]``,
    ``[3, user id]``, ``[4, publisher id, …]``; before 2022 objects with ``permissions``.
    """
    text = candidate.value.removeprefix(b"pypi-")
    try:
        raw = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return Refuted("not base64")
    fields = list(_fields(raw))
    kinds = [kind for kind, _ in fields]
    signed = bool(fields) and fields[-1][0] == _SIGNATURE
    if kinds[:2] != [_LOCATION, _IDENTIFIER] or not signed:
        return Refuted("not a complete macaroon")
    if len(fields[-1][1]) != _SIGNATURE_BYTES:
        return Refuted("the signature is cut short")
    facts = {"host": "TestPyPI" if fields[0][1].startswith(b"test") else "PyPI"}
    caveats = [text for kind, text in fields[2:-1] if kind == _IDENTIFIER]
    facts |= _scope([_json(text) for text in caveats])
    if facts["host"] == "TestPyPI":
        severity: Severity | None = Severity.LOW
    else:
        severity = Severity.LOW if facts.get("expired") else None
    return Proven("structure", facts, severity, Confidence.HIGH)


def _fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a macaroon, without the ends of sections; stop at what is malformed."""
    if raw[:1] != bytes([_VERSION]):
        return
    place = 1
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
        place += length


def _varint(raw: bytes, place: int) -> tuple[int, int]:
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
    except ValueError:
        return None


def _scope(caveats: list[object]) -> dict[str, str]:
    facts = {"scope": "user (every project)"}
    for caveat in caveats:
        match caveat:
            case [0, int() | float() as expires, *_]:
                facts |= _expiry(expires)
            case [1, list(names)]:
                facts["scope"] = "projects " + ", ".join(str(name) for name in names)
            case [2, list(ids)]:
                facts["scope"] = "project ids " + ", ".join(str(one) for one in ids)
            case [4, *_]:
                facts["scope"] = "trusted publishing"
            case {"permissions": {"projects": list(names)}}:
                facts["scope"] = "projects " + ", ".join(str(name) for name in names)
            case {"exp": int() | float() as expires}:
                facts |= _expiry(expires)
            case _:
                continue
    return facts


def _expiry(seconds: float) -> dict[str, str]:
    """Return the date of an expiry in seconds since 1970, and whether it has passed."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return {}
    facts = {"expires": moment.isoformat()}
    return facts | {"expired": "yes"} if moment < datetime.now(UTC) else facts


def json_web_token(candidate: Candidate) -> Outcome:
    """Read header and claims of a JSON web token (RFC 7519), and its expiry.

    An expired token is worth little, and so is one that is not signed.
    """
    pieces = candidate.value.split(b".")
    header, claims = (_part(piece) for piece in (*pieces, b"", b"")[:2])
    if not isinstance(header, dict) or "alg" not in header:
        return Refuted("the header is no JSON with an algorithm")
    facts = {"algorithm": str(header["alg"])[:16]}
    if "enc" in header:
        return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)
    if not isinstance(claims, dict):
        return Refuted("the claims are no JSON")
    facts |= _claims(claims)
    if facts.get("expired"):
        return Proven("expiry", facts, Severity.LOW, Confidence.LOW)
    if facts["algorithm"].lower() == "none":
        return Proven("structure", facts, Severity.LOW, Confidence.LOW)
    return Proven("structure", facts)


def _part(text: bytes) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None


def _claims(claims: Mapping[str, object]) -> dict[str, str]:
    names = {"iss": "issuer", "role": "role", "aud": "audience", "ref": "project"}
    facts = {
        names[key]: value[:100]
        for key, value in claims.items()
        if key in names and isinstance(value, str)
    }
    expires = claims.get("exp")
    if isinstance(expires, int | float) and not isinstance(expires, bool):
        facts |= _expiry(expires)
    return facts


def supabase_service_role(candidate: Candidate) -> Outcome:
    """Tell a Supabase service key, which bypasses row security, from the public one.

    Source: Supabase documentation, "Understanding API keys".
    """
    outcome = json_web_token(candidate)
    if isinstance(outcome, Proven) and outcome.facts.get("role") == "anon":
        return Refuted("the public anon key")
    return outcome


_DISCORD_EPOCH_MS: Final = 1_420_070_400_000


def discord_bot(candidate: Candidate) -> Outcome:
    """Decode the bot's id, the first part of its token; its upper bits are when it was made.

    Source: Discord documentation, "Snowflakes"; the token's parts are community knowledge.
    """
    text = candidate.value.split(b".")[0]
    try:
        digits = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return Refuted("the first part is not base64")
    if not digits.isdigit():
        return Refuted("the first part holds no id")
    moment = _instant((int(digits[:20]) >> 22) + _DISCORD_EPOCH_MS)
    if moment is None or moment > datetime.now(UTC):
        return Refuted("the id lies in the future")
    return Proven("structure", {"bot": digits.decode(), "created": moment.date().isoformat()})


def _instant(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def basic_auth(candidate: Candidate) -> Outcome:
    """Decode base64 of ``user:password`` (RFC 7617)."""
    text = candidate.value
    try:
        decoded = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return Refuted("not base64")
    user, colon, password = decoded.partition(b":")
    if not colon or not password or not decoded.isascii() or not decoded.decode().isprintable():
        return Refuted("does not decode to user:password")
    return Undecided({"user": user.decode()[:60]})
