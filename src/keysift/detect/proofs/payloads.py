"""Tokens with a readable JSON payload: JSON web tokens, and those of Sentry, Grafana, Mapbox."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, fact
from keysift.detect.proofs.moment import date, expiry
from keysift.model import Confidence, Severity

_CLAIMS: Final = {
    "iss": "issuer",
    "aud": "audience",
    "role": "role",
    "ref": "project",
    "kubernetes.io/serviceaccount/namespace": "namespace",
    "kubernetes.io/serviceaccount/service-account.name": "service_account",
}
_ISSUED: Final = frozenset({"iss", "aud", "jti", "iat", "nbf", "exp"})
"""Claims that a service adds when it issues a token (RFC 7519, section 4.1)."""

_FEW_CLAIMS: Final = 3
_HMAC: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_EXAMPLE_KEYS: Final = (
    b"", b"secret", b"your-256-bit-secret", b"your-384-bit-secret", b"your-512-bit-secret",
    b"a-string-secret-at-least-256-bits-long", b"key", b"test", b"password", b"my-secret",
    b"mysecret", b"secret-key", b"secretkey", b"changeme", b"jwt-secret", b"example",
)  # fmt: skip


def json_web_token(candidate: Candidate) -> Outcome:
    """Read header and claims of a JSON web token (RFC 7519), and its expiry.

    An expired token is worth little, and so is one that is not signed. One that is signed with a
    key that tutorials use, or that names neither issuer nor time, is most likely an example. The
    token that the debugger of jwt.io starts with, in all its variants, is refuted.
    """
    pieces = candidate.value.split(b".")
    header, claims = (_json(piece) for piece in (*pieces, b"", b"")[:2])
    if not isinstance(header, dict) or "alg" not in header:
        return Refuted("the header is no JSON with an algorithm")
    facts = {"algorithm": fact(header["alg"], 16)}
    if "enc" in header:
        return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)
    if not isinstance(claims, dict):
        return Refuted("the claims are no JSON")
    if claims.get("sub") == "1234567890" and claims.get("name") == "John Doe":
        return Refuted("the example of jwt.io")
    facts |= _facts(claims, _CLAIMS) | _times(claims)
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW, Confidence.LOW)
    if facts["algorithm"].lower() == "none" or not any(pieces[2:]):
        return Proven("structure", facts, Severity.LOW, Confidence.LOW)
    if _signed_with_example_key(candidate.value, facts["algorithm"]):
        return Proven("structure", facts | {"signing_key": "example"}, None, Confidence.LOW)
    if len(claims) < _FEW_CLAIMS and not _ISSUED.intersection(claims):
        # {"some": "payload"}: it is signed, but no service says that it issued it.
        return Proven("structure", facts, None, Confidence.LOW)
    return Proven("structure", facts)


def _signed_with_example_key(token: bytes, algorithm: str) -> bool:
    """Tell whether the signature was made with a key that tutorials use (RFC 7518, section 3.2)."""
    digest = _HMAC.get(algorithm)
    if digest is None:
        return False
    signed, _, signature = token.rpartition(b".")
    try:
        expected = base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))
    except ValueError:
        return False
    return any(hmac.digest(key, signed, digest) == expected for key in _EXAMPLE_KEYS)


def supabase_service_role(candidate: Candidate) -> Outcome:
    """Tell a Supabase service key, which bypasses row security, from the public one.

    Source: Supabase documentation, "Understanding API keys".
    """
    outcome = json_web_token(candidate)
    if isinstance(outcome, Proven) and outcome.facts.get("role") == "anon":
        return Refuted("the public anon key")
    return outcome


def sentry_organization_token(candidate: Candidate) -> Outcome:
    """Read the payload of an organisation token: ``sntrys_``, base64 of JSON, ``_``, the secret.

    Source: getsentry/sentry, utils/security/orgauthtoken_token.py.
    """
    payload = _json(candidate.value.removeprefix(b"sntrys_").rpartition(b"_")[0])
    if not isinstance(payload, dict) or "iat" not in payload:
        return Refuted("the payload is no JSON with a time of issue")
    names = {"org": "organization", "region_url": "region", "url": "host"}
    return Proven("structure", _facts(payload, names) | _times(payload))


def grafana_cloud(candidate: Candidate) -> Outcome:
    """Read a Grafana Cloud token (``glc_``) or an API key of older servers: base64 of JSON.

    Source: grafana/grafana, pkg/components/apikeygen, for the older keys; the fields of ``glc_``
    tokens are community knowledge. Both hold the secret itself as ``k``.
    """
    payload = _json(candidate.value.removeprefix(b"glc_"))
    if not isinstance(payload, dict) or not isinstance(payload.get("k"), str):
        return Refuted("the payload is no JSON with a key")
    facts = _facts(payload, {"o": "organization", "n": "name", "id": "organization"})
    region = payload.get("m")
    if isinstance(region, dict):
        facts |= _facts(region, {"r": "region"})
    return Proven("structure", facts)


def mapbox(candidate: Candidate) -> Outcome:
    """Read the user of a Mapbox token: ``sk.``, base64 of JSON, ``.``, a signature.

    Source: Mapbox documentation, "Access tokens": ``pk.`` tokens are public by design.
    """
    kind, _, rest = candidate.value.partition(b".")
    payload = _json(rest.partition(b".")[0])
    if not isinstance(payload, dict) or "u" not in payload:
        return Refuted("the payload is no JSON with a user")
    facts = _facts(payload, {"u": "user"})
    return Proven("structure", facts, Severity.INFO if kind == b"pk" else None)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(
            text.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(text) % 4)
        )
    except ValueError:
        return b""


def _json(text: bytes) -> object:
    """Return what base64 or base64url of JSON holds, or None."""
    try:
        return json.loads(_decoded(text))
    except (ValueError, RecursionError):
        return None


def _facts(payload: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    return {
        names[key]: fact(value)
        for key, value in payload.items()
        if key in names and isinstance(value, str | int) and value != ""
    }


def _times(payload: Mapping[str, object]) -> dict[str, str]:
    facts = {}
    issued, expires = payload.get("iat"), payload.get("exp")
    if isinstance(issued, int | float) and (day := date(issued)):
        facts["issued"] = day
    if isinstance(expires, int | float) and not isinstance(expires, bool):
        facts |= expiry(expires)
    return facts
