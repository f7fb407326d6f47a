"""Lists of canaries: what keysift knows, and what users add."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.catalogue import load
from keysift.catalogue.canaries import Canaries, Rule, read
from keysift.catalogue.loader import Catalogue
from keysift.catalogue.samples import expand
from keysift.errors import CatalogueError


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"account": "052310077262"}, b""),
        ({"host": "abc123.canarytokens.com"}, b""),
        ({"host": "CANARYTOKENS.org:3306"}, b""),
        ({}, expand("AKIA00{pick:CANARY}{base32:8}", 1).encode()),
        ({}, expand("ASIAAB{pick:CANARY}{base32:8}", 1).encode()),
        ({}, expand("-----BEGIN X-----\nTIRITH{pick:CANARY}abc\n-----END X-----", 1).encode()),
    ],
)
def test_known_canaries(facts: dict[str, str], value: bytes) -> None:
    """Accounts, hosts and markers are recognised, in all ways that they are written."""
    assert Canaries().why(facts, [value])


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"account": "052310077263"}, b""),
        ({"host": "mycanarytokens.com"}, b""),
        ({"host": "canarytokens.com.example"}, b""),
        ({}, expand("AKIA{base32:16}", 1).encode()),
        ({"host": ""}, b"\xff" * 1000),
    ],
)
def test_other_secrets_are_no_canaries(facts: dict[str, str], value: bytes) -> None:
    """Nothing that only resembles a canary is one."""
    assert Canaries().why(facts, [value]) is None


def test_the_user_s_list_is_added(tmp_path: Path) -> None:
    """A rule is a kind, what to look for, and a note; comments and empty lines are left out."""
    file = tmp_path / "canaries.txt"
    lines = ("# ours", "", "account 123456789012 our honeypot", "host Trap.Acme.example")
    file.write_text("\n".join((*lines, "text *trap-??*  a trap")))
    own = Canaries(read([file]))
    assert own.own == (
        Rule("account", "123456789012", "our honeypot"),
        Rule("host", "trap.acme.example", "listed as a canary"),
        Rule("text", "*trap-??*", "a trap"),
    )
    assert own.why({"account": "123456789012"}, []) == "our honeypot"
    assert own.why({"host": "db.trap.acme.example"}, []) == "listed as a canary"
    assert own.why({}, [b"x", b"key-trap-01-abc"]) == "a trap"
    assert own.why({"account": "052310077262"}, []) == "Thinkst Canary"


def test_all_problems_of_a_list_are_told_at_once(tmp_path: Path) -> None:
    """Unknown kinds, missing values, accounts that are none and rules for everything."""
    file = tmp_path / "canaries.txt"
    file.write_text("acount 123456789012\naccount 12\nhost\ntext *\naccount 123456789012 fine\n")
    with pytest.raises(CatalogueError) as caught:
        read([file, tmp_path / "missing.txt"])
    assert [problem.partition(": ")[0] for problem in caught.value.problems] == [
        *(f"{file}:{line}" for line in (1, 2, 3, 4)),
        str(tmp_path / "missing.txt"),
    ]


def test_a_list_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are named as such."""
    file = tmp_path / "canaries.txt"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueError, match="UTF-8"):
        read([file])


def test_a_list_of_the_user_is_another_ruleset(tmp_path: Path) -> None:
    """What was found before is looked at again, because it may be a canary now."""
    file = tmp_path / "canaries.txt"
    file.write_text("account 123456789012\n")
    plain = Catalogue(load().detectors[:2])
    own = Catalogue(plain.detectors, canaries=read([file]))
    assert plain.digest != own.digest
    assert not own.digests().items() <= plain.digests().items()
    assert plain.digests().items() <= own.digests().items()
    assert own.select((own.detectors[0].id,), ()).canaries.own == own.canaries.own
