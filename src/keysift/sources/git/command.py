"""Runs git: one place that says how, so that a stranger's repository is safe to read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from keysift.errors import ConfigurationError, GitError, TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OVERRIDES: Final = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),
    *("-c", "advice.graftFileDeprecated=false"),
)
"""What a repository's configuration could make plumbing run; git knows ``/dev/null`` everywhere."""

_VARIABLES: Final = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for versions of git that do not know the first
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what is there, not what stands in for it
    "GIT_GRAFT_FILE": "/dev/null",
    "LC_ALL": "C",
}

_LOCAL: Final = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
"""Variables that choose a repository (``git rev-parse --local-env-vars``)."""

_OLDEST: Final = (2, 22)
_BUFFER: Final = 1 << 18

_Stream: TypeAlias = IO[bytes] | int


class Git(Struct, frozen=True):
    """Runs git in one repository; can be pickled.

    Attributes:
        program: Where git is.
        directory: Where it works; a path that git takes for ``-C``.
        environ: The whole environment of git.
        overrides: Options before the command.
    """

    program: str
    directory: str
    environ: dict[str, str]
    overrides: tuple[str, ...] = _OVERRIDES

    @classmethod
    def at(
        cls,
        directory: Path | None,
        working: Path,
        environ: Mapping[str, str],
        *,
        trusted: bool = False,
    ) -> Git:
        """Return what runs git in a directory.

        Args:
            directory: What the user named; then variables that choose another repository do not
                count. None for where git itself would look: ``GIT_DIR`` or the working directory.
            working: The working directory, which that is relative to.
            environ: The environment.
            trusted: Whether what the repository's configuration says counts: it is about the user's
                own repository, not about one to be scanned.

        Raises:
            ConfigurationError: There is no git.
        """
        kept = dict(environ)
        if directory is not None:
            kept = {name: value for name, value in kept.items() if name not in _LOCAL}
        where = working if directory is None else working / directory
        overrides = () if trusted else _OVERRIDES
        return cls(_program(kept), str(where), kept | _VARIABLES, overrides)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of git with these arguments."""
        return [self.program, "-C", self.directory, *self.overrides, *arguments]

    def output(self, *arguments: str, given: bytes = b"") -> bytes:
        """Return what git prints.

        Args:
            arguments: Command and options.
            given: Its standard input.

        Raises:
            GitError: It failed; the message is git's.
            ConfigurationError: There is no git.
        """
        answer = self.ask(*arguments, given=given)
        if answer.code:
            raise GitError(f"{self.directory}: git {arguments[0]}: {answer.complaint}")
        return answer.text

    def write(self, *arguments: str, given: Sequence[IO[bytes]], into: Sequence[IO[bytes]]) -> None:
        """Run git several times at once, each time from one open file into another.

        Args:
            arguments: Command and options.
            given: Standard inputs.
            into: Where it prints.

        Raises:
            GitError: It failed once; the message is git's.
            ConfigurationError: There is no git.
        """
        running: list[subprocess.Popen[bytes]] = []
        try:
            for source, sink in zip(given, into, strict=True):
                running.append(self._start(arguments, source, sink, subprocess.PIPE))
            complaints = [process.communicate()[1] for process in running]
        finally:
            for process in running:
                process.kill()
                process.wait()
        for process, complaint in zip(running, complaints, strict=True):
            if process.returncode:
                raise GitError(f"{self.directory}: git {arguments[0]}: {_complaint(complaint)}")

    def ask(self, *arguments: str, given: bytes = b"") -> Answer:
        """Return what git prints, and how it ended.

        Args:
            arguments: Command and options.
            given: Its standard input.

        Raises:
            ConfigurationError: There is no git.
        """
        try:
            done = subprocess.run(  # noqa: S603 (git, with our options)
                self.command(*arguments),
                input=given,
                capture_output=True,
                env=self.environ,
                check=False,
            )
        except OSError as error:
            raise _no_git(error) from error
        return Answer(done.returncode, done.stdout, _complaint(done.stderr))

    @contextmanager
    def reading(self, *arguments: str, given: IO[bytes] | int) -> Iterator[IO[bytes]]:
        """Give what git prints while it prints it; git ends with the block.

        Args:
            arguments: Command and options.
            given: An open file, its standard input.

        Raises:
            ConfigurationError: There is no git.
        """
        process = self._start(arguments, given, subprocess.PIPE, subprocess.DEVNULL)
        if process.stdout is None:
            raise GitError("git has no standard output")
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.terminate()
            process.wait()

    def _start(
        self, arguments: Sequence[str], given: _Stream, into: _Stream, complaints: int
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 (the same)
                self.command(*arguments),
                stdin=given,
                stdout=into,
                stderr=complaints,
                env=self.environ,
                bufsize=_BUFFER,
            )
        except OSError as error:
            raise _no_git(error) from error

    def require(self) -> tuple[int, int]:
        """Return the version of git.

        Raises:
            ConfigurationError: There is no git, or it is too old.
            TargetError: There is no repository.
        """
        text = self.output("version").decode("utf-8", "replace")
        found = re.search(r"(\d+)\.(\d+)", text)
        version = (int(found[1]), int(found[2])) if found else (0, 0)
        if version < _OLDEST:
            needed = ".".join(map(str, _OLDEST))
            raise ConfigurationError(f"git {needed} or newer is needed; this is {text.strip()}")
        self.folder()
        return version

    def folder(self) -> str:
        """Return the directory that git keeps the repository in, absolute.

        Raises:
            TargetError: There is no repository, or git does not trust it.
        """
        answer = self.ask("rev-parse", "--absolute-git-dir")
        if answer.code:
            raise TargetError(f"{self.directory}: {answer.complaint}")
        return _line(answer.text)

    def objects(self) -> Path:
        """Return the directory that holds the objects.

        Raises:
            GitError: There is no repository.
        """
        found = _line(self.output("rev-parse", "--git-path", "objects"))
        return Path(self.directory, found)


class Answer(Struct, frozen=True):
    """How git ended.

    Attributes:
        code: Its exit code.
        text: What it printed.
        complaint: The first thing it complained about.
    """

    code: int
    text: bytes
    complaint: str


def _program(environ: Mapping[str, str]) -> str:
    """Return where git is, by ``PATH`` alone: a repository may hold a program of that name."""
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(folder):  # noqa: PTH117 (text from the environment)
            found = shutil.which(os.path.join(folder, "git"))  # noqa: PTH118 (the same)
            if found is not None:
                return found
    raise ConfigurationError(
        "git is not installed, or not on PATH; keysift reads histories with it"
    )


def _no_git(error: OSError) -> ConfigurationError:
    return ConfigurationError(f"git cannot be started: {error.strerror}")


def shown_path(path: bytes) -> str:
    """Return a path of git's for people: bytes that are not UTF-8 as escapes."""
    return path.decode("utf-8", "backslashreplace")


def _line(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape").rstrip("\r\n")


def _complaint(text: bytes) -> str:
    lines = text.decode("utf-8", "replace").strip().splitlines()
    first = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
    words = (first or (lines[0] if lines else "it failed")).partition(": ")
    return words[2] if words[0] in {"fatal", "error"} else "".join(words)
