"""``keysift upload``: check distributions, then let a tool upload exactly what was checked."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from keysift.cli import check
from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.ignoring import add_ignore_options
from keysift.errors import TargetError, UsageError
from keysift.gate.directory import project_directory
from keysift.gate.distribution import Kind, find
from keysift.gate.release import File
from keysift.sources.files import LocalFile


class Tool(Struct, frozen=True, kw_only=True):
    """A program that uploads distributions that are there already.

    Attributes:
        command: Its name, and what makes it upload.
        directory: The option that names the directory of the files; empty when it takes files.
        refused: Options with which it would upload something else.
        takes_signatures: Whether it takes signatures and attestations among the files.
    """

    command: tuple[str, ...]
    directory: str = ""
    refused: tuple[str, ...] = ()
    takes_signatures: bool = True


TOOLS: Final[Mapping[str, Tool]] = {
    "twine": Tool(command=("twine", "upload")),
    "uv": Tool(command=("uv", "publish")),
    "hatch": Tool(command=("hatch", "publish"), takes_signatures=False),
    "pdm": Tool(
        command=("pdm", "publish", "--no-build"), directory="--dest", refused=("-d", "--dest")
    ),
    "poetry": Tool(
        command=("poetry", "publish"), directory="--dist-dir", refused=("--build", "--dist-dir")
    ),
}
"""By name. Flit is not among them: ``flit publish`` always builds anew."""

_DEFAULT: Final = ("twine", "uv")
"""The first that is installed."""

_ENDINGS: Final = (".whl", ".tar.gz", ".zip")
_SIGNALLED: Final = 128
"""What shells add to the number of the signal that ended a program."""

_DESCRIPTION: Final = """\
Check wheels and sdists as `keysift check` does, and have a tool upload them when nothing blocks.
It gets copies that nobody else can change: what is uploaded is what was checked. What follows -- is
for the tool, and never printed. The exit code is the tool's, or the check's when that blocks."""

_EXAMPLES: Final = """\
examples:
  keysift upload dist/*                                 with twine, or uv when there is no twine
  keysift upload dist/* -- --repository internal        the same, to a repository of ~/.pypirc
  keysift upload --with uv dist/* -- --index internal   with uv publish
  keysift upload --with pdm                             everything in dist, with pdm publish
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "upload",
        help="check wheels and sdists, then upload them with twine, uv, hatch, pdm or poetry",
        usage="keysift upload [OPTIONS] [DIST ...] [-- ARGUMENT ...]",
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
    parser.add_argument(
        "--with",
        dest="tool",
        choices=TOOLS,
        help="what uploads (default: twine, or uv when there is no twine)",
    )
    check.add_detail_options(parser.add_argument_group("output"))
    check.add_rule_options(parser)
    add_ignore_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run, format="text", output=None, also=[], reveal=False)


def run(options: argparse.Namespace, environment: Environment) -> int:
    """Check, upload, and return the exit code of the tool, or of the check when that blocks."""
    name, program = _installed(options.tool, environment)
    tool = TOOLS[name]
    _check_arguments(name, options.passed_on)
    files = find(options.distributions or [check.DIST])
    if options.project is None:
        options.project = _project(files, environment.directory)
    with TemporaryDirectory(prefix="keysift-") as private:
        copies = [(_copied(file, Path(private)), named) for file, named in files]
        code = check.check_files(copies, options, environment)
        if code is not ExitCode.CLEAN:
            print("keysift: nothing was uploaded", file=environment.stderr)
            return code
        environment.stdout.flush()
        named_files = [
            file.path
            for file, named in copies
            if tool.takes_signatures or named.kind is not Kind.SIGNATURE
        ]
        where = [tool.directory, private] if tool.directory else named_files
        command = [program, *tool.command[1:], *options.passed_on, *where]
        return _run(command, environment)


def _installed(chosen: str | None, environment: Environment) -> tuple[str, str]:
    """Return the name of the tool to use, and where it is.

    Raises:
        UsageError: It is not installed.
    """
    path = environment.variables.get("PATH")
    for name in _DEFAULT if chosen is None else (chosen,):
        program = shutil.which(name, path=path)
        if program is not None:
            return name, program
    wanted = " and ".join(_DEFAULT) if chosen is None else chosen
    raise UsageError(
        f"{wanted}: not found; install one of {', '.join(TOOLS)} and name it with --with"
    )


def _check_arguments(name: str, arguments: Iterable[str]) -> None:
    """Refuse what would upload more, or something else, than what is checked.

    Raises:
        UsageError: There is such an argument. It is an option or a file, never a secret.
    """
    for argument in arguments:
        if argument.endswith(_ENDINGS):
            raise UsageError(
                f"{argument}: would be uploaded without a check; name distributions before --"
            )
        option = argument.partition("=")[0]
        if option in TOOLS[name].refused:
            raise UsageError(f"{option}: {name} would upload something else than what is checked")


def _project(files: Sequence[File], working_directory: Path) -> str | None:
    """Return the directory that files of one project were built from: copies lie elsewhere."""
    projects = {named.project for _, named in files if named.kind is not Kind.SIGNATURE}
    if len(projects) != 1:
        return None
    first = Path(files[0][0].path)
    directory = project_directory(projects.pop(), first, working_directory)
    return None if directory is None else str(directory)


def _copied(file: LocalFile, directory: Path) -> LocalFile:
    """Return a copy of a file, which is shown as the original.

    Raises:
        TargetError: It cannot be copied, or has the name of another one.
    """
    copy = directory / Path(file.path).name
    if copy.exists():
        raise TargetError(f"{file.display}: a file of this name was named before; name one")
    try:
        shutil.copyfile(file.path, copy)
    except OSError as error:
        raise TargetError(f"{file.display}: {error.strerror}") from error
    return LocalFile(file.target, str(copy), file.display, copy.stat().st_size)


def _run(command: Sequence[str], environment: Environment) -> int:
    try:
        done = subprocess.run(  # noqa: S603 (a tool that the user named, with the user's arguments)
            command, check=False, cwd=environment.directory, env=dict(environment.variables)
        )
    except OSError as error:
        raise UsageError(f"{command[0]} cannot be run: {error.strerror}") from error
    code = done.returncode
    return code if code >= 0 else _SIGNALLED - code
