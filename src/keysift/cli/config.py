"""``keysift config`` and ``keysift init``: the configuration as it counts, and a new one."""

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
from keysift.cli.configuration import FILES, Configuration, find, parse
from keysift.cli.configuration_template import template
from keysift.cli.environment import VARIABLES, Environment
from keysift.cli.exit import ExitCode
from keysift.errors import ConfigurationError
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


def add_init_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``init`` to the command line."""
    parser = commands.add_parser(
        "init",
        help="write a configuration to begin with",
        description=(
            "Write a configuration in which everything is explained and nothing changed: a table "
            "in pyproject.toml when there is one, else keysift.toml. Nothing is overwritten."
        ),
    )
    parser.set_defaults(run=run_init)


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


def run_init(options: argparse.Namespace, environment: Environment) -> ExitCode:  # noqa: ARG001 (every command has options)
    """Write a configuration that changes nothing yet."""
    project = environment.directory / "pyproject.toml"
    own = environment.directory / FILES[0]
    if own.exists():
        raise ConfigurationError(f"{own}: is there already; edit it")
    if project.is_file():
        _append(project)
        where = "[tool.keysift] in pyproject.toml"
    else:
        _write(own, template("").encode(), mode="xb")
        where = own.name
    print(
        f"keysift: wrote {where}; every setting in it is a comment that says what it does\n"
        "next:\n"
        "  keysift scan                look at what is here\n"
        "  keysift baseline create     keep what is known apart from what is new\n"
        "  keysift config show         see what counts, and where it comes from",
        file=environment.stderr,
    )
    return ExitCode.CLEAN


def _append(path: Path) -> None:
    """Add our table to a ``pyproject.toml``, with the line ends that it has.

    Raises:
        ConfigurationError: It has one already, cannot be read or written, or has no room for one.
    """
    import tomllib  # noqa: PLC0415 (as in configuration.py)

    try:
        before = path.read_bytes()
        tools = tomllib.loads(before.decode()).get("tool", {})
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{path}: not a TOML file: {error}") from error
    if "keysift" in tools:
        raise ConfigurationError(f"{path}: has a table [tool.keysift] already; edit it")
    text = template("tool.keysift").encode()
    end = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if not before else end if before.endswith(b"\n") else end + end
    after = before + gap + text.replace(b"\n", end)
    try:
        tomllib.loads(after.decode())
    except ValueError as error:
        raise ConfigurationError(
            f"{path}: a table cannot be added at its end: {error}; write {FILES[0]} instead"
        ) from error
    _write(path, after, mode="wb")


def _write(path: Path, content: bytes, *, mode: str) -> None:
    try:
        with path.open(mode) as file:
            file.write(content)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
