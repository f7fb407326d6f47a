"""A study as a picture."""

from __future__ import annotations

import io
import re
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from keysift.errors import ConfigurationError, UsageError
from keysift.report.survival_chart import (
    survival_chart,
    write_survival_png,
    write_survival_svg,
)
from keysift.statistics.study import Plan, Study, study
from tests.statistics.studies import by_detector, few, whole


def svg(found: Study) -> str:
    """Return the picture."""
    stream = io.StringIO()
    write_survival_svg(found, stream)
    return stream.getvalue()


def texts(picture: str) -> list[str]:
    """Return what is written in it."""
    return re.findall(r">([^<>]+)</t(?:ext|span)>", picture)


def rows(chart: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (of Altair)
    """Return the points of the curves."""
    layers = chart.to_dict()["vconcat"][0]["layer"]
    return next(one["data"]["values"] for one in layers if "lower" in one["data"]["values"][0])


def test_the_picture_says_what_it_shows() -> None:
    """How many count, axes with units, the median, and the numbers under observation below."""
    found = whole()
    said = texts(svg(found))
    curve = found.whole.curve
    assert curve is not None
    for text in (
        "How long leaked secrets work",
        "226 of 360 secrets count, asked about from 2021-01-01 to 2025-12-31 (UTC).",
        "Still working",
        "Age in years, from the publication on",
        "Under observation",
        "100%",
        str(curve.at_risk(0)),
    ):
        assert text in said
    assert any(text.startswith("Median ") for text in said)


def test_groups_have_names_and_are_told_apart_in_grey() -> None:
    """In the legend and beside the numbers; no two lines have the same dashes."""
    picture = svg(by_detector())
    said = texts(picture)
    for name in ("Slow", "Middling", "Quick"):
        assert said.count(name) == 2
    lines = survival_chart(by_detector()).to_dict()["vconcat"][0]["layer"][2]
    scale = lines["encoding"]["strokeDash"]["scale"]
    assert len({tuple(dash) for dash in scale["range"]}) == len(scale["domain"]) == 3


def test_nothing_is_fetched() -> None:
    """The picture is whole, wherever it is shown."""
    assert set(re.findall(r"https?://[^\"]+", svg(by_detector()))) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_a_late_beginning_is_explained() -> None:
    """A curve of secrets that were alive at some age is not one of all."""
    late = [
        one
        for number in range(12)
        for one in few(1, (100 + number, True), (200, True), (300 + number, False))
    ]
    said = " ".join(texts(svg(study(late, Plan()))))
    assert "A curve that begins later is about secrets that were alive at that age." in said
    assert rows(survival_chart(study(late, Plan())))[0]["survival"] == 1


def test_png_is_twice_as_fine_as_a_screen(tmp_path: Path) -> None:
    """For print."""
    write_survival_png(whole(), tmp_path / "survival.png")
    content = (tmp_path / "survival.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert width > 1280
    assert height > 640


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error says which and why."""
    with pytest.raises(ConfigurationError, match="directory"):
        write_survival_png(whole(), tmp_path)


def test_a_curve_has_no_more_points_than_can_be_seen() -> None:
    """Thousands of steps make a picture no better; its end and its height stay."""
    found = study(
        [
            one
            for number in range(4000)
            for one in few(1, (1, True), (1.5 + number / 4, True), (2 + number / 4, False))
        ],
        Plan(),
    )
    curve = found.whole.curve
    assert curve is not None
    assert len(curve.steps) == 4000
    drawn = rows(survival_chart(found))
    assert 1200 < len(drawn) <= 1300
    assert (drawn[0]["survival"], drawn[-1]["survival"]) == (1, 0)
    for row in drawn[1:-1:50]:
        known = curve.at(row["age"] * (365.25 / 12))
        assert known is not None
        assert row["survival"] == pytest.approx(known.survival, abs=0.002)


def test_without_a_curve_there_is_no_picture() -> None:
    """The error says how to learn more."""
    with pytest.raises(UsageError, match="no curve to draw yet"):
        survival_chart(study(few(2), Plan()))


def test_the_libraries_are_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them the error says what to install."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(UsageError, match=r"keysift\[plot\]"):
        survival_chart(whole())
