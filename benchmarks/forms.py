"""How many of the forms in which people write secrets are read, language by language.

Prints, for each language of ``tests/detect/forms.toml``, the share of values that are reported at
any confidence and at the default one, and each form with what became of its values: ``H``, ``M``
and ``L`` for a finding of that confidence, ``s`` for a suppressed one, ``.`` for none. UUIDs are
suppressed on purpose.
"""

from __future__ import annotations

import argparse
import base64
import tomllib
from collections import Counter
from pathlib import Path
from typing import Final

from keysift.catalogue import Catalogue, load
from keysift.catalogue.samples import expand
from keysift.detect.scanner import Scanner

_FORMS: Final = Path(__file__).parent.parent / "tests" / "detect" / "forms.toml"
_KEYS: Final = (
    "{base62:32}",
    "{hex:40}",
    "{base64url:43}",
    "{alnum_lower:20}",
    "{base62:10}-{base62:9}_{base62:8}",
    "{base64:43}=",
    "{base62:16}",
    "{uuid}",
)
_PASSWORDS: Final = (
    "{base62:6}k7Qw9{base62:3}",
    "{base62:5}!7x{base62:5}R2",
    "Summer19{digits:1}4!",
    "kaffee{digits:3}",
)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", help="only these")
    parser.add_argument("--all", action="store_true", help="the whole catalogue, not names alone")
    options = parser.parse_args()
    catalogue = load()
    if not options.all:
        catalogue = Catalogue(one for one in catalogue.detectors if one.yields)
    scanner = Scanner(catalogue)
    total: Counter[str] = Counter()
    for language, forms in tomllib.loads(_FORMS.read_text("utf-8")).items():
        if options.languages and language not in options.languages:
            continue
        results = [(form, _results(scanner, form)) for form in forms]
        counted = Counter("".join(result for _, result in results))
        total += counted
        print(f"{language}: {_summary(counted)}")
        for form, result in results:
            print(f"    {result:8} {form}")
    print(f"all: {_summary(total)}")


def _summary(counted: Counter[str]) -> str:
    number = counted.total()
    sure = counted["H"] + counted["M"]
    return (
        f"{(sure + counted['L']) / number:.1%} of {number} values, {sure / number:.1%} by default"
    )


def _results(scanner: Scanner, form: str) -> str:
    templates = _KEYS if "<k" in form else _PASSWORDS
    return "".join(_result(scanner, form, expand(one, form)) for one in templates)


def _result(scanner: Scanner, form: str, value: str) -> str:
    wanted = {value, _base64(value), _base64(f"deploy:{value}")}
    text = form.replace("<k64>", _base64(value)).replace("<p64>", _base64(value))
    text = text.replace("<auth64>", _base64(f"deploy:{value}"))
    text = text.replace("<k>", value).replace("<p>", value).replace("¶", "\n")
    examined = scanner.examine(f"a = 1\n{text.strip()}\nb = 2\n".encode())
    found = [one for one in examined.matches if one.secret.reveal().decode("latin-1") in wanted]
    if found:
        return max(found, key=lambda one: one.confidence.rank).confidence.value[0].upper()
    judged = (one.match.secret.reveal().decode("latin-1") for one in examined.suppressed)
    return "s" if any(one in wanted for one in judged) else "."


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


if __name__ == "__main__":
    main()
