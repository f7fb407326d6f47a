"""``keysift verify`` and ``keysift scan --verify`` as a user runs them; no provider is asked."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from keysift.catalogue.samples import expand
from keysift.cli.exit import ExitCode
from keysift.errors import ConfigurationError
from keysift.report.schema import scan_schema, verify_schema
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.verify.audit import AuditLog, Line
from tests.cli.conftest import Console
from tests.store.history import History
from tests.store.samples import found, value
from tests.verify.providers import Answer, Providers, serving

SECRETS = 6


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    """A server that plays GitHub: of the secrets of a store, every second one works."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    known = {value(seed).reveal().decode(): seed for seed in range(SECRETS)}

    def answer(_host: str, secret: str, _times: int) -> Answer:
        if known.get(secret, 0) % 2:
            return 401, {}, b'{"message": "Bad credentials"}'
        return 200, {"X-OAuth-Scopes": "admin:org"}, b'{"login": "grace", "id": 7, "name": "G"}'

    with serving() as providers:
        providers.answer = answer
        yield providers


@pytest.fixture
def asking(
    keysift: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, github: Providers
) -> Console:
    """Return a console whose user has a store with secrets, and agreed to nothing yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    keysift.variables |= {
        "KEYSIFT_STORE": str(tmp_path / "store.db"),
        "KEYSIFT_AUDIT_LOG": str(tmp_path / "audit"),
        "KEYSIFT_SEALING_KEY": (b"s" * 32).hex(),
    }
    store = Store(keysift.variables["KEYSIFT_STORE"])
    history = History(store)
    for seed in range(SECRETS):
        uploaded = datetime(2017 + seed, 1, 1, tzinfo=UTC)
        history.publish("demo", f"{seed + 1}.0", found(seed), uploaded=uploaded)
    history.publish("keys", "1.0", found(50, "aws-access-key"))
    history.publish("keys", "2.0", found(51, "private-key-openssh"))
    store.close()
    assert github.origin
    return keysift


def at(github: Providers) -> list[str]:
    """Return the options that lead requests to a server of the test."""
    return ["--endpoint", f"https://api.github.com={github.origin}"]


def rows(console: Console) -> list[sa.Row[Any, Any, Any]]:
    """Return the ledger: secret, verdict, privilege."""
    store = Store(console.variables["KEYSIFT_STORE"])
    with store.reading() as connection:
        columns = (t.verdicts.c.secret_id, t.verdicts.c.verdict, t.verdicts.c.privilege)
        found = connection.execute(sa.select(*columns).order_by(t.verdicts.c.id)).all()
    store.close()
    return list(found)


def test_nothing_is_sent_before_the_user_agrees(asking: Console, github: Providers) -> None:
    """Where nobody can be asked, what would be sent is explained, and how to agree."""
    assert asking("verify", *at(github)) == ExitCode.USAGE
    assert "GitHub: 6 secrets, GET https://api.github.com/user" in asking.err
    assert "--yes" in asking.err
    assert asking.variables["KEYSIFT_AUDIT_LOG"] in asking.err
    assert not github.asked
    assert rows(asking) == []


def test_a_dry_run_sends_nothing(asking: Console, github: Providers) -> None:
    """The plan is all there is; the store and the audit log stay as they were."""
    assert asking("verify", "--dry-run", "--yes", *at(github)) == ExitCode.CLEAN
    assert asking.out.splitlines()[:3] == [
        "6 secrets to ask about.",
        "  GitHub: 6 secrets, GET https://api.github.com/user",
        f"  What is for https://api.github.com is sent to {github.origin}.",
    ]
    assert "asked about only when their type is named" in asking.out
    assert "cannot be checked safely" in asking.out
    assert not github.asked
    assert rows(asking) == []
    assert not Path(asking.variables["KEYSIFT_AUDIT_LOG"]).exists()


def test_answers_go_into_the_ledger(asking: Console, github: Providers) -> None:
    """Each secret is asked about once; what cannot be checked is noted once."""
    assert asking("verify", "--yes", *at(github)) == ExitCode.CLEAN
    assert set(github.asked.values()) == {1}
    assert len(github.asked) == SECRETS
    said = {row.secret_id: row.verdict for row in rows(asking)}
    assert [said[number] for number in range(1, 7)] == ["active", "inactive"] * 3
    assert said[8] == "not_checkable"
    assert 7 not in said
    assert {row.privilege for row in rows(asking) if row.verdict == "active"} == {"admin"}
    assert "3 secrets still work" in asking.out
    assert "6 secrets checked with 6 requests: 3 still working, 3 working no more." in asking.out
    for seed in range(SECRETS):
        assert value(seed).reveal_text() not in asking.out + asking.err

    # What was asked about just now is not asked about again, unless somebody says so.
    assert asking("verify", "--yes", *at(github)) == ExitCode.CLEAN
    assert github.asked.total() == SECRETS
    assert "6 secrets not asked about: checked within the last day" in asking.out
    assert asking("verify", "2", "--yes", *at(github)) == ExitCode.CLEAN
    assert github.asked.total() == SECRETS + 1
    assert len(rows(asking)) == SECRETS + 2


def test_two_runs_ask_once(
    asking: Console, github: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another run asked while somebody thought about agreeing is not asked again."""
    runs = iter(["the other one"])

    def slowly(*_: object) -> bool:
        for _run in runs:
            asking("verify", *at(github))
        return True

    monkeypatch.setattr("keysift.cli.asking_report.agree", slowly)
    asking("verify", *at(github))
    assert github.asked.total() == SECRETS
    assert "6 secrets not asked about: checked within the last day" in asking.out


