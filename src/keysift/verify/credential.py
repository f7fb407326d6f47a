"""What is asked about: one secret with its other halves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from keysift.catalogue.schema import SECRET_GROUP
from keysift.catalogue.validity import Validity
from keysift.model import Part, Secret


class Credential(Struct, frozen=True):
    """A secret with its other halves. It holds their values: it must not be shown.

    Attributes:
        key: What the caller knows it by: the number of a secret, an index.
        detector: Id of its type.
        fingerprint: Keyed fingerprint of the secret, for the audit log.
        values: What a request is made of, by name: the secret, its other halves, facts.
        facts: What was learned offline.
    """

    key: int
    detector: str
    fingerprint: str
    values: dict[str, bytes]
    facts: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Credential({self.key}, {self.detector})"


def values_of(
    secret: Secret, parts: Iterable[Part] | Mapping[str, Secret], facts: Mapping[str, str]
) -> dict[str, bytes]:
    """Return what a request may be made of, by name.

    Args:
        secret: The secret.
        parts: Its other halves.
        facts: What patterns named, and proofs learned.
    """
    if not isinstance(parts, Mapping):
        parts = {part.name: part.value for part in parts}
    values = {name: text.encode() for name, text in facts.items()}
    values |= {name: value.reveal() for name, value in parts.items()}
    values[SECRET_GROUP] = secret.reveal()
    return values


class Question(Struct, frozen=True):
    """A credential, and how to ask about it.

    Attributes:
        credential: What is asked about.
        table: How.
        provider: Who is asked.
    """

    credential: Credential
    table: Validity
    provider: str
