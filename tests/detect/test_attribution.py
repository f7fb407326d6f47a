"""Keys without a shape belong to the provider that is named nearest, before or behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.catalogue import Catalogue, Category, Detector
from keysift.catalogue.loader import parse
from keysift.detect.fixed import fixed_characters
from keysift.detect.scanner import Scanner
from keysift.model import Confidence
from tests.detect.conftest import detector
from tests.detector_file import TEXT

VALUE = "7d3f" * 2 + "09a1c5e8" * 3
SHAPED = "qzq_live_" + "f3k9w7bd0q2m" + "zx58hr1tc6nv"


def _named(provider: str, *changes: tuple[str, str]) -> Detector:
    """Return a detector of 32 hexadecimal digits that a provider's name must introduce."""
    text = TEXT.replace("Acme", provider.title()).replace("acme-token", f"{provider}-key")
    text = text.replace(
        "pattern = '''qzt_[a-z]{8}'''",
        f"keywords = ['{provider}']\nlabels = 'api_key|token'\nconfidence = 'medium'\n"
        "pattern = '''(?P<secret>[0-9a-f]{32})(?![0-9a-f])'''",
    ).replace('confidence = "high"\n', "")
    for old, new in changes:
        text = text.replace(old, new)
    (one,) = parse(Path(f"{provider}.toml"), text.encode())
    return one


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """Return a scanner of three providers and of what is assigned."""
    return Scanner(
        Catalogue(
            [
                _named("acme"),
                _named("zorblax"),
                detector(
                    "generic-assigned",
                    r"(?i:api_key|token|bearer|^user)[\"' :=]{1,4}(?P<secret>[0-9a-z_]{16,64})",
                    category=Category.GENERIC,
                    confidence=Confidence.LOW,
                    yields=True,
                ),
                detector("square-key", r"qzq_live_[0-9a-z]{24}", provider="Square"),
                detector(
                    "payco-key",
                    r"(?P<secret>qzq_live_[0-9a-z]{24})",
                    keywords=("payco",),
                    provider="Payco",
                ),
            ]
        )
    )


def found(scanner: Scanner, text: str) -> list[str]:
    """Return the detectors whose matches are reported."""
    return [match.detector for match in scanner.scan(text.encode())]


@pytest.mark.parametrize(
    "text",
    [
        f'curl -H "Authorization: Bearer {VALUE}" https://api.acme.com/v1',
        f'curl -H "Authorization: Bearer {VALUE}" \\\n  -H "Accept: x" \\\n  https://api.acme.com/',
        f'api_key = "{VALUE}"  # of Acme',
        f'api_key = "{VALUE}"\nurl = "https://acme.com/v1"\n',
        f'# acme\nregion = "eu"\nbearer = "{VALUE}"\n',
    ],
)
def test_a_provider_may_be_named_behind_its_key(scanner: Scanner, text: str) -> None:
    """On the same line, or in an address a few lines below; what is generic yields."""
    assert found(scanner, text) == ["acme-key"]


@pytest.mark.parametrize(
    "text",
    [
        f'bearer = "{VALUE}"\n# what follows is about acme\n',
        f'bearer = "{VALUE}"' + "\n" * 400 + "https://acme.com",
        f'bearer = "{VALUE[:30]}"  # of acme',
        f'# acme\n{"x = 1;" * 40}\nbearer = "{VALUE}"\n',
    ],
)
def test_what_is_far_or_shaped_otherwise_stays_generic(scanner: Scanner, text: str) -> None:
    """A name in another line behind, a long way off, or a value that the provider has not."""
    assert found(scanner, text) == ["generic-assigned"]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        (f'# acme\nzorblax_token = "{VALUE}"\n', "zorblax-key"),
        (f'# zorblax\nacme_token = "{VALUE}"\n', "acme-key"),
        (f'acme = 1\nbearer = "{VALUE}"  # zorblax, not acme\n', "acme-key"),
        (f"zorblax, then acme\ntoken: {VALUE}", "acme-key"),
    ],
)
def test_the_nearest_name_decides(scanner: Scanner, text: str, owner: str) -> None:
    """Of several providers whose keys look the same."""
    assert found(scanner, text) == [owner]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        (f'key = "{SHAPED}"', "square-key"),
        (f'payco_key = "{SHAPED}"', "payco-key"),
        (f'# payco\nsquare_key = "{SHAPED}"', "square-key"),
    ],
)
def test_types_of_the_same_shape_are_told_apart_by_their_names(
    scanner: Scanner, text: str, owner: str
) -> None:
    """Nobody is named: the type that needs no name; else the one that is named nearest."""
    assert found(scanner, text) == [owner]


def test_a_short_keyword_may_be_written_together_with_what_it_names(scanner: Scanner) -> None:
    """``acmeapi_key`` holds the word acme, ``acmeba_token`` does not."""
    assert found(scanner, f'acmeapi_key = "{VALUE}"') == ["acme-key"]
    assert found(scanner, f'acmeba_token = "{VALUE}"') == ["generic-assigned"]


def test_a_value_is_attributed_however_often_it_stands(scanner: Scanner) -> None:
    """Many keys under many names are each attributed, and it takes no longer for each."""
    text = f'bearer = "{VALUE}" # acme\n' * 3000
    assert found(scanner, text) == ["acme-key"] * 3000


def test_fixed_characters_of_the_secret_are_counted() -> None:
    """Those of groups and tiny classes count, the fewest of alternatives, nothing optional."""
    assert fixed_characters(r"x(?P<secret>[sr]k_(?:live|a)[a-z-]{3}(?:zz)?)") == 4
    assert fixed_characters(r"abc[0-9a-f]") == 3
