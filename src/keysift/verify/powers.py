"""What an answer says a secret may do.

An answer is written by a stranger: the words that are read of it are few and short, and none that
holds a value of the secret is repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from typing import Final

from msgspec import Struct, structs

from keysift.catalogue.privilege import ELEMENT, HEADER, Grant, PrivilegeSpec
from keysift.catalogue.schema import SECRET_GROUP
from keysift.catalogue.validity import Validity
from keysift.model import Excess, Outcome, Power, excesses_of, privilege_of
from keysift.verify.decide import Answer, is_true, looked_up

_MAX_WORDS: Final = 1000
_MAX_WORD: Final = 100
_MAX_SHOWN: Final = 5
_MAX_UNCLEAR: Final = 300
_SPLIT: Final = re.compile(r"[\s,]+")

NOT_TOLD: Final = "the answer does not tell what it may do"
NO_WORDS: Final = "the answer does not tell its scopes"
TOO_MANY: Final = f"the answer has more than {_MAX_WORDS} scopes"


class Told(Struct, frozen=True):
    """What one answer says.

    Attributes:
        powers: What may be done.
        warnings: Why that is broader than needed.
        gaps: What else it may be allowed, and why that is not known.
        bounds: Why it may be allowed less.
        fired: The grants that held, by number, with the pattern that fitted a word, or none.
    """

    powers: frozenset[Power] = frozenset()
    warnings: frozenset[Excess] = frozenset()
    gaps: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    fired: frozenset[tuple[int, str]] = frozenset()


def read(spec: PrivilegeSpec, answer: Answer | None, values: Mapping[str, bytes]) -> Told:
    """Read an answer for powers.

    Args:
        spec: How it is to be read.
        answer: The answer; None when nothing was asked: the kind of the secret must tell.
        values: The secret and its other halves by name.
    """
    words = None if answer is None else _words(spec.scopes, answer)
    secret = values.get(SECRET_GROUP, b"").decode(errors="replace")
    open_grants = [
        (number, one) for number, one in enumerate(spec.grants) if _is_open(one, answer, secret)
    ]
    fired = {(number, ""): one for number, one in open_grants if not one.scope}
    unknown: list[str] = []
    for word in words or ():
        found = _granted(open_grants, word)
        if found is None:
            unknown.append(word)
        else:
            fired[found] = spec.grants[found[0]]
    powers = frozenset(power for one in fired.values() for power in one.powers)
    gaps = [one.partial for one in fired.values() if one.partial]
    if unknown:
        gaps.append(f"it is not known what these allow: {_named(unknown, values)}")
    if words is not None and len(words) > _MAX_WORDS:
        gaps.append(TOO_MANY)
    if not powers and not gaps:
        if words is not None:
            powers = frozenset({Power.IDENTITY})  # It has scopes, and none of them: no powers.
        elif spec.scopes or any(one.powers for one in spec.grants if _is_kind(one, secret)):
            gaps.append(NO_WORDS if spec.scopes else NOT_TOLD)
    warnings = frozenset(warning for one in fired.values() for warning in one.warnings)
    bounds = tuple(one.at_most for one in fired.values() if one.at_most)
    return Told(powers, warnings, tuple(gaps), bounds, frozenset(fired))


def with_powers(table: Validity, outcome: Outcome, told: Sequence[Told]) -> Outcome:
    """Return an outcome that says what the secret may do.

    Args:
        table: How was asked.
        outcome: What came of it.
        told: What its answers say.
    """
    powers = {power for one in told for power in one.powers}
    gaps: dict[str, None] = dict.fromkeys(gap for one in told for gap in one.gaps)
    bounds = dict.fromkeys(f"at most: {bound}" for one in told for bound in one.bounds)
    if not powers and not gaps:
        gaps[NOT_TOLD] = None
    if len(powers) > 1:
        powers.discard(Power.IDENTITY)
    chosen = {warning for one in told for warning in one.warnings} | set(excesses_of(powers))
    if Excess.ROOT in chosen:
        chosen.discard(Excess.ADMIN)
    return structs.replace(
        outcome,
        powers=tuple(power for power in Power if power in powers),
        privilege=privilege_of(powers, is_all=not gaps),
        warnings=tuple(one for one in Excess if one in chosen),
        unclear="; ".join([*gaps, *bounds])[:_MAX_UNCLEAR],
        narrower=advice_of(table),
    )


def advice_of(table: Validity) -> str:
    """Return the provider's advice for a narrower secret, with its link; empty: none is known."""
    specs = (table.privilege, *(one.privilege for one in table.more))
    advice = next((one for one in specs if one is not None and one.narrower), None)
    return "" if advice is None else f"{advice.narrower} {advice.docs}"


def _is_kind(grant: Grant, secret: str) -> bool:
    """Tell whether a grant is for secrets of this kind."""
    return not grant.secret or re.match(grant.secret, secret) is not None


def _is_open(grant: Grant, answer: Answer | None, secret: str) -> bool:
    """Tell whether a grant's conditions hold, words aside."""
    if not _is_kind(grant, secret):
        return False
    if answer is None:
        return not (grant.status or grant.json or grant.lacks)
    if grant.status and grant.status != answer.status:
        return False
    if any(name.lower() in answer.headers for name in grant.lacks):
        return False
    return not grant.json or is_true(grant.json, answer.document)


def _granted(grants: Iterable[tuple[int, Grant]], word: str) -> tuple[int, str] | None:
    """Return the first grant that has a pattern for a word, and the pattern."""
    for number, grant in grants:
        for pattern in grant.scope:
            if fnmatchcase(word.casefold(), pattern.casefold()):
                return number, pattern
    return None


def _words(sources: tuple[str, ...], answer: Answer) -> list[str] | None:
    """Return the words of an answer, one more than is read at most; None when it has no such."""
    found = [value for source in sources if (value := _value(source, answer)) is not None]
    if not found:
        return None
    words = (word[:_MAX_WORD] for value in found for word in _split(value) if word)
    return list(islice(dict.fromkeys(words), _MAX_WORDS + 1))


def _value(source: str, answer: Answer) -> object:
    if source.startswith(HEADER):
        return answer.headers.get(source.removeprefix(HEADER).lower())
    if source.startswith(ELEMENT):
        return answer.element(source.removeprefix(ELEMENT))
    return looked_up(source, answer.document)


def _split(value: object) -> Iterator[str]:
    """Yield the words of a text, a list, or a map; lists in lists are looked into once."""
    if isinstance(value, str):
        yield from _SPLIT.split(value)
    elif isinstance(value, list):
        for one in value:
            yield from _items(one)
    else:
        yield from _items(value)


def _items(value: object) -> Iterator[str]:
    """Yield ``name:value`` or, for what is true, ``name`` of a map; else what is no list."""
    if isinstance(value, list):
        # What was not expected becomes a word that nothing fits: it must not read as nothing.
        yield from (one if isinstance(one, str) else "?" for one in value)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str):
                yield f"{name}:{one}"
            elif isinstance(one, list):
                yield from (f"{name}:{text}" for text in one if isinstance(text, str))
            elif one:
                yield str(name)
    elif value is not None:
        yield str(value)


def _named(words: list[str], values: Mapping[str, bytes]) -> str:
    """Return a few unknown words for people."""
    hidden = [text for value in values.values() if len(text := value.decode(errors="replace")) > 7]
    shown = [
        "".join(char for char in word if char.isprintable())[:40]
        for word in words[:_MAX_SHOWN]
        if not any(text in word or word in text for text in hidden)
    ]
    rest = len(words) - len(shown)
    return ", ".join([*shown, *([f"{rest} more"] if rest else [])])