def test_filters_choose(asking: Console, github: Providers) -> None:
    """Those of ``findings``."""
    assert asking("verify", "--yes", "--year", "2018", *at(github)) == ExitCode.CLEAN
    assert [row.secret_id for row in rows(asking)] == [2]


def test_keys_of_aws_are_asked_about_by_name_only(asking: Console) -> None:
    """An alarm may hang on any of them."""
    assert asking("verify", "--dry-run", "--ask-also", "aws-access-key") == ExitCode.CLEAN
    assert "AWS: 1 secret, POST https://sts." in asking.out
    assert asking("verify", "--dry-run", "--detector", "aws-access-key") == ExitCode.CLEAN
    assert "AWS: 1 secret, POST https://sts." in asking.out
    assert asking("verify", "--dry-run", "--detector", "aws-*") == ExitCode.CLEAN
    assert "AWS: " not in asking.out
    assert asking("verify", "--dry-run", "--ask-also", "aws-acess-key") == ExitCode.USAGE
    assert "'aws-acess-key'" in asking.err


def test_canaries_are_never_asked_about(asking: Console, github: Providers, tmp_path: Path) -> None:
    """Neither those that a crawl knew, nor those of a list that was made since."""
    (tmp_path / "canaries.txt").write_text(f"text {value(0).reveal_text()} our own trap\n")
    (tmp_path / "keysift.toml").write_text('canaries = ["canaries.txt"]\n')
    assert asking("verify", "--yes", "--config", str(tmp_path / "keysift.toml"), *at(github)) == (
        ExitCode.CLEAN
    )
    assert github.asked.total() == SECRETS - 1
    assert {row.secret_id: row.verdict for row in rows(asking)}[1] == "canary"
    assert asking("verify", "1", "--yes", *at(github)) == ExitCode.CLEAN
    assert github.asked.total() == SECRETS - 1
    assert "1 secret not asked about: canaries" in asking.out


def age(console: Console, by: timedelta) -> None:
    """Make the ledger older.

    It cannot be changed, so the same rows are written down as older ones.
    """
    store = Store(console.variables["KEYSIFT_STORE"])
    with store.writing() as connection:
        old = connection.execute(sa.select(t.verdicts)).mappings().all()
        connection.execute(sa.delete(t.verdicts))
        aged = [{**row, "checked_at": row["checked_at"] - by} for row in old]
        connection.execute(sa.insert(t.verdicts), aged)
    store.close()


@pytest.mark.parametrize("which", ["--due", "--fail-on=active"])
def test_checks_of_a_wrong_clock(asking: Console, github: Providers, which: str) -> None:
    """What was checked in years to come is asked about now, and not then."""
    asking("verify", "--yes", *at(github))
    age(asking, timedelta(days=-4000))
    asking("verify", "--yes", which, *at(github))
    assert github.asked.total() == 2 * SECRETS


def test_what_is_due(asking: Console, github: Providers) -> None:
    """After a day what works is asked about again; what does not works is let be for longer."""
    asking("verify", "--yes", *at(github))
    age(asking, timedelta(days=2))
    assert asking("verify", "--yes", "--due", *at(github)) == ExitCode.CLEAN
    assert github.asked.total() == SECRETS + 3
    assert "3 secrets checked with 3 requests: 3 still working." in asking.out
    assert "3 secrets not asked about: not due yet." in asking.out


