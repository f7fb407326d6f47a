"""What is noticed about a value, what it counts, and that the sum can be explained."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue import Catalogue, load
from keysift.catalogue.samples import expand
from keysift.detect.evidence.beginnings import Beginnings
from keysift.detect.evidence.score import BASE, FEATURES, is_hopeless
from keysift.detect.evidence.view import View
from keysift.detect.evidence.weights import LEAST, Kind, grade, total, weights
from keysift.detect.evidence.words import known_share, words
from keysift.detect.pattern import derive
from keysift.detect.scanner import Scanner
from keysift.detect.weighing import CUT, NAMES, RECORDED, scale
from keysift.model import Confidence, Match, Suppressed, SuppressReason


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """Return a scanner of the types that only their names make secrets."""
    return Scanner(Catalogue([one for one in load().detectors if scale(one) is not None]))


DULL = [b"password", b"username", b"text/html", b"PasswordField", b"/etc/shadow", b"getPassword()"]
AROUND = [
    b"database.connect(host='db.acme.io', user='admin')\n",
    b"smtp.login(user, password)\n",
    b"# production\n",
    b"def test_login():\n    assert True\n",
    b'"""Says what it does."""\n',
    b"x = 1\n",
]


def _noticed(value: bytes, label: bytes = b"", before: bytes = b"", after: bytes = b"") -> set[str]:
    data = before + value + after
    view = View(value, data, (len(before), len(before) + len(value)), label=label)
    return {name for name, notices in FEATURES.items() if notices(view)}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"kT9", "tiny"),
        (b"kT9xQ2", "short"),
        (b"kT9xQ2mB7", "random"),
        (b"Summer2024!", "human"),
        (b"hunter2", "human"),
        (b"P@ssw0rd1", "leet"),
        (b"correcthorse", "all-words"),
        (b"zxqwvkpt", "odd-letters"),
        (b"mokuna", "unknown-word"),
        (b"my-test-password", "stand-in"),
        (b"asdfjkl234lkjsdfsdfkj", "typed"),
        (b"a0b1c2d3e4f5", "sequence"),
        (b"aaaaaaab", "repeated"),
        (b"0x00000004", "number"),
        (b"2024-07-01", "number"),
        (b"refresh_token_name", "identifier"),
        (b"refresh-token-name", "dashed-words"),
        (b"get_password()", "code"),
        (b"%s:%s", "format"),
        (b"jo@shop.com", "address"),
        (b"keys/server.pem", "path"),
        (b"application/json", "media-type"),
        (b"Optional[str]", "type"),
        (b"<b>Password</b>", "markup"),
        ("Contraseña".encode(), "foreign"),
        (b"dGhlIHNhbXBsZSBub25jZQ==", "encoded-words"),
        (b"PBKDF2WithHMAC", "algorithm"),
    ],
)
def test_a_value_is_noticed_for_what_it_is(value: bytes, name: str) -> None:
    """Each way of writing a value has its name."""
    assert name in _noticed(value)


@pytest.mark.parametrize(
    ("label", "value", "name"),
    [
        (b"AMPLITUDE_API_KEY", b"", "page-name"),
        (b"fake_token", b"", "made-up-name"),
        (b"password_label", b"", "name-about"),
        (b"shop_key", b"", "own-name"),
        (b"client_secret", b"", "strong-name"),
        (b"smtp_password", b"", "account-name"),
        (b"TOKEN", b"", "constant-name"),
        (b"db_password", b"dbpassword", "repeats-name"),
        (b"", b"", "no-name"),
        (b"api_key", b"9b1d7c3e-1f2a-4c5d-8e9f-0a1b2c3d4e5f", "uuid-as-key"),
    ],
)
def test_a_name_is_noticed_for_what_it_says(label: bytes, value: bytes, name: str) -> None:
    """What a value is called counts apart from what it is."""
    assert name in _noticed(value, label)


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (b'if token == "', b'":', "compared"),
        (b'assert login("', b'")', "asserted"),
        (b'connect(host="db7", password="', b'")', "connects"),
        (b'help="password: ', b'"', "says"),
        (b'<input name="password" value="', b'">', "markup-around"),
        (b"# password = ", b"", "comment"),
        (b'os.environ.get("TOKEN", "', b'")', "default"),
        (b'login(password="', b'")', "argument"),
        (b"password = ", b"(x)", "called"),
        (b'password = "', b'"', "quoted"),
        (b'["token", "', b'"]', "listed"),
        (b"x=1;" * 50 + b'p="', b'",' + b"y=2;" * 50, "minified"),
    ],
)
def test_the_text_around_is_noticed(before: bytes, after: bytes, name: str) -> None:
    """How a value is assigned, and what its line is about."""
    assert name in _noticed(b"kT9xQ2mB7", b"", before, after)


_SERIES = b'["socket", "sre", "spwd", "'
_BASE85 = b"q-4hgn4_py?3FW4mw}fV56*RGJ(jTYT2R|ap$J>=c+~pw|"


def test_a_name_in_a_row_of_names_is_noticed() -> None:
    """The string before it is another name, not what it is called."""
    assert "series" in _noticed(b"sqlite3", b"spwd", _SERIES, b'", "sre_compile", "ssl"]')
    lines = (b'[\n    "BLSKey",\n    "NodeID",\n    "HexStr",\n    "', b'",\n    "Pubkey",\n]')
    assert "series" in _noticed(b"BLSPubkey", b"", *lines)


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        (b"kT9xQ2mB7", _SERIES, b'", "sre_compile", "ssl"]'),
        (b"sqlite3", b'"spwd", "', b'", "sre_compile", "ssl"]'),
        (b"sqlite3", _SERIES, b'")'),
        (b"hunter2", b'connect("db7", "shop", "jo", "', b'", "utf8")'),
        (b"hunter2", b'["--user", "jo", "--password", "', b'", "--db", "shop"]'),
    ],
)
def test_a_password_among_few_strings_is_in_no_series(
    value: bytes, before: bytes, after: bytes
) -> None:
    """Random values, short rows and options with values are no row of names."""
    assert "series" not in _noticed(value, b"password", before, after)


def test_a_sample_of_a_configuration_is_noticed() -> None:
    """All lines around are comments; one commented line in a program is no sample."""
    sample = b"# My cloud:\n#  user: jo\n#  region: eu\n#\n#  host: db7\n" * 2
    assert "remarks" in _noticed(
        b"kT9xQ2mB7", b"password", sample + b"#  password: ", b"\n" + sample
    )
    program = b"import shop\n# login\nshop.open()\n"
    assert "remarks" not in _noticed(b"kT9xQ2mB7", b"", program + b"# password = ", b"\n" + program)


def test_a_name_by_chance_in_base85_is_noticed() -> None:
    """The line up to it has many signs, and none that base85 has not."""
    assert "base85" in _noticed(b"TL#dS50L5KczK9", b"pw", _BASE85, b"")
    assert "base85" not in _noticed(
        b"TL#dS50L5KczK9", b"", b"DATABASE_ADMIN_ACCOUNT_PASSWORD=", b""
    )
    assert "base85" not in _noticed(
        b"TL#dS50L5KczK9", b"", b'f({a:1,b:2});if(x&&y|z)$("#pw").val("'
    )


@pytest.mark.parametrize("word", [b"-Weltmeisterschaft", b"Vriendschappelijk", b":UIControl"])
def test_a_word_with_its_capital_is_not_random(word: bytes) -> None:
    """A vocabulary of another language is not taken for keys."""
    assert "random" not in _noticed(word)


@pytest.mark.parametrize("beginning", ["key_", "sk_live_", "key-"])
def test_what_keys_of_a_service_begin_with_is_no_name(beginning: str) -> None:
    """A short word before long hexadecimal makes it neither less random nor an identifier."""
    value = expand(beginning + "{hex:32}", 1).encode()
    assert "random" in _noticed(value)
    assert not {"regular", "identifier", "pieces"} & _noticed(value)


@pytest.mark.parametrize(
    ("template", "is_cut"),
    [
        ("qzx_{base62:20}", False),
        ("qzx_{base62:12}", True),
        ("qzx_{base62:30}", True),
        ("vwk_{base62:30}", False),
        ("secret_{base62:12}", False),
        ("{base62:12}", False),
    ],
)
def test_a_value_of_another_length_than_its_beginning_says_is_cut(
    template: str,
    is_cut: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    """Beginnings of types with one length count; those of any length and words do not."""
    patterns = ("qzx_[A-Za-z0-9]{20}", "vwk_[A-Za-z0-9]{20,40}", "secret_[A-Za-z0-9]{20}")
    beginnings = Beginnings(derive(pattern) for pattern in patterns)
    assert beginnings.is_cut(expand(template, 1).encode()) is is_cut


def test_a_cut_token_is_less_than_any_other_value() -> None:
    """A token of a known type that is too short is no secret of an unknown one."""
    types = (one for one in load().detectors if one.yields or one.id == "github-pat")
    scanner = Scanner(Catalogue(types))
    for beginning, found in (("ghp_", False), ("qzx_", True)):
        text = expand(f'token = "{beginning}{{base62:20}}"\n', 1)
        confident = [
            one for one in scanner.scan(text.encode()) if one.confidence.rank > Confidence.LOW.rank
        ]
        assert bool(confident) is found


def test_each_piece_of_evidence_has_points_and_words() -> None:
    """What can be noticed and what has points are the same; the words end without a full stop."""
    known = weights()
    assert set(FEATURES) | set(NAMES.values()) | {BASE, CUT, RECORDED} <= set(known)
    assert all(weight.says and not weight.says.endswith(".") for weight in known.values())


def test_confidence_follows_the_score() -> None:
    """The least score of each confidence has it; one less has the next, or none."""
    assert [grade(least) for least in LEAST.values()] == list(LEAST)
    below = [grade(least - 1) for least in LEAST.values()]
    assert below == [Confidence.MEDIUM, Confidence.LOW, None]


@pytest.mark.parametrize(
    "template",
    ['api_key = "{base62:32}"\n', 'password = "Kestrel{digits:4}"\n', 'token = "refresh_token"\n'],
)
def test_a_score_is_the_sum_of_its_reasons(scanner: Scanner, template: str) -> None:
    """Whoever adds the points up gets the score; no reason holds the value."""
    text = expand(template, 1)
    examined = scanner.examine(text.encode())
    judged = [*examined.matches, *(one.match for one in examined.suppressed)]
    assert judged
    for match in judged:
        assert match.score == total(match.reasons)
        value = match.secret.reveal().decode()
        assert all(value not in one.text for one in match.reasons)
        assert [abs(one.points) for one in match.reasons] == sorted(
            (abs(one.points) for one in match.reasons), reverse=True
        )


def test_a_proof_that_settles_is_the_only_reason(full_scanner: Scanner) -> None:
    """A right checksum needs nothing else."""
    token = expand("ghp_{base62:30}{crc32_base62}", 1)
    [match] = full_scanner.scan(token.encode())
    assert [one.name for one in match.reasons] == ["settled"]
    assert match.confidence is grade(match.score or 0) is Confidence.HIGH


_SHAPES = {
    "hexadecimal": (string.hexdigits[:16], 32),
    "small": (string.ascii_lowercase + string.digits, 24),
    "base32": (string.ascii_uppercase + "234567", 32),
    "base62": (string.ascii_letters + string.digits, 40),
    "base64": (string.ascii_letters + string.digits + "+/", 88),
}


@pytest.mark.parametrize("shape", list(_SHAPES))
def test_random_keys_are_hardly_ever_suppressed(scanner: Scanner, shape: str) -> None:
    """Of 1,000 keys that a generator made, at most five are taken for something else."""
    alphabet, length = _SHAPES[shape]
    source = random.Random(shape)
    lost = 0
    for _ in range(1000):
        value = "".join(source.choices(alphabet, k=length))
        found = scanner.scan(f'shop_api_key = "{value}"\n'.encode())
        lost += not any(one.secret.reveal() == value.encode() for one in found)
    assert lost <= 5


def test_words_cover_prose_and_no_random_text() -> None:
    """The dictionary knows what software is written in; random letters hold hardly a word of it."""
    assert known_share(b"current-secret-password") > 0.8
    source = random.Random(5)
    shares = [
        known_share("".join(source.choices(string.ascii_letters, k=24)).encode())
        for _ in range(300)
    ]
    assert sum(shares) / len(shares) < 0.05
    assert b"password" in words()


@given(
    value=st.binary(min_size=1, max_size=80),
    label=st.binary(max_size=30),
    before=st.binary(max_size=90),
    after=st.binary(max_size=90),
)
def test_any_bytes_can_be_looked_at(
    value: bytes, label: bytes, before: bytes, after: bytes
) -> None:
    """Nothing that a file may hold makes a test of evidence fail."""
    assert _noticed(value, label, before, after) <= set(FEATURES)


@given(st.binary(max_size=200))
def test_whatever_is_judged_is_explained(scanner: Scanner, value: bytes) -> None:
    """Each outcome has a score with reasons, or a reason of its own."""
    examined = scanner.examine(b'password = "' + value + b'"\n')
    for one in (*examined.matches, *examined.suppressed):
        if isinstance(one, Match):
            assert one.reasons
        elif isinstance(one, Suppressed):
            assert one.detail


def test_passwords_and_keys_have_points_of_their_own() -> None:
    """A word with a number is a password that people choose, and no key."""
    human = weights()["human"]
    assert human.of(Kind.PASSWORD) > 0 > human.of(Kind.KEY)
    assert human.of(Kind.FORM) == 0


@given(
    before=st.lists(st.sampled_from(AROUND), max_size=4),
    after=st.lists(st.sampled_from(AROUND), max_size=4),
    value=st.sampled_from(DULL),
)
def test_what_is_hopeless_stays_so(
    full_scanner: Scanner, before: list[bytes], after: list[bytes], value: bytes
) -> None:
    """Whatever stands around a value that was turned down for itself, it is turned down."""
    line = b"password = '" + value + b"'\n"
    detectors = full_scanner.catalogue.by_id
    hopeless = {
        one.match.detector
        for one in full_scanner.examine(line).suppressed
        if one.reason is SuppressReason.SCORE
        if is_hopeless(one.match, detectors[one.match.detector])
    }
    assert hopeless
    found = full_scanner.examine(b"".join((*before, line, *after)))
    assert not {match.detector for match in found.matches} & hopeless


def test_what_its_place_speaks_against_is_not_hopeless(full_scanner: Scanner) -> None:
    """A poor password in a test may be one elsewhere."""
    line = b"password='hunter2'"
    text = (
        b"def test_login():\n    with mock.patch('x'):\n        self.assertTrue(login("
        + line
        + b"))  # should fail\n        it('should', fixture)\n"
    )
    (one,) = full_scanner.examine(text).suppressed
    assert one.reason is SuppressReason.SCORE
    assert not is_hopeless(one.match, full_scanner.catalogue.by_id[one.match.detector])
    assert full_scanner.scan(line + b"\n")
