"""Made-up values are usual in tests and documentation: weak evidence counts for less there."""

from __future__ import annotations

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue.samples import expand
from keysift.detect.scanner import Scanner
from keysift.detect.setting import Setting, Surroundings, is_recorded, landmarks, setting_of_path
from keysift.detect.weighing import FACT, weigh
from keysift.model import Confidence, Match, Suppressed, SuppressReason


@pytest.fixture(scope="module")
def scanner(full_scanner: Scanner) -> Scanner:
    """Return a scanner of the whole catalogue."""
    return full_scanner


def _is_low_at_most(weighed: Match | Suppressed) -> bool:
    return isinstance(weighed, Suppressed) or weighed.confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("shop-1.0/tests/data/answer.json", Setting.TEST),
        ("shop-1.0/src/shop/client_test.py", Setting.TEST),
        ("shop/testing.py", Setting.TEST),
        ("shop-1.0/test_client.py", Setting.TEST),
        ("shop-1.0/conftest.py", Setting.TEST),
        ("shop-1.0/web/login.spec.ts", Setting.TEST),
        ("shop-1.0/examples/order.py", Setting.TEST),
        ("shop-1.0/shop/settings.example", Setting.TEST),
        ("shop-1.0/integration_tests/cassettes/a.yaml", Setting.TEST),
        ("shop-1.0/inner.zip!/tests/a.py", Setting.TEST),
        ("shop-1.0/docs/conf.py", Setting.DOCUMENTATION),
        ("shop-1.0/README.md", Setting.DOCUMENTATION),
        ("shop-1.0/PKG-INFO", Setting.DOCUMENTATION),
        ("shop-1.0.dist-info/METADATA", Setting.DOCUMENTATION),
        ("shop-1.0/shop/usage.rst", Setting.DOCUMENTATION),
        ("shop-1.0/tests/README", Setting.DOCUMENTATION),
        ("shop-1.0/docs/tour.ipynb", None),
        ("shop-1.0/shop/client.py", None),
        ("tests-1.0/shop/client.py", None),
        ("shop/latest.py", None),
        ("shop/contest/doctor.py", None),
        ("shop/.env", None),
        ("", None),
    ],
)
def test_paths_name_their_setting(path: str, setting: Setting | None) -> None:
    """Folders and file names tell; the folder that an sdist stands in and parts of words do not."""
    assert setting_of_path(path) is setting


@pytest.mark.parametrize(
    ("path", "project", "setting"),
    [
        ("demo-1.0/demo/client.py", "demo", None),
        ("demo/client.py", "demo", None),
        ("demo-1.0/src/Load_Tests/client.py", "load-tests", None),
        ("demo-1.0/demo/tests/client.py", "demo", Setting.TEST),
        ("demo-1.0/tests/client.py", "demo", Setting.TEST),
        ("shop-1.0/demo/client.py", "shop", Setting.TEST),
    ],
)
def test_a_project_may_be_called_like_a_folder_of_tests(
    path: str, project: str, setting: Setting | None
) -> None:
    """Its own folder is the program."""
    assert setting_of_path(path, project) is setting


@pytest.mark.parametrize(
    ("before", "setting"),
    [
        ('def f():\n    """Sign in.\n\n    Usage: f(token="', Setting.DOCUMENTATION),
        ('class A(B):  # quick\n    r"""Sign in with token="', Setting.DOCUMENTATION),
        ('# a module\n\n"""What it does.\n\ntoken = "', Setting.DOCUMENTATION),
        ("EXAMPLES = r'''\n- shop:\n    api_key: ", Setting.DOCUMENTATION),
        ('>>> shop.login(token="', Setting.DOCUMENTATION),
        ('>>> shop.token()\n"', Setting.DOCUMENTATION),
        ("# the answer:\n#    {\n#      'token': '", Setting.DOCUMENTATION),
        ("The key, e.g. api_key: ", Setting.DOCUMENTATION),
        ("For example::\n\n    api_key: ", Setting.DOCUMENTATION),
        (".. code-block:: yaml\n\n    api_key: ", Setting.DOCUMENTATION),
        ('#[cfg(test)]\nmod tests {\n    const TOKEN: &str = "', Setting.TEST),
        ('def f():\n    """Sign in."""\n    token = "', None),
        ('SQL = """select 1"""\ntoken = "', None),
        ('CONFIG = """\n[shop]\ntoken = ', None),
        ('# api_key = "', None),
        ('{"token": "', None),
        ("first_example_token = '", None),
    ],
)
def test_the_text_before_names_the_setting(before: str, setting: Setting | None) -> None:
    """Docstrings, examples and prompts document; strings and comments with code do not."""
    data = before.encode()
    assert Surroundings(data + b"value").setting(len(data)) is setting


