"""A token with the right checksum is proven; with one character changed it is not."""

from __future__ import annotations

import random

import pytest

from keysift.catalogue.samples import expand
from keysift.detect.proofs import PROOFS, Candidate, Outcome, Proven, Refuted, Undecided

SEEDS = range(50)

REFUTING = {
    "github-checksum": ["ghp_{base62:30}{crc32_base62}", "ghs_{base62:30}{crc32_base62}"],
    "npm-checksum": ["npm_{base62:30}{crc32_base62}"],
    "gitlab-routable": ["glpat-{gitlab_routable:glpat-}", "glrt-t1_{gitlab_routable:glrt-t1_}"],
    "grafana-service-account": ["{grafana_sa}"],
    "age-secret-key": ["{age}"],
}
"""Templates by proof, where a wrong checksum refutes."""

DOUBTING = {
    "github-fine-grained": ["github_pat_{base62:76}{crc32_base62}"],
    "crc32-suffix": ["zpka_{base36:32}_{crc32_hex}", "abc_{base62:40}{crc32_hex}"],
    "atlassian-checksum": ["{atlassian:ATATT3xFfGF0}", "{atlassian:ATCTT3xFfGN0}"],
    "bitbucket-app-password": ["{atlassian:ATBB}"],
    "confluent-checksum": ["{confluent}"],
    "azure-client-secret": ["{azure_client_secret}"],
    "azure-devops-token": ["{azure_devops}"],
    "azure-identifiable-key": [
        *(f"{{azure_key:{name}}}" for name in ("APIM", "ACDb", "+ABa", "+AMC", "+ASt")),
        *(f"{{azure_key:{name}}}" for name in ("AIoT", "+ASb", "+AEh", "+ARm", "AZEG", "AzCa")),
        *(f"{{azure_key:{name}}}" for name in ("AzSe", "+ACR", "AzFu", "AZDO", "ACOG")),
    ],
}
"""Templates by proof, where a wrong checksum decides nothing."""

CASES = [(proof, one) for cases in (REFUTING, DOUBTING) for proof in cases for one in cases[proof]]


def prove(proof: str, value: bytes) -> Outcome:
    """Return what a proof says of a value without parts."""
    return PROOFS[proof](Candidate(value))


def is_proven(outcome: Outcome) -> bool:
    """Tell whether an outcome is that of a checksum that fits."""
    return isinstance(outcome, Proven) and outcome.kind == "checksum"


@pytest.mark.parametrize(("proof", "template"), CASES)
def test_right_checksums_are_proven(proof: str, template: str) -> None:
    """Every example of a template passes its proof, whatever the seed."""
    assert all(is_proven(prove(proof, expand(template, seed).encode())) for seed in SEEDS)


@pytest.mark.parametrize(("proof", "template"), CASES)
def test_one_changed_character_is_noticed(proof: str, template: str) -> None:
    """No character of the part that is summed up can change without the checksum failing."""
    for seed in SEEDS:
        value = bytearray(expand(template, seed).encode())
        place = random.Random(seed).randrange(14, 25)
        other = b"QR" if value.isupper() else b"qr"
        value[place] = other[value[place] == other[0]]
        outcome = prove(proof, bytes(value))
        assert not is_proven(outcome)
        assert isinstance(outcome, Refuted) == (proof in REFUTING)


def test_github_tokens_of_other_lengths_are_not_refuted() -> None:
    """Only tokens of 40 characters are known to end in a checksum."""
    assert isinstance(prove("github-checksum", expand("ghs_{base62:80}", 1).encode()), Undecided)


def test_gitlab_payload_is_read_after_its_random_bytes() -> None:
    """The routing is the end of the payload, however many random bytes are before it."""
    for seed in SEEDS:
        outcome = prove("gitlab-routable", expand("glpat-{gitlab_routable:glpat-}", seed).encode())
        assert isinstance(outcome, Proven)
        assert outcome.facts["organization"] == "1"
        assert outcome.facts["user"].isdigit()


def test_classic_gitlab_tokens_decide_nothing() -> None:
    """Twenty characters without a dot are an older token."""
    assert isinstance(prove("gitlab-routable", expand("glpat-{base62:20}", 1).encode()), Undecided)


def test_annotated_azure_keys_tell_when_they_were_made() -> None:
    """Two characters are the year since 2024 and the month."""
    outcome = prove("azure-identifiable-key", expand("{azure_key:ACOG}", 1).encode())
    assert isinstance(outcome, Proven)
    year, month = outcome.facts["created"].split("-")
    assert year in {"2024", "2025"}
    assert 1 <= int(month) <= 12


def test_azure_signature_without_checksum_is_a_structure() -> None:
    """Seeds may be unknown, so a signature alone is still worth something."""
    outcome = prove("azure-identifiable-key", expand("{base62:76}+ASt{base62:5}Q==", 1).encode())
    assert isinstance(outcome, Proven)
    assert outcome.kind == "structure"


def test_escaped_equals_signs_are_undone() -> None:
    """Properties files and URLs write the separator of an Atlassian token in their own way."""
    token = expand("{atlassian:ATATT3xFfGF0}", 1).encode()
    for form in (b"\\=", b"%3D", b"%3d"):
        assert is_proven(prove("atlassian-checksum", token.replace(b"=", form)))


def test_age_key_of_another_kind_is_refuted() -> None:
    """The text before the separator takes part in the checksum, and must be age's."""
    assert isinstance(prove("age-secret-key", b"a12uel5l"), Refuted)
