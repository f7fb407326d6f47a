"""Keys of wallets: a right checksum proves them, one wrong character refutes them."""

from __future__ import annotations

import random

import pytest

from keysift.catalogue.checksums import base58check_encoded
from keysift.catalogue.samples import expand
from keysift.detect.plausibility import is_known_example, known_examples
from keysift.detect.proofs import PROOFS, Candidate, Outcome, Proven, Refuted, Undecided
from keysift.detect.proofs.ethereum import address_of, keccak256

CASES = [
    ("bitcoin-key", "{wif}", {"network": "mainnet"}),
    ("bitcoin-key", "{wif:uncompressed}", {"network": "mainnet"}),
    ("bitcoin-key", "{wif:testnet}", {"network": "testnet"}),
    ("extended-key", "{xprv}", {"network": "mainnet"}),
    ("extended-key", "{xprv:tprv}", {"network": "testnet"}),
    ("xrp-seed", "{xrp_seed}", {"algorithm": "secp256k1"}),
    ("xrp-seed", "{xrp_seed:ed25519}", {"algorithm": "ed25519"}),
    ("tezos-key", "{tezos}", {"algorithm": "ed25519"}),
    ("tezos-key", "{tezos:secp256k1}", {"algorithm": "secp256k1"}),
    ("tezos-key", "{tezos:encrypted}", {"algorithm": "ed25519", "encrypted": "yes"}),
    ("stellar-seed", "{stellar_seed}", {}),
    ("nkey-seed", "{nkey:account}", {"kind": "account"}),
    ("nkey-seed", "{nkey:user}", {"kind": "user"}),
    ("nkey-seed", "{nkey:operator}", {"kind": "operator"}),
    ("nkey-seed", "{nkey:server}", {"kind": "server"}),
    ("nostr-key", "{nsec}", {}),
    ("solana-key", "{solana}", {}),
    ("bip39-mnemonic", "{mnemonic}", {"bits": "128"}),
    ("bip39-mnemonic", "{mnemonic:24}", {"bits": "256"}),
]
"""A proof, a template, and the facts it must give."""

SEEDS = range(20)
ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


def prove(proof: str, text: str) -> Outcome:
    """Return what a proof says of a value without parts."""
    return PROOFS[proof](Candidate(text.encode("latin-1")))


@pytest.mark.parametrize(("proof", "template", "facts"), CASES)
def test_right_keys_are_proven(proof: str, template: str, facts: dict[str, str]) -> None:
    """Every example passes, whatever the seed, and tells what it is."""
    for seed in SEEDS:
        outcome = prove(proof, expand(template, seed))
        assert isinstance(outcome, Proven)
        assert outcome.kind in {"checksum", "key"}
        assert dict(outcome.facts) | facts == outcome.facts


@pytest.mark.parametrize(("proof", "template", "facts"), CASES)
def test_one_wrong_character_refutes(proof: str, template: str, facts: dict[str, str]) -> None:
    """No character can be another one of the alphabet."""
    del facts
    for seed in SEEDS:
        value = expand(template, seed)
        place = random.Random(seed).randrange(8, len(value) - 1)
        other = next(char for char in value[6:] if char not in {value[place], " ", ","})
        if proof == "bip39-mnemonic":
            words = value.split()
            words[3] = "zoo" if words[3] != "zoo" else "abandon"
            changed = " ".join(words)
        else:
            changed = value[:place] + other + value[place + 1 :]
        outcome = prove(proof, changed)
        # One in sixteen phrases of twelve words has a right checksum by chance.
        assert isinstance(outcome, Refuted) or proof == "bip39-mnemonic"
    if proof == "bip39-mnemonic":
        assert isinstance(prove(proof, expand(template, 1).replace(" ", " zebrafish ", 1)), Refuted)