def _only(scanner: Scanner, template: str) -> Match:
    matches = scanner.scan(expand(template, 5).encode("latin-1"))
    assert len(matches) == 1
    return matches[0]


@pytest.mark.parametrize("setting", list(Setting))
def test_a_value_that_only_its_name_makes_a_secret_is_none_there(
    scanner: Scanner, setting: Setting
) -> None:
    """What speaks against it is the setting, which is among its facts too."""
    match = _only(scanner, 'api_key = "{base62:32}"\n')
    detector = scanner.catalogue.by_id[match.detector]
    weighed = weigh(match, detector, partial(Setting, setting))
    assert match.confidence.rank >= Confidence.MEDIUM.rank
    assert isinstance(weighed, Suppressed)
    assert weighed.reason is SuppressReason.SCORE
    assert weighed.detail.startswith("in ")
    assert weighed.match.facts[FACT] == setting.value
    assert weigh(match, detector, lambda: None) is match


@pytest.mark.parametrize(
    ("name", "is_issued"),
    [("KESTREL_TEST_TOKEN", True), ("MASKED_TEST_SECRET2", False)],
)
def test_words_of_tests_name_no_service(scanner: Scanner, *, name: str, is_issued: bool) -> None:
    """A long value in a test is one that a service issued when its name says which service."""
    match = _only(scanner, name + ' = "{base62:40}"\n')
    weighed = weigh(match, scanner.catalogue.by_id[match.detector], lambda: Setting.TEST)
    found = weighed.match if isinstance(weighed, Suppressed) else weighed
    assert ("issued" in {one.name for one in found.reasons}) is is_issued


def test_a_recorded_answer_is_surer_than_a_test(scanner: Scanner) -> None:
    """What a real service once answered may be real, wherever tests keep it."""
    match = _only(scanner, 'access_token = "{base62:40}"\n')
    detector = scanner.catalogue.by_id[match.detector]
    weighed = weigh(match, detector, lambda: Setting.TEST, is_recorded=True)
    assert isinstance(weighed, Match)
    assert weighed.score is not None
    assert match.score is not None
    assert weighed.score < match.score
    assert {one.name for one in weighed.reasons} >= {"test", "recorded"}


@pytest.mark.parametrize(
    "template",
    [
        "token = 'ghp_{base62:30}{crc32_base62}'\n",
        "{pem:ec}",
    ],
)
def test_what_shape_or_proof_decide_is_the_same_everywhere(scanner: Scanner, template: str) -> None:
    """A token with its own shape and a private key keep their confidence in tests."""
    match = _only(scanner, template)
    for setting in Setting:
        assert (
            weigh(match, scanner.catalogue.by_id[match.detector], partial(Setting, setting))
            is match
        )


def test_a_key_that_only_its_form_makes_one_is_none_in_tests_and_documentation(
    scanner: Scanner,
) -> None:
    """Nothing parses a JSON Web Key here: tests and documentation print those of standards."""
    key = '{{"kty": "EC", "crv": "P-256", "x": "{base64url:43}", "d": "{base64url:43}"}}'
    match = _only(scanner, key)
    detector = scanner.catalogue.by_id[match.detector]
    for setting in Setting:
        assert isinstance(weigh(match, detector, partial(Setting, setting)), Suppressed)


