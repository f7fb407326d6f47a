"""Credentials of AWS: accounts, regions, expiry; what cannot be a secret access key."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from urllib.parse import parse_qsl

from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Refuted,
    Undecided,
    fact,
    proof,
)
from keysift.detect.proofs.moment import lifetime
from keysift.model import Confidence, Severity

_ACCOUNT_MASK: Final = 0x7FFFFFFFFF80
_OLD_KEYS: Final = ("I", "J")
_ENCODED: Final = 12
_SECRET_BYTES: Final = 40
_ID: Final = re.compile(rb"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}")


def account_of(key_id: str) -> str | None:
    """Return the account of an access key id, 12 digits.

    None when the id is older (its fifth character is I or J), or is not base 32.
    """
    body = key_id[4:16]
    if len(body) < _ENCODED or body.startswith(_OLD_KEYS):
        return None
    try:
        number = int.from_bytes(base64.b32decode(body + "====")[:6], "big")
    except (binascii.Error, ValueError):
        return None
    return f"{(number & _ACCOUNT_MASK) >> 7:012d}"


@proof(
    "aws-key-id",
    decides="Decodes the account from the id. An id that is not base 32 is unlikely: real ones "
    "are.",
    sources=(
        "Aidan Steele, “AWS Access Key ID formats”",
        (
            "Tal Be'ery, “A short note on AWS KEY ID”: base 32 after the prefix, the account in 40 "
            "bits"
        ),
    ),
    learns=("account", "kind"),
)
def aws_key_id(candidate: Candidate) -> Outcome:
    """Decode the account of an access key id."""
    # In a pair the id is a part, whatever the detector calls it; alone it is the value.
    values = (candidate.value, *candidate.parts.values())
    key_id = next((value for value in values if _ID.fullmatch(value)), b"").decode("ascii")
    if not key_id or key_id[4:].startswith(_OLD_KEYS):
        return Undecided()
    account = account_of(key_id)
    if account is None:
        # Nobody promises base 32, and examples are often made up with every digit.
        return Undecided(confidence=Confidence.LOW)
    facts = {"account": account}
    if key_id.startswith("ASIA"):
        facts["kind"] = "temporary"
    return Proven("structure", facts)


@proof(
    "aws-secret",
    decides="Refutes 40 characters that cannot be a secret access key: digests, paths, words.",
    sources=("AWS documents no more than the length; the rest is probability",),
)
def aws_secret(candidate: Candidate) -> Outcome:
    """Refute 40 characters that cannot be a secret access key."""
    value = candidate.value
    if len(value) != _SECRET_BYTES:
        return Refuted("not 40 characters")
    if re.fullmatch(rb"[0-9a-f]+|[0-9A-F]+", value):
        return Refuted("a hexadecimal digest")
    if value.count(b"/") > 4 or re.search(rb"/[a-z]{4,}/[a-z]{3,}", value):
        return Refuted("looks like a path")
    if not all(re.search(kind, value) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]")):
        return Refuted("not a mixture of letters and digits")
    if re.search(rb"[a-z]{11}|[A-Z]{11}", value):
        return Refuted("words in it")
    return Undecided()


_REGION: Final = re.compile(
    rb"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:north|south|east|west|central){1,2}-[1-9]"
)
_HEAD: Final = 200


@proof(
    "aws-session-token",
    decides="Reads the region that a session token names near its beginning; refutes nothing.",
    sources=("AWS documents no format; that the region stands there is community knowledge",),
    learns=("region",),
)
def aws_session_token(candidate: Candidate) -> Outcome:
    """Read the region of a session token."""
    raw = _decoded(candidate.value[:_HEAD])
    region = _REGION.search(raw)
    return Undecided({"region": region[0].decode("ascii")} if region else {})


_SHORT_TERM: Final = b"bedrock-api-key-"
_LONG_TERM: Final = re.compile(
    rb"(?P<user>BedrockAPIKey-[\w+=,.@-]{1,60}?-at-(?P<account>[0-9]{12})):"
)


@proof(
    "aws-bedrock-key",
    decides="Reads the account, the region and the expiry of a Bedrock API key; refutes nothing.",
    sources=(
        "aws/aws-bedrock-token-generator-python: a short-term key is base64 of a presigned request",
        "that a long-term key holds the name of its IAM user is community knowledge",
    ),
    learns=("account", "region", "created", "expires", "expired", "user", "kind"),
)
def aws_bedrock_key(candidate: Candidate) -> Outcome:
    """Read a short-term or a long-term key of Amazon Bedrock."""
    value = candidate.value
    if value.startswith(_SHORT_TERM):
        facts = presigned(_decoded(value.removeprefix(_SHORT_TERM)).decode("latin-1"))
        return by_expiry({"kind": "short-term"} | facts) if facts else Undecided()
    named = _LONG_TERM.search(_decoded(value.removeprefix(b"ABSK")))
    if named is None:
        return Undecided()
    facts = {name: text.decode("ascii") for name, text in named.groupdict().items()}
    return Proven("structure", {"kind": "long-term"} | facts)


def presigned(url: str) -> dict[str, str]:
    """Return what the query of a request signed by AWS or Google says: who, where, until when.

    Source: AWS documentation, "Authenticating requests: using query parameters"; Google Cloud
    documentation, "Canonical requests".
    """
    pairs = url.partition("?")[2].replace("&amp;", "&").split("&")[:_MAX_FIELDS]
    fields = dict(parse_qsl("&".join(pairs)))
    facts = {}
    for vendor in ("X-Amz-", "X-Goog-"):
        scope = fields.get(f"{vendor}Credential", "").split("/")
        signer = scope[0]
        if account := account_of(signer) if _ID.fullmatch(signer.encode()) else None:
            facts["account"] = account
        elif "@" in signer:
            facts["user"] = fact(signer)
        if len(scope) > _REGION_PLACE:
            facts["region"] = fact(scope[_REGION_PLACE], 40)
        facts |= lifetime(fields.get(f"{vendor}Date", ""), fields.get(f"{vendor}Expires", ""))
    return facts


_MAX_FIELDS: Final = 100
_REGION_PLACE: Final = 2
"""Where the region stands in ``id/date/region/service/aws4_request``."""


def by_expiry(facts: dict[str, str]) -> Outcome:
    """Return what is proven of something that states until when it is valid."""
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts)


def _decoded(text: bytes) -> bytes:
    """Return the bytes of base64 text that may be cut off; nothing when it is no base64."""
    whole = text.rstrip(b"=")
    whole = whole[: len(whole) - (len(whole) % 4 == 1)]
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return b""


@proof(
    "signed-url",
    decides="As `real-host`; reads who signed the URL and until when it is valid: an expired one "
    "is worth little.",
    sources=(
        "AWS documentation, “Authenticating requests: using query parameters”",
        "Google Cloud documentation, “Canonical requests”",
    ),
    learns=("account", "user", "region", "created", "expires", "expired"),
)
def signed_url(candidate: Candidate) -> Outcome:
    """Read the query before the signature, which is the group ``_query``."""
    from keysift.detect.proofs.password import real_host  # noqa: PLC0415 (start-up time)

    if isinstance(refuted := real_host(candidate), Refuted):
        return refuted
    query = candidate.parts.get("_query", b"")
    facts = presigned("?" + query.decode("latin-1"))
    return by_expiry(facts) if "expires" in facts else Undecided(facts)
