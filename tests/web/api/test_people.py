"""Saved lists, and access tokens that make access tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from keysift.model import Role
from keysift.store.database import Store
from tests.web.api.serving import serving, token


def test_saved_lists_are_shared_and_their_authors_own(store: Store) -> None:
    """Everybody sees them; only who saved one takes it away."""
    with serving(store) as program:
        other = program.with_token(token(store, Role.TRIAGE, name="other"))
        made = program.post("/views", {"name": " mine ", "query": "?severity=high"})
        assert made.status_code == 201
        view = made.json()
        assert (view["name"], view["query"]) == ("mine", "severity=high")
        again = program.post("/views", {"name": "mine", "query": "severity=low"}).json()
        assert other.get("/views") == [again]
        assert again["id"] == view["id"]
        path = f"/views/{view['id']}"
        assert other.ask("DELETE", path).status_code == 404
        assert program.ask("DELETE", path).status_code == 204
        assert program.get("/views") == []
        assert program.post("/views", {"name": " "}).json()["parameter"] == "name"


def test_tokens_are_made_used_and_revoked(store: Store) -> None:
    """A token is shown once, has the scopes it was given, and ends when it is revoked."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    with serving(store) as program:
        made = program.post("/tokens", {"name": "ci", "scopes": ["triage"], "expires": later})
        assert made.status_code == 201
        user = program.with_token(made.json()["token"])
        assert user.get("/me")["roles"] == ["read", "triage"]
        assert user.ask("GET", "/tokens").status_code == 403
        listed = {one["name"]: one for one in program.get("/tokens")}
        assert listed["ci"]["scopes"] == ["read", "triage"]
        assert made.json()["token"] not in program.ask("GET", "/tokens").text
        taken = program.post("/tokens", {"name": "ci"})
        assert (taken.status_code, taken.json()["type"]) == (409, "/api#name-taken")
        assert program.ask("DELETE", "/tokens/ci").status_code == 204
        assert program.ask("DELETE", "/tokens/ci").status_code == 404
        assert user.ask("GET", "/me").status_code == 401
        past = program.post("/tokens", {"name": "old", "expires": "2000-01-01T00:00:00Z"})
        assert past.json()["parameter"] == "expires"
        for expires in ("2999-01-01T00:00:00", "0001-01-01T00:00:00+23:00", "soon"):
            refused = program.post("/tokens", {"name": "odd", "expires": expires})
            assert refused.status_code == 400


def test_all_roles_are_needed_to_manage_tokens(store: Store) -> None:
    """One that may reveal and not decide may not make others that do."""
    with serving(store) as program:
        revealing = program.with_token(token(store, Role.REVEAL, name="revealing"))
        assert revealing.get("/disclosures") == []
        assert revealing.ask("GET", "/tokens").status_code == 403
        assert revealing.post("/tokens", {"name": "more"}).status_code == 403
        assert revealing.ask("DELETE", "/tokens/revealing").status_code == 403
