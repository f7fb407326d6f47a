"""No bytes make a proof raise, blow up, or put something unprintable into its facts."""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysift.catalogue.samples import expand
from keysift.detect import proofs
from keysift.detect.proofs import PROOFS, Candidate, Refuted
from keysift.detect.steps import worst_growth

MACROS = (
    *("wif", "xprv", "xrp_seed", "tezos", "stellar_seed", "nkey", "nsec", "solana", "solana:list"),
    *(
        "mnemonic",
        "minisign:plain",
        "signify:plain",
        "wireguard",
        "ansible_vault",
        "nuget",
        "vault",
    ),
    *("flyio", "der:ec", "bedrock"),
)
EXAMPLES = [
    expand(template, 7).encode("latin-1")
    for template in (
        "ghp_{base62:30}{crc32_base62}",
        "glpat-{gitlab_routable:glpat-}",
        "{grafana_sa}",
        "{age}",
        "{atlassian:ATATT3xFfGF0}",
        "{azure_key:+ASt}",
        "{azure_key:ACOG}",
        "{azure_client_secret}",
        "{azure_sas}",
        "{azure_storage}",
        "{aws_key_id}",
        "{pypi_macaroon:project}",
        "{pypi_macaroon:oidc}",
        "{jwt}",
        "{jwt:service_role}",
        "{discord_bot}",
        "{pem:rsa}",
        "{pem:ec}",
        "{pem:openssh}",
        "{pem:pkcs8-encrypted}",
        "{pgp_private}",
        "{putty}",
        "{gcp_service_account}",
        *(f"{{{macro}}}" for macro in MACROS),
        "xoxb-{digits:12}-{digits:12}-{base62:24}",
        "{digits:10}:AA{base62:33}",
    )
]


def check(value: bytes) -> None:
    """Run every proof over a value and look at what comes out."""
    for proof in PROOFS.values():
        parts = {"user": value[:9], "host": value[-20:], "label": value[3:30]}
        parts |= {"_query": b"X-Amz-Date=" + value[:20], "_expires": value[:12]}
        outcome = proof(Candidate(value, parts))
        if not isinstance(outcome, Refuted):
            assert all(text.isprintable() for text in outcome.facts.values())


@given(value=st.binary(max_size=400))
def test_random_bytes(value: bytes) -> None:
    """Random bytes are judged like any value."""
    check(value)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    example=st.sampled_from(EXAMPLES),
    place=st.integers(0, 4000),
    insert=st.binary(max_size=6),
    drop=st.integers(0, 40),
)
def test_damaged_examples(example: bytes, place: int, insert: bytes, drop: int) -> None:
    """Examples with bytes replaced, inserted or cut out are judged like any value."""
    place %= len(example)
    check(example[:place] + insert + example[place + drop :])


@pytest.mark.parametrize("length", range(0, 60, 4))
def test_base32_of_any_length(length: int) -> None:
    """Text that decodes to fewer bytes than a format needs is judged like any value."""
    check(b"a" * length)


@given(text=st.text(max_size=60))
def test_facts_are_printable(text: str) -> None:
    """Whatever a JSON web token claims, what a report shows of it can be printed."""
    body = base64.urlsafe_b64encode(json.dumps({"iss": text, "ref": text}).encode()).rstrip(b"=")
    header = expand("{jwt}", 1).encode().split(b".")[0]
    check(header + b"." + body + b".x")


def expressions() -> list[tuple[str, str]]:
    """Return every regular expression that a module of proofs holds."""
    found = []
    for entry in pkgutil.iter_modules(proofs.__path__):
        module = importlib.import_module(f"{proofs.__name__}.{entry.name}")
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, bytes):
                found.append((f"{entry.name}.{name}", value.pattern.decode("ascii")))
    return found


@pytest.mark.parametrize(("name", "pattern"), expressions())
def test_expressions_of_proofs_cannot_blow_up(name: str, pattern: str) -> None:
    """The steps of each expression grow no faster than its input."""
    assert worst_growth(pattern) is None, name


@pytest.mark.parametrize("name", PROOFS)
def test_every_proof_is_named_and_documented(name: str) -> None:
    """Names are kebab-case, and every proof says what it does."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert PROOFS[name].__doc__


@pytest.mark.parametrize("name", PROOFS)
@pytest.mark.parametrize(
    "piece", [b"A", b"1", b"/", b"{", b"eyJ", b"a.b-c_", "é".encode(), b"\0", b" \n"]
)
def test_huge_values_are_judged(name: str, piece: bytes) -> None:
    """Twenty thousand bytes are judged like any value, and the answer is short."""
    outcome = PROOFS[name](Candidate(piece * (20_000 // len(piece))))
    if not isinstance(outcome, Refuted):
        assert sum(map(len, outcome.facts.values())) < 1000
