"""Every proof says what it decides, what it learns and where its format is specified."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib import import_module
from pkgutil import iter_modules

import pytest

from keysift.catalogue import load
from keysift.catalogue.samples import expand
from keysift.detect import proofs
from keysift.detect.proofs import PROOFS, Candidate, Refuted, describe
from keysift.detect.proofs.base import REGISTRY, proof
from keysift.detect.weighing import hard_proofs
from keysift.model import FACTS

CATALOGUE = load()
USED: dict[str, list[str]] = defaultdict(list)
"""The detectors of each proof."""

for _detector in CATALOGUE.detectors:
    for _name in dict.fromkeys((*_detector.proofs, *hard_proofs(_detector))):
        USED[_name].append(_detector.id)


def test_every_registered_proof_is_reachable_by_name() -> None:
    """What a module registers, and what detectors can name, is the same."""
    for entry in iter_modules(proofs.__path__):
        import_module(f"{proofs.__name__}.{entry.name}")
    assert set(REGISTRY) == set(PROOFS)
    assert len(PROOFS) == len(list(PROOFS))
    assert "no-such-proof" not in PROOFS


@pytest.mark.parametrize("name", PROOFS)
def test_every_proof_has_a_source(name: str) -> None:
    """Documentation, the provider's code, or a word that nobody specifies it."""
    described = describe(name)
    assert described.sources
    assert all(len(source) >= len("BIP 39") for source in described.sources)
    assert described.decides.endswith(".")


@pytest.mark.parametrize("name", PROOFS)
def test_every_proof_is_used(name: str) -> None:
    """A proof that no detector uses would be dead."""
    assert USED[name]


@pytest.mark.parametrize("name", PROOFS)
def test_facts_have_a_meaning(name: str) -> None:
    """What a proof says it learns is in the vocabulary."""
    assert set(describe(name).learns) <= set(FACTS)


@pytest.mark.parametrize("name", PROOFS)
def test_proofs_learn_what_they_say(name: str) -> None:
    """No fact of an example of a detector is one that its proof does not name."""
    for detector in USED[name][:4]:
        for template in CATALOGUE.by_id[detector].examples:
            text = expand(template, 5).encode("latin-1")
            found = re.search(CATALOGUE.by_id[detector].pattern.encode(), text)
            if found is None:
                continue
            groups = {key: value for key, value in found.groupdict().items() if value is not None}
            value = groups.pop("secret", found[0])
            outcome = PROOFS[name](Candidate(value, groups))
            if not isinstance(outcome, Refuted):
                assert set(outcome.facts) <= set(describe(name).learns)


def test_names_are_not_given_twice() -> None:
    """The second proof of a name is an error of its author."""
    with pytest.raises(ValueError, match="jwt"):
        proof("jwt", decides="Again.", sources=("nobody",))(PROOFS["jwt"])


def test_unknown_proofs_are_a_key_error() -> None:
    """Whoever asks for a proof that does not exist hears so."""
    with pytest.raises(KeyError):
        describe("no-such-proof")
