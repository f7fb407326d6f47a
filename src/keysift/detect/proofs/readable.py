"""Text that a person can read is not a random secret: identifiers, paths, sentences, test words.

Nobody specifies these shapes. The words and limits come from reading what popular packages write in
their documentation and tests where a secret would stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from keysift.detect.evidence.words import known_share
from keysift.detect.plausibility import entropy
from keysift.detect.proofs.base import Candidate, Outcome, Refuted, Undecided, from_base64, proof

_WORDS: Final = frozenset(
    b"""
    a aa aaa ab abc abcd abcde abcdef access account admin administrator alice anonymous another any
    api apikey app arg auth bad bar basic battery baz bearer become blah blank bob bogus bot broken
    cert change changed changeit changeme cipher client code complex config consumer correct cred
    credential credentials creds data database db default demo dev dictionary difficult doe domain
    dummy email empty encrypted env example exp fake false field file flask foo foobar form get goes
    guest hash header hello here hidden hidden host id ignored incorrect input int invalid is jane
    joe john joke key known label line local localhost login main manager master me missing mongo my
    myapp mydb mypass mypassword mysecret mysql myuser name new nobody none not null nil object of
    ok old on open or oracle other our owner param pass passcode passphrase passw passwd password
    path pgpass plain plaintext postgres postgresql private prod production proxy public put pw pwd
    pword qwerty rabbitmq random read readonly redis remote replace request response right root sa
    salt sample sauce scott secret secrets secure secured self sesame service session shared should
    some something spam ssl staging staple store str string strong sudo super superuser sure sys
    system tbd test tested tester testing testpass tests testuser text that the this tiger tls tmp
    to token tom toor top true trust type undefined unit unittest unknown unsafe unset unused url
    use user userid username usr vagrant val value var vault very weak welcome with word world wrong
    xyz xxx xyzzy yes you your zzz s3cr3t s3cret secr3t
    """.split()
)
"""Lower-case words that stand where a secret would."""

_SPLIT: Final = re.compile(rb"[^A-Za-z@$]+|(?<=[a-z])(?=[A-Z])")
_NO_LETTERS: Final = bytes(byte for byte in range(256) if not bytes([byte]).isalpha())
_CODE: Final = re.compile(
    rb"^(?:self|cls|this|args|kwargs|options|opts|config|settings|request|process|System|environ|os"
    rb"|props|params|payload|credentials?|secrets?|env|module|connection)[.\[(]|\(\)"
    rb"|^[A-Za-z_][\w.]*\(|^[A-Za-z_][\w.]*\[|[{}]|^\$|^%\w+%$|^<.*>$|^@[\w/.]+$|\\[\"']$"
    rb"|^[A-Za-z_]+(?:\.[A-Za-z_]+)+$"
)
_NAME_OF_ONE: Final = re.compile(
    rb"^[A-Za-z_][\w.]*_(?i:key|token|secret|password|passwd|pass|pwd)$"
    rb"|^[A-Za-z_][\w.]*[a-z](?:Key|Token|Secret|Password)$"
)
_IDENTIFIER: Final = re.compile(
    rb"^_*[a-z]+(?:_[a-z]+)+$|^_*[A-Z]+(?:_[A-Z]+)+$|^[a-z]+(?:[A-Z][a-z]+)+$"
)
_MENTIONS: Final = re.compile(rb"(?i)passwor[dt]|passwd|secret|passphrase")
_UUID: Final = re.compile(
    rb"(?i)(?:[0-9a-f]{8}-)?(?:[0-9a-f]{4}-){1,3}[0-9a-f]{12}|(?:[0-9a-f]{4}-){2,7}[0-9a-f]{4}"
)
_ADDRESS: Final = re.compile(rb"0x[0-9A-Fa-f]{40}")
"""An account or a contract of Ethereum: public, unlike a key, which is longer."""

_ALGORITHM: Final = re.compile(
    rb"(?i)aes-?(?:128|192|256)|sha-?(?:1|224|256|384|512)(?![0-9a-z])|hmac|pbkdf2|pbewith|scrypt"
    rb"|secp\d{3}|rfc\d{3}|(?:ed|curve|x)25519"
)
_FILE: Final = re.compile(
    rb"(?i)\.(?:pem|crt|cer|der|key|pub|p12|jks|json|ya?ml|toml|ini|cfg|conf|txt|csv|xml|html?|md"
    rb"|py|js|ts|java|go|rs|sh|sql|zip|gz|png|svg|log)$|%[ds]"
)
_RUN: Final = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_ROWS: Final = (b"qwertyuiop", b"asdfghjkl", b"zxcvbnm")
_NEIGHBOURS: Final = frozenset(
    row[place : place + 2][::way]
    for row in _ROWS
    for place in range(len(row) - 1)
    for way in (1, -1)
)
_MIN_NEIGHBOURS: Final = 5
_NEIGHBOUR_SHARE: Final = 0.28
_LONG_TYPED: Final = 16
_BOTH_CASES: Final = 0.1
_FEW_KEYS: Final = 0.68
"""Share of the different letters and digits that random text of the same length has on average."""

_GENERATED: Final = re.compile(
    rb"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9].*[0-9]|.*[0-9].*[!@#$%^&*?+=~_-])[A-Za-z0-9!@#$%^&*?+=~_-]{10,64}"
)
_LONG_RANDOM: Final = re.compile(rb"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_+/=.~!@#$%^&*-]{16,200}")
_MIN_ENTROPY: Final = 3.1
_MIN_PIECES: Final = 2
_MIN_PLAIN: Final = 0.65
_MIN_RUN: Final = 3.2
_SOME_READABLE: Final = 0.3
_SETTING: Final = re.compile(rb"^[A-Za-z_-]{3,24}=[^=]")
_PATH: Final = re.compile(rb"[._-]|^//|://")
"""What makes a text with a slash in it a path; base64 has none of these."""

_PIECE: Final = re.compile(rb"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_VOWELS: Final = re.compile(rb"(?i)[aeiouy]")
_RARE: Final = re.compile(
    rb"(?i)[bcdfghjklmnpqrstvwxz]{4}|[aeiou]{4}|q[^u]|[jvxz][bcdfghjklmnpqrstvwxz]"
    rb"|[bcdfghjklmnpqrstvwxz][jqxz]|(.)\1\1"
)
_BETWEEN_PARTS: Final = re.compile(rb"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_PUBLIC_NAME: Final = re.compile(
    rb"_(?:next(?:page\w*|token)?|page(?:token|s)?|pagin\w*|paging|contin\w*|csrf\w*|xsrf\w*"
    rb"|client_?request_?token|idempot\w*|start_?token|sync(?:token)?|cancel\w*|marker|resum\w*"
    rb"|public|hash(?!_secret)|hashed|digest|sha_?\d*|checksum|fake|mock|dummy|example|sample|invalid"
    rb"|wrong|expected|pad|[eb]os|unk|mask|sep_token|cls_token|lexer|parser|cache_?key|sort|primary_key"
    rb"|foreign|partition|routing|(?:gpg|pgp)_key|object_key|s3_key|token_?type|site_?key|client_?token|spdx"
    rb"|verification_?token|spl_?token)_|captcha(?!\w*(?:secret|private))"
)
"""Parts of names, between the ``_`` that ``_parted`` puts, that say what is no secret."""
_MIN_KNOWN: Final = 0.3
_SOME_WORDS: Final = 0.35
_ALL_SAID: Final = 0.9
_CHANCE: Final = 12
"""From this length on, words of one or two letters stand in random text by chance."""

_SHORT_WORD: Final = 2
_MAX_READABLE: Final = 0.5
_MAX_READABLE_DECODED: Final = 0.3
_PATH_RUN: Final = 2.6
_LONG_RUN: Final = 3.1


def is_code(value: bytes) -> bool:
    """Tell whether ``value`` is an expression of a programming language or a template."""
    return any(one.search(value) for one in (_CODE, _NAME_OF_ONE, _IDENTIFIER))


def is_made_of_words(value: bytes) -> bool:
    """Tell whether ``value`` consists of words such as ``my-test_password1`` and ornaments."""
    lowered = value.lower()
    bare = lowered.strip(_NO_LETTERS)
    if not bare or lowered in _WORDS:
        return True
    if bare in _WORDS and (len(bare) > _SHORT_WORD or len(value) < _CHANCE):
        return True
    if _MENTIONS.search(value) and not re.search(rb"[0-9]{3}", value):
        return True
    words = [word.lower() for word in _SPLIT.split(value) if word]
    known = [word for word in words if word in _WORDS or _is_run_on(word)]
    telling = [word for word in known if len(word) > _SHORT_WORD or len(value) < _CHANCE]
    if sum(map(len, telling)) < _MIN_KNOWN * len(value):
        return False
    return all(word in known or len(word) == 1 for word in words)


def readable_share(value: bytes) -> float:
    """Return the share of ``value``, 0 to 1, that looks like words of a language."""
    readable = 0
    for piece in _PIECE.findall(value):
        vowels = len(_VOWELS.findall(piece))
        if 0.2 * len(piece) <= vowels <= 0.7 * len(piece) and not _RARE.search(piece):
            readable += len(piece)
    return readable / len(value) if value else 0.0


def is_identifier(value: bytes) -> bool:
    """Tell whether ``value`` is words and numbers with separators: ``refresh-token-2``.

    In random text, letters of either case and digits alternate too often for that.
    """
    pieces = [piece for piece in re.split(rb"[-_.:]", value) if piece]
    if len(pieces) < _MIN_PIECES:
        return False
    plain = sum(len(piece) for piece in pieces if _RUN.fullmatch(piece))
    if plain > _MIN_PLAIN * sum(map(len, pieces)):
        return True
    if _run_length(value) < _MIN_RUN:
        return False
    return len(pieces) > _MIN_PIECES or readable_share(value) > _SOME_READABLE


def is_typed(value: bytes) -> bool:
    """Tell whether ``value`` is what fingers leave on a keyboard: ``sdfkj3lkjsdf``, ``GE4gerGg``.

    They hit neighbouring keys, or the same few keys with and without shift.
    """
    lowered = value.lower()
    if value != lowered and value != value.upper():
        size = len(value)
        rarer = min(len(re.findall(case, value)) for case in (rb"[a-z]", rb"[A-Z]"))
        if size < _LONG_TYPED or rarer < _BOTH_CASES * size:
            # Too short to count, or hexadecimal text behind a prefix, which has few characters.
            return False
        expected = 26 * (1 - (60 / 62) ** size) + 10 * (1 - (61 / 62) ** size)
        return len(set(lowered)) < _FEW_KEYS * expected
    pairs = sum(lowered[place : place + 2] in _NEIGHBOURS for place in range(len(lowered) - 1))
    return pairs >= _MIN_NEIGHBOURS and pairs > _NEIGHBOUR_SHARE * (len(lowered) - 1)


def is_generated(password: bytes) -> bool:
    """Tell whether ``password`` looks made by a machine, or by a person who imitates one.

    It is a long random text, or it mixes capitals, small letters and digits, changes between them
    often, and cannot be read.
    """
    if _MENTIONS.search(password):
        return False
    if _LONG_RANDOM.fullmatch(password):
        return entropy(password) >= _MIN_ENTROPY and not any(tells(password) for tells, _ in _TELLS)
    if not _GENERATED.fullmatch(password) or is_identifier(password) or is_typed(password):
        return False
    return _run_length(password) <= _PATH_RUN and readable_share(password) <= _MAX_READABLE


@proof(
    "random-text",
    decides="Refutes a value that a person could read, or whose name says that it is public.",
    sources=("nobody specifies these; the limits come from reading popular packages",),
)
def random_text(candidate: Candidate) -> Outcome:
    """Refute a value that a person could read, or whose name says that it is public.

    The part ``label``, when there is one, is the name the value was given.
    """
    if isinstance(outcome := public_name(candidate), Refuted):
        return outcome
    value = candidate.value
    detail = next((detail for tells, detail in _TELLS if tells(value)), None)
    return Undecided() if detail is None else Refuted(detail)


@proof(
    "public-name",
    decides="Refutes a value whose name says that it is public, or made up.",
    sources=("nobody specifies these; the words come from reading popular packages",),
)
def public_name(candidate: Candidate) -> Outcome:
    """Refute a value whose name, the part ``label``, says that it is public, or made up."""
    if _PUBLIC_NAME.search(_parted(candidate.parts.get("label", b""))):
        return Refuted("its name says that it is public, or made up")
    return Undecided()


@proof(
    "encoded-text",
    decides="Refutes base64 of what a person could read; a secret in it is found by decoding it.",
    sources=("nobody specifies this; the limits come from reading popular packages",),
)
def encoded_text(candidate: Candidate) -> Outcome:
    """Refute a value that is the base64 form of something readable."""
    return Refuted("readable text in base64") if is_encoded_text(candidate.value) else Undecided()


def _parted(name: bytes) -> bytes:
    """Return a name in small letters with a ``_`` around each of its parts."""
    return b"_" + _BETWEEN_PARTS.sub(b"_", name).lower() + b"_"


def is_uuid(value: bytes) -> bool:
    """Tell whether ``value`` is a UUID, or some groups of one."""
    return _UUID.fullmatch(value) is not None


def names_algorithm(value: bytes) -> bool:
    """Tell whether ``value`` holds the name of an algorithm or a standard."""
    return _ALGORITHM.search(value) is not None


def names_file(value: bytes) -> bool:
    """Tell whether ``value`` is the name of a file."""
    return _FILE.search(value) is not None


def _is_setting(value: bytes) -> bool:
    return is_code(value) or _SETTING.search(value) is not None


def is_path(value: bytes) -> bool:
    """Tell whether a text with a slash in it is no base64, which has words in it seldom."""
    return b"/" in value and (_run_length(value) > _LONG_RUN or _PATH.search(value) is not None)


def _is_readable(value: bytes) -> bool:
    return is_made_of_words(value) or is_identifier(value) or _can_be_said(value)


def _can_be_said(value: bytes) -> bool:
    """Tell whether a person could read ``value`` out: random letters of one case often can.

    So there must be words, or a long text of nothing but syllables.
    """
    share = readable_share(value)
    if share <= _MAX_READABLE:
        return False
    return known_share(value) > _SOME_WORDS or (share > _ALL_SAID and len(value) >= _LONG_TYPED)


def _run_length(value: bytes) -> float:
    """Return how long runs of one kind of character are on average, a capital with its word."""
    runs = _RUN.findall(value)
    return sum(map(len, runs)) / len(runs) if runs else 0.0


def _is_run_on(word: bytes) -> bool:
    """Tell whether ``word`` is two words of the list without a separator."""
    return any(word[:cut] in _WORDS and word[cut:] in _WORDS for cut in range(2, len(word) - 1))


def is_encoded_text(value: bytes) -> bool:
    """Tell whether ``value`` is the base64 form of something readable."""
    text = from_base64(value)
    if text is None or not all(0x20 <= byte < 0x7F or byte in b"\t\r\n" for byte in text):
        return False
    return is_code(text) or is_made_of_words(text) or readable_share(text) > _MAX_READABLE_DECODED


_TELLS: Final[tuple[tuple[Callable[[bytes], object], str], ...]] = (
    (_UUID.fullmatch, "a UUID, which most often identifies something"),
    (_ADDRESS.fullmatch, "an address of Ethereum, which is public"),
    (_ALGORITHM.search, "the name of an algorithm or a standard"),
    (_FILE.search, "the name of a file"),
    (_is_setting, "code"),
    (is_path, "a path"),
    (_is_readable, "made of words"),
    (is_typed, "typed on a keyboard"),
    (is_encoded_text, "readable text in base64"),
)
"""What speaks against random text, with the reason that reports give."""
