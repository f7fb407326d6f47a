"""PuTTY's key files: headers, and the code that authenticates those without a passphrase."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, fact, proof
from keysift.model import Severity

_HEADERS: Final = re.compile(
    rb"PuTTY-User-Key-File-(?P<version>[123]): ?(?P<algorithm>[\w@.-]+)\s+"
    rb"Encryption: ?(?P<encryption>[\w-]+)\s+Comment: ?(?P<comment>[^\r\n]*)\s"
)
_LINES: Final = re.compile(rb"(?P<kind>Public|Private)-Lines: ?(?P<count>[0-9]{1,4})\s+")
_MAC: Final = re.compile(rb"Private-MAC: ?(?P<mac>[0-9a-f]{40,64})")
_OLD_KEY: Final = hashlib.sha1(b"putty-private-key-file-mac-key", usedforsecurity=False).digest()


@proof(
    "putty-private-key",
    decides="The code over a file without a passphrase proves it when it is right; whole headers "
    "make one likely; an encrypted one is worth less; a file without headers is refuted.",
    sources=("The PuTTY manual, appendix C, “PPK file format”",),
    learns=("algorithm", "encrypted", "name"),
)
def putty_private_key(candidate: Candidate) -> Outcome:
    """Read the headers of a PuTTY key file, and check its code when it has no passphrase."""
    encryption = re.search(rb"Encryption: ?([\w-]+)", candidate.value)
    if encryption is None or b"Private-Lines:" not in candidate.value:
        return Refuted("a header is missing")
    facts = {"encrypted": "no" if encryption[1] == b"none" else "yes"}
    headers = _HEADERS.match(candidate.value)
    if headers is not None:
        facts["algorithm"] = headers["algorithm"].decode("ascii")[:40]
        facts["name"] = fact(headers["comment"].decode("latin-1").strip())
    if facts["encrypted"] == "yes":
        return Proven("structure", facts, Severity.LOW)
    fits = headers is not None and _is_authentic(candidate.value, headers)
    return Proven("checksum" if fits else "structure", facts)


def _is_authentic(text: bytes, headers: re.Match[bytes]) -> bool:
    """Tell whether the code fits: an HMAC over algorithm, encryption, comment and both halves."""
    halves = [_body(text, shape) for shape in _LINES.finditer(text)]
    mac = _MAC.search(text)
    if mac is None or len(halves) != len(("public", "private")):
        return False
    named = (headers["algorithm"], headers["encryption"], headers["comment"].rstrip(), *halves)
    data = b"".join(len(one).to_bytes(4, "big") + one for one in named)
    # Version 3 has an empty key where there is no passphrase, version 2 a digest of its name.
    key, digest = (b"", "sha256") if headers["version"] == b"3" else (_OLD_KEY, "sha1")
    return hmac.new(key, data, digest).hexdigest().encode() == mac["mac"]


def _body(text: bytes, shape: re.Match[bytes]) -> bytes:
    lines = text[shape.end() :].split(maxsplit=int(shape["count"]))[: int(shape["count"])]
    try:
        return base64.b64decode(b"".join(lines))
    except (binascii.Error, ValueError):
        return b""