def test_json(asking: Console, github: Providers) -> None:
    """The document fits its schema, and holds no value."""
    assert asking("verify", "--yes", "-f", "json", *at(github)) == ExitCode.CLEAN
    document = json.loads(asking.out)
    Draft202012Validator(json.loads(verify_schema())).validate(document)
    assert document["run"]["verdicts"] == {"active": 3, "inactive": 3}
    assert document["run"]["unasked"] == {"by_name": 1, "not_checkable": 1}
    first = next(one for one in document["answers"] if one["id"] == 1)
    assert first["outcome"]["facts"]["user"] == "grace"
    assert first["outcome"]["privilege"] == "admin"
    assert value(0).reveal_text() not in asking.out
    assert asking("verify", "1", "--yes", "-f", "jsonl", *at(github)) == ExitCode.CLEAN
    answer, summary = map(json.loads, asking.out.splitlines())
    assert (answer["type"], answer["before"], answer["changed"]) == ("answer", "active", False)
    assert (summary["type"], summary["run"]["requests"]) == ("summary", 1)


def test_exit_codes(asking: Console, github: Providers) -> None:
    """A secret that works fails a pipeline that says so, also when it was asked about before."""
    assert asking("verify", "2", "--yes", "--fail-on", "active", *at(github)) == ExitCode.CLEAN
    assert asking("verify", "1", "--yes", "--fail-on", "active", *at(github)) == ExitCode.FINDINGS
    assert asking("verify", "--yes", "--fail-on", "active", *at(github)) == ExitCode.FINDINGS
    assert asking("verify", "--yes", "--fail-on", "active", *at(github)) == ExitCode.FINDINGS
    github.answer = lambda *_: (503, {"Retry-After": "0"}, b"")
    options = ["--yes", "--again", "--fail-on", "active", "--verdict", "inactive"]
    assert asking("verify", *options, *at(github)) == ExitCode.INCOMPLETE
    # A provider that is not well takes nothing back.
    assert asking("findings", "--verdict", "inactive") == ExitCode.CLEAN
    assert "3 secrets" in asking.out


def test_what_is_not_known_fails_a_pipeline(asking: Console, github: Providers) -> None:
    """Also when the next run asks nobody, and when an answer was not what it should be."""
    options = ["--yes", "--fail-on", "active", *at(github)]
    github.answer = lambda *_: (200, {}, b"<html>log in</html>")
    assert asking("verify", *options) == ExitCode.INCOMPLETE
    assert asking("verify", *options) == ExitCode.INCOMPLETE
    assert asking("verify", "--due", *options) == ExitCode.INCOMPLETE
    asking.variables["KEYSIFT_SEALING_KEY"] = (b"x" * 32).hex()
    assert asking("verify", "--again", *options) == ExitCode.INCOMPLETE
    assert "6 secrets not asked about: their values are not kept" in asking.out


def test_changes_are_told(asking: Console, github: Providers) -> None:
    """What worked the last time and does not any more is what people want to hear."""
    asking("verify", "--yes", *at(github))
    github.answer = lambda *_: (401, {}, b'{"message": "Bad credentials"}')
    assert asking("verify", "--yes", "--again", *at(github)) == ExitCode.CLEAN
    assert "3 secrets work no more" in asking.out
    # It is made sure of at once.
    assert asking("verify", "--yes", "--due", *at(github)) == ExitCode.CLEAN
    assert "3 secrets checked" in asking.out
    assert asking("verify", "--yes", "--due", *at(github)) == ExitCode.CLEAN
    assert "0 secrets checked" in asking.out


def test_without_the_key_nothing_is_sent(asking: Console, github: Providers) -> None:
    """Values are sealed: with another key they are passed over and counted, without one it ends."""
    asking.variables["KEYSIFT_SEALING_KEY"] = (b"x" * 32).hex()
    assert asking("verify", "--yes", *at(github)) == ExitCode.CLEAN
    assert "6 secrets not asked about: their values are not kept" in asking.out
    assert not github.asked


def test_one_secret_from_standard_input(asking: Console, github: Providers) -> None:
    """A token in hand is asked about, bare or in a line of a file; nothing is stored."""
    token = expand("ghp_{base62:30}{crc32_base62}", 1)
    for content in (token, f"export GITHUB_TOKEN={token}\n"):
        asking.stdin = content.encode()
        code = asking("verify", "--stdin", "--detector", "github-pat", "--yes", *at(github))
        assert code == ExitCode.CLEAN
        assert "1 secret still works" in asking.out
        assert token not in asking.out + asking.err
    assert rows(asking) == []
    asking.stdin = b"hello"
    assert asking("verify", "--stdin", "--detector", "github-pat", "--yes") == ExitCode.USAGE
    assert "nothing that looks like github-pat" in asking.err
    assert asking("verify", "17", "--stdin", "--detector", "github-pat") == ExitCode.USAGE
    assert "leave 17 out" in asking.err
    assert asking("verify", "--stdin", "--yes") == ExitCode.USAGE
    assert "--detector" in asking.err


