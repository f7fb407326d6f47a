"""What a detector file may hold. Unknown keys are errors.

A file is one provider; ``CONTRIBUTING.md`` shows one from beginning to end. The classes here
are both the schema of the TOML files and the values the engine works with.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from keysift.catalogue.validity import Validity
from keysift.model import Confidence, Severity

SECRET_GROUP = "secret"  # noqa: S105 (the name of a group)
"""Name of the group, or part, whose text is the secret."""

FOR_PROOFS = "_"
"""Begins the names of groups that only proofs read: text around a secret that is no part of it."""

DEFAULT_DISTANCE = 80
"""How far before the secret a keyword may stand, in bytes."""

DEFAULT_WITHIN = 400
"""How far around a match its parts may stand, in bytes."""


class Category(Enum):
    """What a provider is for; statistics group by it."""

    AI = "ai"
    CLOUD = "cloud"
    CODE = "code"
    CI = "ci"
    COMMUNICATION = "communication"
    CRYPTO = "crypto"
    DATA = "data"
    DATABASE = "database"
    EMAIL = "email"
    FINANCE = "finance"
    GENERIC = "generic"
    IDENTITY = "identity"
    KEY = "key"
    MONITORING = "monitoring"
    PACKAGES = "packages"
    PRODUCTIVITY = "productivity"
    SECRETS = "secrets"
    SHOP = "shop"
    SOCIAL = "social"
    STORAGE = "storage"


class NearMiss(Struct, frozen=True, forbid_unknown_fields=True):
    """Text that looks like the secret and is not.

    Attributes:
        text: A template, as in ``examples``; scanned as it is.
        why: The reason, for whoever changes the pattern next.
    """

    text: str
    why: str


class PartSpec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another half of a secret, looked for around the match.

    Attributes:
        name: What it is (``secret`` when this half is the secret itself).
        pattern: Regular expression; the group ``secret`` or the whole match is the value.
        within: How far before or after the match, in bytes.
        required: Without it the match is not reported.
        min_entropy: Least Shannon entropy in bits a character.
    """

    name: str
    pattern: str
    within: int = DEFAULT_WITHIN
    required: bool = True
    min_entropy: float = 0.0


class Detector(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One type of secret.

    Attributes:
        id: Permanent, kebab-case, unique; begins with the provider.
        name: What it is, as the provider calls it.
        what: What was found and what an attacker can do with it, in a sentence or two.
        severity: If it works.
        confidence: That a match is of this type, before proofs.
        pattern: Python regular expression over bytes (ASCII). The group ``secret``, else the
            whole match, is the value; other named groups become parts, or are for proofs alone
            when their name begins with ``_``.
        keywords: Words of which one must stand before the secret (case is ignored; a space
            stands for any or no separator). Empty for types whose shape is enough.
        labels: Words that the name of the secret ends in, as alternatives of a regular expression
            (``token|api[_-]?key``), or ``*`` for any name. The pattern is then the value alone,
            with its group ``secret``; the loader puts the name and what joins them before it
            (``keysift.catalogue.introduction``).
        distance: How far before the secret the keyword may end, in bytes.
        anchor: Regular expression that finds the places to look at, when the one derived from
            the pattern would be too general. Every match of the pattern must contain one.
        literals: Text present in each secret of this type, for finding its encoded forms, when
            the pattern does not begin with it.
        role: Name of the part that the pattern itself finds, when another part is the secret.
        parts: Other halves to look for around a match.
        proofs: Names of offline proofs (``keysift.detect.proofs``); a refuted match is suppressed.
        min_entropy: Least Shannon entropy of the secret, in bits a character.
        needs: Kinds of characters the secret must have: ``digit``, ``lower``, ``upper``,
            ``letter``, ``symbol``.
        yields: True when any other detector that claims the same bytes says more.
        placeholders: False when words such as "example" inside a value mean nothing, because
            the pattern or a proof settles it (a parsed private key).
        revoke: Where to revoke it: a link.
        rotate: How to replace it, in a sentence.
        references: Provider documentation of the format.
        examples: Templates of true examples (``keysift.catalogue.samples``).
        near_misses: Templates that must not match, with the reason.
        value: Filled in by ``labels``: the expression of the value alone. What introduces it ends
            in no letter, digit or underscore.
        provider: Filled in from the file.
        category: Filled in from the file.
    """

    id: str
    name: str
    what: str
    severity: Severity
    confidence: Confidence
    pattern: str
    keywords: tuple[str, ...] = ()
    labels: str = ""
    distance: int = DEFAULT_DISTANCE
    anchor: str | None = None
    literals: tuple[str, ...] = ()
    role: str = SECRET_GROUP
    parts: tuple[PartSpec, ...] = ()
    proofs: tuple[str, ...] = ()
    min_entropy: float = 0.0
    needs: tuple[str, ...] = ()
    yields: bool = False
    placeholders: bool = True
    revoke: str
    rotate: str
    references: tuple[str, ...] = ()
    examples: tuple[str, ...]
    near_misses: tuple[NearMiss, ...]
    value: str = ""
    provider: str = ""
    category: Category = Category.GENERIC


class ProviderFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One TOML file.

    Attributes:
        provider: Who issues the secrets.
        website: Its home page.
        category: What the provider is for.
        pieces: Expressions that several patterns of the file share, by name: ``(?&name)`` in a
            pattern, an anchor or a piece further down stands for one.
        detector: The types of secret, in ``[[detector]]`` tables.
        validity: How to ask whether they work, in ``[[validity]]`` tables.
    """

    provider: str
    website: str
    category: Category
    pieces: dict[str, str] = {}
    detector: tuple[Detector, ...]
    validity: tuple[Validity, ...] = ()
