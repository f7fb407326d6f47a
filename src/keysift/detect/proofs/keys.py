"""Private keys in PEM and DER: does the text parse, what is it, and is it encrypted?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import json
import re
import warnings
from typing import Any, Final

from keysift.detect.proofs.armor import HEADER, armored_lines
from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Refuted,
    Undecided,
    fact,
    from_base64,
    proof,
)
from keysift.model import Confidence, Severity

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=]{1,200}")
_LEGACY: Final = re.compile(
    rb"(?:Proc-Type|DEK-Info|Comment\d?|Version|Hash|Charset|Subject)\s?:.*"
)
_SHORTEST: Final = 40


_KEY_FACTS: Final = ("algorithm", "bits", "encrypted", "public_key")


@proof(
    "pem-private-key",
    decides="A key that `cryptography` parses, and whose numbers fit each other, is proven; one "
    "that is encrypted is likely, and worth less; a body that is no base64 or is cut short is "
    "refuted; one of an unknown kind decides nothing.",
    sources=("RFC 7468, RFC 5958, RFC 1421", "openssh/openssh-portable, PROTOCOL.key"),
    learns=(*_KEY_FACTS, "label", "name"),
)
def pem_private_key(candidate: Candidate) -> Outcome:
    """Parse a PEM private key or an OpenSSH one.

    Escaped line ends, quotes, indentation and comment signs around the lines are undone first. A
    body that is no base64, or is cut short, refutes the key; one that ``cryptography`` does not
    know decides nothing.
    """
    lines = armored_lines(candidate.value)
    header = HEADER.search(candidate.value)
    if header is None or not lines:
        return Refuted("no body between header and footer")
    label = header[1].decode("ascii")
    body = b"".join(line for line in lines if not _LEGACY.fullmatch(line))
    legacy_encrypted = any(line.startswith(b"DEK-Info") for line in lines)
    if not _BASE64.fullmatch(body[:200]) or len(body) < _SHORTEST:
        return Refuted("the body is no key")
    try:
        der = base64.b64decode(body, validate=True)
    except binascii.Error:
        return Refuted("the body is cut short or altered")
    facts = {"label": label.lower()}
    if legacy_encrypted or label == "ENCRYPTED PRIVATE KEY":
        return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)
    return _parsed(label, der, facts)


def _parsed(label: str, der: bytes, facts: dict[str, str]) -> Outcome:
    # Importing cryptography costs more than scanning a small file.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    load: Any = serialization.load_pem_private_key
    if label == "OPENSSH PRIVATE KEY":
        load = serialization.load_ssh_private_key
    try:
        with warnings.catch_warnings():
            # What a package ships may be deprecated; that is no news about keysift.
            warnings.simplefilter("ignore")
            # The library's own check of RSA keys takes a second for 4096 bits.
            key = load(_pem(label, der), None, unsafe_skip_rsa_key_validation=True)
            if not _is_consistent(key):
                return Refuted("the numbers of the key do not fit each other")
            return Proven("key", facts | _describe(key) | _name(label, der))
    except TypeError:
        return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)
    except ValueError:
        return _unparsed(label, der, facts)
    except UnsupportedAlgorithm:
        return Undecided(facts)


def _is_consistent(key: Any) -> bool:  # noqa: ANN401 (any kind of private key)
    """Tell whether the numbers of an RSA key belong together; whether primes are, is not tested."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 (import time)

    if not isinstance(key, rsa.RSAPrivateKey):
        return True
    numbers = key.private_numbers()
    public, p, q, d = numbers.public_numbers, numbers.p, numbers.q, numbers.d
    return (
        min(p, q) > 2
        and p * q == public.n
        and public.e * d % (p - 1) == 1
        and public.e * d % (q - 1) == 1
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        # Some programs write the primes in the other order, and the coefficient with them.
        and 1 in {numbers.iqmp * q % p, numbers.iqmp * p % q}
    )


def _pem(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), body, label.encode())


def _unparsed(label: str, der: bytes, facts: dict[str, str]) -> Outcome:
    """Tell a damaged key from one of a kind that the library does not know."""
    if label == "OPENSSH PRIVATE KEY":
        return _openssh(der, facts)
    # DER of a key is a SEQUENCE (0x30) whose length says how much must follow.
    if not _is_whole_sequence(der):
        return Refuted("the body is no complete key")
    return Undecided(facts)


_FIELDS: Final = {
    b"ssh-ed25519": 2,
    b"ssh-rsa": 6,
    b"ssh-dss": 5,
    b"ecdsa-sha2-nistp256": 3,
    b"ecdsa-sha2-nistp384": 3,
    b"ecdsa-sha2-nistp521": 3,
}
"""How many fields of the private part precede the comment, by type (PROTOCOL.key, RFC 4253)."""


def _name(label: str, der: bytes) -> dict[str, str]:
    """Return the comment of an OpenSSH key, which most often names its owner and machine."""
    if label != "OPENSSH PRIVATE KEY":
        return {}
    fields = _strings(der, len(_OPENSSH_MAGIC), (0, 0, 0, 4, 0))
    inner = fields[-1] if fields else b""
    kind = _strings(inner, 8, (0,))
    skips = (0,) * (_FIELDS.get(kind[0], 0) + 2) if kind else ()
    named = _strings(inner, 8, skips)
    comment = named[-1].decode("utf-8", "replace") if named else ""
    return {"name": fact(comment)} if comment and len(skips) > len((0, 0)) else {}


