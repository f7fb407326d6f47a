"""Private keys parse, however a source file quotes them; damaged ones are refuted."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.sax.saxutils import quoteattr

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from keysift.catalogue.samples import expand
from keysift.detect.proofs import PROOFS, Candidate, Outcome, Proven, Refuted, Undecided
from keysift.model import Confidence, Severity

KINDS = ("rsa", "ec", "dsa", "ed25519", "openssh", "pkcs8")


def prove(text: str, proof: str = "pem-private-key") -> Outcome:
    """Return what a proof says of a text."""
    return PROOFS[proof](Candidate(text.encode()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_keys_of_every_kind_parse(kind: str, seed: int) -> None:
    """A key that parses is proven, with its algorithm and the fingerprint of its public half."""
    outcome = prove(expand(f"{{pem:{kind}}}", seed))
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"
    assert outcome.facts["public_key"].startswith("SHA256:")
    assert outcome.facts["algorithm"] in {"rsa", "ec", "dsa", "ed25519"}


QUOTINGS: dict[str, Callable[[str], str]] = {
    "escaped": lambda pem: pem.replace("\n", "\\n"),
    "escaped twice": lambda pem: pem.replace("\n", "\\\\n"),
    "windows": lambda pem: pem.replace("\n", "\r\n"),
    "escaped windows": lambda pem: pem.replace("\n", "\\r\\n"),
    "indented": lambda pem: "".join(f"    {line}\n" for line in pem.splitlines()),
    "commented": lambda pem: "".join(f"# {line}\n" for line in pem.splitlines()),
    "concatenated": lambda pem: "".join(f'  "{line}\\n" +\n' for line in pem.splitlines()),
    "adjacent": lambda pem: "".join(f'    b"{line}\\n"\n' for line in pem.splitlines()),
    "continued": lambda pem: "".join(f"{line}\\n\\\n" for line in pem.splitlines()),
    "commented without spaces": lambda pem: "".join(f"//{line}\n" for line in pem.splitlines()),
    "listed": lambda pem: "".join(f"  '{line}',\n" for line in pem.splitlines()),
    "one line": lambda pem: pem.replace("\n", " ").replace("RSA PRIVATE KEY- ", "RSA PRIVATE KEY-"),
}


@pytest.mark.parametrize("quoting", QUOTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_source_file_adds_is_undone(quoting: str, kind: str) -> None:
    """Quotes, escapes, indentation and comment signs do not hide a key."""
    outcome = prove(QUOTINGS[quoting](expand(f"{{pem:{kind}}}", 1)))
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"


def test_a_line_of_base64_may_begin_with_slashes() -> None:
    """What looks like the sign of a comment is part of the key, when other lines have none."""
    pem = next(key for seed in range(99) if "//" in (key := expand("{pem:rsa}", seed)))
    outcome = prove(pem.replace("//", "\n//", 1))
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"


@pytest.mark.parametrize("kind", ["pkcs8-encrypted", "rsa-encrypted"])
def test_encrypted_keys_are_worth_less(kind: str) -> None:
    """A key behind a passphrase is reported with low severity."""
    outcome = prove(expand(f"{{pem:{kind}}}", 1))
    assert isinstance(outcome, Proven)
    assert outcome.facts["encrypted"] == "yes"
    assert outcome.severity is Severity.LOW


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_key_is_refuted(kind: str) -> None:
    """Keys that documentation cuts short, with or without dots, are none."""
    lines = expand(f"{{pem:{kind}}}", 1).splitlines()
    half = [lines[0], *lines[1 : len(lines) // 2], lines[-1]]
    dots = [lines[0], lines[1][:44], "...", lines[-1]]
    assert isinstance(prove("\n".join(half)), Refuted)
    assert isinstance(prove("\n".join(dots)), Refuted)


@pytest.mark.parametrize("body", ["", "...", "your key here", "MIIEpAIBAAKCAQEA", "x" * 64 + "!"])
def test_placeholders_are_refuted(body: str) -> None:
    """A header and a footer alone make no key."""
    label = "RSA PRIVATE KEY"
    assert isinstance(prove(f"-----BEGIN {label}-----\n{body}\n-----END {label}-----"), Refuted)


def test_rsa_numbers_must_belong_together() -> None:
    """A key whose base64 was altered still parses, but its numbers do not fit."""
    pem = expand("{pem:rsa}", 1)
    lines = pem.splitlines()
    for line in (2, 5, 9):
        altered = list(lines)
        old = altered[line][20]
        altered[line] = altered[line][:20] + ("A" if old != "A" else "B") + altered[line][21:]
        assert isinstance(prove("\n".join(altered)), Refuted)


def test_the_primes_may_stand_in_either_order() -> None:
    """The coefficient of an RSA key belongs to one order of its primes; either one is a key."""
    key = serialization.load_pem_private_key(expand("{pem:rsa}", 1).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    swapped = rsa.RSAPrivateNumbers(
        p=numbers.q,
        q=numbers.p,
        d=numbers.d,
        dmp1=numbers.dmq1,
        dmq1=numbers.dmp1,
        iqmp=numbers.iqmp,
        public_numbers=numbers.public_numbers,
    ).private_key(unsafe_skip_rsa_key_validation=True)
    pem = swapped.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    outcome = prove(pem.decode())
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"


def test_an_unknown_algorithm_decides_nothing() -> None:
    """A complete DER sequence that the library cannot read may be a key all the same."""
    text = expand("{b64:0~\x02{base62:125}}", 1)
    label = "PRIVATE KEY"
    assert isinstance(prove(f"-----BEGIN {label}-----\n{text}\n-----END {label}-----"), Undecided)


@pytest.mark.parametrize("seed", range(5))
def test_pgp_keys_without_passphrase_are_proven(seed: int) -> None:
    """The sum of the secret numbers proves an OpenPGP key."""
    outcome = prove(expand("{pgp_private}", seed), "pgp-private-key")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"
    known = {"algorithm": "rsa", "created": "2020-09-13", "encrypted": "no"}
    assert outcome.facts == known | {"user": outcome.facts["user"]}


def test_pgp_armour_may_have_any_header() -> None:
    """GnuPG's users number their comments; any name and any text may stand there."""
    header, *rest = expand("{pgp_private}", 1).splitlines()
    text = "\n".join([header, "Comment0: keys of", "Comment1:  - RSA von TestKey", "", *rest])
    outcome = prove(text, "pgp-private-key")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"


