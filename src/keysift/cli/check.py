"""``keysift check``: may these distributions be published?"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode, worst_of
from keysift.cli.ignoring import add_ignore_options, ignoring
from keysift.cli.output import (
    CHECK_FORMATS,
    add_format_options,
    check_outputs,
    text_view,
    write_reports,
)
from keysift.cli.output_ci import write_review
from keysift.cli.progress import Meter
from keysift.crawl.ignoring import NOTHING, Ignoring
from keysift.crawl.session import Session, Wanted
from keysift.gate.allowed import Allowed, check_allowed
from keysift.gate.distribution import find
from keysift.gate.gate import Checked, Wishes, check
from keysift.gate.release import File
from keysift.model import Confidence
from keysift.report.gate.result import GAPS, INCOMPLETE, GateResult

if TYPE_CHECKING:
    from keysift.gate.previous import Against

DIST: Final = "dist"
"""Where distributions are when none is named."""

_LENIENT: Final = "--allow-incomplete"

_DESCRIPTION: Final = """\
Look at the wheels and sdists that are about to be uploaded: for secrets, and for files that should
never be in a package. Says for each problem what to change in the project, for its build backend.
Nothing is sent anywhere; --against latest asks the package index for the release before."""

_EXAMPLES: Final = """\
examples:
  keysift check dist/*                    before `twine upload dist/*`
  keysift check                           the same: everything in dist
  keysift check --against latest          only what the published release does not have blocks
  keysift check --against old/ dist/*     the same, with files of your own
  keysift check --strict dist/*           warnings block too

What could not be looked at blocks: an archive that is damaged, encrypted or beyond all bounds. The
rules about files are listed in docs/gate-rules.md; docs/check.md says how to accept something.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "check",
        help="check wheels and sdists before they are uploaded",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "distributions",
        nargs="*",
        metavar="DIST",
        help="a wheel, an sdist or a directory of them (default: dist)",
    )
    _add_output(parser)
    add_rule_options(parser)
    add_ignore_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run)


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    add_format_options(group, CHECK_FORMATS)
    group.add_argument(
        "--reveal",
        action="store_true",
        help="show the values of secrets themselves, not masks (in text and json)",
    )
    add_detail_options(group)


def add_detail_options(group: argparse._ActionsContainer) -> None:
    """Add the options that say how much is reported."""
    group.add_argument(
        "--show-suppressed",
        action="store_true",
        help="list what was judged not to be a secret, and what the configuration accepts",
    )
    group.add_argument(
        "-q", "--quiet", action="store_true", help="what blocks only: no progress, no summary"
    )
    group.add_argument("-v", "--verbose", action="store_true", help="every place, note and skip")


def add_rule_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what blocks."""
    group = parser.add_argument_group("what blocks")
    group.add_argument(
        "--against",
        metavar="RELEASE",
        help="compare with the release before, of which nothing blocks: latest, a version in the "
        "index, a file or a directory",
    )
    group.add_argument("--index-url", metavar="URL", help="the package index (default: pip's)")
    group.add_argument(
        "--strict", action="store_true", default=None, help="warnings block as errors do"
    )
    shared.add_grade_options(group, Confidence.MEDIUM)
    group.add_argument(
        "--allow-incomplete",
        action="store_true",
        help="parts of a distribution that could not be looked at do not block",
    )
    group.add_argument(
        "--project",
        metavar="DIR",
        help="the directory that the distributions were built from (default: where they lie, or "
        "the working directory)",
    )
    group.add_argument("--no-git", action="store_true", help="do not compare with what git tracks")


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Check, report, and return the exit code."""
    check_outputs(options)
    return check_files(find(options.distributions or [DIST]), options, environment)


def check_files(
    files: Sequence[File], options: argparse.Namespace, environment: Environment
) -> ExitCode:
    """Check these distributions, report, and return the exit code."""
    configured = shared.configuration(options, environment)
    wishes = _wishes(options, configured, environment)
    check_allowed(wishes.allowed)
    catalogue = shared.catalogue(options, configured, environment)
    key = environment.fingerprint_key()

    def sessions(ignored: Ignoring = NOTHING) -> Session:
        return Session(
            catalogue=catalogue,
            key=key,
            cache=environment.cache,
            wanted=Wanted(environ=environment.variables, ignoring=ignored),
        )

    session = sessions(ignoring(options, configured, environment))
    with Meter(environment, enabled=not options.quiet) as meter:
        checked = check(files, wishes, session, sessions, meter)
    _write(checked.result, options, environment)
    for error in checked.errors:
        print(f"keysift: not compared: {error}", file=environment.stderr)
    return _code(checked)


def _wishes(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Wishes:
    severity, confidence = shared.grades(options, configured)
    lenient = [Allowed(rules=(INCOMPLETE,), reason=_LENIENT)] if options.allow_incomplete else []
    strict = configured.check.strict if options.strict is None else options.strict
    return Wishes(
        against=_against(options.against),
        directory=None if options.project is None else Path(options.project),
        working_directory=environment.directory,
        use_git=not options.no_git,
        is_strict=strict,
        allowed=(*configured.check.allow, *lenient),
        index_url=shared.index_url(options.index_url, configured, environment),
        environ=environment.variables,
        confidence=confidence,
        severity=severity,
        keep_suppressed=options.show_suppressed,
        version=__version__,
    )


def _against(text: str | None) -> Against | None:
    if text is None:
        return None
    from keysift.gate.previous import parse  # noqa: PLC0415 (start-up time)

    return parse(text)


def _write(result: GateResult, options: argparse.Namespace, environment: Environment) -> None:
    def render(name: str, stream: TextIO) -> None:
        _render(result, name, stream, options, environment)

    write_reports(options, environment, render)


def _render(
    result: GateResult,
    name: str,
    stream: TextIO,
    options: argparse.Namespace,
    environment: Environment,
) -> None:
    match name:
        case "json":
            from keysift.report.gate.document import write_gate_json  # noqa: PLC0415 (start-up time)

            write_gate_json(result, stream, reveal=options.reveal)
        case "sarif":
            from keysift.report.gate.sarif import write_gate_sarif  # noqa: PLC0415 (start-up time)

            write_gate_sarif(result, stream, root=environment.directory.as_posix())
        case "compact":
            from keysift.report.compact import write_gate_compact  # noqa: PLC0415 (the same)

            blocking_only = options.quiet
            write_gate_compact(result, stream, reveal=options.reveal, blocking_only=blocking_only)
        case "text":
            from keysift.report.gate.text import write_gate_text  # noqa: PLC0415 (start-up time)

            view = text_view(stream, options, environment)
            write_gate_text(result, stream, reveal=options.reveal, view=view)
        case _:
            from keysift.report.ci.checked import review_of_check  # noqa: PLC0415 (start-up time)

            write_review(review_of_check(result), name, stream, environment)


def _code(checked: Checked) -> ExitCode:
    """Return the exit code; what could not be looked at, or compared, is never clean."""
    if checked.errors:
        return worst_of(checked.errors)
    if any(one.rule in GAPS for one in checked.result.blocking):
        return ExitCode.INCOMPLETE
    return ExitCode.FINDINGS if checked.result.is_refused else ExitCode.CLEAN
