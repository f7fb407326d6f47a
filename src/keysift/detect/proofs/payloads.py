"""Tokens with a readable JSON payload: JSON web tokens, and those of Sentry, Grafana, Mapbox."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
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
from keysift.detect.proofs.moment import date, expiry, parsed
from keysift.model import Confidence, Severity

_CLAIMS: Final = {
    "accountId": "account",
    "account_id": "account",
    "actid": "account",
    "tid": "account",
    "appid": "app",
    "azp": "app",
    "client_id": "app",
    "cid": "app",
    "aud": "audience",
    "iss": "issuer",
    "jti": "key_id",
    "kubernetes.io/serviceaccount/namespace": "namespace",
    "org_id": "organization",
    "organization": "organization",
    "team_id": "organization",
    "project_id": "project",
    "ref": "project",
    "rgn": "region",
    "role": "role",
    "per": "scope",
    "permissions": "scope",
    "scope": "scope",
    "scopes": "scope",
    "scp": "scope",
    "email": "user",
    "preferred_username": "user",
    "upn": "user",
    "kubernetes.io/serviceaccount/service-account.name": "user",
    "sub": "user",
    "uid": "user",
    "user_id": "user",
}
"""Facts by the claims that hold them; of several for one fact, the first that is there counts.

``tid`` is the tenant of Microsoft's tokens; monday.com's, where it is the token, have ``actid``.
"""

_ISSUED: Final = frozenset({"iss", "aud", "jti", "iat", "nbf", "exp"})
"""Claims that a service adds when it issues a token (RFC 7519, section 4.1)."""

_CREATED: Final = ("iat", "iad", "created", "created_at")
_FEW_CLAIMS: Final = 3
_SHOWN: Final = 5
_HMAC: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_EXAMPLE_KEYS: Final = (
    b"", b"secret", b"your-256-bit-secret", b"your-384-bit-secret", b"your-512-bit-secret",
    b"a-string-secret-at-least-256-bits-long", b"key", b"test", b"password", b"my-secret",
    b"mysecret", b"secret-key", b"secretkey", b"changeme", b"jwt-secret", b"example",
)  # fmt: skip

_LEARNS: Final = tuple(sorted({*_CLAIMS.values(), "algorithm", "created", "expires", "expired"}))


@proof(
    "jwt",
    decides="Refutes what has no header with an algorithm or no claims in JSON, and the token of "
    "the debugger of jwt.io. An expired or unsigned token is worth little. One signed with a key "
    "that tutorials use, or that names neither issuer nor time, is most likely an example.",
    sources=("RFC 7519, RFC 7515 and RFC 7518",),
    learns=(*_LEARNS, "encrypted", "signing_key"),
)
def json_web_token(candidate: Candidate) -> Outcome:
    """Read header and claims of a JSON web token."""
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
    facts |= _claims(claims)
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


@proof(
    "jwt-claims",
    decides="Reads the claims of a JSON web token somewhere in a token, and its expiry: an expired "
    "one is worth little. Refutes nothing: the provider's own shape says more.",
    sources=("RFC 7519; the references of the detectors that use it",),
    learns=_LEARNS,
)
def jwt_claims(candidate: Candidate) -> Outcome:
    """Read the claims of a token that its detector has recognised already."""
    start = candidate.value.find(b"eyJ")
    pieces = candidate.value[max(start, 0) :].split(b".")
    header, claims = (_json(piece) for piece in (*pieces, b"", b"")[:2])
    if not isinstance(claims, dict):
        return Undecided()
    facts = _claims(claims)
    if isinstance(header, dict) and "alg" in header:
        facts["algorithm"] = fact(header["alg"], 16)
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts) if facts else Undecided()


def _claims(claims: Mapping[str, object]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for claim, name in _CLAIMS.items():
        if claim == "tid" and "actid" in claims:
            continue
        if text := _text(claims.get(claim)):
            facts.setdefault(name, text)
    match claims.get("kubernetes.io"):
        case {"namespace": str(namespace), "serviceaccount": {"name": str(name)}}:
            facts |= {"namespace": fact(namespace), "user": fact(name)}
        case _:
            pass
    return facts | _times(claims)


def _text(value: object) -> str:
    """Return a claim as a fact: text, a number, or a short list of them; else nothing."""
    match value:
        case bool() | None:
            return ""
        case str() | int():
            return fact(value)
        case [*items] if items and all(isinstance(one, str | int) for one in items):
            return fact(" ".join(map(str, items[:_SHOWN])) + (" …" if len(items) > _SHOWN else ""))
        case _:
            return ""


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


@proof(
    "supabase-jwt",
    decides="As `jwt`; the anonymous key, which is public by design, is refuted.",
    sources=("Supabase documentation, “Understanding API keys”", "RFC 7519"),
    learns=(*_LEARNS, "encrypted", "signing_key"),
)
def supabase_service_role(candidate: Candidate) -> Outcome:
    """Tell a Supabase service key, which bypasses row security, from the public one."""
    outcome = json_web_token(candidate)
    if isinstance(outcome, Proven) and outcome.facts.get("role") == "anon":
        return Refuted("the public anon key")
    return outcome


@proof(
    "sentry-organization-token",
    decides="`sntrys_`, base64 of JSON with the time of issue, `_`, the secret are a token; "
    "another payload decides nothing.",
    sources=("getsentry/sentry, utils/security/orgauthtoken_token.py",),
    learns=("organization", "region", "host", "created", "expires", "expired"),
)
def sentry_organization_token(candidate: Candidate) -> Outcome:
    """Read the payload of an organisation token."""
    payload = _json(candidate.value.removeprefix(b"sntrys_").rpartition(b"_")[0])
    if not isinstance(payload, dict) or "iat" not in payload:
        return Undecided()
    names = {"org": "organization", "region_url": "region", "url": "host"}
    return Proven("structure", _facts(payload, names) | _times(payload))


@proof(
    "grafana-cloud",
    decides="Base64 of JSON that holds the secret as `k` makes a token likely; anything else "
    "decides nothing.",
    sources=(
        "grafana/grafana, pkg/components/apikeygen, for the keys of older servers",
        "the fields of `glc_` tokens are community knowledge",
    ),
    learns=("organization", "name", "region"),
)
def grafana_cloud(candidate: Candidate) -> Outcome:
    """Read a Grafana Cloud token (``glc_``) or an API key of older servers."""
    payload = _json(candidate.value.removeprefix(b"glc_"))
    if not isinstance(payload, dict) or not isinstance(payload.get("k"), str):
        return Undecided()
    facts = _facts(payload, {"o": "organization", "n": "name", "id": "organization"})
    region = payload.get("m")
    if isinstance(region, dict):
        facts |= _facts(region, {"r": "region"})
    return Proven("structure", facts)


@proof(
    "mapbox-token",
    decides="`sk.`, `tk.` or `pk.`, base64 of JSON with a user, `.`, a signature; another payload "
    "decides nothing. `pk.` tokens are public by design.",
    sources=("Mapbox documentation, “Access tokens” and “Tokens API”",),
    learns=("user", "scope", "created", "expires", "expired"),
)
def mapbox(candidate: Candidate) -> Outcome:
    """Read the user of a Mapbox token, and the expiry of a temporary one."""
    kind, _, rest = candidate.value.partition(b".")
    payload = _json(rest.partition(b".")[0])
    if not isinstance(payload, dict) or "u" not in payload:
        return Undecided()
    facts = _facts(payload, {"u": "user"}) | _times(payload)
    if scope := _text(payload.get("scopes")):
        facts["scope"] = scope
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts, Severity.INFO if kind == b"pk" else None)


@proof(
    "onepassword-service-account",
    decides="Base64 of JSON with the address to sign in at makes a token likely; anything else "
    "decides nothing.",
    sources=("1Password documentation, “Service account security”",),
    learns=("host", "user", "account"),
)
def onepassword_service_account(candidate: Candidate) -> Outcome:
    """Read the account that a service account token signs in to."""
    payload = _json(candidate.value.removeprefix(b"ops_"))
    if not isinstance(payload, dict) or "signInAddress" not in payload:
        return Undecided()
    names = {"signInAddress": "host", "email": "user", "accountUuid": "account"}
    return Proven("structure", _facts(payload, names))


@proof(
    "cloudflare-tunnel-token",
    decides="Base64 of JSON with account, tunnel and secret makes a token likely; anything else "
    "decides nothing.",
    sources=("cloudflare/cloudflared, connection/connection.go, `TunnelToken`",),
    learns=("account", "key_id"),
)
def cloudflare_tunnel_token(candidate: Candidate) -> Outcome:
    """Read the account and the tunnel of a token."""
    payload = _json(candidate.value)
    if not isinstance(payload, dict) or not {"a", "t", "s"} <= payload.keys():
        return Undecided()
    return Proven("structure", _facts(payload, {"a": "account", "t": "key_id"}))


@proof(
    "elastic-api-key",
    decides="Base64 of `id:key` makes a key likely; anything else decides nothing.",
    sources=("Elastic documentation, “Create API key”: `encoded` is base64 of id and key",),
    learns=("key_id",),
)
def elastic_api_key(candidate: Candidate) -> Outcome:
    """Read the id of an Elasticsearch or Elastic Cloud key."""
    key_id, colon, key = _decoded(candidate.value.removeprefix(b"essu_")).partition(b":")
    if not colon or not key_id.isascii() or not key.isascii():
        return Undecided()
    return Proven("structure", {"key_id": fact(key_id.decode("ascii"), 40)})


@proof(
    "encoded-key-id",
    decides="Reads the id of a key of which the rest is base64 of `key_…,` and the secret; refutes "
    "nothing.",
    sources=("that the base64 holds the id is community knowledge",),
    learns=("key_id",),
)
def encoded_key_id(candidate: Candidate) -> Outcome:
    """Read the id in a key such as ``sk_live_a2V5Xz…``."""
    key_id, comma, _ = _decoded(candidate.value.rpartition(b"_")[2]).partition(b",")
    if not comma or not key_id.startswith(b"key_") or not key_id.isascii():
        return Undecided()
    return Proven("structure", {"key_id": fact(key_id.decode("ascii"), 40)})


@proof(
    "jfrog-reference-token",
    decides="Base64 of `reftkn:01:`, the expiry in seconds since 1970 (0 for none), `:`, the "
    "secret; an expired one is worth little. Refutes nothing.",
    sources=("JFrog documents no format; this is community knowledge",),
    learns=("expires", "expired"),
)
def jfrog_reference_token(candidate: Candidate) -> Outcome:
    """Read the expiry of a reference token."""
    fields = _decoded(candidate.value).split(b":")
    if len(fields) != _REFERENCE_FIELDS or not fields[2].isdigit() or len(fields[2]) > _SECONDS:
        return Undecided()
    seconds = int(fields[2])
    facts = expiry(seconds) if seconds else {}
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts)


_REFERENCE_FIELDS: Final = 4
_SECONDS: Final = 12
"""Digits of a time in seconds at most."""


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
    made = next((payload[name] for name in _CREATED if name in payload), None)
    expires = payload.get("exp")
    if isinstance(made, str) and (moment := parsed(made)):
        facts["created"] = moment.date().isoformat()
    if isinstance(made, int | float) and (day := date(made)):
        facts["created"] = day
    if isinstance(expires, int | float) and not isinstance(expires, bool):
        facts |= expiry(expires)
    return facts
