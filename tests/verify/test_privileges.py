"""What a secret may do: the rule, how answers are read, and second requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from keysift.catalogue.privilege import PrivilegeSpec
from keysift.model import (
    EXCESSES,
    PRIVILEGES,
    Excess,
    Outcome,
    Power,
    Privilege,
    Verdict,
    excesses_of,
    privilege_of,
)
from keysift.net.asking import Asker, Reply
from keysift.verify.ask import NOT_KNOWN, ask
from keysift.verify.decide import Answer
from keysift.verify.powers import TOO_MANY, Told, read
from keysift.verify.rehearsal import Act, Stage
from keysift.verify.request import at, build
from tests.verify.tables import SECRET, table

VALUES = {"secret": SECRET}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Return the server."""
    with Stage() as one:
        yield one


def told(answer: Reply | None, **spec: Any) -> Told:  # noqa: ANN401 (fields of a table)
    """Return what an answer says."""
    read_as = msgspec.convert(spec, PrivilegeSpec)
    return read(read_as, None if answer is None else Answer(answer), VALUES)


def words(*scopes: str) -> Reply:
    """Return an answer with scopes."""
    return Reply(200, {}, msgspec.json.encode({"scopes": scopes}))


@pytest.mark.parametrize(
    ("powers", "privilege"),
    [
        ([], None),
        ([Power.IDENTITY], Privilege.LOW),
        ([Power.READ], Privilege.LOW),
        ([Power.READ, Power.WRITE], Privilege.MEDIUM),
        ([Power.USE], Privilege.MEDIUM),
        ([Power.MESSAGE], Privilege.MEDIUM),
        ([Power.PEOPLE], Privilege.MEDIUM),
        ([Power.WRITE, Power.DELETE], Privilege.HIGH),
        ([Power.PUBLISH], Privilege.HIGH),
        ([Power.CODE, Power.READ], Privilege.HIGH),
        ([Power.SECRETS], Privilege.HIGH),
        ([Power.MONEY], Privilege.HIGH),
        ([Power.CODE, Power.ADMIN], Privilege.ADMIN),
        ([Power.ROOT], Privilege.ADMIN),
    ],
)
def test_the_rule(powers: list[Power], privilege: Privilege | None) -> None:
    """A secret may do as much as the greatest of its powers."""
    assert privilege_of(powers) is privilege


def test_powers_that_may_not_be_all_never_read_as_little() -> None:
    """What may be more than it seems is not known, unless it is much already."""
    seen = {privilege_of([one], is_all=False) for one in Power}
    assert seen == {None, Privilege.HIGH, Privilege.ADMIN}


def test_the_rule_names_all_powers() -> None:
    """Every power is worth something, and the printed rule names each; so do the warnings."""
    assert set(PRIVILEGES) == set(Power)
    assert all(f"``{one.value}``" in (privilege_of.__doc__ or "") for one in Power)
    assert all(f"{one.name}: " in (Power.__doc__ or "") for one in Power)
    assert set(EXCESSES) == set(Excess)


def test_root_is_broader_than_needed() -> None:
    """Powers alone say so of root and admin credentials."""
    assert excesses_of([Power.ROOT, Power.ADMIN]) == (Excess.ROOT,)
    assert excesses_of([Power.READ]) == ()


GRANTS: list[dict[str, Any]] = [
    {"scope": ["admin:*"], "powers": ["admin"]},
    {"scope": ["*:read"], "powers": ["read"]},
    {"scope": ["*"], "json": "trusted", "powers": ["code"]},
]


@pytest.mark.parametrize(
    ("scopes", "powers", "gaps"),
    [
        (["Admin:org", "x:read"], {Power.ADMIN, Power.READ}, 0),
        (["admin:read"], {Power.ADMIN}, 0),
        ([], {Power.IDENTITY}, 0),
        (["x:read", "x:write"], {Power.READ}, 1),
    ],
)
def test_words(scopes: list[str], powers: set[Power], gaps: int) -> None:
    """The first pattern that fits counts; a word without one leaves a gap; none is no power."""
    found = told(words(*scopes), scopes=["scopes"], grants=GRANTS)
    assert found.powers == powers
    assert len(found.gaps) == gaps


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"scopes": null}'])
def test_an_answer_without_words_tells_nothing(body: bytes) -> None:
    """Scopes that are not told are not the same as no scopes."""
    found = told(Reply(200, {}, body), scopes=["scopes"], grants=GRANTS)
    assert not found.powers
    assert len(found.gaps) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'"a,b  c"', {"a", "b", "c"}),
        (b'["a b", "c"]', {"a b", "c"}),
        (b'{"a": "b", "c": true, "d": false, "e": ["f"]}', {"a:b", "c", "e:f"}),
        (b'[{"a": true}, ["b"]]', {"a", "b"}),
        (b"7", {"7"}),
    ],
)
def test_where_words_stand(value: bytes, expected: set[str]) -> None:
    """Text is split, items and entries of maps are words."""
    grants = [{"scope": [one], "powers": ["read"]} for one in sorted(expected)]
    found = told(Reply(200, {}, b'{"it": %b}' % value), scopes=["it"], grants=grants)
    assert ({pattern for _, pattern in found.fired}, found.gaps) == (expected, ())


def test_a_header_with_words() -> None:
    """Scopes may stand in a header."""
    grants = [{"scope": ["a"], "powers": ["read"]}, {"lacks": ["X-Ends"], "partial": "p"}]
    found = told(Reply(200, {"x-s": "a"}, b""), scopes=["header:X-S"], grants=grants)
    assert found.powers == {Power.READ}
    assert found.gaps == ("p",)
    found = told(Reply(200, {"x-s": "a", "x-ends": "1"}, b""), scopes=["header:X-S"], grants=grants)
    assert found.gaps == ()


