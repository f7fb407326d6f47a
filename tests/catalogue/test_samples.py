"""Templates expand to the same varied text for the same seed, and say what is wrong with them."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue.samples import ALPHABETS, expand
from keysift.errors import CatalogueError

REPEATABLE = (
    "{base62:30}{crc32_base62}",
    "{pick:a|b|c}{chars:xyz019:12}{uuid}",
    "{b64:{hex:10}:{HEX:10}}",
    "{pypi_macaroon:project:test}",
    "{jwt:service_role}",
    "{pem:rsa}",
    "{pem:ec}",
    "{pem:dsa}",
    "{pem:ed25519}",
    "{pem:openssh}",
    "{pem:pkcs8}",
    "{pgp_private}",
    "{putty:encrypted}",
    "{gcp_service_account}",
    "{age}",
    "{azure_key:+ASt}",
    "{azure_key:ACOG}",
    "{discord_bot}",
)


@pytest.mark.parametrize("template", REPEATABLE)
def test_a_seed_decides_everything(template: str) -> None:
    """The same seed gives the same text, another seed another."""
    assert expand(template, 1) == expand(template, 1)
    assert expand(template, 1) != expand(template, 2)


def test_braces_are_doubled() -> None:
    """Two braces stand for one, inside macros too."""
    assert expand("{{a}} {{", 1) == "{a} {"
    assert base64.b64decode(expand('{b64:{{"k":1}}}', 1)) == b'{"k":1}'


@given(name=st.sampled_from(sorted(ALPHABETS)), low=st.integers(8, 40), more=st.integers(0, 20))
def test_classes_keep_to_their_alphabet_and_length(name: str, low: int, more: int) -> None:
    """Random text has the characters and the length that the macro says."""
    text = expand(f"{{{name}:{low}-{low + more}}}", low)
    assert low <= len(text) <= low + more
    assert set(text) <= set(ALPHABETS[name])


@pytest.mark.parametrize("seed", range(200))
def test_random_text_looks_like_no_placeholder(seed: int) -> None:
    """It has every kind of character of its class, and no run of four."""
    text = expand("{base62:20}", seed)
    assert re.search("[0-9]", text)
    assert re.search("[a-z]", text)
    assert re.search("[A-Z]", text)
    assert not re.search(r"(.)\1{3}|(?i:test|fake|xxx)", text)


def test_checksums_are_of_the_last_random_text() -> None:
    """Neither the literal prefix takes part in a checksum, nor what stands before it."""
    _, text, check = expand("{digits:9}_ghx {base62:30} {crc32_hex}", 1).split()
    assert int(check, 16) == zlib.crc32(text.encode())


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{nothing:3}", "no macro"),
        ("{base62}", "length"),
        ("{base62:a}", "length"),
        ("{base62:20-10}", "reversed"),
        ("{hex:999999999}", "longer"),
        ("{base62:3", "not closed"),
        ("{pem:what}", "pem"),
        ("{pypi_macaroon:what}", "pypi_macaroon"),
    ],
)
def test_wrong_templates_say_what_is_wrong(template: str, problem: str) -> None:
    """A mistake in a template is an error of the detector file."""
    with pytest.raises(CatalogueError, match=problem):
        expand(template, 1)
