"""Made-up secrets, and made-up text that stands where one would: no package is needed for these."""

from __future__ import annotations

import string
from random import Random

from keysift.detect.evidence.words import words

_LETTERS_DIGITS = string.ascii_letters + string.digits
_SMALL_DIGITS = string.ascii_lowercase + string.digits
_SIGNS = "!@#$%^&*-_+="
_STAND_INS = """
my your the our test testing dummy sample demo example super fake mock foo bar baz secret secure
password passwd pass passphrase pwd token key auth access client changeme change login guest admin
root user default temp local app api db some new old none empty invalid wrong
""".split()  # noqa: SIM905 (a list of one word a line is longer than a page)
_ORDINARY = sorted(word for word in (one.decode() for one in words()) if 4 <= len(word) <= 9)
_WORDS = [word for word in _ORDINARY if word not in _STAND_INS]
_TYPES = """
str string None null true false undefined int bool bytes Optional[str] SecretStr String text
varchar(255) object Any boolean nil nullable required optional
""".split()  # noqa: SIM905 (a list of one word a line is longer than a page)
_SUFFIXES = (".pem", ".json", ".key", ".yaml", ".txt", ".py", ".html", ".crt")


def key(random: Random) -> str:
    """Return a key as services give them out."""
    size = random.randint
    return random.choices(
        [
            _text(random, _LETTERS_DIGITS, size(16, 64)),
            _text(random, "0123456789abcdef", random.choice([16, 20, 24, 32, 32, 40, 40, 64])),
            _text(random, _SMALL_DIGITS, size(12, 40)),
            _text(random, string.ascii_uppercase + string.digits, size(16, 32)),
            _text(random, _LETTERS_DIGITS + "+/", size(22, 86)) + random.choice(["", "=", "=="]),
            _text(random, _LETTERS_DIGITS + "-_", size(20, 43)),
            random.choice(["sk-", "pk_live_", "ak_", "key-", "tok_"])
            + _text(random, _LETTERS_DIGITS, size(16, 32)),
            _text(random, _LETTERS_DIGITS + _SIGNS, size(12, 40)),
            _text(random, _LETTERS_DIGITS, size(9, 15)),
        ],
        weights=[30, 22, 12, 4, 10, 6, 6, 4, 6],
    )[0]


def password(random: Random) -> str:
    """Return a password, chosen by a person or made by a machine."""
    word, other = random.choice(_WORDS), random.choice(_WORDS)
    cased = random.choice([word, word.capitalize(), word.capitalize()])
    digits = random.choice(["1", "2", "7", "12", "99", "123", "007", "2019", "2021", "2024"])
    if random.random() < 0.5:
        digits = str(random.randint(10, 9999))
    sign = random.choice("!@#$%&*?_.-")
    letters = _text(random, string.ascii_lowercase, random.randint(5, 11))
    return random.choices(
        [
            cased + digits + random.choice(["", "", sign]),
            cased + sign + digits,
            word + other + random.choice(["", digits]),
            letters + random.choice(["", "", digits]),
            letters.capitalize() + random.choice([digits, sign + digits]),
            _text(random, _LETTERS_DIGITS, random.randint(7, 20)),
            _text(random, _LETTERS_DIGITS + _SIGNS, random.randint(8, 24)),
            cased.replace("o", "0").replace("e", "3").replace("a", "@") + digits,
            _text(random, "0123456789abcdef", random.choice([8, 12, 16, 32])),
        ],
        weights=[22, 8, 4, 18, 8, 18, 14, 5, 3],
    )[0]


def stand_in(random: Random) -> str:
    """Return text that stands where a secret would, and is none."""
    some = random.choices(_STAND_INS, k=random.randint(1, 3))
    named = random.choices(_ORDINARY, k=random.randint(1, 2)) + random.choices(_STAND_INS, k=1)
    digits = random.choice(["", "", "", "1", "2", "12", "123", "1234"])
    return random.choices(
        [
            random.choice(["", "", "-", "_"]).join(some) + digits,
            "_".join(named),
            "_".join(named).upper(),
            named[0] + "".join(word.capitalize() for word in named[1:]),
            "".join(word.capitalize() for word in named),
            ".".join(named),
            "-".join(named),
            random.choice(_TYPES),
            "/".join(named),
            random.choice(named) + random.choice(_SUFFIXES),
            random.choice(_ORDINARY),
            f"0x{random.randint(0, 255):08x}",
            f"{named[0]}({named[1]})",
            "{" + named[0] + "}",
            "%s" + random.choice(["", ":%s"]),
            f"{random.randint(0, 9)}.{random.randint(0, 20)}.{random.randint(0, 9)}",
            f"{named[0]} {named[1]}:".capitalize().replace(" ", random.choice(["_", "-"])),
            f"{random.choice(named)}@{random.choice(_ORDINARY)}.com",
            f"https://{random.choice(_ORDINARY)}.com/{named[0]}",
            "abcdefghijklmnop1234567890"[: random.randint(6, 26)],
            random.choice("*x.-01") * random.randint(5, 20),
            random.choice(["application/json", "text/html", "image/png"]),
        ],
        weights=[24, 10, 5, 8, 6, 6, 8, 6, 3, 4, 8, 2, 3, 2, 2, 2, 3, 2, 2, 2, 2, 1],
    )[0]


def _text(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choices(alphabet, k=length))
