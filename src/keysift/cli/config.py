"""``keysift config``: the configuration as it counts."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from keysift.cli import options as shared
from keysift.cli.configuration import Configuration, find, parse
from keysift.cli.environment import VARIABLES, Environment
from keysift.cli.exit import ExitCode
from keysift.report.escape import visible

SCHEMA: Final = "keysift.config/1"
"""Name of the JSON that ``config show`` prints."""

_OVERRIDES: Final = {"index-url": "KEYSIFT_INDEX_URL", "store": "KEYSIFT_STORE"}
"""Variables that win over a key of the file."""

_SECRET: Final = re.compile(r"_(KEY|TOKEN)$")
_CREDENTIALS: Final = re.compile(r"://[^/@\s]*@")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``config`` to the command line."""
    parser = commands.add_parser(
        "config", help="show the configuration", description="Show the configuration."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = actions.add_parser(
        "show",
        help="print each setting, and where it comes from",
        description=(
            "Print each setting as it counts, and where it comes from: a file, an environment "
            "variable, or the default. Options of a command win over all of them. Keys and "
            "passwords are not shown."
        ),
    )
    show.add_argument("-f", "--format", choices=("text", "json"), default="text")
    shared.add_config_option(show)
    show.set_defaults(run=run_show)


class Setting(Struct, frozen=True):
    """One setting as it counts.

    Attributes:
        key: Its name, with those of the tables it is in.
        value: Its value, without credentials.
        origin: A file, a variable, or ``default``.
    """

    key: str
    value: Any
    origin: str


class ConfigDocument(Struct, kw_only=True):
    """The JSON of ``config show``.

    Attributes:
        schema: Name and version of this format.
        file: The file that configures keysift; null when none does.
        settings: Every setting.
        variables: Environment variables that are set; those that hold keys without their value.
    """

    schema: str
    file: str | None
    settings: list[Setting]
    variables: dict[str, str]


def run_show(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print each setting with its origin."""
    chosen = options.config or environment.variables.get("KEYSIFT_CONFIG")
    found = find(environment.directory, Path(chosen) if chosen else None)
    path, written = found if found is not None else (None, {})
    configured = Configuration() if path is None else parse(path, written)
    settings = list(_settings(configured, written, str(path), environment))
    variables = {
        name: "(set, not shown)" if _SECRET.search(name) else _shown(environment.variables[name])
        for name in VARIABLES
        if name in environment.variables
    }
    document = ConfigDocument(
        schema=SCHEMA,
        file=None if path is None else str(path),
        settings=settings,
        variables=variables,
    )
    with environment.output() as stream:
        if options.format == "json":
            encoded = msgspec.json.encode(document)
            stream.write(msgspec.json.format(encoded, indent=2).decode() + "\n")
            return ExitCode.CLEAN
        width = max(len(setting.key) for setting in settings)
        for setting in settings:
            value = visible(json.dumps(setting.value, ensure_ascii=False))
            print(f"{setting.key:<{width}}  {value}  # {visible(setting.origin)}", file=stream)
        for name, value in variables.items():
            print(f"{name}={visible(value)}", file=stream)
    return ExitCode.CLEAN


def _settings(
    configured: Configuration, written: dict[str, Any], path: str, environment: Environment
) -> Iterator[Setting]:
    for setting in _flat(msgspec.to_builtins(configured, str_keys=True), written, path, ""):
        variable = _OVERRIDES.get(setting.key, "")
        given = environment.variables.get(variable)
        yield setting if not given else Setting(setting.key, _shown(given), variable)


def _flat(values: dict[str, Any], written: Any, path: str, prefix: str) -> Iterator[Setting]:  # noqa: ANN401 (as TOML has it)
    """Yield the settings of a table and those inside it."""
    for key, value in values.items():
        own = written.get(key) if isinstance(written, dict) else None
        if isinstance(value, dict) and value:
            yield from _flat(value, own, path, f"{prefix}{key}.")
            continue
        shown = _shown(value) if isinstance(value, str) else value
        yield Setting(prefix + key, shown, "default" if own is None else path)


def _shown(text: str) -> str:
    return _CREDENTIALS.sub("://…@", text)
