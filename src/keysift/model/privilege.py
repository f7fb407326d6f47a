"""What a secret may do, and how much that is.

A provider's answer, or the kind of a secret, gives powers; one rule makes a privilege of them. What
is not known stays not known: it never reads as little.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import Final

from keysift.model.grade import Grade


class Power(Enum):
    """Something that whoever has the secret can do.

    Attributes:
        IDENTITY: Learn whose the secret is, and see what anybody may see; nothing else.
        READ: Read what is not public.
        WRITE: Create and change data, single records deleted included.
        DELETE: Delete what holds data or runs: repositories, databases, machines, sites, backups.
        USE: Use a service that is metered: models, messages by the piece, machines; the owner pays.
        MESSAGE: Send messages, posts or mail in the owner's name.
        PEOPLE: Read or change personal data: users, customers, what they write to each other.
        PUBLISH: Publish what others install or load: packages, images, models, apps.
        CODE: Change code, or what is built from it and deployed: repositories, pipelines, sites,
            functions, infrastructure.
        SECRETS: Read further secrets: keys, variables of builds, states, connection strings.
        MONEY: Move money: charge, refund, pay out, buy, trade.
        ADMIN: Change the organisation, its members, their roles, or its keys.
        ROOT: Everything that the account's holder may.
    """

    IDENTITY = "identity"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    USE = "use"
    MESSAGE = "message"
    PEOPLE = "people"
    PUBLISH = "publish"
    CODE = "code"
    SECRETS = "secrets"
    MONEY = "money"
    ADMIN = "admin"
    ROOT = "root"


class Privilege(Grade):
    """How much a secret may do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    ADMIN = "admin"


PRIVILEGES: Final[dict[Power, Privilege]] = {
    Power.IDENTITY: Privilege.LOW,
    Power.READ: Privilege.LOW,
    Power.WRITE: Privilege.MEDIUM,
    Power.USE: Privilege.MEDIUM,
    Power.MESSAGE: Privilege.MEDIUM,
    Power.PEOPLE: Privilege.MEDIUM,
    Power.DELETE: Privilege.HIGH,
    Power.PUBLISH: Privilege.HIGH,
    Power.CODE: Privilege.HIGH,
    Power.SECRETS: Privilege.HIGH,
    Power.MONEY: Privilege.HIGH,
    Power.ADMIN: Privilege.ADMIN,
    Power.ROOT: Privilege.ADMIN,
}
"""The privilege that each power is worth."""


def privilege_of(powers: Collection[Power], *, is_all: bool = True) -> Privilege | None:
    """Return how much a secret may do: as much as the greatest of its powers.

    ==========  ===========================================================================
    privilege   one of these powers is enough
    ==========  ===========================================================================
    ``low``     ``identity``, ``read``
    ``medium``  ``write``, ``use``, ``message``, ``people``
    ``high``    ``delete``, ``publish``, ``code``, ``secrets``, ``money``
    ``admin``   ``admin``, ``root``
    ==========  ===========================================================================

    Without a power it is not known. Where there may be more powers than are known, ``low`` and
    ``medium`` would promise too much: it is not known either; ``high`` then means at least that.

    Args:
        powers: What it may do.
        is_all: Whether it may do nothing else.
    """
    greatest = max((PRIVILEGES[one] for one in powers), key=lambda one: one.rank, default=None)
    if greatest is None or (not is_all and greatest.rank < Privilege.HIGH.rank):
        return None
    return greatest


class Excess(Enum):
    """A reason to think that a secret is broader than it needs to be."""

    ROOT = "root"
    ADMIN = "admin"
    ALL_SCOPES = "all_scopes"
    WHOLE_ACCOUNT = "whole_account"
    ALL_PROJECTS = "all_projects"
    CLASSIC = "classic"
    WRITES = "writes"
    PERSONAL = "personal"
    NEVER_EXPIRES = "never_expires"
    ANY_ADDRESS = "any_address"


EXCESSES: Final[dict[Excess, str]] = {
    Excess.ROOT: "may do everything that the account's holder may",
    Excess.ADMIN: "may change the organisation, its members or its keys",
    Excess.ALL_SCOPES: "has all scopes, though scopes can be chosen",
    Excess.WHOLE_ACCOUNT: "opens the whole account; a key for a part of it can be had",
    Excess.ALL_PROJECTS: "opens all projects of its owner; single ones can be chosen",
    Excess.CLASSIC: "is of an older kind; a newer one can be limited more finely",
    Excess.WRITES: "may change things; a key that only reads can be had",
    Excess.PERSONAL: "acts as a person; one for a service, bot or app can be had",
    Excess.NEVER_EXPIRES: "never expires, though it could",
    Excess.ANY_ADDRESS: "is accepted from every address, though addresses can be chosen",
}
"""What each of them says of a secret."""


def excesses_of(powers: Collection[Power]) -> tuple[Excess, ...]:
    """Return what powers alone say about being too broad: root and admin credentials."""
    if Power.ROOT in powers:
        return (Excess.ROOT,)
    return (Excess.ADMIN,) if Power.ADMIN in powers else ()
