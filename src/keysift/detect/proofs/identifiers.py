"""Tokens that carry readable ids: the mode, the owner, the region, by their documented shape.

None of these proves or refutes anything: the pattern of the detector has recognised the token.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from msgspec import Struct

from keysift.detect.proofs.base import Candidate, Outcome, Proof, Undecided, fact, proof

MODES: Final = {
    **dict.fromkeys(("live", "prod", "production", "prd"), "live"),
    **dict.fromkeys(("test", "sandbox", "sbox", "sdbx", "sbx", "sb", "dev", "development"), "test"),
    **dict.fromkeys(("staging", "hmlg"), "test"),
}
"""Words for the mode, as providers write them."""

_MODE: Final = re.compile(
    rb"(?:^|[_.$:-])(?P<mode>(?i:"
    + "|".join(sorted(MODES, reverse=True)).encode()
    + rb"))(?=[_.$:-])"
)
_HEAD: Final = 48


@proof(
    "test-or-live",
    decides="Reads from the beginning of a key whether it is for tests; refutes nothing.",
    sources=(
        (
            "Stripe documentation, “API keys”; PayPal, Plaid, Square, Paddle, Razorpay and others "
            "name the mode in the same way: the references of the detectors that use it"
        ),
    ),
    learns=("mode",),
)
def mode_of_key(candidate: Candidate) -> Outcome:
    """Read the word for the mode that the key begins with; without one, where others have it."""
    shape = _MODE.search(candidate.value[:_HEAD])
    return Undecided({"mode": MODES[shape["mode"].decode("ascii").lower()]} if shape else {})


class Shape(Struct, frozen=True):
    """Where a token has its ids.

    Attributes:
        name: Of the proof.
        pattern: Regular expression whose groups are facts; it may stand anywhere in the token.
        sources: Where that is documented.
    """

    name: str
    pattern: str
    sources: tuple[str, ...]


_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

SHAPES: Final = (
    Shape(
        "airtable-ids",
        r"^(?P<key_id>pat[A-Za-z0-9]{14})\.",
        ("Airtable documentation, “Personal access tokens”: the token's id comes first",),
    ),
    Shape(
        "asana-ids",
        r"^[0-2]/(?P<user>[0-9]{12,20})[/:]",
        ("that the number is the user's is community knowledge",),
    ),
    Shape(
        "braintree-ids",
        r"^access_token\$(?P<mode>production|sandbox|development)\$(?P<account>[0-9a-z]{16})\$",
        ("braintree/braintree_python, braintree/credentials_parser.py",),
    ),
    Shape(
        "clickup-ids",
        r"^pk_(?P<user>[0-9]{5,10})_",
        ("that the number is the user's is community knowledge",),
    ),
    Shape(
        "doppler-ids",
        r"^dp\.(?P<kind>[a-z]{2,5})\.(?:(?P<name>[a-z0-9_-]{2,35})\.)?",
        (
            (
                "Doppler documentation, “Auth token formats”: the type, and the config of a "
                "service token"
            ),
        ),
    ),
    Shape(
        "dynatrace-ids",
        r"^(?P<key_id>dt0[a-z][0-9]{2}\.[A-Za-z0-9]{8,24})\.",
        ("Dynatrace documentation, “Access tokens”: the public portion is the token's identifier",),
    ),
    Shape(
        "facebook-app-ids",
        r"^(?P<app>[0-9]{13,18})(?:\||%7[Cc])",
        ("Meta documentation, “Access tokens”: `{app-id}|{app-secret}`",),
    ),
    Shape(
        "fullstory-ids",
        r"^(?P<region>na1|eu1)\.",
        ("Fullstory documentation, “Authentication”: keys begin with their data centre",),
    ),
    Shape(
        "gitlab-feed-ids",
        r"^glft-[0-9a-f]{64}-(?P<user>[0-9]{1,20})$",
        (
            (
                "gitlab-org/gitlab, lib/gitlab/auth/auth_finders.rb: a path-bound token ends in "
                "the user"
            ),
        ),
    ),
    Shape(
        "google-client-ids",
        r"^(?P<project>[0-9]{6,21})(?:-[a-z0-9]{32})?\.apps\.googleusercontent\.com",
        ("Google Cloud documentation, “Identifying projects”: the number is the project's",),
    ),
    Shape(
        "harness-ids",
        r"^(?P<kind>[ps]at)\.(?P<account>[A-Za-z0-9_-]{22})\.(?P<key_id>[0-9a-f]{24})\.",
        ("Harness documentation, “Manage API keys”: account and token identifier",),
    ),
    Shape(
        "hubspot-ids",
        r"^pat-(?P<region>[a-z]{2}[0-9]{1,2})-",
        ("HubSpot documentation, “Private apps”, and “Hublets”",),
    ),
    Shape(
        "kubernetes-bootstrap-ids",
        r"^(?P<key_id>[a-z0-9]{6})\.[a-z0-9]{16}$",
        ("Kubernetes documentation, “Authenticating with bootstrap tokens”",),
    ),
    Shape(
        "mailchimp-ids",
        r"-(?P<region>us[0-9]{1,2})$",
        ("Mailchimp documentation, “Fundamentals”: the data centre ends the key",),
    ),
    Shape(
        "new-relic-ids",
        r"^(?P<region>[a-z]{2,3}[0-9]{2})xx",
        ("New Relic documentation, “License key”: keys of another region begin with it",),
    ),
    Shape(
        "notify-ids",
        rf"(?:gcntfy-)?(?:(?P<name>[A-Za-z0-9_-]{{1,100}})-)?(?P<project>{_UUID})-{_UUID}$",
        ("GOV.UK Notify documentation, “API keys”: name, service id, secret",),
    ),
    Shape(
        "paddle-ids",
        r"^pdl_(?P<mode>live|sdbx)_(?P<key_id>apikey_[0-9a-z]{26})_",
        ("Paddle documentation, “Manage API keys”: environment and id of the key",),
    ),
    Shape(
        "salesforce-ids",
        r"^(?P<organization>00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)(?:!|%21|\\!)",
        ("Salesforce documentation, “Session ID”: the organisation's id precedes the mark",),
    ),
    Shape(
        "sendgrid-ids",
        r"^SG\.(?P<key_id>[A-Za-z0-9_-]{16,32})\.",
        ("SendGrid documentation, “API keys”: the key's id is its middle",),
    ),
    Shape(
        "sentry-dsn-ids",
        r"@(?P<host>(?:o(?P<organization>[0-9]{1,20})\.)?[A-Za-z0-9.-]{1,100})/(?P<project>[0-9]{1,20})",
        ("Sentry documentation, “Data source name”",),
    ),
    Shape(
        "sourcegraph-ids",
        r"^sgp_(?P<account>[0-9a-fA-F]{16}|local)_",
        ("Sourcegraph documentation, “Token format”: the identifier of the instance",),
    ),
    Shape(
        "tailscale-ids",
        r"^tskey-(?P<kind>[a-z]{2,12})-(?P<key_id>[A-Za-z0-9]{6,24})-",
        ("Tailscale documentation, “Key prefixes” and “Key IDs”",),
    ),
    Shape(
        "teams-webhook-ids",
        rf"{_UUID}@(?P<account>{_UUID})/IncomingWebhook",
        ("that the tenant follows the group is community knowledge",),
    ),
    Shape(
        "twilio-ids",
        r"^(?P<account>AC[0-9a-f]{32})$",
        ("Twilio documentation, “String identifiers (SIDs)”: those of accounts begin with AC",),
    ),
    Shape(
        "twitch-stream-ids",
        r"^live_(?P<user>[0-9]{7,12})_",
        ("that the number is the channel's is community knowledge",),
    ),
    Shape(
        "twitter-ids",
        r"^(?P<user>[0-9]{7,20})-",
        ("X documentation, “OAuth 1.0a”: an access token begins with the user's id",),
    ),
    Shape(
        "yandex-dictionary-ids",
        r"^[a-z]{4,5}\.1\.1\.(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})T",
        ("Yandex documentation, “API keys” of Translate and Dictionary: the time it was made",),
    ),
)
"""Tokens with ids in them, by the name of their proof."""

_DATE: Final = ("year", "month", "day")


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("ascii"))


def _reader(shape: Shape) -> Proof:
    def judge(candidate: Candidate) -> Outcome:
        # In a pair the id may be the other half.
        texts = (candidate.value, *candidate.parts.values())
        read = (_compiled(shape.pattern).search(text[:_LONGEST]) for text in texts)
        found = next(filter(None, read), None)
        named = found.groupdict() if found else {}
        facts = {name: fact(text.decode("latin-1")) for name, text in named.items() if text}
        if "mode" in facts:
            facts["mode"] = MODES[facts["mode"]]
        if "year" in facts:
            facts["created"] = "-".join(facts.pop(name) for name in _DATE)
        return Undecided(facts)

    judge.__doc__ = f"Read {', '.join(_learned(shape))}."
    return judge


_LONGEST: Final = 2000


def _learned(shape: Shape) -> tuple[str, ...]:
    groups = set(re.findall(r"\(\?P<(\w+)>", shape.pattern))
    names = groups.difference(_DATE) | ({"created"} if groups.intersection(_DATE) else set())
    return tuple(sorted(names))


for _shape in SHAPES:
    proof(
        _shape.name,
        decides="Reads what the token says of itself; refutes nothing.",
        sources=_shape.sources,
        learns=_learned(_shape),
    )(_reader(_shape))
