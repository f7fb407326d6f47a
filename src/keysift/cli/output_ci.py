"""Reports for CI systems, and what they need to know of the job that they are written in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from keysift.cli.environment import Environment
from keysift.errors import ConfigurationError

if TYPE_CHECKING:
    from keysift.report.ci.review import Review

CI_FORMATS: Final = ("github", "gitlab", "junit", "markdown")

_GITHUB_ROOT: Final = "GITHUB_WORKSPACE"
_GITHUB_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
_GITLAB_ROOT: Final = "CI_PROJECT_DIR"


def write_review(review: Review, name: str, stream: TextIO, environment: Environment) -> None:
    """Write a report for a CI system.

    On GitHub, the summary of the job is added to as well.

    Args:
        review: What to write.
        name: One of ``CI_FORMATS``.
        stream: Where to.
        environment: The environment.

    Raises:
        ConfigurationError: The summary of the job cannot be written.
    """
    directory = environment.directory.as_posix()
    match name:
        case "github":
            from keysift.report.ci.github import write_github  # noqa: PLC0415 (start-up time)

            root = _root(environment, _GITHUB_ROOT)
            write_github(review, stream, directory=directory, root=root)
            _add_to_summary(review, environment)
        case "gitlab":
            from keysift.report.ci.gitlab import write_gitlab  # noqa: PLC0415 (start-up time)

            root = _root(environment, _GITLAB_ROOT)
            write_gitlab(review, stream, directory=directory, root=root)
        case "junit":
            from keysift.report.ci.junit import write_junit  # noqa: PLC0415 (start-up time)

            write_junit(review, stream)
        case _:
            from keysift.report.ci.markdown import write_markdown  # noqa: PLC0415 (start-up time)

            write_markdown(review, stream)


def _root(environment: Environment, name: str) -> str:
    """Return the directory of the repository: what a job says, when the work is below it."""
    given = environment.variables.get(name)
    if given and environment.directory.is_relative_to(given):
        return Path(given).as_posix()
    return environment.directory.as_posix()


def _add_to_summary(review: Review, environment: Environment) -> None:
    path = environment.variables.get(_GITHUB_SUMMARY)
    if not path:
        return
    from keysift.report.ci.markdown import write_markdown  # noqa: PLC0415 (start-up time)

    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
            write_markdown(review, stream)
    except OSError as error:
        raise ConfigurationError(f"{_GITHUB_SUMMARY} {path}: {error.strerror}") from error
