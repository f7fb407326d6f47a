"""Tokens that name who they belong to, or when they were made."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided, fact
from keysift.detect.proofs.moment import date

_DISCORD_EPOCH: Final = 1_420_070_400
_SNOWFLAKE_DIGITS: Final = 20


def discord_bot(candidate: Candidate) -> Outcome:
    """Decode the bot's id, the first part of its token; its upper bits are when it was made.

    Source: Discord documentation, "Snowflakes"; the token's parts are community knowledge.
    """
    text = candidate.value.split(b".")[0]
    try:
        digits = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return Refuted("the first part is not base64")
    if not digits.isdigit() or len(digits) > _SNOWFLAKE_DIGITS:
        return Refuted("the first part holds no id")
    made = date((int(digits) >> 22) / 1000 + _DISCORD_EPOCH)
    if made is None:
        return Refuted("the id lies in the future")
    return Proven("structure", {"bot": digits.decode(), "created": made})


_TELEGRAM: Final = re.compile(
    rb"(?:bot)?(?P<bot>[0-9]{5,16})(?::|%3[Aa])(?P<rest>[A-Za-z0-9_-]{30,40})"
)
_COUNTING: Final = (b"123456", b"012345", b"987654", b"000000", b"111111")


def telegram_bot(candidate: Candidate) -> Outcome:
    """Read the bot's id before the colon; an id that counts is a documentation's.

    Source: Telegram Bot API, "Authorizing your bot".
    """
    shape = _TELEGRAM.fullmatch(candidate.value)
    if shape is None:
        return Undecided()
    if shape["bot"].startswith(_COUNTING):
        return Refuted("the id counts up, as in documentation")
    return Undecided({"bot": shape["bot"].decode("ascii")})


_SLACK_IDS: Final = re.compile(rb"xox[a-z](?:\.xox[a-z])?-(?:[0-9]-)?(?P<ids>[0-9]+(?:-[0-9]+)*)-")


def slack_token(candidate: Candidate) -> Outcome:
    """Read the numbers in a Slack token; those that count up are a documentation's.

    Slack documents the prefixes only ("Token types"); that numbers of a workspace and of a user
    or an app follow is community knowledge.
    """
    shape = _SLACK_IDS.match(candidate.value)
    if shape is None:
        return Undecided()
    ids = shape["ids"].split(b"-")
    if any(len(one) > len(_COUNTING[0]) and one.startswith(_COUNTING) for one in ids):
        return Refuted("the ids count up, as in documentation")
    return Undecided({"workspace": fact(ids[0].decode("ascii"), 20)})


_HASHES: Final = (
    (re.compile(rb"\$2[abxy]?\$"), "bcrypt"),
    (re.compile(rb"\$argon2(?:id|i|d)\$"), "Argon2"),
    (re.compile(rb"\$(?:7|scrypt)\$"), "scrypt"),
    (re.compile(rb"\$y\$|\$gy\$"), "yescrypt"),
    (re.compile(rb"\$6\$"), "SHA-512 crypt"),
    (re.compile(rb"\$5\$"), "SHA-256 crypt"),
    (re.compile(rb"\$apr1\$"), "Apache MD5"),
    (re.compile(rb"\$1\$"), "MD5 crypt"),
    (re.compile(rb"\{SHA\}"), "SHA-1 without salt"),
    (re.compile(rb"\{SSHA\}"), "SHA-1"),
    (re.compile(rb"pbkdf2(?:_sha(?:1|256)\$|:)"), "PBKDF2"),
    (re.compile(rb"scrypt:"), "scrypt"),
    (re.compile(rb"\$krb5(?:asrep|tgs)\$"), "Kerberos ticket"),
)


def password_hash(candidate: Candidate) -> Outcome:
    """Name the scheme of a password hash by its prefix.

    Source: crypt(5); Apache's "Password formats"; RFC 2307 for the forms in braces.
    """
    for prefix, scheme in _HASHES:
        if prefix.match(candidate.value):
            return Proven("structure", {"scheme": scheme})
    return Undecided()