def test_pgp_armour_that_is_cut_is_refuted() -> None:
    """A packet must be as long as it says."""
    lines = expand("{pgp_private}", 1).splitlines()
    text = "\n".join([*lines[:6], lines[-1]])
    assert isinstance(prove(text, "pgp-private-key"), Refuted)


def test_pgp_blocks_of_another_kind_are_refuted() -> None:
    """A public key (tag 6) under the label of a private one is no secret."""
    body = expand("{b64:\xc6\x14\x04{base62:19}}", 1)
    label = "PGP PRIVATE KEY BLOCK"
    text = f"-----BEGIN {label}-----\n\n{body}\n-----END {label}-----"
    assert isinstance(prove(text, "pgp-private-key"), Refuted)


def test_putty_keys_say_whether_they_are_encrypted() -> None:
    """The header of a PuTTY file names the cipher."""
    plain = prove(expand("{putty}", 1), "putty-private-key")
    locked = prove(expand("{putty:encrypted}", 1), "putty-private-key")
    assert isinstance(plain, Proven)
    assert isinstance(locked, Proven)
    assert (plain.facts["encrypted"], locked.facts["encrypted"]) == ("no", "yes")
    assert locked.severity is Severity.LOW


@pytest.mark.parametrize("seed", range(5))
def test_service_accounts_are_proven_by_their_key(seed: int) -> None:
    """The JSON of a service account names project and address, and its key parses."""
    outcome = prove(expand("{gcp_service_account}", seed), "gcp-service-account")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"
    assert outcome.facts["user"].endswith("iam.gserviceaccount.com")
    assert outcome.facts["public_key"].startswith("SHA256:")
    assert "private_key" not in outcome.facts


