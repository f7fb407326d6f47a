"""Targets as users write them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.errors import TargetError
from keysift.sources.spec import PathTarget, ProjectTarget, StdinTarget, normalise, parse


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("-", StdinTarget()),
        ("dist/a.whl", PathTarget(Path("dist/a.whl"))),
        (r"C:\dist\a.whl", PathTarget(Path(r"C:\dist\a.whl"))),
        ("./pypi:x", PathTarget(Path("./pypi:x"))),
        ("pypi:Flask_Login", ProjectTarget("flask-login")),
        ("PyPI:a == 1.0rc1", ProjectTarget("a", "1.0rc1")),
        ("pypi:a==1!2.0+local.1", ProjectTarget("a", "1!2.0+local.1")),
        ("pkg:pypi/django@1.11.1", ProjectTarget("django", "1.11.1")),
        ("pkg:PyPI/Typing_Extensions", ProjectTarget("typing-extensions")),
        ("pkg://pypi/a@1.0%2Blocal", ProjectTarget("a", "1.0+local")),
        (
            "pkg:pypi/a@1.0?file_name=a-1.0%2Bx.tar.gz&vcs_url=",
            ProjectTarget("a", "1.0", "a-1.0+x.tar.gz"),
        ),
    ],
)
def test_notations(text: str, target: object) -> None:
    """Every documented notation means what the documentation says."""
    assert parse(text) == target


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty target"),
        ("a\0b", "null character"),
        ("pypi:", "name of the project is missing"),
        ("pypi:==1.0", "name of the project is missing"),
        ("pypi:foo>=1", "only exact versions"),
        ("pypi:foo===1", "only exact versions"),
        ("pypi:foo@1.0", "only exact versions"),
        ("pypi:foo==", "version is missing"),
        ("pypi:foo==1.*", "is not a version"),
        ("pypi:foo[extra]", "extras"),
        ("pypi:foo/bar", "is not the name of a project"),
        ("pypi:-foo", "is not the name of a project"),
        ("npm:left-pad", "npm: is not supported"),
        ("git:repository", "git: is not supported"),
        ("pipy:requests", "pipy: is not supported, did you mean pypi:"),
        ("ftp:requests", "ftp: is not supported; a target"),
        ("pkg:npm/left-pad@1.0", "'npm' are not supported"),
        ("pkg:pypi/", "name of the project is missing"),
        ("pkg:pypi/group/name@1", "no namespace"),
        ("pkg:pypi/a@1#sub/path", "subpath"),
        ("pkg:pypi/a?file_name=a.whl", "needs a version"),
        ("pkg:pypi/a@1?repository_url=https://index.example", "repository_url is not supported"),
    ],
)
def test_mistakes(text: str, says: str) -> None:
    """A mistake is an error that says what to write instead."""
    with pytest.raises(TargetError, match=says):
        parse(text)


def test_password_of_an_unsupported_address_is_not_repeated() -> None:
    """An error about a URL does not show the credentials in it."""
    password = "x" * 12
    with pytest.raises(TargetError) as caught:
        parse(f"https://user:{password}@index.example/a.whl?token={password}")
    assert password not in str(caught.value)


@given(st.text())
def test_any_text_is_a_target_or_an_error(text: str) -> None:
    """Whatever is typed, parsing ends with a target or a TargetError."""
    with suppress(TargetError):
        parse(text)


@given(
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True),
    st.from_regex(r"[0-9]+(\.[0-9]+){0,2}(\+[a-z0-9]{1,4})?", fullmatch=True),
    st.text(min_size=1),
)
def test_package_urls_are_percent_decoded(name: str, version: str, file_name: str) -> None:
    """What is percent-encoded in a package URL comes back as it was."""
    url = f"pkg:pypi/{name}@{quote(version)}?file_name={quote(file_name, safe='')}"
    target = parse(url)
    assert target == ProjectTarget(normalise(name), version, file_name)


def test_imports_no_network_code() -> None:
    """Parsing targets and walking directories does not pay for the HTTP stack."""
    code = (
        "import sys, keysift.sources.spec, keysift.sources.files;"
        "print({'requests', 'urllib3', 'pypi_simple', 'pathspec'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
