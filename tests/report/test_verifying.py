"""How a type of secret is verified, in words."""

from __future__ import annotations

from keysift.catalogue.privilege import Grant, PrivilegeSpec
from keysift.catalogue.validities import load_validities
from keysift.catalogue.validity import Condition, More, Validity
from keysift.model import Power
from keysift.report.statement import Kind, Statement
from keysift.report.verifying import verifying

DOCS = "https://docs.acme.example/api"


def told(table: Validity | None) -> dict[str, list[str]]:
    """Return what is said of a type, by label."""
    said: dict[str, list[str]] = {}
    for one in verifying(table, "acme-key"):
        said.setdefault(one.label, []).append(one.text)
    return said


def whole() -> Validity:
    """Return a table that has everything."""
    return Validity(
        detectors=("acme-key",),
        by_name="it may raise an alarm",
        method="POST",
        url="https://api.acme.example/{account}/me",
        also=("https://eu.acme.example",),
        headers={"Accept": "text/plain", "X-Key": "{secret}"},
        basic="{account}:{secret}",
        query={"v": "1", "id": "{account}"},
        form={"token": "{secret}"},
        scheme={"name": "hmac", "key": "{secret}", "rounds": 3},
        active_when=(
            Condition(status=(200, 201), json="user", header={"X-User": ""}),
            Condition(status=403, text="no scope", header={"X-Why": "scope"}),
        ),
        inactive_when=(Condition(status=401),),
        facts={"user": "user", "expires_at": "end"},
        side_effects="none",
        references=(DOCS,),
        privilege=PrivilegeSpec(
            scopes=("scopes",),
            grants=(
                Grant(scope=("w",), powers=(Power.WRITE, Power.READ)),
                Grant(partial="roles are not told"),
            ),
            narrower="A key for one project.",
            docs=f"{DOCS}/keys",
        ),
        more=(
            More(
                secret="ak_",  # noqa: S106 (a pattern)
                url="https://api.acme.example/rights",
                query={"key": "{secret}"},
                told_when=(Condition(status=200),),
                facts={"user": "name", "scope": "scope"},
                privilege=PrivilegeSpec(grants=(Grant(json="root", powers=(Power.ROOT,)),)),
                side_effects="none",
                references=(DOCS, f"{DOCS}/rights"),
            ),
        ),
    )


def test_everything_of_a_request_is_told() -> None:
    """Address, what carries the secret, its signature, regions and second requests stand there."""
    said = told(whole())
    assert said["verified"][1] == (
        "Only when the type is named (`--ask-also acme-key`): it may raise an alarm."
    )
    assert said["request"] == ["POST https://api.acme.example/{account}/me"]
    assert said["sent"] == [
        "X-Key: {secret}",
        "Authorization: Basic {account}:{secret}",
        "?id={account}",
        "form token={secret}",
    ]
    assert said["signed"] == ["hmac (key {secret}, rounds 3)"]
    assert said["regions"] == ["https://eu.acme.example"]
    assert said["second"] == ["POST https://api.acme.example/rights (?key={secret})"]
    (second,) = [one for one in verifying(whole(), "acme-key") if one.label == "second"]
    assert second.note == "for what begins with `ak_`"
    assert said["request docs"] == [DOCS, f"{DOCS}/rights"]


def test_answers_are_told_as_conditions() -> None:
    """Statuses, JSON, text and headers are named; any of several conditions is enough."""
    said = told(whole())
    assert said["works when"] == [
        "status 200 or 201, JSON: user, header X-User",
        "status 403, text: no scope, header X-Why: scope",
    ]
    assert said["dead when"] == ["status 401"]
    assert said["told"] == ["user", "expires at", "scope"]
    conditions = [one for one in verifying(whole(), "x") if one.label == "works when"]
    assert {(one.kind, one.joint) for one in conditions} == {(Kind.CODE, " or ")}


def test_powers_are_told_with_what_stays_open() -> None:
    """All powers that any answer can show, why there may be more, and how to have fewer."""
    said = told(whole())
    assert said["may do"] == ["read", "write", "root"]
    assert said["not known"] == ["roles are not told"]
    assert said["narrower"] == ["A key for one project."]
    silent = Validity(detectors=("acme-key",), url=DOCS)
    assert told(silent)["may do"] == ["What it may do is not read from an answer."]


def test_a_body_that_carries_the_secret_is_told() -> None:
    """JSON and other bodies are named when a value stands in them, and only then."""
    table = Validity(detectors=("a",), url=DOCS, json={"key": "{secret}"})
    assert told(table)["sent"] == ['JSON {"key":"{secret}"}']
    assert "sent" not in told(Validity(detectors=("a",), url=DOCS, json={"key": "1"}))
    assert told(Validity(detectors=("a",), url=DOCS, text="<k>{secret}</k>"))["sent"] == [
        "body <k>{secret}</k>"
    ]


def test_a_host_that_comes_with_the_secret_is_told() -> None:
    """Where part of the host is a placeholder, what the whole host must be stands beside it."""
    table = Validity(detectors=("a",), url="https://{host}/me", host=r"[a-z]+\.acme\.example")
    (host,) = [one for one in verifying(table, "a") if one.label == "host"]
    assert (host.text, host.note) == (table.host, "all of it must fit; no other is asked")


def test_a_refusal_that_proves_nothing_is_told() -> None:
    """Where other regions are not asked, no answer makes a secret inactive."""
    table = Validity(
        detectors=("a",),
        url=DOCS,
        doubtful="it may belong to a server of its own",
        inactive_when=(Condition(status=401),),
    )
    said = told(table)
    assert "dead when" not in said
    assert said["refused"] == ["A refusal proves nothing: it may belong to a server of its own."]


def test_what_is_not_asked_is_told_with_its_reason() -> None:
    """A type without a request says why, and nothing else."""
    refused = Validity(detectors=("acme-key",), not_checkable="it would pay")
    assert list(verifying(refused, "acme-key")) == [
        Statement("verified", "It cannot be checked safely: it would pay.")
    ]
    assert told(None) == {"verified": ["Nobody has described yet how its provider can be asked."]}


def test_every_table_can_be_told() -> None:
    """Each type that comes with keysift is told with a request or a reason."""
    for table in load_validities().tables:
        said = told(table)
        assert ("request" in said) is not bool(table.not_checkable)
        assert all(text for texts in said.values() for text in texts)