def test_what_the_text_around_says_lowers_a_form_only(scanner: Scanner) -> None:
    """A docstring may hold a real key: what has its provider's form stays, with low confidence."""
    text = 'def f():\n    """Sign in.\n\n    DATADOG_API_KEY = "{hex:32}"\n    """\n'
    match = _only(scanner, text)
    assert match.confidence is Confidence.LOW
    assert match.facts[FACT] == Setting.DOCUMENTATION.value


def test_a_test_that_talks_to_a_service_keeps_its_key(scanner: Scanner) -> None:
    """A long mixed value in a constant that names a service is reported, in tests alone."""
    match = _only(scanner, 'NIMBUS_TEST_API_KEY = "{base62:45}"\n')
    detector = scanner.catalogue.by_id[match.detector]
    in_test = weigh(match, detector, lambda: Setting.TEST)
    assert isinstance(in_test, Match)
    assert (in_test.confidence, in_test.score) == (match.confidence, match.score)
    assert _is_low_at_most(weigh(match, detector, lambda: Setting.DOCUMENTATION))


@pytest.mark.parametrize("label", ["TEST_API_KEY", "AES_KEY", "token", "nimbus_api_key"])
def test_a_constant_that_names_no_service_does_not(scanner: Scanner, label: str) -> None:
    """General words and names in small letters say nothing about where a value comes from."""
    match = _only(scanner, label + ' = "{base62:45}"\n')
    weighed = weigh(match, scanner.catalogue.by_id[match.detector], lambda: Setting.TEST)
    assert _is_low_at_most(weighed)


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        ("shop-1.0/tests/cassettes/login.yaml", True),
        ("shop-1.0/tests/ReplayData/User.txt", True),
        ("shop-1.0/tests/placebo_recordings/a.json", True),
        ("shop-1.0/tests/test_login.py", False),
        ("shop-1.0/shop/recorder.py", False),
    ],
)
def test_recordings_are_known_by_their_folders(path: str, recorded: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Tests name them after the libraries that make them."""
    assert is_recorded(path) is recorded


def test_a_text_is_read_for_docstrings_once() -> None:
    """However many matches a text has, what documents it is looked up, not looked for."""
    around = Surroundings(b'"""A module."""\n' + b'key = "x"\n' * 1000)
    assert {around.setting(at) for at in range(16, 10_000, 10)} == {None}
    assert around._strings is around._strings == [(3, 12)]


def test_what_stands_above_a_docstring_is_read_in_one_way() -> None:
    """A line of many imports, which could be cut in as many ways, takes no time to speak of."""
    above = b"from __future__ " * 5_000
    quotes = b'"' * 3
    assert Surroundings(above + b"\n" + quotes + b"doc").setting(len(above) + 5) is not None
    assert Surroundings(above + b"\nx = 1\n" + quotes + b"doc").setting(len(above) + 11) is None


@given(
    pieces=st.lists(
        st.sampled_from([b'"""', b"'''", b'"', b"'", b"x", b"\n", b"def f():\n    "]), max_size=30
    )
)
def test_a_string_ends_with_the_quotes_that_it_began_with(pieces: list[bytes]) -> None:
    """The other three quotes are part of it, as are single ones."""
    text = b"".join(pieces)
    expected, opened = [], None
    for quotes in re.finditer(rb'"""|\'\'\'', text):
        if opened is None:
            opened = quotes
        elif quotes[0] == opened[0]:
            expected.append((opened.end(), quotes.start()))
            opened = None
    if opened is not None:
        expected.append((opened.end(), len(text)))
    assert Surroundings(text)._strings == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x = 1\n", b'"""Says what it is.\n'),
        (b'"""A module."""\n', b"'''A module."),
        (b"mod a {}\n", b"#[cfg(test)]\nmod a {}\n"),
        (b"fn a() {}\n", b"#[tokio::test]\nfn a() {}\n"),
    ],
)
def test_what_decides_from_far_away_is_counted(before: bytes, after: bytes) -> None:
    """Where a text gets another setting far below, it has another number of landmarks."""
    below = b"y = 2\n" * 200 + b"key"
    settings = [Surroundings(one + below).setting(len(one + below) - 3) for one in (before, after)]
    assert settings[0] != settings[1]
    assert landmarks(before) != landmarks(after)
