"""Every syntax carries a value so that a reader of that syntax gets it back."""

from __future__ import annotations

import ast
import csv
import io
import json
import tomllib
import xml.etree.ElementTree as ET

import pytest

from keysift.catalogue.samples import expand
from keysift.catalogue.syntaxes import SYNTAXES

NAME = "acme_auth_token"
PLAIN = expand("{base62:32}", 1)
AWKWARD = ("a'b", 'a"b', "a b", "a\nb", "a\\b", "a$b", "a#b", "a&b", "a<b>c", "a`b", "a,b", "a{b}")


def dressed(syntax: str, value: str) -> str:
    """Return a value that can stand in a syntax, in it."""
    text = SYNTAXES[syntax](NAME, value)
    assert text is not None
    return text


def test_there_are_enough_syntaxes() -> None:
    """Examples are set in at least twenty-four ways."""
    assert len(SYNTAXES) >= 24


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_plain_values_stand_everywhere(syntax: str) -> None:
    """Letters and digits need no escape, and the name is there too."""
    text = dressed(syntax, PLAIN)
    assert text.count(PLAIN) == 1
    assert "acme" in text.lower()
    assert "<value>" not in text


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("value", AWKWARD)
def test_awkward_values_are_escaped_or_refused(syntax: str, value: str) -> None:
    """What a syntax does not allow is escaped, or the syntax says that it does not apply."""
    text = SYNTAXES[syntax](NAME, value)
    if text is None or value in text:
        return
    assert syntax in {"json", "notebook", "xml-element", "xml-attribute"}


@pytest.mark.parametrize("value", [PLAIN, *AWKWARD])
@pytest.mark.parametrize("syntax", ["python", "python-single", "python-dict", "python-keyword"])
def test_python_reads_it_back(syntax: str, value: str) -> None:
    """Python's own parser finds the value as a string."""
    text = SYNTAXES[syntax](NAME, value)
    if text is None:
        return
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    assert value in set(constants)


@pytest.mark.parametrize("value", [PLAIN, *AWKWARD])
def test_json_reads_it_back(value: str) -> None:
    """JSON escapes everything."""
    assert json.loads(dressed("json", value))[NAME] == value
    cells = json.loads(dressed("notebook", value))["cells"]
    assert ast.literal_eval(cells[0]["source"][1].partition(" = ")[2]) == value


@pytest.mark.parametrize("value", [PLAIN, "a&b", "a<b>c", "a'b", 'a"b'])
def test_xml_reads_it_back(value: str) -> None:
    """XML escapes what is markup."""
    element = ET.fromstring(dressed("xml-element", value))  # noqa: S314 (our own text)
    attribute = ET.fromstring(dressed("xml-attribute", value))  # noqa: S314 (our own text)
    assert element[0].text == value
    assert attribute.get("value") == value


@pytest.mark.parametrize("value", [PLAIN, "a b", "a$b", "a'b"])
def test_toml_reads_it_back(value: str) -> None:
    """TOML's basic strings hold what needs no escape."""
    assert tomllib.loads(dressed("toml", value))["section"][NAME] == value


def test_csv_reads_it_back() -> None:
    """The value is the second column of the second row."""
    assert list(csv.reader(io.StringIO(dressed("csv", PLAIN))))[1][1] == PLAIN


def test_special_forms() -> None:
    """Line ends, the end of the file and long lines are what their names say."""
    assert dressed("crlf", PLAIN).count("\r\n") == dressed("crlf", PLAIN).count("\n") == 3
    assert dressed("end-of-file", PLAIN).endswith(PLAIN)
    long = dressed("one-long-line", PLAIN)
    assert "\n" not in long
    assert 5_000 < long.index(PLAIN) < len(long) - 5_000