def _strings(data: bytes, place: int, skips: tuple[int, ...]) -> list[bytes]:
    """Return strings that follow each other, each after so many bytes; nothing when cut short."""
    texts = []
    for skip in skips:
        place += skip
        length = int.from_bytes(data[place : place + 4], "big")
        place += 4
        if place > len(data) or place + length > len(data):
            return []
        texts.append(data[place : place + length])
        place += length
    return texts


_OPENSSH_MAGIC: Final = b"openssh-key-v1\0"


def _openssh(der: bytes, facts: dict[str, str]) -> Outcome:
    """Walk through OpenSSH's own format: cipher, KDF, its options, count, public, private part."""
    if not der.startswith(_OPENSSH_MAGIC):
        return Refuted("not in OpenSSH's format")
    texts = _strings(der, len(_OPENSSH_MAGIC), (0, 0, 0, 4, 0))
    if not texts:
        return Refuted("the body is cut short")
    if texts[0] == b"none":
        return Undecided(facts)
    return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)


def _is_whole_sequence(der: bytes) -> bool:
    if len(der) < 4 or der[0] != 0x30:
        return False
    if der[1] < 0x80:
        return der[1] + 2 <= len(der)
    count = der[1] & 0x7F
    return 1 <= count <= 4 and int.from_bytes(der[2 : 2 + count], "big") + 2 + count <= len(der)


def _describe(key: Any) -> dict[str, str]:  # noqa: ANN401 (any kind of private key)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (import time)

    name = type(key).__name__.removesuffix("PrivateKey").removeprefix("_").lower()
    facts = {"algorithm": {"ellipticcurve": "ec"}.get(name, name)}
    size = getattr(key, "key_size", None)
    if isinstance(size, int):
        facts["bits"] = str(size)
    public = key.public_key()
    try:
        line = public.public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
    except (ValueError, TypeError):
        # OpenSSH has no form for keys that only agree on secrets, or on rare curves.
        return facts
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    # As `ssh-keygen -l` prints it: it identifies the key without giving it away.
    facts["public_key"] = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
    return facts


@proof(
    "der-private-key",
    decides="DER of a private key in base64 that `cryptography` parses, and whose numbers fit each "
    "other, is proven; anything else is less sure.",
    sources=("RFC 5958, RFC 8017, RFC 5915",),
    learns=_KEY_FACTS,
)
def der_private_key(candidate: Candidate) -> Outcome:
    """Parse a private key that stands without its armour."""
    der = from_base64(candidate.value)
    if der is None:
        return Undecided(confidence=Confidence.MEDIUM)
    for label in ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"):
        outcome = _parsed(label, der, {})
        if isinstance(outcome, Proven):
            return outcome
    # Cut short or altered, as documentation does it.
    return Undecided(confidence=Confidence.MEDIUM)


@proof(
    "gcp-service-account",
    decides="The JSON of a service account whose private key parses is proven; one without a key, "
    "or with one that is cut short, is refuted.",
    sources=("Google Cloud documentation, “Create and delete service account keys”",),
    learns=("project", "user", "key_id", "app", "public_key", "algorithm", "bits"),
)
def gcp_service_account(candidate: Candidate) -> Outcome:
    """Parse the JSON of a Google service account, and the key in it."""
    # In markup, quotes and line ends are entities.
    text = html.unescape(candidate.value.decode("utf-8", "replace"))
    for _ in range(_MAX_ESCAPED + 1):
        account = _json(text)
        if isinstance(account, dict):
            return _account(account)
        # Inside a string of JSON or of a language like it, everything is escaped once more.
        unescaped = _json(f'"{text}"')
        if not isinstance(unescaped, str):
            break
        text = unescaped
    return _account_in_code(candidate.value)


_MAX_ESCAPED: Final = 3
_ACCOUNT: Final = {
    "project_id": "project",
    "client_email": "user",
    "private_key_id": "key_id",
    "client_id": "app",
}
_OF_THE_KEY: Final = ("algorithm", "bits", "public_key")


_IN_CODE: Final = rb"\b%b\\*[\"']\s*[:=]\s*\\*[\"']([^\"'\\]+)"


def _account_in_code(text: bytes) -> Outcome:
    """Judge an account that is no JSON, such as a dictionary in Python, by the key in it."""
    header = HEADER.search(text)
    if header is None:
        return Refuted("no private key in it")
    outcome = pem_private_key(Candidate(text[header.start() :]))
    if not isinstance(outcome, Proven):
        return outcome if isinstance(outcome, Refuted) else Undecided()
    facts = {
        name: fact(found[1].decode("utf-8", "replace"))
        for field, name in _ACCOUNT.items()
        if (found := re.search(_IN_CODE % field.encode(), text))
    }
    return Proven(outcome.kind, facts | _of_the_key(outcome))


def _json(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _account(account: dict[str, object]) -> Outcome:
    facts = {
        name: fact(value)
        for field, name in _ACCOUNT.items()
        if isinstance(value := account.get(field), str)
    }
    key = account.get("private_key")
    if not isinstance(key, str):
        return Refuted("no private key in it")
    outcome = pem_private_key(Candidate(key.encode("utf-8", "replace")))
    if isinstance(outcome, Proven):
        return Proven(outcome.kind, facts | _of_the_key(outcome))
    return outcome if isinstance(outcome, Refuted) else Undecided(facts)


def _of_the_key(outcome: Proven) -> dict[str, str]:
    return {name: outcome.facts[name] for name in _OF_THE_KEY if name in outcome.facts}
