"""``keysift init``: a configuration to begin with."""

from __future__ import annotations

import argparse
from pathlib import Path

from keysift.cli.configuration import FILES
from keysift.cli.configuration_template import template
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.errors import ConfigurationError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``init`` to the command line."""
    parser = commands.add_parser(
        "init",
        help="write a configuration to begin with",
        description=(
            "Write a configuration in which everything is explained and nothing changed: a table "
            "in pyproject.toml when there is one, else keysift.toml. Nothing is overwritten."
        ),
    )
    parser.add_argument(
        "--hook",
        action="store_true",
        help="keep secrets out of commits and pushes as well, as `keysift hook install` does",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Write a configuration that changes nothing yet, and install hooks if that is wanted."""
    from keysift.cli.hook import hooks_named, install  # noqa: PLC0415 (start-up time)

    # Before anything is written: without a repository there is nothing to install them in.
    hooks = hooks_named((), environment) if options.hook else []
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
    install(hooks, environment)
    hint = "" if hooks else "  keysift hook install        keep secrets out of commits and pushes\n"
    print(
        f"keysift: wrote {where}; every setting in it is a comment that says what it does\n"
        "next:\n"
        "  keysift scan                look at what is here\n"
        "  keysift baseline create     keep what is known apart from what is new\n"
        f"{hint}"
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
