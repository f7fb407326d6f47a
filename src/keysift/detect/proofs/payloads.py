"""Tokens with a readable payload: those of Sentry, Grafana, Mapbox, 1Password and others."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Undecided, fact, proof
from keysift.detect.proofs.moment import date, expiry, parsed
from keysift.model import Severity

_CREATED: Final = ("iat", "iad", "created", "created_at")
_SHOWN: Final = 5


@proof(
    "sentry-organization-token",
    decides="`sntrys_`, base64 of JSON with the time of issue, `_`, the secret are a token; "
    "another payload decides nothing.",
    sources=("getsentry/sentry, utils/security/orgauthtoken_token.py",),
    learns=("organization", "region", "host", "created", "expires", "expired"),
)
def sentry_organization_token(candidate: Candidate) -> Outcome:
    """Read the payload of an organisation token."""
    payload = parsed_json(candidate.value.removeprefix(b"sntrys_").rpartition(b"_")[0])
    if not isinstance(payload, dict) or "iat" not in payload:
        return Undecided()
    names = {"org": "organization", "region_url": "region", "url": "host"}
    return Proven("structure", named(payload, names) | times(payload))


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
    payload = parsed_json(candidate.value.removeprefix(b"glc_"))
    if not isinstance(payload, dict) or not isinstance(payload.get("k"), str):
        return Undecided()
    facts = named(payload, {"o": "organization", "n": "name", "id": "organization"})
    region = payload.get("m")
    if isinstance(region, dict):
        facts |= named(region, {"r": "region"})
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
    payload = parsed_json(rest.partition(b".")[0])
    if not isinstance(payload, dict) or "u" not in payload:
        return Undecided()
    facts = named(payload, {"u": "user"}) | times(payload)
    if scope := as_text(payload.get("scopes")):
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
    payload = parsed_json(candidate.value.removeprefix(b"ops_"))
    if not isinstance(payload, dict) or "signInAddress" not in payload:
        return Undecided()
    names = {"signInAddress": "host", "email": "user", "accountUuid": "account"}
    return Proven("structure", named(payload, names))


@proof(
    "cloudflare-tunnel-token",
    decides="Base64 of JSON with account, tunnel and secret makes a token likely; anything else "
    "decides nothing.",
    sources=("cloudflare/cloudflared, connection/connection.go, `TunnelToken`",),
    learns=("account", "key_id"),
)
def cloudflare_tunnel_token(candidate: Candidate) -> Outcome:
    """Read the account and the tunnel of a token."""
    payload = parsed_json(candidate.value)
    if not isinstance(payload, dict) or not {"a", "t", "s"} <= payload.keys():
        return Undecided()
    return Proven("structure", named(payload, {"a": "account", "t": "key_id"}))


@proof(
    "elastic-api-key",
    decides="Base64 of `id:key` makes a key likely; anything else decides nothing.",
    sources=("Elastic documentation, “Create API key”: `encoded` is base64 of id and key",),
    learns=("key_id",),
)
def elastic_api_key(candidate: Candidate) -> Outcome:
    """Read the id of an Elasticsearch or Elastic Cloud key."""
    key_id, colon, key = decoded(candidate.value.removeprefix(b"essu_")).partition(b":")
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
    key_id, comma, _ = decoded(candidate.value.rpartition(b"_")[2]).partition(b",")
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
    fields = decoded(candidate.value).split(b":")
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


def decoded(text: bytes) -> bytes:
    """Return the bytes of base64 or base64url text; nothing when it is neither."""
    try:
        return base64.b64decode(
            text.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(text) % 4)
        )
    except ValueError:
        return b""


def parsed_json(text: bytes) -> object:
    """Return what base64 or base64url of JSON holds, or None."""
    try:
        return json.loads(decoded(text))
    except (ValueError, RecursionError):
        return None


def named(payload: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    """Return what a payload says, under the names of facts."""
    return {
        names[key]: fact(value)
        for key, value in payload.items()
        if key in names and isinstance(value, str | int) and value != ""
    }


def times(payload: Mapping[str, object]) -> dict[str, str]:
    """Return when a payload was made, and until when it is valid."""
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


def as_text(value: object) -> str:
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
