"""What a secret may do, as data: part of a ``[[validity]]`` table.

``[validity.privilege]`` says how the answer that made a secret active is read for its powers, and
what its kind alone gives; ``[validity.more.privilege]`` the same of the answer to a second request.

Words (scopes, permissions, roles) are matched by patterns, in which ``*`` stands for any text; case
does not count. A word counts for the first grant that has a pattern for it. One that no grant has a
pattern for leaves it open what the secret may do.
"""

from __future__ import annotations

from msgspec import Struct, structs

from keysift.model import Excess, Power

HEADER = "header:"
"""Begins a source that is a header of the answer; others are JMESPath over its JSON."""

ELEMENT = "xml:"
"""Begins a source that is an element of an answer in XML."""


class Grant(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What gives powers; all conditions that are named must hold, and without one it always does.

    Attributes:
        scope: Patterns, one of which fits a word.
        secret: Regular expression that the secret begins with: its kind gives them.
        status: The status of the answer.
        json: JMESPath expression over the answer that gives something true.
        lacks: Names of headers that the answer does not have.
        powers: What may be done.
        warnings: Why that is broader than needed.
        partial: Why there may be more powers than the answer tells.
        at_most: Why there may be fewer: what is given is what secrets of its kind can have.
    """

    scope: tuple[str, ...] = ()
    secret: str = ""
    status: int = 0
    json: str = ""
    lacks: tuple[str, ...] = ()
    powers: tuple[Power, ...] = ()
    warnings: tuple[Excess, ...] = ()
    partial: str = ""
    at_most: str = ""


class PrivilegeSpec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How an answer is read for powers.

    Attributes:
        scopes: Where the words are: ``header:`` or ``xml:`` and a name, or JMESPath. Text is split
            at commas and spaces, an item of a list is one word; a map gives ``name:value`` for each
            text in it and ``name`` for each that is true.
        grants: What gives powers.
        narrower: The provider's advice for a narrower secret, in a sentence.
        docs: Where the provider gives it.
    """

    scopes: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    narrower: str = ""
    docs: str = ""

    @property
    def read_so(self) -> PrivilegeSpec:
        """How answers are read, without the advice."""
        return structs.replace(self, narrower="", docs="")
