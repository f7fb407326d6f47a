"""What the address of a list of findings asks for, and the address that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct

from keysift.catalogue import Catalogue
from keysift.model import Confidence, Privilege, Severity, TriageStatus, Verdict
from keysift.report.escape import well_formed
from keysift.store.queries.find import SortBy
from keysift.store.queries.wanted import Wanted
from keysift.web.refusals import SenselessError

LIST: Final = "/findings"
SIZES: Final = (50, 100, 200)
"""Findings of a page."""

KINDS: Final = ("sdist", "wheel", "egg", "other")
PRESENCE: Final[Mapping[str, bool | None]] = {"yes": True, "no": False, "unknown": None}
"""Words of ``present``."""

UNKNOWN: Final = "unknown"
"""Word for a privilege that is not known."""

CANARIES: Final[Mapping[str, bool | None]] = {"": None, "only": True, "none": False}
"""Words of ``canaries``."""

SINGLE: Final = ("q", "project", "path", "detector", "provider", "kind", "year", "canaries")
"""Fields with one value."""

SEVERAL: Final = ("severity", "confidence", "verdict", "triage", "present", "privilege")
"""Fields that may be there several times: one of the values is enough."""

_ORDERS: Final = ("asc", "desc")
_KNOWN: Final = frozenset({*SINGLE, *SEVERAL, "outdated", "sort", "order", "size", "cursor"})
_LONGEST: Final = 500
"""Characters of what is searched for."""

_CURSOR: Final = 4_000
_MANY: Final = 200
"""Fields of an address."""

_LAST_YEAR: Final = 9999
"""The last one that has a next year, for Python."""

_One = TypeVar("_One", bound=Enum)

Fields = dict[str, tuple[str, ...]]


class Question(Struct, frozen=True, kw_only=True):
    """What a list is asked for.

    Attributes:
        fields: The same as fields of a form, what is empty or usual left out.
        wanted: Which findings.
        sort: By what they are sorted.
        is_descending: The largest first.
        size: Findings of a page.
        cursor: Which page; None: the first one.
    """

    fields: Fields
    wanted: Wanted
    sort: SortBy
    is_descending: bool
    size: int
    cursor: str | None

    def value(self, name: str) -> str:
        """Return the value of a field; empty: it asks for nothing."""
        return self.fields.get(name, ("",))[0]

    def has(self, name: str, value: str) -> bool:
        """Tell whether a field has a value."""
        return value in self.fields.get(name, ())

    @property
    def is_filtered(self) -> bool:
        """Whether not all findings are wanted."""
        return any(name in self.fields for name in (*SINGLE, *SEVERAL, "outdated"))

    @property
    def uses_more(self) -> bool:
        """Whether it asks for something besides a search."""
        return any(name in self.fields for name in (*SINGLE[1:], *SEVERAL, "outdated"))

    @property
    def query(self) -> str:
        """What stands behind the question mark in its address, without the page."""
        return self._query({"cursor": ()})

    @property
    def here(self) -> str:
        """The same with the page."""
        return self._query({})

    @property
    def address(self) -> str:
        """Its address, with the page."""
        return _address(self.here)

    @property
    def words(self) -> str:
        """What is asked for, for people; empty: everything."""
        named = ((name, self.fields.get(name, ())) for name in (*SINGLE, *SEVERAL))
        words = [f"{name}: {' or '.join(values)}" for name, values in named if values]
        return "; ".join([*words, *(["outdated, too"] if "outdated" in self.fields else [])])

    def page(self, cursor: str) -> str:
        """Return the address of another page of it."""
        return _address(self._query({"cursor": (cursor,)}))

    def sorted_by(self, sort: SortBy) -> str:
        """Return the address of the same sorted by something; by what it is now: the other way."""
        is_descending = not sort.is_ascending
        if sort is self.sort:
            is_descending = not self.is_descending
        order = _ORDERS[is_descending] if is_descending is sort.is_ascending else ""
        return _address(
            self._query({"cursor": (), "sort": _unusual(sort), "order": (order,) if order else ()})
        )

    def toggled(self, name: str, value: str) -> str:
        """Return the address of the same, with a value of a field that it lacks, or without it."""
        values = self.fields.get(name, ())
        others = tuple(one for one in values if one != value)
        return _address(
            self._query({"cursor": (), name: others if value in values else (*values, value)})
        )

    def _query(self, changes: Fields) -> str:
        fields = self.fields | changes
        return urlencode([(name, value) for name in sorted(fields) for value in fields[name]])


def question(pairs: Iterable[tuple[str, str]], catalogue: Catalogue) -> Question:
    """Return what fields ask for.

    Args:
        pairs: Names and values; what has another name does not count.
        catalogue: Tells the detectors of providers.

    Raises:
        SenselessError: A value makes no sense.
    """
    fields = _fields(pairs)
    sort = _word(SortBy, fields, "sort", SortBy.SEVERITY)
    order = _one(fields, "order")
    if order and order not in _ORDERS:
        raise _senseless("order", _ORDERS)
    is_descending = order == "desc" if order else not sort.is_ascending
    size = _size(fields)
    usual = {"sort": sort is SortBy.SEVERITY, "size": size == SIZES[0]}
    usual["order"] = is_descending is not sort.is_ascending
    return Question(
        fields={name: values for name, values in fields.items() if not usual.get(name, False)},
        wanted=_wanted(fields, catalogue),
        sort=sort,
        is_descending=is_descending,
        size=size,
        cursor=_one(fields, "cursor") or None,
    )


def question_of(query: str, catalogue: Catalogue) -> Question:
    """Return what the query of an address asks for; as ``question``."""
    try:
        pairs = parse_qsl(query, max_num_fields=_MANY)
    except ValueError:
        raise SenselessError("The address of the list is too long.") from None
    return question(pairs, catalogue)


def _fields(pairs: Iterable[tuple[str, str]]) -> Fields:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        text = well_formed(value).strip()
        if name not in _KNOWN or not text:
            continue
        if len(text) > (_CURSOR if name == "cursor" else _LONGEST) or "\0" in text:
            raise SenselessError(f"What is asked for as “{name}” is too long, or no text.")
        values = fields.setdefault(name, [])
        if text not in values:
            values.append(text)
    return {
        name: tuple(values) if name in SEVERAL else (values[-1],) for name, values in fields.items()
    }


def _wanted(fields: Fields, catalogue: Catalogue) -> Wanted:
    kind = _one(fields, "kind")
    if kind and kind not in KINDS:
        raise _senseless("kind", KINDS)
    provider = _one(fields, "provider")
    return Wanted(
        search=_one(fields, "q"),
        project=_glob(_one(fields, "project")),
        path=_glob(_one(fields, "path")),
        detector=_glob(_one(fields, "detector")),
        detectors=_detectors(provider, catalogue) if provider else None,
        severities=_words(Severity, fields, "severity"),
        confidences=_words(Confidence, fields, "confidence"),
        verdicts=_words(Verdict, fields, "verdict"),
        triage=_words(TriageStatus, fields, "triage"),
        presence=_choices(fields, "present", PRESENCE),
        privileges=_choices(fields, "privilege", _PRIVILEGES),
        kind=kind or None,
        year=_year(_one(fields, "year")),
        is_canary=_choice(fields, "canaries", CANARIES),
        outdated="outdated" in fields,
    )


_PRIVILEGES: Final[Mapping[str, Privilege | None]] = {
    **{one.value: one for one in Privilege},
    UNKNOWN: None,
}


def _one(fields: Fields, name: str) -> str:
    return fields.get(name, ("",))[0]


def _glob(text: str) -> str | None:
    """Return a glob: what is none is looked for anywhere in the text."""
    if not text:
        return None
    return text if any(char in text for char in "*?[") else f"*{text}*"


def _detectors(provider: str, catalogue: Catalogue) -> frozenset[str]:
    wanted = provider.casefold()
    return frozenset(one.id for one in catalogue.detectors if wanted in one.provider.casefold())


def _word(words: type[_One], fields: Fields, name: str, default: _One) -> _One:
    return next(iter(_words(words, fields, name)), default)


def _words(words: type[_One], fields: Fields, name: str) -> tuple[_One, ...]:
    return _choices(fields, name, {one.value: one for one in words})


def _choices(fields: Fields, name: str, known: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what the values of a field stand for.

    Raises:
        SenselessError: One of them stands for nothing.
    """
    values = fields.get(name, ())
    if any(value not in known for value in values):
        raise _senseless(name, known)
    return tuple(known[value] for value in values)


def _choice(fields: Fields, name: str, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 (of known)
    return next(iter(_choices(fields, name, known)), None)


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == len("YYYY")):
        raise SenselessError("A year has four digits.")
    if not 1 <= int(text) < _LAST_YEAR:
        raise SenselessError("There is no such year.")
    return int(text)


def _size(fields: Fields) -> int:
    known = {str(size): size for size in SIZES}
    return next(iter(_choices(fields, "size", known)), SIZES[0])


def _unusual(sort: SortBy) -> tuple[str, ...]:
    return () if sort is SortBy.SEVERITY else (sort.value,)


def _address(query: str) -> str:
    return f"{LIST}?{query}" if query else LIST


def _senseless(name: str, known: Iterable[str]) -> SenselessError:
    return SenselessError(f"“{name}” is one of: {', '.join(one for one in known if one)}.")
