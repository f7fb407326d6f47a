"""Tokens that name who they belong to, or when they were made."""

from __future__ import annotations

import base64
import binascii
import re
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
from keysift.detect.proofs.moment import date

_DISCORD_EPOCH: Final = 1_420_070_400
_SNOWFLAKE_DIGITS: Final = 20
_SNOWFLAKES: Final = "Discord documentation, “Snowflakes”"


def made_at(snowflake: bytes) -> str | None:
    """Return the day that an id of Discord was made on: its upper bits are milliseconds.

    None when it is no id, or of the future.
    """
    if not snowflake.isdigit() or len(snowflake) > _SNOWFLAKE_DIGITS:
        return None
    return date((int(snowflake) >> 22) / 1000 + _DISCORD_EPOCH)


@proof(
    "discord-bot",
    decides="The first part of a bot's token is its id in base64; an id of the future is refuted.",
    sources=(_SNOWFLAKES, "the parts of a token are community knowledge"),
    learns=("app", "created"),
)
def discord_bot(candidate: Candidate) -> Outcome:
    """Decode the bot's id, the first part of its token."""
    text = candidate.value.split(b".")[0]
    try:
        digits = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return Refuted("the first part is not base64")
    made = made_at(digits)
    if made is None:
        return Refuted("the first part holds no id, or one of the future")
    return Proven("structure", {"app": digits.decode("ascii"), "created": made})


_DISCORD_WEBHOOK: Final = re.compile(rb"webhooks\\?/(?P<id>[0-9]{16,22})\\?/")


@proof(
    "discord-webhook",
    decides="Reads the webhook's id, and the day it was made; refutes nothing.",
    sources=(_SNOWFLAKES, "Discord documentation, “Webhook resource”"),
    learns=("key_id", "created"),
)
def discord_webhook(candidate: Candidate) -> Outcome:
    """Read the id in the address of a webhook."""
    shape = _DISCORD_WEBHOOK.search(candidate.value)
    made = made_at(shape["id"]) if shape else None
    if shape is None or made is None:
        return Undecided()
    return Proven("structure", {"key_id": shape["id"].decode("ascii"), "created": made})


_TELEGRAM: Final = re.compile(
    rb"(?:bot)?(?P<bot>[0-9]{5,16})(?::|%3[Aa])(?P<rest>[A-Za-z0-9_-]{30,40})"
)


@proof(
    "telegram-bot",
    decides="Reads the bot's id before the colon; refutes nothing.",
    sources=("Telegram Bot API, “Authorizing your bot”",),
    learns=("app",),
)
def telegram_bot(candidate: Candidate) -> Outcome:
    """Read the bot's id before the colon."""
    shape = _TELEGRAM.fullmatch(candidate.value)
    if shape is None:
        return Undecided()
    return Undecided({"app": shape["bot"].decode("ascii")})


_SLACK_IDS: Final = re.compile(rb"xox[a-z](?:\.xox[a-z])?-(?:[0-9]-)?(?P<ids>[0-9]+(?:-[0-9]+)*)-")
_SLACK_APP: Final = re.compile(rb"xapp-[0-9]-(?P<app>A[A-Z0-9]{7,13})-(?P<made>[0-9]{9,15})-")
_SLACK_HOOK: Final = re.compile(
    rb"(?:services|workflows|triggers)\\?/(?P<organization>[TE][A-Z0-9]{7,14})\\?/"
)


@proof(
    "slack-token",
    decides="Reads the workspace and the app; refutes nothing.",
    sources=(
        (
            "Slack documentation, “Token types” and “Sending messages using incoming webhooks”: "
            "the prefixes, and ids of workspaces and apps"
        ),
        "that the first number of a token is the workspace's is community knowledge",
    ),
    learns=("organization", "app"),
)
def slack_token(candidate: Candidate) -> Outcome:
    """Read the ids in a Slack token or webhook."""
    for known in (_SLACK_APP, _SLACK_HOOK):
        if shape := known.search(candidate.value):
            named = {name: text.decode("ascii") for name, text in shape.groupdict().items()}
            named.pop("made", None)
            return Undecided(named)
    shape = _SLACK_IDS.match(candidate.value)
    if shape is None:
        return Undecided()
    ids = shape["ids"].split(b"-")
    return Undecided({"organization": fact(ids[0].decode("ascii"), 20)})


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


@proof(
    "password-hash",
    decides="Names the scheme of a password hash by its prefix.",
    sources=("crypt(5)", "Apache documentation, “Password formats”", "RFC 2307"),
    learns=("scheme",),
)
def password_hash(candidate: Candidate) -> Outcome:
    """Name the scheme of a password hash by its prefix."""
    for prefix, scheme in _HASHES:
        if prefix.match(candidate.value):
            return Proven("structure", {"scheme": scheme})
    return Undecided()
