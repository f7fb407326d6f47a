"""Which known types of secret the detectors find: tables of types, each with its detectors.

``facts.tsv`` has every type that was known when the catalogue was written, with its format
(``tests.catalogue.fact_formats``); ``leaks.tsv`` those that were found on PyPI, the most frequent
first. That a type is found is shown by values made from its format (``generated``), or by the
examples of its detectors (``examples``) where the format describes no whole secret. Others are no
secrets (``public``), or not looked for (``none``): ``docs/not-covered.md`` says why, under the name
in the last column.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

import keysift
from keysift.catalogue import Catalogue, Detector, load
from keysift.catalogue.samples import expand
from keysift.detect.lint import dressed
from tests.catalogue.fact_formats import value

HERE: Final = Path(__file__).parent
DOCS: Final = HERE.parents[1] / "docs"
SURROUNDINGS: Final = ('{name} = "{value}"\n', "{name}={value}\n", "{name}: {value}\n")
NAMES: Final = (
    "api_key",
    "token",
    "secret",
    "password",
    "key",
    "secret_key",
    "access_token",
    "client_secret",
    "webhook_url",
    "license_key",
)
"""What a secret is called; one of these must do."""

SHOWN: Final = {"generated", "examples"}
LEAST_COVERED: Final = 1300
ALL: Final = 1426


class Fact(msgspec.Struct, frozen=True):
    """A line of ``facts.tsv``."""

    provider: str
    secret_type: str
    form: str
    shown: str
    found_by: str

    @property
    def detectors(self) -> tuple[str, ...]:
        """The ids of those that find it."""
        return tuple(self.found_by.split()) if self.shown in SHOWN else ()


def rows(name: str) -> Iterator[list[str]]:
    """Yield the rows of a table next to this file, without its head."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(reader)
        yield from reader


FACTS: Final = [Fact(*row) for row in rows("facts.tsv")]
LEAKS: Final = {kind: tuple(ids.split()) for kind, _, ids in rows("leaks.tsv")}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the detectors that come with keysift."""
    return load()


def test_the_tables_name_detectors_that_exist(catalogue: Catalogue) -> None:
    """Whoever renames or removes a detector says what finds its types instead."""
    named = {identifier for fact in FACTS for identifier in fact.detectors}
    named |= {identifier for ids in LEAKS.values() for identifier in ids}
    assert sorted(named - catalogue.by_id.keys()) == []


def test_the_tables_are_whole() -> None:
    """No type is lost: every line says what finds it, or that nothing does."""
    assert len(FACTS) == ALL
    assert len({(fact.provider, fact.secret_type, fact.form) for fact in FACTS}) == ALL
    assert len(LEAKS) == 171
    assert {kind for kind, ids in LEAKS.items() if not ids} == set()
    assert {fact.shown for fact in FACTS} == {*SHOWN, "public", "none"}
    assert [fact for fact in FACTS if bool(fact.found_by) is (fact.shown == "public")] == []


def test_nearly_all_known_types_are_covered() -> None:
    """At least 1,300 types have a detector; most are shown by values of their format."""
    counted = Counter(fact.shown for fact in FACTS)
    assert counted["generated"] + counted["examples"] >= LEAST_COVERED
    assert counted["generated"] >= 1150


def test_what_is_not_covered_has_a_reason() -> None:
    """Each type that nothing looks for stands in the page on them."""
    page = (DOCS / "not-covered.md").read_text("utf-8")
    listed = {
        name.strip()
        for line in page.splitlines()
        if line.startswith("| ")
        for name in line.split("|")[1].split(",")
    }
    assert {fact.found_by for fact in FACTS if fact.shown == "none"} - listed == set()


def test_values_of_known_formats_are_found(catalogue: Catalogue) -> None:
    """What is made from a format is found under a plain name, in three syntaxes."""
    assert [
        fact for fact in FACTS if fact.shown == "generated" and not _found(fact, catalogue)
    ] == []


def test_examples_begin_as_the_formats_do(catalogue: Catalogue) -> None:
    """Where examples stand for a format, what every value of it begins with stands in them."""
    unlike = {
        fact.form
        for fact in FACTS
        if fact.shown == "examples" and _beginning(fact.form) not in _examples(fact, catalogue)
    }
    assert unlike == {
        "value assigned to a telling name",  # described, not written down
        "_test",  # the end of a token
        "QUl6YVN + 45 base64 + (=){0-2}",  # base64 of another format, which the engine decodes
        "NE5YUWpVekkxTmlJNkl",  # the same
    }


def test_what_leaks_on_pypi_is_found(catalogue: Catalogue) -> None:
    """Every example of every detector for a type that leaked is found by it, in all syntaxes."""
    scanner = keysift._scanner()
    ids = {identifier for ids in LEAKS.values() for identifier in ids}
    missed = [
        (one.id, template, syntax)
        for one in catalogue.detectors
        if one.id in ids
        for template in one.examples
        for syntax, content in dressed(one, expand(template, f"{one.id}/leak"), scanner)
        if all(match.detector != one.id for match in scanner.scan(content))
    ]
    assert missed == []


def test_every_detector_has_its_cases(catalogue: Catalogue) -> None:
    """Examples and near-misses come in pairs at least, and say something different each."""
    few = [
        one.id
        for one in catalogue.detectors
        if len(set(one.examples)) < 2 or len({near.text for near in one.near_misses}) < 2
    ]
    assert few == []


def _found(fact: Fact, catalogue: Catalogue) -> bool:
    """Return whether a name exists under which two values of a format are found everywhere."""
    values = [value(fact.form, seed) for seed in range(2)]
    detectors = [catalogue.by_id[identifier] for identifier in fact.detectors]
    return any(
        all(
            set(fact.detectors) & _detectors(surrounding.format(name=name, value=one))
            for one in values
            for surrounding in SURROUNDINGS
        )
        for name in _names(detectors)
    )


def _beginning(form: str) -> str:
    """Return the text that values of a format begin with, if it tells something; in small."""
    columns = zip(*(value(form, seed) or "" for seed in range(8)), strict=False)
    same = itertools.takewhile(lambda column: len(set(column)) == 1, columns)
    common = "".join(column[0] for column in same)
    return common[:12].rstrip().lower() if len(common) >= 4 else ""


def _examples(fact: Fact, catalogue: Catalogue) -> str:
    """Return the examples of the detectors of a type, expanded, in small."""
    detectors = [catalogue.by_id[identifier] for identifier in fact.detectors]
    return "\n".join(expand(text, 1) for one in detectors for text in one.examples).lower()


def _names(detectors: list[Detector]) -> Iterator[str]:
    """Yield names for a secret: a keyword of its detector and what a secret is called."""
    for keyword in dict.fromkeys((one.keywords or ("acme",))[0] for one in detectors):
        owner = keyword.replace(" ", "_").replace(".", "_")
        yield from (f"{owner}_{name}" for name in NAMES)


def _detectors(text: str) -> set[str]:
    return {match.detector for match in keysift.scan_bytes(text.encode("latin-1", "replace"))}
