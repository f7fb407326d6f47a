"""No bytes make a proof raise, take long, or put something unprintable into its facts."""

from __future__ import annotations

import base64
import json
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysift.catalogue.samples import expand
from keysift.detect.proofs import PROOFS, Candidate, Refuted

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
        "xoxb-{digits:12}-{digits:12}-{base62:24}",
        "{digits:10}:AA{base62:33}",
    )
]


def check(value: bytes) -> None:
    """Run every proof over a value and look at what comes out."""
    for proof in PROOFS.values():
        parts = {"user": value[:9], "host": value[-20:], "label": value[3:30]}
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


@given(text=st.text(max_size=60))
def test_facts_are_printable(text: str) -> None:
    """Whatever a JSON web token claims, what a report shows of it can be printed."""
    body = base64.urlsafe_b64encode(json.dumps({"iss": text, "ref": text}).encode()).rstrip(b"=")
    header = expand("{jwt}", 1).encode().split(b".")[0]
    check(header + b"." + body + b".x")


@pytest.mark.parametrize("proof", PROOFS)
@pytest.mark.parametrize(
    "filler",
    [
        b" ",
        b"A",
        b"=",
        b"-",
        b"\\",
        b'"',
        b"' ",
        b"\\n",
        b"\n",
        b"1.",
        b"a/",
        b"[",
        b"$",
        b"_-",
        b"Aa",
    ],
)
def test_long_values_take_no_long_time(proof: str, filler: bytes) -> None:
    """16 KB of one text, alone or inside a key, take a proof well under a second."""
    long = filler * (16_000 // len(filler))
    armour = b"-----BEGIN RSA PRIVATE KEY-----\n%b\n-----END RSA PRIVATE KEY-----"
    start = time.process_time()
    for value in (long, b"x" + long + b"x", armour % (b"x" + long + b"x"), b"eyJ" + long):
        PROOFS[proof](Candidate(value, {"user": value, "host": value, "label": value}))
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", PROOFS)
def test_every_proof_is_named_and_documented(name: str) -> None:
    """Names are kebab-case, and every proof says what it does."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert PROOFS[name].__doc__
