"""A study as data: JSON with a schema, CSV with a row a step."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from keysift.report.schema import survival_schema
from keysift.report.survival_json import write_survival_csv, write_survival_json
from keysift.statistics.study import Plan, Study, study
from keysift.survival import GRACE_DAYS
from tests.statistics.studies import by_detector, few, whole


def document(found: Study) -> dict[str, Any]:
    """Return the JSON of a study."""
    stream = io.StringIO()
    write_survival_json(found, stream)
    assert stream.getvalue().endswith("}\n")
    read: dict[str, Any] = json.loads(stream.getvalue())
    return read


def rows(found: Study) -> list[dict[str, str]]:
    """Return the rows of its CSV."""
    stream = io.StringIO(newline="")
    write_survival_csv(found, stream)
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


@pytest.mark.parametrize(
    "found",
    [by_detector(), whole(), study([], Plan()), study(few(2, (90, False)), Plan())],
    ids=["groups", "whole", "empty", "without a curve"],
)
def test_every_document_is_valid(found: Study) -> None:
    """The schema is that of what is written."""
    Draft202012Validator(json.loads(survival_schema())).validate(document(found))


def test_the_committed_schema_is_current(schemas: Path) -> None:
    """``make docs`` writes it."""
    assert (schemas / "survival-1.schema.json").read_text("utf-8") == survival_schema()


def test_json_says_what_the_study_says() -> None:
    """Counts, curves with all their steps, survival at some ages, the comparison."""
    found = by_detector()
    read = document(found)
    assert read["schema"] == "keysift.survival/1"
    assert (read["by"], read["level"], read["grace"]) == ("detector", 0.95, GRACE_DAYS)
    assert (read["secrets"], read["whole"]["watched"]) == (360, found.whole.watched)
    assert [group["name"] for group in read["groups"]] == ["Slow", "Middling", "Quick"]
    slow, curve = read["groups"][0]["curve"], found.groups[0].curve
    assert curve is not None
    assert len(slow["steps"]) == len(curve.steps)
    assert slow["steps"][3]["survival"] == curve.steps[3].survival
    year = next(one for one in slow["at"] if one["age"] == 365)
    known = curve.at(365)
    assert known is not None
    assert (year["survival"], year["at_risk"]) == (known.survival, curve.at_risk(365))
    left_out = read["groups"][0]["left_out"]
    asked = read["groups"][0]["asked"]
    assert asked == read["groups"][0]["watched"] + sum(left_out.values()) - left_out["no_answer"]
    assert read["comparison"]["degrees"] == 2


def test_csv_has_a_row_a_step() -> None:
    """Between one at the beginning and one at the end; without groups all are ``all``."""
    found = whole()
    curve = found.whole.curve
    assert curve is not None
    read = rows(found)
    assert {row["group"] for row in read} == {"all"}
    assert len(read) == len(curve.steps) + 2
    assert (read[0]["age_days"], read[0]["survival"], read[0]["revoked"]) == ("0.0", "1.0", "0")
    assert int(read[0]["at_risk"]) == curve.at_risk(0)
    assert [float(row["survival"]) for row in read[1:-1]] == [one.survival for one in curve.steps]
    assert float(read[-1]["age_days"]) == round(curve.end, 5)
    assert read[-1]["survival"] == read[-2]["survival"]


def test_csv_ends_with_the_last_death() -> None:
    """Where that is the end, there is no row besides; without a curve there is none at all."""
    late = few(12, (90, False))
    found = study([*few(1, (1, True), (7, False)), *late], Plan())
    read = [(row["group"], row["age_days"], row["survival"]) for row in rows(found)]
    assert read == [("all", "0.0", "1.0"), ("all", "4.0", "0.0")]
    assert rows(study(late, Plan())) == []


def test_csv_has_no_formulas() -> None:
    """The name of a group is data."""
    found = study(
        few(12, (1, True), detector="=1+1"), Plan(by="detector", name=lambda one: one.detector)
    )
    assert {row["group"] for row in rows(found)} == {"'=1+1"}