def test_service_accounts_with_a_placeholder_key_are_refuted() -> None:
    """A service account whose key is an ellipsis is documentation."""
    account = json.loads(expand("{gcp_service_account}", 1))
    account["private_key"] = "-----BEGIN " + "PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"
    assert isinstance(prove(json.dumps(account), "gcp-service-account"), Refuted)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_service_accounts_inside_json_strings_are_read(indent: int | None, depth: int) -> None:
    """A service account in a JSON string, or in one inside it, is escaped again and again."""
    text = json.dumps(json.loads(expand("{gcp_service_account}", 1)), indent=indent)
    for _ in range(depth):
        text = json.dumps(text)[1:-1]
    assert isinstance(prove(text, "gcp-service-account"), Proven)


def test_service_accounts_in_markup_are_read() -> None:
    """XML attributes write line ends and quotes as entities."""
    text = quoteattr(expand("{gcp_service_account}", 1))[1:-1]
    assert isinstance(prove(text, "gcp-service-account"), Proven)


def test_service_accounts_in_code_are_read() -> None:
    """A dictionary in Python is no JSON, for its quotes or its last comma; its key parses."""
    account = json.loads(expand("{gcp_service_account}", 1))
    outcome = prove(repr(account), "gcp-service-account")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"
    assert outcome.facts["project"] == account["project_id"]
    assert isinstance(prove(json.dumps(account)[:-1] + ",}", "gcp-service-account"), Proven)


@pytest.mark.parametrize("body", ["", "...", "REDACTED\\n"])
def test_service_accounts_in_code_need_a_key(body: str) -> None:
    """A dictionary in Python whose key was left out is documentation."""
    label = "PRIVATE KEY"
    key = f"-----BEGIN {label}-----{body}-----END {label}-----"
    text = f"{{'type': 'service_account', 'private_key': '{key}',}}"
    assert isinstance(prove(text, "gcp-service-account"), Refuted)
    assert isinstance(prove("{'type': 'service_account',}", "gcp-service-account"), Refuted)


@pytest.mark.parametrize(
    ("proof", "template", "name", "owner"),
    [
        ("pem-private-key", "{pem:openssh}", "name", "toolmaker@workshop"),
        ("putty-private-key", "{putty}", "name", "a key"),
        ("pgp-private-key", "{pgp_private}", "user", "Toolmaker <"),
    ],
)
def test_keys_name_their_owner(proof: str, template: str, name: str, owner: str) -> None:
    """The comment of a key, or its user id, most often says whose it is."""
    for seed in range(5):
        outcome = prove(expand(template, seed), proof)
        assert isinstance(outcome, Proven)
        assert outcome.facts[name].startswith(owner)


def bare(pem: str) -> str:
    """Return the body of a PEM text as one line of base64."""
    return "".join(pem.splitlines()[1:-1])


@pytest.mark.parametrize("kind", ["rsa", "ec", "pkcs8"])
def test_keys_without_pem_lines_parse(kind: str) -> None:
    """The body alone, as settings of payment SDKs have it, is proven just as well."""
    outcome = prove(bare(expand(f"{{pem:{kind}}}", 1)), "der-private-key")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "key"
    assert outcome.facts["public_key"].startswith("SHA256:")


@pytest.mark.parametrize("text", ["MIIEpAIBAAKC{base64:1580}", "MIIEpAIBAAKC{base64:301}"])
def test_what_is_no_key_without_pem_lines_is_less_sure(text: str) -> None:
    """A body that was cut or made up may be documentation."""
    outcome = prove(expand(text, 1), "der-private-key")
    assert isinstance(outcome, Undecided)
    assert outcome.confidence is Confidence.MEDIUM