@pytest.mark.parametrize(("proof", "template", "facts"), CASES)
def test_truncated_and_hostile_values_are_not_proven(
    proof: str, template: str, facts: dict[str, str]
) -> None:
    """Beginnings of a key, huge texts and other scripts are nothing."""
    del facts
    value = expand(template, 1)
    hostile = ["", value[: len(value) // 2], value * 2000, "é" * 60, "1" * 50_000, "[" * 50_000]
    assert not any(isinstance(prove(proof, text), Proven) for text in hostile)


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_numbers_outside_of_the_curve_are_no_keys(number: int) -> None:
    """A right checksum does not make a key of zero, or of what is too large."""
    key = number.to_bytes(32, "big")
    wif = base58check_encoded(b"\x80" + key + b"\x01").decode()
    extended = base58check_encoded((0x0488ADE4).to_bytes(4, "big") + bytes(42) + key).decode()
    assert isinstance(prove("bitcoin-key", wif), Refuted)
    assert isinstance(prove("extended-key", extended), Refuted)
    assert isinstance(prove("ethereum-key", f"0x{key.hex()}"), Refuted)


def test_public_keys_are_refuted() -> None:
    """An extended public key has another version, and no zero before the key."""
    public = (0x0488B21E).to_bytes(4, "big") + bytes(41) + b"\x02" + bytes(range(32))
    assert isinstance(prove("extended-key", base58check_encoded(public).decode()), Refuted)


def test_a_key_under_a_passphrase_says_so() -> None:
    """BIP 38 has two prefixes of its own."""
    value = base58check_encoded(b"\x01\x42" + bytes(range(37))).decode()
    outcome = prove("bitcoin-key", value)
    assert isinstance(outcome, Proven)
    assert outcome.facts == {"encrypted": "yes"}


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak(data: bytes, digest: str) -> None:
    """The digests are those of the original submission, not of SHA-3."""
    assert keccak256(data).hex() == digest
    assert len(keccak256(bytes(500))) == 32


def test_addresses_have_the_capitals_of_eip_55() -> None:
    """The address of the key 1 is known to everybody."""
    assert address_of(1) == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"


def test_ethereum_keys_tell_their_address() -> None:
    """Nothing but the range can be wrong with 32 bytes."""
    outcome = prove("ethereum-key", expand("0x{hex:64}", 3))
    assert isinstance(outcome, Undecided)
    assert outcome.facts["address"].startswith("0x")
    assert prove("ethereum-key", "0x12") == Undecided()


def test_accounts_of_development_networks_are_refuted() -> None:
    """Everybody who starts Hardhat or Ganache has them."""
    phrase = " ".join(["test"] * 11 + ["junk"])
    assert isinstance(prove("bip39-mnemonic", phrase), Refuted)
    development = keys_of("myth like bonus scare over problem client lizard pioneer submit female")
    assert isinstance(prove("ethereum-key", f"{development:064x}"), Refuted)


def keys_of(words: str) -> int:
    """Return the first key of a phrase that lacks its last word, ``collect`` (BIP 32, BIP 44)."""
    import hmac  # noqa: PLC0415 (one test needs it)

    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 (the same)
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 (the same)
    from mnemonic import Mnemonic  # noqa: PLC0415 (the same)

    whole = hmac.digest(b"Bitcoin seed", Mnemonic.to_seed(f"{words} collect"), "sha512")
    key, chain = int.from_bytes(whole[:32], "big"), whole[32:]
    for step in (44 | 1 << 31, 60 | 1 << 31, 1 << 31, 0, 0):
        public = ec.derive_private_key(key, ec.SECP256K1()).public_key()
        point = public.public_bytes(form.Encoding.X962, form.PublicFormat.CompressedPoint)
        head = b"\0" + key.to_bytes(32, "big") if step >> 31 else point
        whole = hmac.digest(chain, head + step.to_bytes(4, "big"), "sha512")
        key, chain = (int.from_bytes(whole[:32], "big") + key) % ORDER, whole[32:]
    return key


def test_lists_of_numbers_are_key_pairs_of_solana() -> None:
    """The tools of Solana keep a pair as a list of 64 numbers."""
    outcome = prove("solana-key", expand("{solana:list}", 1))
    assert isinstance(outcome, Proven)
    assert len(outcome.facts["address"]) in {43, 44}
    assert isinstance(prove("solana-key", "[1, 2, 300]"), Refuted)
    assert isinstance(prove("solana-key", '["a"]'), Refuted)


def test_nkeys_of_another_length_decide_nothing() -> None:
    """Only 58 characters are a seed."""
    assert prove("nkey-seed", expand("SU{base32:60}", 1)) == Undecided()


def test_phrases_of_the_standard_are_known_examples() -> None:
    """BIP 39 publishes phrases with right checksums; documentation repeats them."""
    from mnemonic import Mnemonic  # noqa: PLC0415 (one test needs it)

    for size in (16, 24, 32):
        phrase = Mnemonic("english").to_mnemonic(b"\x7f" * size)
        assert is_known_example(phrase.encode(), known_examples())
