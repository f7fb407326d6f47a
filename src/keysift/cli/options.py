"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from keysift.catalogue import Catalogue, load
from keysift.cli.configuration import Configuration, read
from keysift.cli.environment import Environment
from keysift.model import Confidence, Severity


def add_detector_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the detectors, and the configuration."""
    group = parser.add_argument_group("detectors")
    group.add_argument(
        "--detector", action="append", metavar="GLOB", help="use only detectors whose id matches"
    )
    group.add_argument(
        "--exclude-detector", action="append", metavar="GLOB", help="do not use these detectors"
    )
    group.add_argument(
        "--detectors",
        action="append",
        metavar="PATH",
        help="a detector file of your own, or a directory of them",
    )
    group.add_argument(
        "--canaries",
        action="append",
        metavar="FILE",
        help="a list of canaries of your own (docs/canaries.md)",
    )
    add_config_option(group)


def add_grade_options(parser: argparse._ActionsContainer, confidence: Confidence) -> None:
    """Add the options that leave out what is less severe, and less sure; ``grades`` reads them.

    Args:
        parser: The command.
        confidence: What its help calls the default.
    """
    parser.add_argument(
        "--min-severity",
        choices=[grade.value for grade in Severity],
        help="from this severity on (default: info)",
    )
    parser.add_argument(
        "--confidence",
        choices=[grade.value for grade in Confidence],
        help=f"from this confidence on (default: {confidence})",
    )


def grades(options: argparse.Namespace, configured: Configuration) -> tuple[Severity, Confidence]:
    """Return the least severity and confidence that were asked for, or are configured."""
    return (
        Severity(options.min_severity or configured.min_severity.value),
        Confidence(options.confidence or configured.confidence.value),
    )


def add_walk_options(parser: argparse._ActionsContainer) -> None:
    """Add the options that say what of a directory is read."""
    parser.add_argument(
        "--exclude", action="append", metavar="GLOB", help="leave out paths, as in .gitignore"
    )
    parser.add_argument(
        "--no-ignore", action="store_true", help="scan what git ignores as well, and .git itself"
    )


def add_config_option(parser: argparse._ActionsContainer, *, default: str | None = None) -> None:
    """Add the option that chooses the configuration, which ``configuration`` reads.

    Args:
        parser: The command.
        default: ``argparse.SUPPRESS`` for an action of a command that has the option itself.
    """
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=default,
        help="configuration (default: keysift.toml or pyproject.toml in the working directory)",
    )


def configuration(options: argparse.Namespace, environment: Environment) -> Configuration:
    """Return the configuration that applies to a command.

    Raises:
        ConfigurationError: It cannot be read, or has a wrong key or value.
    """
    chosen = options.config or environment.variables.get("KEYSIFT_CONFIG")
    return read(environment.directory, Path(chosen) if chosen else None)


def configuration_directory(options: argparse.Namespace, environment: Environment) -> Path:
    """Return the directory that the paths in a configuration are relative to."""
    chosen = options.config or environment.variables.get("KEYSIFT_CONFIG")
    return Path(chosen).parent if chosen else environment.directory


def catalogue(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Catalogue:
    """Return the detectors that a command uses.

    Raises:
        CatalogueError: A detector file, or a list of canaries, is wrong.
        UsageError: A glob matches no detector.
    """
    extra = own_files(options, configured)
    canaries = tuple(Path(name) for name in (options.canaries or configured.canaries))
    return select(load(extra, canaries=canaries, cache=environment.cache), options, configured)


def index_url(
    chosen: str | None, configured: Configuration, environment: Environment
) -> str | None:
    """Return the package index that a command asks: an option wins over a variable over a file.

    Args:
        chosen: What the option says.
        configured: The configuration.
        environment: The environment.

    Returns:
        None for pip's.
    """
    return chosen or environment.variables.get("KEYSIFT_INDEX_URL") or configured.index_url


def known_detectors(configured: Configuration, environment: Environment) -> Catalogue:
    """Return all detectors, built-in and configured ones, for what they say about findings.

    Raises:
        CatalogueError: A detector file, or a list of canaries, is wrong.
    """
    extra = tuple(Path(name) for name in configured.detectors)
    canaries = tuple(Path(name) for name in configured.canaries)
    return load(extra, canaries=canaries, cache=environment.cache)


def own_files(options: argparse.Namespace, configured: Configuration) -> tuple[Path, ...]:
    """Return the detector files that the user adds to the built-in ones."""
    return tuple(Path(name) for name in (options.detectors or configured.detectors))


def select(whole: Catalogue, options: argparse.Namespace, configured: Configuration) -> Catalogue:
    """Return those detectors of a catalogue that the globs choose.

    Raises:
        UsageError: A glob matches no detector.
    """
    return whole.select(
        tuple(options.detector or configured.detector),
        tuple(options.exclude_detector or configured.exclude_detector),
    )