def test_endpoints_for_a_firewall(asking: Console) -> None:
    """Servers with their ports; where a server comes with a secret, what it must look like."""
    assert asking("verify", "--list-endpoints") == ExitCode.CLEAN
    lines = dict(line.split(maxsplit=1) for line in asking.out.splitlines())
    assert lines["api.github.com:443"] == "GitHub"
    assert any(server.startswith("/") and r"\.upstash\.io/" in server for server in lines)
    assert len(lines) > 300


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        "https://a.example",
        "https://a.example=ftp://b",
        "https://a/b=https://c",
        "=",
        "http://a=http://b",
        "https://api.git-hub.com=https://github.acme.example",
        "https://api.github.com=http://github.acme.example",
    ],
)
def test_endpoints_are_origins(asking: Console, wrong: str) -> None:
    """A mistake must not have a secret sent to somebody else."""
    assert asking("verify", "--yes", "--endpoint", wrong) == ExitCode.USAGE
    assert "--endpoint" in asking.err


@pytest.mark.parametrize(
    "origin", ["https://api.github.com/", "https://API.GitHub.com", "https://api.github.com:443"]
)
def test_an_origin_is_written_in_many_ways(
    asking: Console, github: Providers, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    """A slash too many must not have secrets sent to the provider that was to be replaced."""
    monkeypatch.setattr("socket.getaddrinfo", _refuse)
    asking("verify", "1", "--yes", "--endpoint", f"{origin}={github.origin}")
    assert github.asked.total() == 1
    # What is explained, and what is in the audit log, is where the secret went.
    assert asking("verify", "1", "--dry-run", "--endpoint", f"{origin}={github.origin}") == 0
    assert f"What is for https://api.github.com is sent to {github.origin}." in asking.out
    (log,) = Path(asking.variables["KEYSIFT_AUDIT_LOG"]).iterdir()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["endpoint"] for line in lines} == {f"GET {github.origin}/user"}


def _refuse(
    host: str,
    *arguments: Any,  # noqa: ANN401 (the signature is that of socket)
    **options: Any,  # noqa: ANN401 (the same)
) -> list[Any]:
    """Find this machine, and no other."""
    if host != "127.0.0.1":
        raise OSError(host)
    return _found(host, *arguments, **options)


_found = socket.getaddrinfo


def test_a_project_does_not_say_where_secrets_are_sent(
    asking: Console, github: Providers, tmp_path: Path
) -> None:
    """A configuration in the working directory may be a stranger's: its tables are not used."""
    (tmp_path / "evil.toml").write_text(
        'provider = "GitHub"\nwebsite = "https://evil.example"\ncategory = "code"\n'
        '[[detector]]\nid = "evil-token"\nname = "Evil token"\nwhat = "Nothing."\n'
        'severity = "low"\nconfidence = "low"\nrevoke = ""\nrotate = ""\nnear_misses = []\n'
        'pattern = "evil_[a-z]{20}"\nexamples = ["evil_{lower:20}"]\n'
        '[[validity]]\ndetectors = ["github-pat"]\nurl = "https://evil.example/user"\n'
        'headers = { Authorization = "Bearer {secret}" }\nactive_when = [{ status = 204 }]\n'
        'inactive_when = [{ status = 401 }]\nside_effects = "none"\n'
    )
    (tmp_path / "keysift.toml").write_text('detectors = ["evil.toml"]\n')
    assert asking("verify", "--dry-run") == ExitCode.CLEAN
    assert "evil.example" not in asking.out
    assert asking("verify", "--dry-run", "--config", str(tmp_path / "keysift.toml")) == (
        ExitCode.CLEAN
    )
    assert "GET https://evil.example/user" in asking.out
    assert not github.asked


