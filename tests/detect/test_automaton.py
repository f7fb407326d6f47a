"""The compiled automaton and the plan that says what its hits mean belong together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from keysift.catalogue.cache import Cache
from keysift.detect.automaton import Automaton, Plan, plan
from keysift.detect.scanner import Scanner
from tests.detect.conftest import CATALOGUE
from tests.detect.test_scanner import token, values

_PRINT = "from keysift.catalogue import load; from keysift.detect.automaton import plan; "


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_plan_is_the_same_in_every_process(seed: str) -> None:
    """Nothing in it depends on the order of a set, which differs from process to process."""
    code = _PRINT + "print(plan(load())[0].digest)"
    digests = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in (seed, "3")
    ]
    assert digests[0] == digests[1]


def test_a_plan_without_its_database_is_made_anew(tmp_path: Path) -> None:
    """A process that was stopped between writing the two leaves nothing that misleads others."""
    cache = Cache(tmp_path)
    Automaton(CATALOGUE, cache)
    known = plan(CATALOGUE)[0]
    turned = msgspec.structs.replace(known, anchors=known.anchors[::-1], digest="another")
    (name,) = (path.name for path in tmp_path.glob("plan-*"))
    cache.put(name, msgspec.msgpack.encode(turned))
    assert values(Scanner(CATALOGUE, cache), b"x = '" + token() + b"'") == [token()]
    again = cache.get(name)
    assert again is not None
    assert msgspec.msgpack.decode(again, type=Plan) == known
