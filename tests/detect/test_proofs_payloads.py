"""Tokens that can be read tell their host, scope, owner and expiry."""

from __future__ import annotations

import base64
import hmac
import json

import pytest

from keysift.catalogue.samples import expand
from keysift.detect.proofs import PROOFS, Candidate, Outcome, Proven, Refuted, Undecided
from keysift.model import Confidence, Severity


def prove(proof: str, template: str, seed: int = 1) -> Outcome:
    """Return what a proof says of an example."""
    return PROOFS[proof](Candidate(expand(template, seed).encode("latin-1")))


def facts(outcome: Outcome) -> dict[str, str]:
    """Return the facts of an outcome that is not a refutation."""
    assert not isinstance(outcome, Refuted)
    return dict(outcome.facts)


def signed(claims: object) -> bytes:
    """Return a JSON web token with these claims."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return expand("{jwt}", 1).encode().split(b".")[0] + b"." + body + b".c2ln"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("kind", "scope"),
    [("user", "user (every project)"), ("project", "projects "), ("oidc", "trusted publishing")],
)
@pytest.mark.parametrize(("suffix", "host"), [("", "PyPI"), (":test", "TestPyPI")])
def test_macaroons_tell_host_and_scope(
    kind: str, scope: str, suffix: str, host: str, seed: int
) -> None:
    """PyPI and TestPyPI tokens of every scope and length are read."""
    outcome = prove("pypi-macaroon", f"{{pypi_macaroon:{kind}{suffix}}}", seed)
    assert isinstance(outcome, Proven)
    assert outcome.facts["host"] == host
    assert outcome.facts["scope"].startswith(scope)
    assert outcome.confidence is Confidence.HIGH
    assert outcome.severity is (Severity.LOW if host == "TestPyPI" else None)


def test_macaroons_that_are_cut_short_are_unlikely() -> None:
    """Every proper beginning of a token lacks its signature, or a part of it."""
    token = expand("{pypi_macaroon:project}", 1).encode()
    for length in range(20, len(token) - 1):
        outcome = PROOFS["pypi-macaroon"](Candidate(token[:length]))
        assert outcome == Undecided(
            {"host": "PyPI", "damaged": "not a complete macaroon"}, Confidence.LOW
        )


def test_macaroons_of_nobody_are_refuted() -> None:
    """Text that decodes to no location, or breaks off after that of another service."""
    for text in (b"pypi-AgEx", b"pypi-" + base64.urlsafe_b64encode(b"\x02\x01\x04acme\x02\x09")):
        assert isinstance(PROOFS["pypi-macaroon"](Candidate(text)), Refuted)


@pytest.mark.parametrize("tail", [b"A", b"AB", b"_foo", b"-1-tar", b"AAAAAAAAAAAAAAA"])
def test_macaroons_may_touch_other_text(tail: bytes) -> None:
    """What follows the signature is not looked at."""
    token = expand("{pypi_macaroon:user}", 1).encode()
    assert isinstance(PROOFS["pypi-macaroon"](Candidate(token + tail)), Proven)


def macaroon(*caveats: object) -> bytes:
    """Return a PyPI token with these caveats."""
    plain = expand("{pypi_macaroon:user}", 1).encode().removeprefix(b"pypi-")
    raw = base64.urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
    head = raw[: raw.index(b"\0") + 1]
    texts = [json.dumps(caveat).encode() for caveat in caveats]
    body = b"".join(b"\x02" + bytes([len(text)]) + text + b"\0" for text in texts)
    return b"pypi-" + base64.urlsafe_b64encode(head + body + b"\0" + raw[-34:]).rstrip(b"=")


@pytest.mark.parametrize(
    ("caveats", "expected"),
    [
        ([{"version": 1, "permissions": "user"}], {"scope": "user (every project)"}),
        (
            [{"version": 1, "permissions": {"projects": ["a", "b"]}}],
            {"scope": "projects a, b"},
        ),
        ([[1, ["a"]], [2, ["77"]]], {"scope": "projects a", "project": "77"}),
        ([{"project_ids": ["77"]}], {"scope": "some projects", "project": "77"}),
        ([[0, 1_500_000_000, 1]], {"expired": "yes", "expires": "2017-07-14T02:40:00+00:00"}),
        ([{"nbf": 1, "exp": 1_500_000_000}], {"expired": "yes"}),
        ([[9, "what?"], "text", 3, None], {"scope": "user (every project)"}),
        ([[1, [str(number) for number in range(9)]]], {"scope": "projects 0, 1, 2, 3, 4, …"}),
    ],
)
def test_macaroon_caveats(caveats: list[object], expected: dict[str, str]) -> None:
    """Caveats of both generations are read, and unknown ones change nothing."""
    outcome = PROOFS["pypi-macaroon"](Candidate(macaroon(*caveats)))
    assert facts(outcome) | expected == facts(outcome)


def test_expired_macaroons_are_worth_less() -> None:
    """A token of trusted publishing is over after minutes."""
    outcome = PROOFS["pypi-macaroon"](Candidate(macaroon([0, 1_500_000_000, 1])))
    assert isinstance(outcome, Proven)
    assert outcome.severity is Severity.LOW


def test_expired_tokens_are_worth_less() -> None:
    """A JSON web token says until when it is valid."""
    outcome = prove("jwt", "{jwt:expired}")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "expiry"
    assert (outcome.severity, outcome.confidence) == (Severity.LOW, Confidence.LOW)
    assert outcome.facts["expires"] == "2017-07-14T02:40:00+00:00"


def test_tokens_that_are_valid_keep_their_severity() -> None:
    """A JSON web token of the far future is what its detector says."""
    outcome = prove("jwt", "{jwt}")
    assert isinstance(outcome, Proven)
    assert outcome.severity is None
    assert outcome.facts["issuer"] == "issuer"
    assert "expired" not in outcome.facts


@pytest.mark.parametrize("signature", [b"", b"."])
def test_unsigned_tokens_are_worth_less(signature: bytes) -> None:
    """Without a signature anybody can make a token."""
    unsigned = signed({"sub": "me"}).rpartition(b".")[0] + signature
    outcome = PROOFS["jwt"](Candidate(unsigned))
    assert isinstance(outcome, Proven)
    assert outcome.severity is Severity.LOW


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(("key", "is_example"), [(b"secret", True), (b"d41-9!c", False)])
def test_a_token_signed_with_a_tutorial_key_is_an_example(
    algorithm: str, key: bytes, *, is_example: bool
) -> None:
    """Its signature proves that the key is one that everybody knows."""
    claims = {"iss": "acme", "iat": 1_700_000_000, "sub": "7"}
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": algorithm}, claims)
    )
    signature = hmac.digest(key, header + b"." + body, "sha" + algorithm[2:])
    token = b".".join((header, body, base64.urlsafe_b64encode(signature).rstrip(b"=")))
    outcome = PROOFS["jwt"](Candidate(token))
    assert isinstance(outcome, Proven)
    assert (outcome.confidence is Confidence.LOW) is is_example
    assert ("signing_key" in outcome.facts) is is_example


@pytest.mark.parametrize(
    ("claims", "confidence"),
    [
        ({"some": "payload"}, Confidence.LOW),
        ({"some": "payload", "iat": 1_700_000_000}, None),
        ({"iss": "acme"}, None),
        ({"user": 7, "role": "admin", "tenant": 3}, None),
    ],
)
def test_a_token_that_nobody_issued_is_doubted(
    claims: object, confidence: Confidence | None
) -> None:
    """Neither issuer nor time, and next to no claims: documentation writes tokens like that."""
    outcome = PROOFS["jwt"](Candidate(signed(claims)))
    assert isinstance(outcome, Proven)
    assert outcome.confidence is confidence


def test_the_debuggers_token_is_refuted() -> None:
    """The example of jwt.io stands in thousands of test suites, with all algorithms."""
    claims = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}
    assert isinstance(PROOFS["jwt"](Candidate(signed(claims))), Refuted)


def test_service_account_tokens_name_their_namespace() -> None:
    """Kubernetes writes namespace and account into its tokens."""
    claims = {
        "iss": "kubernetes/serviceaccount",
        "kubernetes.io/serviceaccount/namespace": "prod",
        "kubernetes.io/serviceaccount/service-account.name": "deployer",
    }
    outcome = PROOFS["jwt"](Candidate(signed(claims)))
    assert facts(outcome)["namespace"] == "prod"
    assert facts(outcome)["user"] == "deployer"


@pytest.mark.parametrize("text", [b"a.b.c", b"eyJh.eyJh.x", b"", b"...", b"e30.e30.e30"])
def test_what_is_no_json_web_token_is_refuted(text: bytes) -> None:
    """Three parts with dots are not enough."""
    assert isinstance(PROOFS["jwt"](Candidate(text)), Refuted)


def test_deep_json_is_refuted() -> None:
    """JSON of a depth that no reader survives is no token."""
    deep = base64.urlsafe_b64encode(b"[" * 50_000)
    assert isinstance(PROOFS["jwt"](Candidate(deep + b".e30.x")), Refuted)


def test_supabase_roles() -> None:
    """The anonymous key is public by design; the service key bypasses every rule."""
    assert isinstance(prove("supabase-jwt", "{jwt:anon}"), Refuted)
    assert facts(prove("supabase-jwt", "{jwt:service_role}"))["role"] == "service_role"


PAYLOADS = {
    "sentry-organization-token": (
        'sntrys_{b64:{{"iat":1700000000.5,"region_url":"https://us","org":"acme"}}}_{base64:43}',
        {"organization": "acme", "created": "2023-11-14", "region": "https://us"},
    ),
    "grafana-cloud": (
        'glc_{b64:{{"o":"123","n":"ci","k":"{base62:24}","m":{{"r":"eu"}}}}}',
        {"organization": "123", "name": "ci", "region": "eu"},
    ),
    "mapbox-token": (
        'sk.{b64url:{{"u":"acme","a":"{base36:25}"}}}.{base64url:22}',
        {"user": "acme"},
    ),
}


@pytest.mark.parametrize("proof", PAYLOADS)
@pytest.mark.parametrize("seed", range(20))
def test_payloads_are_read(proof: str, seed: int) -> None:
    """The payload names the owner, never the secret."""
    template, expected = PAYLOADS[proof]
    outcome = prove(proof, template, seed)
    assert isinstance(outcome, Proven)
    assert outcome.facts == expected


@pytest.mark.parametrize("proof", PAYLOADS)
def test_other_payloads_decide_nothing(proof: str) -> None:
    """A payload that is no JSON, or lacks what each has, may be of a form that nobody described."""
    prefix = PAYLOADS[proof][0][:2]
    for payload in ("{base62:40}", '{b64:{{"x":1}}}', "{b64:[1]}"):
        assert prove(proof, f"{prefix}.{payload}_.{{base62:43}}") == Undecided()


def test_public_mapbox_tokens_are_for_information() -> None:
    """Tokens that begin with pk are meant to be published."""
    outcome = prove("mapbox-token", 'pk.{b64url:{{"u":"acme","a":"{base36:25}"}}}.{base64url:22}')
    assert isinstance(outcome, Proven)
    assert outcome.severity is Severity.INFO


@pytest.mark.parametrize("seed", range(20))
def test_discord_tokens_hold_an_id(seed: int) -> None:
    """The id of a bot tells the day it was made."""
    told = facts(prove("discord-bot", "{discord_bot}", seed))
    assert told["app"].isdigit()
    assert "2017" < told["created"] < "2026"


@pytest.mark.parametrize(
    "template",
    ["{base62:24}.{base62:6}.{base62:38}", "{b64url:abc}.x.y", "{b64url:9{digits:18}99}.x.y", ".."],
)
def test_other_discord_ids_are_refuted(template: str) -> None:
    """An id is digits, and not of the future."""
    assert isinstance(prove("discord-bot", template), Refuted)


@pytest.mark.parametrize(
    ("proof", "value", "name"),
    [
        ("telegram-bot", "7{digits:9}:AA{base62:33}", "app"),
        ("telegram-bot", "7{digits:9}%3AAA{base62:33}", "app"),
        ("slack-token", "xoxb-7{digits:11}-7{digits:11}-{base62:24}", "organization"),
        ("slack-token", "xoxe.xoxp-1-7{digits:11}-{base62:24}", "organization"),
    ],
)
def test_ids_are_read(proof: str, value: str, name: str) -> None:
    """Other ids are facts."""
    outcome = prove(proof, value)
    assert isinstance(outcome, Undecided)
    assert outcome.facts[name].startswith("7")


@pytest.mark.parametrize(
    ("start", "scheme"),
    [("$2b$12$", "bcrypt"), ("$6$", "SHA-512 crypt"), ("{{SHA}}", "SHA-1 without salt")],
)
def test_hashes_name_their_scheme(start: str, scheme: str) -> None:
    """The prefix of a password hash is its scheme."""
    assert facts(prove("password-hash", start + "{base62:40}"))["scheme"] == scheme


def test_accounts_are_decoded_from_key_ids() -> None:
    """The account of an AWS key id stands in its base 32."""
    for seed in range(50):
        account = f"{seed + 1:03d}{seed * 7_000_001:09d}"
        assert facts(prove("aws-key-id", f"{{aws_key_id:{account}}}", seed))["account"] == account


@pytest.mark.parametrize("template", ["{hex:40}", "{HEX:40}", "{base62:39}", "{lower:40}"])
def test_digests_are_no_aws_secrets(template: str) -> None:
    """Forty hexadecimal digits are a commit."""
    assert isinstance(prove("aws-secret", template), Refuted)


def test_storage_keys_are_base64_of_64_bytes() -> None:
    """A storage key decodes to 64 bytes that do not repeat."""
    assert isinstance(prove("azure-storage-key", "{azure_storage}"), Proven)
    assert isinstance(prove("azure-storage-key", "A" * 86 + "=="), Refuted)
    assert isinstance(prove("azure-storage-key", "{base62:40}"), Refuted)


def test_signatures_of_the_past_are_worth_less() -> None:
    """A shared access signature says when it expires."""
    now = prove("azure-sas", "{azure_sas}")
    past = prove("azure-sas", "{azure_sas:expired}")
    assert isinstance(now, Proven)
    assert isinstance(past, Proven)
    assert (now.severity, past.severity) == (None, Severity.LOW)
    assert past.facts == {
        "expires": "2019-01-01T00:00:00+00:00",
        "expired": "yes",
        "scope": "permissions rl, resources co, services b",
    }


@pytest.mark.parametrize("separator", ["&amp;", "\\u0026"])
def test_signatures_are_read_in_markup_and_json(separator: str) -> None:
    """HTML and JSON write the ampersand in their own way."""
    query = expand("{azure_sas:expired}", 1).replace("&", separator).encode()
    assert facts(PROOFS["azure-sas"](Candidate(query)))["expired"] == "yes"


def test_ids_that_are_not_base_32_are_unlikely() -> None:
    """Real ids of AWS are base 32; made-up ones often are not, so these have low confidence."""
    made_up = PROOFS["aws-key-id"](Candidate(b"AKIA" + b"R0189" * 3 + b"Q"))
    assert made_up == Undecided(confidence=Confidence.LOW)


def test_bound_tokens_name_their_namespace() -> None:
    """Newer tokens of Kubernetes keep it one level deeper."""
    inner = {"namespace": "prod", "serviceaccount": {"name": "deployer", "uid": "7"}}
    told = facts(PROOFS["jwt"](Candidate(signed({"iss": "k", "kubernetes.io": inner}))))
    assert (told["namespace"], told["user"]) == ("prod", "deployer")


def test_lists_and_numbers_are_claims_too() -> None:
    """A scope may be a list; what is neither text nor number is no fact."""
    claims = {"iss": {"x": 1}, "aud": [], "scope": list("abcdefg"), "uid": 7, "azp": True}
    told = facts(PROOFS["jwt"](Candidate(signed(claims))))
    assert told == {"algorithm": "HS256", "scope": "a b c d e …", "user": "7"}