def test_limits_of_the_configuration(asking: Console, github: Providers, tmp_path: Path) -> None:
    """A daily budget ends a run; what is left is said, and asked about another day."""
    (tmp_path / "keysift.toml").write_text("[verify.limits]\ndaily = 2\n")
    assert asking("verify", "--yes", "--fail-on", "active", *at(github)) == ExitCode.FINDINGS
    assert github.asked.total() == 2
    assert "GitHub: 4 secrets not asked about: its daily budget of 2 requests" in asking.out
    (tmp_path / "keysift.toml").write_text("[verify.limits]\nrates = 2\n")
    assert asking("verify", "--yes") == ExitCode.USAGE
    assert "did you mean `rate`?" in asking.err


def test_what_is_not_kept_is_counted_once(
    asking: Console, github: Providers, tmp_path: Path
) -> None:
    """Numbers of a run that ends early add up."""
    (tmp_path / "keysift.toml").write_text("[verify.limits]\ndaily = 1\n")
    store = Store(asking.variables["KEYSIFT_STORE"])
    with store.writing() as connection:
        connection.execute(sa.delete(t.values).where(t.values.c.secret_id != 6))
    store.close()
    asking("verify", "1", "2", "6", "3", "--yes", "-f", "json", *at(github))
    run = json.loads(asking.out)["run"]
    asked, unasked = sum(run["verdicts"].values()), run["unasked"]["value_not_kept"]
    assert asked + unasked + sum(one["secrets"] for one in run["postponed"]) == 4
    assert github.asked.total() == 1


def scan(console: Console, *arguments: str) -> int:
    """Scan a directory that holds two tokens and a password of a database."""
    source = console.directory / "src"
    source.mkdir(exist_ok=True)
    tokens = [expand("ghp_{base62:30}{crc32_base62}", seed) for seed in range(2)]
    uri = expand("postgres://acme:{base62:20}@db.acme.io:5432/app", 3)
    lines = [*(f'T = "{token}"' for token in tokens), f'D = "{uri}"']
    (source / "a.py").write_text("\n".join(lines))
    return console("scan", str(source), *arguments)


def test_a_scan_that_verifies(asking: Console, github: Providers) -> None:
    """Findings carry what the providers said; only one that works fails the pipeline."""
    options = ["--verify", "--yes", "-f", "json", "--confidence", "low", *at(github)]
    assert scan(asking, *options) == ExitCode.FINDINGS
    document = json.loads(asking.out)
    Draft202012Validator(json.loads(scan_schema())).validate(document)
    verdicts = {one["detector"]: one["verdict"] for one in document["findings"]}
    assert verdicts["github-pat"] == "active"
    assert verdicts["uri-postgres"] == "not_checkable"
    assert "2 secrets verified with 2 requests" in asking.err
    github.answer = lambda *_: (401, {}, b'{"message": "Bad credentials"}')
    assert scan(asking, *options, "--fail-on", "active") == ExitCode.CLEAN
    github.answer = lambda *_: (200, {}, b"<html>log in</html>")
    assert scan(asking, *options, "--fail-on", "active") == ExitCode.INCOMPLETE
    github.answer = lambda *_: None
    assert scan(asking, *options, "--fail-on", "active") == ExitCode.INCOMPLETE


def test_a_scan_asks_nobody_by_itself(asking: Console, github: Providers) -> None:
    """Without --verify the options make no sense; without consent nothing is sent."""
    assert scan(asking) == ExitCode.FINDINGS
    assert scan(asking, "--yes") == ExitCode.USAGE
    assert "--verify" in asking.err
    assert scan(asking, "--verify", *at(github)) == ExitCode.USAGE
    # What was found is reported all the same.
    assert "GitHub personal access token" in asking.out
    assert scan(asking, "--verify", "--dry-run", *at(github)) == ExitCode.FINDINGS
    assert "2 secrets, GET https://api.github.com/user" in asking.err
    assert not github.asked


def test_a_scan_whose_log_fails(
    asking: Console, github: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered before is in the report; nothing more is asked."""
    (asking.directory / "keysift.toml").write_text("[verify.limits]\nconcurrency = 1\n")
    write = AuditLog.ask

    def once(log: AuditLog, provider: str, endpoint: str, detector: str, mark: str) -> Line:
        if log.requests:
            raise ConfigurationError("audit log: the disk is full")
        return write(log, provider, endpoint, detector, mark)

    monkeypatch.setattr(AuditLog, "ask", once)
    assert scan(asking, "--verify", "--yes", "-f", "json", *at(github)) == ExitCode.USAGE
    assert "the disk is full" in asking.err
    assert github.asked.total() == 1
    verdicts = Counter(one["verdict"] for one in json.loads(asking.out)["findings"])
    assert (verdicts["active"], verdicts["unchecked"]) == (1, 1)
