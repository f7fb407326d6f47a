"""Passwords that people choose, alone and in URIs: refuted when they are only said to be one.

Passwords have no format, so nothing here proves one: the answers are ``Refuted`` and ``Undecided``.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from keysift.detect.proofs.base import Candidate, Outcome, Refuted, Undecided, from_base64, proof
from keysift.detect.proofs.readable import is_code, is_generated, is_made_of_words
from keysift.model import Confidence

_NOBODY: Final = ("nobody specifies passwords; the lists come from reading popular packages",)
_MIN_LENGTH: Final = 4
_DOCUMENTED: Final = (b"tiger", b"p\xc3\xa4ssword", b"hunter2")
"""Beginnings of passwords that documentation repeats: SQLAlchemy's, URL parsers', a joke's."""

_THIS_MACHINE: Final = (
    rb"localhost\d?|loopback|127(?:\.\d{1,3}){3}|\[?::1\]?|0(?:\.0){3}|10\.0\.0\.[01]"
    rb"|host\.docker\.internal"
)
_RESERVED: Final = (
    rb"1\.1\.1\.1|1\.2\.3\.4|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}"
    rb"|\[?2001:db8:.*|(?:[\w-]+\.)*(?:example|test|invalid|localhost|localdomain|local)"
)
_MADE_UP: Final = (
    rb"(?:[\w-]+\.)*(?:example|sample|test|(?:my-?|your-?)?(?:domain|company|server|site|host)|somewhere"
    rb"|someserver|acme|foo|bar|fake|hostname|website)\d?"
    rb"\.(?:com|org|net|edu|io|co|dev|tld|internal|intern|lan|local|fr|de|cn|co\.uk|ip)"
    rb"|(?:my|the|your|some|remote|pg|db|database|sql|mssql|mysql|redis|mongo|rabbit|proxy)?[_-]?"
    rb"(?:host|hostname|server|address|ip|domain|url|endpoint)(?:[_-]?name)?\d{0,2}"
    rb"|a|b|c|x|y|h|foo|bar|baz|fqdn|user|password|pass|secret"
)
_NO_HOST: Final = re.compile(rb"(?i)(?:" + rb"|".join((_THIS_MACHINE, _RESERVED, _MADE_UP)) + rb")")


@proof(
    "real-password",
    decides="Refutes a password that is a word for one, the user's name, or code that fetches one.",
    sources=_NOBODY,
)
def real_password(candidate: Candidate) -> Outcome:
    """Refute a password that is a word for one, the user's name, or code that fetches one.

    The part ``user``, when there is one, is who signs in with it.
    """
    return _judge(candidate.value, candidate.parts.get("user", b""))


@proof(
    "real-uri-credentials",
    decides="As `real-password`, percent-decoded; refutes also the credentials of this machine and "
    "of hosts that only documentation has, unless a generator made them: those are less sure.",
    sources=("RFC 3986, section 3.2", "RFC 2606, RFC 5737 and RFC 3849 for reserved hosts"),
)
def real_uri_credentials(candidate: Candidate) -> Outcome:
    """Refute the credentials of this machine, of reserved hosts (RFC 2606, 5737, 3849), or words.

    The parts are ``user`` and ``host`` (the first of several counts). The password is
    percent-decoded and then judged as in ``real_password``.
    """
    user = unquote_to_bytes(candidate.parts.get("user", b""))
    password = unquote_to_bytes(candidate.value)
    host = real_host(candidate)
    if isinstance(host, Refuted):
        # People leave out where it opens something more often than they make up such a value.
        is_kept = is_generated(password) and isinstance(_judge(password, user), Undecided)
        return Undecided(confidence=Confidence.LOW) if is_kept else host
    return _judge(password, user)


@proof(
    "real-host",
    decides="Refutes a secret of this machine, or of a host that only documentation has.",
    sources=("RFC 2606, RFC 5737 and RFC 3849 for reserved hosts",),
)
def real_host(candidate: Candidate) -> Outcome:
    """Refute a secret of this machine, or of a host that only documentation has."""
    hosts = candidate.parts.get("host", b"")
    host = hosts.split(b",")[0]
    if host.count(b":") == 1:
        host = host.split(b":")[0]
    if _NO_HOST.fullmatch(host):
        return Refuted("the host is this machine, or made up")
    return Undecided()


@proof(
    "real-basic-credentials",
    decides="Refutes what is not `user:password` in base64, or holds no real password.",
    sources=("RFC 7617",),
    learns=("user",),
)
def real_basic_credentials(candidate: Candidate) -> Outcome:
    """Refute what is not ``user:password`` in base64 (RFC 7617), or holds no real password.

    Returns:
        Undecided with the fact ``user`` otherwise.
    """
    text = _decode(candidate.value)
    user, colon, password = (text or b"").partition(b":")
    if not colon:
        return Refuted("not user:password in base64")
    if isinstance(outcome := real_host(candidate), Refuted):
        return outcome
    if password.isalpha():
        return Refuted("the password is a plain word")
    if isinstance(outcome := _judge(password, user), Refuted):
        return outcome
    return Undecided(facts={"user": user.decode("ascii")})


@proof(
    "real-base64-password",
    decides="Refutes what is not text in base64, or holds no real password.",
    sources=("npm documentation, “.npmrc”: `_password` is base64",),
)
def real_base64_password(candidate: Candidate) -> Outcome:
    """Refute what is not text in base64, or holds no real password."""
    text = _decode(candidate.value)
    if text is None:
        return Refuted("not text in base64")
    return _judge(text, candidate.parts.get("user", b""))


def _judge(password: bytes, user: bytes) -> Outcome:
    lowered = password.lower()
    if len(password) < _MIN_LENGTH:
        return Refuted("too short")
    if user and lowered == user.lower():
        return Refuted("the same as the user")
    if lowered.startswith(_DOCUMENTED):
        return Refuted("a password that documentation repeats")
    if is_code(password):
        return Refuted("code that gets a password")
    if is_made_of_words(password):
        return Refuted("words that stand for a password")
    return Undecided(least=Confidence.MEDIUM if is_generated(password) else None)


def _decode(value: bytes) -> bytes | None:
    """Return the text that ``value`` is the base64 form of, or None when that is no ASCII text."""
    text = from_base64(value)
    return None if text is None or not all(0x20 <= byte < 0x7F for byte in text) else text
