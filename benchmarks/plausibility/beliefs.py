"""What the points are thought to be before any example is seen.

An example is rare for some of the features; a belief keeps their points sensible. Where there are
examples, they decide.
"""

from __future__ import annotations

from keysift.detect.evidence.weights import Kind

_BOTH = {
    "tiny": -12,
    "random": 12,
    "three-kinds": 4,
    "regular": -6,
    "stand-in": -20,
    "test-words": -15,
    "all-words": -15,
    "some-words": -6,
    "typed": -22,
    "sequence": -15,
    "repeated": -15,
    "uuid": -15,
    "uuid-as-key": 27,
    "number": -15,
    "identifier": -12,
    "dashed-words": -6,
    "pieces": -8,
    "code": -15,
    "format": -20,
    "address": -15,
    "path": -10,
    "media-type": -20,
    "type": -20,
    "markup": -15,
    "foreign": -10,
    "sentence": -8,
    "encoded-words": -12,
    "algorithm": -12,
    "same-as-user": -20,
    "page-name": -20,
    "made-up-name": -10,
    "name-about": -10,
    "repeats-name": -12,
    "asserted": -6,
    "test-around": -5,
    "says": -8,
    "markup-around": -8,
    "called": -20,
    "translations": -15,
    "schema": -4,
    "minified": -6,
    "remarks": -14,
    "series": -20,
    "base85": -40,
    "test": -25,
    "documentation": -25,
    "recorded": 25,
}

BELIEFS = {
    Kind.KEY: _BOTH | {"long": 6, "very-long": 10, "strong-name": 4, "no-name": 4},
    Kind.PASSWORD: _BOTH | {"human": 22, "odd-letters": 12, "leet": 4, "account-name": 2},
}
"""Points by the names of features."""
