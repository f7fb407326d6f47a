"""What the name of a value says about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from keysift.detect.evidence.view import View
from keysift.detect.evidence.words import plain

_MADE_UP: Final = re.compile(
    rb"(?i)fake|mock|dummy|example|sample|invalid|wrong|expected|bogus|placeholder|incorrect|bad_|_bad"
    rb"|unknown|nonexist|expired|test|foo|bar_|weak|template"
)
_PAGE: Final = re.compile(
    rb"(?i)amplitude|segment|mixpanel|posthog|analytics|algolia|publish|gtag|recaptcha|turnstile"
    rb"|hotjar|intercom|maps_?api|site_?key|sentry_?dsn|web_?api"
)
_ABOUT: Final = re.compile(
    rb"(?i)(?:file|path|dir|name|url|uri|type|label|field|length|size|len|regex|pattern|hint|help"
    rb"|error|message|msg|prompt|text|title|description|desc|format|algorithm|alg|method|mode|policy"
    rb"|column|index|idx|count|header|prefix|suffix|param|arg|attr|attribute|option|env|var|min|max"
    rb"|expir\w*|ttl|age|rule|store|manager|provider|service|class|selector|input|button|link)s?$"
)
_GENERAL: Final = re.compile(
    rb"(?i)api|keys?|tokens?|secrets?|access|auth|client|app|private|shared|session|user|pass(?:word"
    rb"|wd|phrase|w|wort|code)?|pwd|passwd|psw|my|the|default|new|old|value|str|string|self|this|config"
    rb"|settings|data|params?|options?|kwargs|get|set|const|var|let|id|[^A-Za-z]+"
)
_STRONG: Final = re.compile(
    rb"(?i)api[_.-]?(?:key|token|secret)|(?:client|app|consumer|webhook|jwt|signing|shared|master"
    rb"|encryption|private|django)[_.-]?(?:secret|key)|secret[_.-]?(?:access[_.-]?)?key"
    rb"|(?:access|auth|bearer|refresh|deploy|bot|personal)[_.-]?token"
)
_ACCOUNT: Final = re.compile(
    rb"(?i)(?:db|database|sql|mysql|pg|postgres|mongo|redis|smtp|mail|email|ftp|sftp|ssh|ldap|admin|root"
    rb"|sudo|server|proxy|rabbit|amqp|jdbc|oracle|sa|vpn|wifi|wlan|wpa|imap|host|prod|production|live"
    rb"|master|account|login|keystore|truststore|cert|p12|pfx)"
)
_UUID: Final = re.compile(rb"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONSTANT: Final = re.compile(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_FEW_LETTERS: Final = 4


def _letters(text: bytes) -> bytes:
    return re.sub(rb"[^a-z]", b"", plain(text))


def _repeats_name(view: View) -> bool:
    """Tell whether the value says the same as its name: ``password = "db-password"``."""
    name, value = _letters(view.label.rpartition(b".")[2]), _letters(view.value)
    if len(value) < _FEW_LETTERS or not name:
        return False
    return value in name or (len(name) >= _FEW_LETTERS and name in value)


NAME: Final[dict[str, Callable[[View], object]]] = {
    "page-name": lambda view: _PAGE.search(view.label),
    "made-up-name": lambda view: _MADE_UP.search(view.label),
    "name-about": lambda view: _ABOUT.search(view.label),
    "own-name": lambda view: len(_GENERAL.sub(b"", view.label)) >= 3,
    "strong-name": lambda view: _STRONG.search(view.label),
    "account-name": lambda view: _ACCOUNT.search(view.label),
    "constant-name": lambda view: _CONSTANT.fullmatch(view.label),
    "repeats-name": _repeats_name,
    "no-name": lambda view: not view.label,
    "uuid-as-key": lambda view: (
        (not view.label or _STRONG.search(view.label)) and _UUID.fullmatch(view.value)
    ),
}
"""Tests of the name by the names of their features."""
