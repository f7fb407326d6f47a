"""The configuration: ``[tool.keysift]`` in ``pyproject.toml``, or ``keysift.toml``.

It is read from the working directory or from ``--config``, never from what is scanned.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec import Struct

from keysift.errors import ConfigurationError
from keysift.gate.allowed import Allowed
from keysift.gate.real_backend import GATE_TABLE, RealBackend
from keysift.ignoring.rules import IgnoreRule
from keysift.model import Confidence, Role, Severity
from keysift.verify.limits import Limits
from keysift.verify.schedule import Schedule

FILES = ("keysift.toml", "pyproject.toml")
"""Looked for in this order; the first that configures keysift is used."""


_NAME: Final = "keysift"
_CLOSE: Final = 0.85
"""From how alike a name is taken for a misspelling."""


class Verifying(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """How providers are asked. Where secrets are sent cannot be said here.

    Attributes:
        limits: How much is asked, and how patiently.
        schedule: When secrets are asked about again.
    """

    limits: Limits = Limits()
    schedule: Schedule = Schedule()


class Serving(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """How the dashboard is served.

    Attributes:
        proxy_roles: Role (read, triage, reveal) that each group has which a proxy names.
    """

    proxy_roles: dict[str, Role] = {}


class Checking(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """How distributions are checked before they are published.

    Attributes:
        strict: Warnings block too.
        allow: Problems that are accepted, each with the reason (``docs/check.md``).
    """

    strict: bool = False
    allow: tuple[Allowed, ...] = ()


class Configuration(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """What a configuration file may hold. An option on the command line wins.

    Attributes:
        confidence: Report from this confidence on.
        min_severity: Report from this severity on.
        detector: Globs of detector ids to use.
        exclude_detector: Globs of detector ids not to use.
        detectors: Files or directories with more detectors, relative to the configuration.
        canaries: Files with more canaries, relative to the configuration (``docs/canaries.md``).
        exclude: Globs of paths to leave out when directories are scanned.
        fail_on_incomplete: Exit with code 3 when something could not be looked at.
        index_url: The package index.
        store: The store: a path, or the URL of a PostgreSQL database.
        verify: How providers are asked (``keysift verify``).
        orgs: Lists of projects, as globs, by a name for ``keysift report --org``.
        serve: How the dashboard is served (``docs/dashboard.md``).
        check: How distributions are checked before they are published (``docs/check.md``).
        ignore_comments: Whose ``keysift: ignore`` comments count (``docs/ignoring.md``).
        peer_comments: Whether the comments of other scanners count like our own.
        baseline: The file of known findings, relative to the configuration.
        ignore: Rules by path and detector, in ``[[ignore]]`` tables.
        gate: What builds the project behind ``keysift.gate`` (``docs/publishing.md``).
    """

    confidence: Confidence = Confidence.MEDIUM
    min_severity: Severity = Severity.INFO
    detector: tuple[str, ...] = ()
    exclude_detector: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on_incomplete: bool = False
    index_url: str | None = None
    store: str | None = None
    verify: Verifying = Verifying()
    orgs: dict[str, tuple[str, ...]] = {}
    serve: Serving = Serving()
    check: Checking = Checking()
    ignore_comments: Literal["local", "all", "none"] = "local"
    peer_comments: bool = False
    baseline: str | None = None
    ignore: tuple[IgnoreRule, ...] = ()
    gate: RealBackend = RealBackend()


def read(directory: Path, explicit: Path | None = None) -> Configuration:
    """Read the configuration.

    Args:
        directory: Where to look for one.
        explicit: The file that the user named.

    Raises:
        ConfigurationError: A file cannot be read, or has a wrong key or value.
    """
    found = find(directory, explicit)
    return Configuration() if found is None else parse(*found)


def find(directory: Path, explicit: Path | None = None) -> tuple[Path, dict[str, Any]] | None:
    """Return the file that configures keysift, and what it says as written; None without one.

    Args:
        directory: Where to look for one.
        explicit: The file that the user named.

    Raises:
        ConfigurationError: A file cannot be read.
    """
    if explicit is not None:
        return explicit, _tables(explicit)
    for name in FILES:
        path = directory / name
        if path.is_file():
            tables = _tables(path)
            if tables:
                return path, tables
    return None


def _tables(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 (most runs have no configuration, and start-up counts)

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: not a TOML file: {error}") from error
    if path.name != "pyproject.toml" and "gate" in document:
        raise ConfigurationError(f"{path}: [gate] counts in pyproject.toml alone, as {GATE_TABLE}")
    if path.name != "pyproject.toml":
        return document
    return _own_table(path, document.get("tool", {}))


def _own_table(path: Path, tools: dict[str, Any]) -> dict[str, Any]:
    """Return the table of ours among those of a ``pyproject.toml``; empty when there is none."""
    table = tools.get(_NAME)
    if isinstance(table, dict):
        return table
    if table is not None:
        raise ConfigurationError(f"{path}: tool.{_NAME} is not a table")
    import difflib  # noqa: PLC0415 (only for mistakes, and start-up counts)

    # Settings in a table with a wrong name would be lost without a word.
    for name in difflib.get_close_matches(_NAME, tools, 1, _CLOSE):
        raise ConfigurationError(
            f"{path}: [tool.{name}]: did you mean [tool.{_NAME}]? If {name} is another tool, add "
            f"an empty [tool.{_NAME}]"
        )
    return {}


def parse(path: Path, tables: dict[str, Any]) -> Configuration:
    """Return the configuration that a file says.

    Raises:
        ConfigurationError: It has a wrong key or value.
    """
    try:
        configuration = msgspec.convert(tables, Configuration)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {error}{_suggestion(str(error))}") from error
    for number, rule in enumerate(configuration.ignore, 1):
        if rule.problem:
            raise ConfigurationError(f"{path}: rule {number} of `ignore`: {rule.problem}")
    here = path.parent
    return msgspec.structs.replace(
        configuration,
        detectors=tuple(str(here / name) for name in configuration.detectors),
        canaries=tuple(str(here / name) for name in configuration.canaries),
        baseline=None if configuration.baseline is None else str(here / configuration.baseline),
    )


def _suggestion(message: str) -> str:
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if unknown is None:
        return ""
    table: Any = Configuration
    for name in re.findall(r"\.([a-z-]+)", message.partition("at `")[2]):
        # The tables inside it, which the message names as `$.verify.limits` or `$.ignore[...]`.
        kind = next(
            (one.type for one in msgspec.structs.fields(table) if one.encode_name == name), table
        )
        table = next(iter(get_args(kind)), kind)
    if not (isinstance(table, type) and issubclass(table, Struct)):
        return ""
    known = [field.encode_name for field in msgspec.structs.fields(table)]
    import difflib  # noqa: PLC0415 (as above)

    close = difflib.get_close_matches(unknown[1].replace("_", "-"), known, 1)
    return f"; did you mean `{close[0]}`?" if close else f"; known keys: {', '.join(known)}"
