"""Structure of cloud credentials: accounts, expiry, key lengths."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided, fact
from keysift.model import Confidence, Severity

_ACCOUNT_MASK: Final = 0x7FFFFFFFFF80
_OLD_KEYS: Final = (b"I", b"J")
_AWS_SECRET_BYTES: Final = 40
_AWS_ID: Final = re.compile(rb"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}")


def aws_key_id(candidate: Candidate) -> Outcome:
    """Decode the account of an access key id; mark the accounts known to issue canaries.

    Source: "AWS Access Key ID formats", Aidan Steele, and "A short note on AWS KEY ID", Tal Be'ery:
    base 32 after the prefix, the account in 40 bits from the second bit on. Ids whose fifth
    character is I or J are older and hold none; others that are not base 32 are unusual.
    """
    # In a pair the id is a part, whatever the detector calls it; alone it is the value.
    values = (candidate.value, *candidate.parts.values())
    key_id = next((value for value in values if _AWS_ID.fullmatch(value)), b"")
    body = key_id[4:16]
    if len(body) < 12 or body.startswith(_OLD_KEYS):
        return Undecided()
    try:
        number = int.from_bytes(base64.b32decode(body + b"====")[:6], "big")
    except binascii.Error:
        # Nobody promises base 32, and examples are often made up with every digit.
        return Undecided(confidence=Confidence.LOW)
    account = f"{(number & _ACCOUNT_MASK) >> 7:012d}"
    facts = {"account": account}
    if account in canary_accounts():
        return Proven("structure", facts | {"canary": "known canary account"}, Severity.INFO)
    return Proven("structure", facts)


@cache
def canary_accounts() -> frozenset[str]:
    """Return AWS accounts that are known to issue canary tokens; data, with its sources."""
    text = (Path(__file__).parent / "aws-canaries.txt").read_text("ascii")
    return frozenset(line.split()[0] for line in text.splitlines() if line and line[0] != "#")


def aws_secret(candidate: Candidate) -> Outcome:
    """Refute 40 characters that cannot be a secret access key: digests, paths, words."""
    value = candidate.value
    if len(value) != _AWS_SECRET_BYTES:
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


def azure_storage_key(candidate: Candidate) -> Outcome:
    """Decode an account key: base64 of 64 bytes, or of 32 for older services.

    Source: Microsoft documentation, "Manage storage account access keys".
    """
    try:
        raw = base64.b64decode(candidate.value, validate=True)
    except binascii.Error:
        return Refuted("not base64")
    if len(raw) not in (32, 64):
        return Refuted(f"{len(raw)} bytes instead of 32 or 64")
    if len(set(raw)) < len(raw) // 4:
        return Refuted("the bytes repeat")
    return Proven("structure")


def azure_sas(candidate: Candidate) -> Outcome:
    """Read the expiry and the signature of a shared access signature.

    Source: Microsoft documentation, "Create a service SAS": ``se`` is the expiry in ISO 8601,
    ``sig`` the base64 of an HMAC-SHA256.
    """
    text = re.sub(rb"&amp;|\\u0026", b"&", candidate.value)
    fields = {
        name: unquote_to_bytes(value)
        for name, _, value in (pair.partition(b"=") for pair in re.split(rb"[?&]", text))
    }
    signature = fields.get(b"sig")
    if signature is not None and not _is_base64_of(signature, 32):
        return Refuted("the signature is not base64 of 32 bytes")
    expiry = fields.get(b"se", b"").decode("ascii", "replace")
    if not expiry:
        return Undecided()
    facts = {"expires": fact(expiry, 40)}
    if _is_past(expiry):
        return Proven("expiry", facts | {"expired": "yes"}, Severity.LOW)
    return Proven("structure", facts)


def _is_base64_of(text: bytes, size: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == size
    except binascii.Error:
        return False


def _is_past(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment < datetime.now(UTC)
