"""Fly.io's tokens: macaroons in MessagePack, which say for whom and until when they are valid."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Undecided,
    fact,
    proof,
)
from keysift.detect.proofs.moment import expiry
from keysift.model import Severity

_TOKEN: Final = re.compile(rb"fm(?:2|1r|1a)_([A-Za-z0-9+/_-]{1,4000}={0,3})")
_MAX_SHOWN: Final = 5
_MAX_CAVEATS: Final = 400


@proof(
    "flyio-macaroon",
    decides="A token that is a nonce, a location, caveats and a signature in MessagePack is proven "
    "to be one; an expired one is worth little. Anything else decides nothing.",
    sources=("superfly/macaroon, format.go, macaroon.go, caveat.go and caveats.go",),
    learns=("host", "organization", "project", "user", "expires", "expired"),
)
def flyio_macaroon(candidate: Candidate) -> Outcome:
    """Read the first of the tokens that stand together: the others only discharge its caveats."""
    shape = _TOKEN.search(candidate.value)
    macaroon = _unpacked(shape[1]) if shape else None
    match macaroon:
        case [[bytes(), bytes(), *_], str(location), [*caveats], bytes()]:
            facts = {"host": fact(location)} | _learned(caveats)
        case _:
            return Undecided()
    # The whole is valid as long as all its caveats are.
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts)


def _unpacked(text: bytes) -> object:
    standard = text.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return msgspec.msgpack.decode(base64.b64decode(standard + b"=" * (-len(standard) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None


def _learned(caveats: list[object]) -> dict[str, str]:
    """Return what caveats say: 0 is the organisation, 3 apps, 4 the validity, 10 the user."""
    facts: dict[str, str] = {}
    for kind, body in _pairs(caveats):
        match kind, body:
            case (0, [int(number), *_]):
                facts["organization"] = str(number)
            case (3, [dict(apps), *_]):
                facts["project"] = ", ".join(fact(app, 20) for app in list(apps)[:_MAX_SHOWN])
            case (4, [int(), int(seconds)]):
                facts = _earliest(facts, seconds)
            case (10, [int(number), *_]):
                facts["user"] = str(number)
            case _:
                continue
    return facts


def _earliest(facts: dict[str, str], seconds: int) -> dict[str, str]:
    found = expiry(seconds)
    if "expires" in facts and facts["expires"] <= found.get("expires", "~"):
        return facts
    return facts | found


def _pairs(caveats: list[object]) -> Iterator[tuple[object, object]]:
    """Yield type and body of each caveat: they stand one after the other in one list."""
    flat = caveats[:_MAX_CAVEATS]
    yield from zip(flat[::2], flat[1::2], strict=False)