def test_the_kind_of_a_secret_tells() -> None:
    """Some secrets can do what they can do, whatever is answered, or when nothing was asked."""
    grants = [
        {"secret": "acme_", "powers": ["root"]},
        {"secret": "other_", "powers": ["read"]},
        {"json": "x", "powers": ["read"]},
    ]
    assert told(None, grants=grants).powers == {Power.ROOT}
    assert told(words(), grants=grants).powers == {Power.ROOT}


def test_powers_that_are_a_bound() -> None:
    """Where all keys of a kind are bounded, the bound is known; it is said that it is one."""
    spec = {"grants": [{"powers": ["use"], "at_most": "a key may have less"}]}
    outcome = ask(table(not_checkable="it costs", privilege=spec), VALUES, Asker())
    assert outcome.privilege is Privilege.MEDIUM
    assert outcome.unclear == "at most: a key may have less"


def test_words_are_bounded() -> None:
    """A stranger's answer is neither long nor a way to have the secret repeated."""
    many = told(words(*(f"s{n}" for n in range(5000))), scopes=["scopes"], grants=GRANTS)
    assert TOO_MANY in many.gaps
    echo = told(words(SECRET.decode(), "x" * 5000), scopes=["scopes"], grants=GRANTS)
    assert SECRET.decode() not in "".join(echo.gaps)
    assert sum(map(len, echo.gaps)) < 200


def test_words_that_nest_without_end() -> None:
    """A stranger's answer exhausts no stack."""
    body = b'{"scopes": %b%b}' % (b"[" * 900, b"]" * 900)
    assert told(Reply(200, {}, body), scopes=["scopes"], grants=GRANTS).powers == frozenset()


SECOND = {
    "url": "https://api.acme.example/v1/users/{user}/roles",
    "told_when": [{"status": 200, "json": "type(roles) == 'array'"}],
    "facts": {"role": "roles[0]", "user": "'not this'"},
    "privilege": {"scopes": ["roles"], "grants": [{"scope": ["owner"], "powers": ["admin"]}]},
    "side_effects": "none",
    "references": ["https://docs.acme.example/roles"],
}


def asked(stage: Stage, more: Act) -> Outcome:
    """Return what comes of a question whose second request is answered so."""
    both = table(more=[SECOND])
    with stage.playing(Act("", body=b'{"login": "grace"}'), more, build(both, VALUES)):
        return ask(both, VALUES, stage.asker("https://api.acme.example"))


def test_a_second_request(stage: Stage) -> None:
    """It is made of what the first told, and tells what the secret may do."""
    outcome = asked(stage, Act("", body=b'{"roles": ["owner"]}'))
    assert outcome == Outcome(
        Verdict.ACTIVE,
        facts={"user": "grace", "role": "owner"},
        powers=(Power.ADMIN,),
        privilege=Privilege.ADMIN,
        warnings=(Excess.ADMIN,),
    )


@pytest.mark.parametrize(
    "act",
    [
        Act("", 401),
        Act("", 403, body=b'{"roles": []}'),
        Act("", 429),
        Act("", 500),
        Act("", 302, {"Location": "/"}),
        Act("", body=b"{"),
        Act("", hangs_up=True),
    ],
)
def test_a_second_request_that_fails(stage: Stage, act: Act) -> None:
    """The verdict stays, and what the secret may do is not known."""
    outcome = asked(stage, act)
    assert (outcome.verdict, outcome.powers, outcome.privilege) == (Verdict.ACTIVE, (), None)
    assert outcome.unclear.startswith(NOT_KNOWN)
    assert outcome.facts == {"user": "grace"}


def test_no_second_request_without_a_secret_that_works(stage: Stage) -> None:
    """What is refused is not asked again."""
    with stage.playing(Act("", 401)):
        outcome = ask(table(more=[SECOND]), VALUES, stage.asker("https://api.acme.example"))
    assert outcome == Outcome(Verdict.INACTIVE)


def test_what_cannot_be_checked_has_powers_too() -> None:
    """Where the kind of a secret tells what it may do, no answer is needed."""
    spec = {
        "grants": [{"powers": ["message"]}],
        "narrower": "Another.",
        "docs": "https://docs.acme.example",
    }
    outcome = ask(table(not_checkable="it posts", privilege=spec), VALUES, Asker())
    assert (outcome.verdict, outcome.privilege) == (Verdict.NOT_CHECKABLE, Privilege.MEDIUM)
    assert outcome.narrower == "Another. https://docs.acme.example"


def test_a_second_request_goes_to_the_region_that_knows_the_secret(stage: Stage) -> None:
    """The first region refuses; the second is asked twice."""
    both = table(more=[SECOND], also=["https://eu.acme.example"])
    there = build(at(both, both.also[0]), VALUES)
    second = build(at(both.second(both.more[0]), both.also[0]), VALUES | {"user": b"grace"})
    answers = {
        there.url: Act("", body=b'{"login": "grace"}'),
        second.url: Act("", body=b'{"roles": ["owner"]}'),
    }
    sent: list[str] = []

    class Regions:
        def ask(self, method: str, url: str, *rest: Any) -> Reply:  # noqa: ANN401 (passed on)
            sent.append(url)
            with stage.playing(answers.get(url, Act("", 401))):
                asker = stage.asker("https://api.acme.example", "https://eu.acme.example")
                return asker.ask(method, url, *rest)

    assert ask(both, VALUES, Regions()).privilege is Privilege.ADMIN
    assert sent[1:] == [there.url, second.url]
