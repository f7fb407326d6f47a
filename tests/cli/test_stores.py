"""Which store a command works on."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.cli.exit import ExitCode
from keysift.store.database import Store
from tests.cli.conftest import Console


def test_the_option_wins_over_the_variable_over_the_configuration(
    keysift: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of option, variable, configuration and data directory is used."""
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / "data" / name)
    places = ["option.db", "variable.db", "configured.db", "data/keysift/keysift.db"]
    for place in places:
        Store(str(tmp_path / place)).close()

    def used(*arguments: str) -> str:
        assert keysift("store", "info", *arguments) is ExitCode.CLEAN
        return Path(keysift.out.split()[1]).relative_to(tmp_path).as_posix()

    assert used() == places[3]
    configured = (tmp_path / places[2]).as_posix()
    (tmp_path / "keysift.toml").write_text(f'store = "{configured}"\n')
    assert used() == places[2]
    keysift.variables["KEYSIFT_STORE"] = str(tmp_path / places[1])
    assert used() == places[1]
    assert used("--store", str(tmp_path / places[0])) == places[0]


def test_a_store_that_is_not_there_is_told(keysift: Console, tmp_path: Path) -> None:
    """Who only reads makes no store; the message says what makes one."""
    path = tmp_path / "new.db"
    assert keysift("store", "info", "--store", str(path)) is ExitCode.INCOMPLETE
    assert keysift.err == f"keysift: {path}: there is no store yet; `keysift crawl` makes one\n"
    assert not path.exists()
