"""What secrets of providers may do, by what the providers answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import pytest

from keysift.catalogue.validities import Validities, load_validities
from keysift.model import Excess, Outcome, Power, Privilege, Verdict
from keysift.verify.ask import ask
from keysift.verify.rehearsal import Act, Stage
from keysift.verify.request import build, host_of


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Return the server."""
    with Stage() as one:
        yield one


@pytest.fixture(scope="module")
def validities() -> Validities:
    """Return all tables."""
    return load_validities()


def github(validities: Validities, stage: Stage, secret: bytes, headers: dict[str, str]) -> Outcome:
    """Ask about a token of GitHub's."""
    found = validities.of("github-pat")
    assert found is not None
    with stage.playing(Act("", 200, headers, b'{"login": "octocat", "id": 1}')):
        return ask(found, {"secret": secret}, stage.asker("https://api.github.com"))


def test_github(validities: Validities, stage: Stage) -> None:
    """Scopes of a classic token are told; the permissions of a fine-grained one are not."""
    classic = github(
        validities, stage, b"ghp_" + b"made_up", {"X-OAuth-Scopes": "repo, write:packages"}
    )
    assert classic.powers == (Power.READ, Power.WRITE, Power.PUBLISH, Power.CODE)
    assert classic.privilege is Privilege.HIGH
    assert classic.warnings == (
        Excess.ALL_PROJECTS,
        Excess.CLASSIC,
        Excess.PERSONAL,
        Excess.NEVER_EXPIRES,
    )
    fine = github(
        validities,
        stage,
        b"github_pat_" + b"made_up",
        {"github-authentication-token-expiration": "2027-01-31 12:00:00 UTC"},
    )
    assert (fine.verdict, fine.powers, fine.privilege) == (Verdict.ACTIVE, (), None)
    assert "fine-grained" in fine.unclear
    assert fine.warnings == ()


def asked_of(
    validities: Validities, stage: Stage, detector: str, secret: bytes, *acts: Act
) -> Outcome:
    """Ask about a secret; the first act answers the first request, the second all others."""
    found = validities.of(detector)
    assert found is not None
    values = {"secret": secret, "key_sid": b"SK0", "host": b"acme.okta.com"}
    first = build(found, values)
    others = {f"https://{host_of(found.second(one))}" for one in found.more}
    with stage.playing(acts[0], acts[-1], first):
        return ask(found, values, stage.asker(first.origin, *found.also, *others))


def json(document: object, status: int = 200, scopes: str = "") -> Act:
    """Answer with JSON."""
    headers = {"X-OAuth-Scopes": scopes} if scopes else {}
    return Act("", status, headers, msgspec.json.encode(document))


GITLAB = {"id": 4, "user_id": 3, "expires_at": None}


class Row(NamedTuple):
    """What a provider answers about a secret, and what is made of it."""

    detector: str
    secret: bytes
    acts: list[Act]
    privilege: Privilege | None
    warnings: set[Excess]


ROWS = [
    Row(
        "gitlab-pat",
        b"glpat-x",
        [json(GITLAB | {"scopes": ["read_api", "read_user"]})],
        Privilege.LOW,
        {Excess.NEVER_EXPIRES},
    ),
    Row(
        "gitlab-pat",
        b"glpat-x",
        [json(GITLAB | {"scopes": ["api", "sudo"], "expires_at": "2027-07-21"})],
        Privilege.ADMIN,
        {Excess.ADMIN, Excess.ALL_SCOPES, Excess.WRITES},
    ),
    Row(
        "gitlab-pat",
        b"glpat-x",
        [json({"error": "insufficient_scope"}, 403)],
        None,
        set(),
    ),
    Row(
        "slack-bot-token",
        b"xoxb-x",
        [json({"ok": True}, scopes="chat:write,channels:read")],
        Privilege.MEDIUM,
        {Excess.NEVER_EXPIRES},
    ),
    Row(
        "slack-user-token",
        b"xoxp-x",
        [json({"ok": True}, scopes="admin.users:write")],
        Privilege.ADMIN,
        {Excess.ADMIN, Excess.PERSONAL, Excess.NEVER_EXPIRES},
    ),
    Row(
        "stripe-live-secret-key",
        b"sk_live_x",
        [json({"object": "account", "id": "acct_1"})],
        Privilege.ADMIN,
        {Excess.ROOT},
    ),
    Row(
        "stripe-live-restricted-key",
        b"rk_live_x",
        [json({"object": "account", "id": "acct_1"})],
        None,
        set(),
    ),
    Row(
        "sendgrid-api-key",
        b"SG.x",
        [json({"scopes": ["mail.send", "alerts.read"]})],
        Privilege.MEDIUM,
        set(),
    ),
    Row(
        "huggingface-user-token",
        b"hf_x",
        [json({"name": "g", "type": "user", "auth": {"accessToken": {"role": "write"}}})],
        Privilege.HIGH,
        {Excess.ALL_PROJECTS, Excess.CLASSIC, Excess.WRITES},
    ),
    Row(
        "twilio-api-key",
        b"x",
        [json({"services": []}), json({"accounts": []})],
        Privilege.ADMIN,
        {Excess.ROOT},
    ),
    Row(
        "digitalocean-pat",
        b"dop_v1_x",
        [json({"account": {"uuid": "u"}}), json({"scopes": ["droplet:read"]})],
        Privilege.LOW,
        set(),
    ),
    Row(
        "okta-api-token",
        b"00x",
        [json({"id": "00u1", "status": "ACTIVE", "profile": {"login": "g"}}), Act("", 503)],
        None,
        {Excess.CLASSIC, Excess.PERSONAL},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.detector)
def test_providers(validities: Validities, stage: Stage, row: Row) -> None:
    """What providers answer, by a server on this machine."""
    outcome = asked_of(validities, stage, row.detector, row.secret, *row.acts)
    assert outcome.verdict is Verdict.ACTIVE
    assert (outcome.privilege, set(outcome.warnings)) == (row.privilege, row.warnings)
    assert bool(outcome.unclear) or row.privilege is not None
    assert outcome.narrower.partition(" https://")[2]
