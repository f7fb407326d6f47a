"""What may stand between the name of a secret and a value that has no shape of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue.introduction import AHEAD_OF_VALUE, ANY_NAME, introduced

VALUE = "(?P<secret>[0-9]{6})(?![0-9])"
FOUND = "482913"


def found(text: str, labels: str = "token|key") -> bool:
    """Tell whether the value is introduced in ``text`` after the keyword ``acme`` or ``ac me``."""
    regex = re.compile(introduced(VALUE, labels, ("acme", "ac me")).encode())
    match = regex.search(text.encode())
    if match is None:
        return False
    # The engine looks for values there first; no introduction may end elsewhere.
    assert re.compile(AHEAD_OF_VALUE).match(text.encode(), match.start("secret"))
    return match["secret"] == FOUND.encode()


@pytest.mark.parametrize(
    "text",
    [
        "ACME_TOKEN=482913",
        '"acmeToken": "482913",',
        "acme_api_key := `482913`",
        "'acme-token'\t=>\t'482913'",
        'token: Final[str] = "482913"',
        "  - name: ACME_KEY\n    value: '482913'",
        '<add key="Acme.Token" value="482913"/>',
        "<key>AcmeToken</key>\n  <string>482913</string>",
        "id,acme token,note\n7,482913,x",
        'api_key=SecretStr("482913")',
        'token := []byte("482913")',
        "Acme-Token: Bearer 482913",
        "The acme key is 482913.",
        'os.getenv("ACME_TOKEN", "482913")',
    ],
)
def test_a_label_introduces_a_value_in_any_language(text: str) -> None:
    """Whatever joins a name and its value in code, configuration and prose."""
    assert found(text)


@pytest.mark.parametrize(
    "text", ["acme: 482913", "ac_me = '482913'", "ACME 482913", 'acme = Client("482913")']
)
def test_a_keyword_introduces_a_value_by_itself(text: str) -> None:
    """No label is needed right after the keyword, whose words any separator may join."""
    assert found(text)


@pytest.mark.parametrize(
    "text",
    ["acme-482913.js", "acme build 482913", "acme/482913", "keyboard 7 482913", "acme: 4829137"],
)
def test_other_text_introduces_nothing(text: str) -> None:
    """The name of a file, a sentence, a path, and a longer value."""
    assert not found(text)


@pytest.mark.parametrize("text", ["workspace = '482913'", 'f(x="482913")', "id: 482913"])
def test_any_name_will_do_when_that_is_wanted(text: str) -> None:
    """With ``*``, everything that is assigned counts; without it, only labels do."""
    assert found(text, ANY_NAME)
    assert not found(text)


@given(
    st.from_regex(
        re.compile(introduced(VALUE, ANY_NAME, ("acme", "ac me")).encode()), fullmatch=True
    )
)
def test_every_introduction_ends_where_the_engine_looks_for_values(text: bytes) -> None:
    """What may stand right before a value is known; no introduction ends in anything else."""
    match = re.search(introduced(VALUE, ANY_NAME, ("acme", "ac me")).encode(), text)
    assert match is not None
    assert re.compile(AHEAD_OF_VALUE).match(text, match.start("secret"))
