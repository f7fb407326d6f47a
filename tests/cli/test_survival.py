"""``keysift survival`` as a user runs it on a store."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from keysift.cli.exit import ExitCode
from keysift.model import Verdict
from keysift.report.schema import survival_schema
from keysift.store import tables as t
from keysift.store.database import Store
from tests.cli.conftest import Console
from tests.store.history import History
from tests.store.samples import found
from tests.survival.world import TODAY, WEIBULL, fill, world

SECRETS = 60


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store with five years of verdicts; no test changes it."""
    location = str(tmp_path_factory.mktemp("ledger") / "store.db")
    store = Store(location)
    fill(store, list(world(WEIBULL, SECRETS, seed=3)))
    with store.writing() as connection:
        # A third is of another provider; one of these is a canary.
        others = t.secrets.c.id % 3 == 0
        connection.execute(sa.update(t.secrets).where(others).values(detector="npm-access-token"))
        number = connection.execute(sa.select(sa.func.max(t.secrets.c.id)).where(others)).scalar()
        row = {"secret_id": number, "verdict": Verdict.CANARY.value, "checked_at": TODAY}
        connection.execute(sa.insert(t.verdicts).values(**row))
    store.close()
    return location


@pytest.fixture
def known(keysift: Console, ledger: str) -> Console:
    """Return a console with that store."""
    keysift.variables["KEYSIFT_STORE"] = ledger
    return keysift


def test_the_first_line_says_what_counts(known: Console) -> None:
    """Then come the table, the plot, and what was left out."""
    assert known("survival") == ExitCode.CLEAN
    first, *rest = known.out.splitlines()
    assert f" of {SECRETS - 1} secrets count, asked about from 2021-" in first
    assert "GROUP  ASKED  REVOKED  ACTIVE  LEFT OUT" in rest[1]
    assert any(line.startswith("100% ┤") for line in rest)
    assert "1 canary" in " ".join(rest)
    assert known.err == ""


def test_groups(known: Console) -> None:
    """By provider, detector, year and kind; the smallest together."""
    for by, names in (
        ("provider", {"GitHub", "npm"}),
        ("detector", {"github-pat", "npm-access-token"}),
        ("kind", {"sdist"}),
    ):
        known("survival", "--by", by, "-f", "json")
        assert {group["name"] for group in json.loads(known.out)["groups"]} == names, by
    known("survival", "--by", "year", "--top", "1", "-f", "json")
    assert [group["name"] for group in json.loads(known.out)["groups"]][-1] == "others"
    known("survival", "--by", "year", "--top", "0")
    assert known.out.splitlines()[2].split()[0] == "YEAR"


def test_options_choose(known: Console) -> None:
    """Each narrows what is counted; what became of a secret cannot be asked for."""
    sizes = {}
    for options in (
        [],
        ["--provider", "git*"],
        ["--detector", "npm-*"],
        ["--project", "demo-1*"],
        ["--kind", "wheel"],
        ["--year", "2022"],
        ["--min-severity", "high"],
        ["--confidence", "low"],
    ):
        assert known("survival", "-f", "json", *options) == ExitCode.CLEAN
        sizes[options[0] if options else ""] = json.loads(known.out)["secrets"]
    assert sizes[""] == sizes["--min-severity"] == sizes["--confidence"] == SECRETS - 1
    assert sizes["--provider"] == 40
    assert sizes["--detector"] == 19
    assert sizes["--project"] == 11
    assert sizes["--kind"] == 0
    assert 0 < sizes["--year"] < 20
    with pytest.raises(SystemExit):
        known("survival", "--verdict", "active")


def test_the_level_of_confidence(known: Console) -> None:
    """It is part of what is written, and must be a share."""
    known("survival", "--level", "0.9")
    assert "90% INTERVAL" in known.out
    for wrong in ("95", "0.2", "much", "nan"):
        with pytest.raises(SystemExit):
            known("survival", "--level", wrong)
    for wrong in ("-1", "x", "12345678"):
        with pytest.raises(SystemExit):
            known("survival", "--top", wrong)


def test_formats(known: Console, tmp_path: Path) -> None:
    """JSON keeps to its schema, CSV has a row a step, pictures are files of their kind."""
    assert known("survival", "-f", "json") == ExitCode.CLEAN
    document = json.loads(known.out)
    Draft202012Validator(json.loads(survival_schema())).validate(document)
    assert known("survival", "-f", "csv", "--by", "provider") == ExitCode.CLEAN
    rows = list(csv.DictReader(io.StringIO(known.out, newline="")))
    assert {row["group"] for row in rows} == {"GitHub", "npm"}
    assert known("survival", "-f", "svg") == ExitCode.CLEAN
    assert known.out.startswith("<svg")
    for form, begin in (("svg", b"<svg"), ("png", b"\x89PNG")):
        file = tmp_path / f"survival.{form}"
        assert known("survival", "-f", form, "-o", str(file)) == ExitCode.CLEAN
        assert file.read_bytes().startswith(begin)
        assert known.out == ""


def test_mistakes_are_said(known: Console, tmp_path: Path) -> None:
    """Pictures of pixels need a file, a provider must exist, a directory must too."""
    assert known("survival", "-f", "png") == ExitCode.USAGE
    assert known.err == "keysift: --format png needs --output FILE\n"
    assert known("survival", "--provider", "Nobody*") == ExitCode.USAGE
    assert "Nobody*: no detector is of a provider like that" in known.err
    assert known("survival", "-o", str(tmp_path / "no" / "file")) == ExitCode.USAGE


def test_an_empty_ledger(keysift: Console, tmp_path: Path) -> None:
    """A store that nobody verified says what to do; a picture of nothing is an error."""
    location = str(tmp_path / "store.db")
    store = Store(location)
    History(store).publish("demo", "1.0", found(1))
    store.close()
    keysift.variables["KEYSIFT_STORE"] = location
    assert keysift("survival") == ExitCode.CLEAN
    assert keysift.out.startswith("1 secret; no provider was asked yet whether they work.\n")
    assert "`keysift verify` asks" in keysift.out
    assert keysift("survival", "-f", "json", "--by", "provider") == ExitCode.CLEAN
    assert json.loads(keysift.out)["groups"] == []
    assert keysift("survival", "-f", "csv") == ExitCode.CLEAN
    assert len(keysift.out.splitlines()) == 1
    assert keysift("survival", "-f", "svg") == ExitCode.USAGE
    assert "no curve to draw yet" in keysift.err


def test_a_secret_of_a_detector_that_is_gone(keysift: Console, tmp_path: Path) -> None:
    """It counts under the id of its detector."""
    location = str(tmp_path / "store.db")
    store = Store(location)
    history = History(store)
    history.publish("demo", "1.0", found(1, "no-such-detector"), uploaded=TODAY)
    history.answered(1, TODAY, Verdict.ACTIVE, "no-such-detector")
    store.close()
    keysift.variables["KEYSIFT_STORE"] = location
    keysift("survival", "--by", "provider", "-f", "json")
    assert [one["name"] for one in json.loads(keysift.out)["groups"]] == ["no-such-detector"]


def test_drawing_libraries_are_loaded_for_pictures_alone(ledger: str, tmp_path: Path) -> None:
    """A table does not wait for them; nor do they have to be installed."""
    code = (
        "import sys; from keysift.cli.environment import Environment; "
        "from keysift.cli.main import main; "
        f"main(['survival', '--store', {ledger!r}, '-o', {str(tmp_path / 'x')!r}], "
        "Environment.of_process()); "
        "print([name for name in ('altair', 'vl_convert', 'numpy') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert run.stdout.decode().strip() == "[]"
