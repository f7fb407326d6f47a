"""Compute the points of ``src/keysift/detect/evidence/weights.json``, and say how good they are.

``python -m benchmarks.plausibility.train`` prints figures; with ``--write`` it writes the points.
The figures are of five-fold cross-validation: no project is judged by points that it helped to
compute.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.plausibility.beliefs import BELIEFS
from benchmarks.plausibility.regression import Row, fit
from benchmarks.plausibility.samples import MADE_UP_WEIGHT, Sample, read
from keysift.detect.evidence import score
from keysift.detect.evidence.weights import LEAST, Kind, grade, weights
from keysift.detect.weighing import NAMES, RECORDED

WEIGHTS = Path(score.__file__).with_name("weights.json")
FOLDS = 5
SCALE = 10
TRUST = 2.0
MADE_UP_SHARE = 0.6
LEARNED = [*score.FEATURES, *NAMES.values(), RECORDED]

Points = dict[str, int]


def learn(samples: Iterable[Sample], kind: Kind) -> Points:
    """Return the points of each feature for one kind of value."""
    numbers = {name: number for number, name in enumerate(LEARNED)}
    rows = [
        Row(
            frozenset(numbers[name] for name in one.names),
            one.is_true,
            MADE_UP_WEIGHT if one.is_made_up else 1.0,
        )
        for one in samples
    ]
    beliefs = [BELIEFS[kind].get(name, 0) / SCALE for name in LEARNED]
    found, constant = fit(rows, beliefs, TRUST)
    points = {name: round(SCALE * one) for name, one in zip(LEARNED, found, strict=True)}
    return points | {score.BASE: round(SCALE * constant)}


def scored(points: Points, sample: Sample) -> int:
    """Return the score of a sample."""
    return points[score.BASE] + sum(points[name] for name in sample.names)


def validated(samples: list[Sample], kind: Kind) -> list[tuple[int, Sample]]:
    """Return the scores that samples get from points which others gave."""
    results = []
    for fold in range(FOLDS):
        inside = [one for one in samples if _fold(one) == fold]
        points = learn([one for one in samples if _fold(one) != fold], kind)
        results += [(scored(points, one), one) for one in inside]
    return results


def _fold(sample: Sample) -> int:
    return int(sample.id.strip("p").partition("-")[0]) % FOLDS


def report(results: list[tuple[int, Sample]], title: str) -> None:
    """Print how many of each confidence are secrets."""
    secrets = sum(one.is_true for _, one in results)
    print(f"{title}: {len(results)}, {secrets} secrets")
    for level in (*LEAST, None):
        labels = [one.is_true for points, one in results if grade(points) is level]
        share = sum(labels) / len(labels) if labels else 1.0
        name = "none" if level is None else str(level)
        print(f"  {name:7} {len(labels):4}  {share:4.0%} secrets, {sum(labels)}")


def mistakes(results: list[tuple[int, Sample]], shown: int) -> None:
    """Print what is judged worst."""
    for is_true in (False, True):
        wrong = sorted(
            (pair for pair in results if pair[1].is_true is is_true and not pair[1].is_made_up),
            key=lambda pair: pair[0] if is_true else -pair[0],
        )
        for points, one in wrong[:shown]:
            print(f"  {points:4} {is_true} {one.about} {' '.join(sorted(one.names))}")


def write(learned: dict[Kind, Points]) -> None:
    """Write the points; the words for people and what is not learned stay."""
    document = json.loads(WEIGHTS.read_text("ascii"))
    for name in (score.BASE, *LEARNED):
        line = {"says": document[name]["says"]}
        line |= {kind.value: points[name] for kind, points in learned.items() if points[name]}
        if "form" in document[name]:
            line["form"] = document[name]["form"]
        document[name] = line
    lines = (f"{json.dumps(name)}: {json.dumps(line)}" for name, line in document.items())
    WEIGHTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "ascii")


def main(arguments: list[str]) -> None:
    """Learn both kinds and print figures."""
    weights()  # fails early when the file is broken
    samples = read(MADE_UP_SHARE)
    learned = {}
    for kind in (Kind.KEY, Kind.PASSWORD):
        of_kind = [one for one in samples if one.kind is kind]
        learned[kind] = learn(of_kind, kind)
        results = validated(of_kind, kind)
        report([pair for pair in results if not pair[1].is_made_up], f"{kind.value}, labelled")
        report([pair for pair in results if pair[1].is_made_up], f"{kind.value}, made up")
        if "--mistakes" in arguments:
            mistakes(results, 40)
        if "--points" in arguments:
            print(sorted(learned[kind].items(), key=lambda item: -item[1]))
    if "--write" in arguments:
        write(learned)


if __name__ == "__main__":
    main(sys.argv[1:])
