"""Git hooks of keysift: installed beside those that are there, and taken out again without a trace.

A hook that was there is kept under another name in the same directory, and runs first. The script
runs in the shell that git brings along, on Windows too.
"""

from __future__ import annotations

import os
import shlex
from enum import Enum
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from keysift.errors import TargetError
from keysift.sources.git.command import Git

HOOKS: Final = ("pre-commit", "pre-push", "pre-receive")
"""The hooks that keysift can be."""

KEPT: Final = ".before-keysift"
"""Added to the name of a hook that was there."""

_MARK: Final = "# This hook is keysift's: `keysift hook uninstall` takes it out again."

_ALONE: Final = """\
if [ -x "$kept" ]; then
  "$kept" "$@" || exit $?
fi
if [ -x "$python" ]; then
  exec "$python" -P -m keysift hook run {name} "$@"
fi
if command -v keysift >/dev/null 2>&1; then
  exec keysift hook run {name} "$@"
fi
"""
_FED: Final = """\
given=$(cat; echo .)
given=${{given%.}}
if [ -x "$kept" ]; then
  printf %s "$given" | "$kept" "$@" || exit $?
fi
if [ -x "$python" ]; then
  printf %s "$given" | "$python" -P -m keysift hook run {name} "$@"
  exit $?
fi
if command -v keysift >/dev/null 2>&1; then
  printf %s "$given" | keysift hook run {name} "$@"
  exit $?
fi
"""
"""For hooks that git tells on standard input what is pushed: both are told."""

_SCRIPT: Final = """\
#!/bin/sh
{mark}
kept="$(dirname "$0")/{name}{kept}"
python={python}
{body}\
echo "keysift: $python is gone; run keysift hook install again ({bypass})" >&2
exit 3
"""
_BYPASS: Final = {
    "pre-commit": "git commit --no-verify passes it by",
    "pre-push": "git push --no-verify passes it by",
    "pre-receive": "nothing is accepted until then",
}


class State(Enum):
    """How it stands with a hook. The value is what people read."""

    INSTALLED = "installed"
    BESIDE = "installed, after the hook that was there"
    FOREIGN = "not installed; there is another hook"
    ABSENT = "not installed"


class Hook(Struct, frozen=True):
    """One hook of one repository.

    Attributes:
        name: As git calls it.
        path: Where git looks for it.
    """

    name: str
    path: Path

    @property
    def kept(self) -> Path:
        """Where the hook is that was there."""
        return self.path.with_name(self.path.name + KEPT)

    @property
    def state(self) -> State:
        """How it stands with it.

        Raises:
            TargetError: It cannot be read.
        """
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return State.FOREIGN if self.path.is_symlink() else State.ABSENT
        except OSError as error:
            raise TargetError(f"{self.path}: {error.strerror}") from error
        if _MARK.encode() not in text:
            return State.FOREIGN
        return State.BESIDE if os.path.lexists(self.kept) else State.INSTALLED

    def install(self, python: str) -> None:
        """Write the hook; one that is there is kept. Again, it is written anew.

        Args:
            python: The interpreter that has keysift.

        Raises:
            TargetError: It cannot be written; nothing was changed.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.state is State.FOREIGN:
                if os.path.lexists(self.kept):
                    raise TargetError(f"{self.kept}: is in the way; move it elsewhere")
                self.path.rename(self.kept)
            fresh = self.path.with_name(self.path.name + ".keysift-new")
            fresh.write_text(_script(self.name, python), "utf-8", newline="\n")
            fresh.chmod(0o755)
            fresh.replace(self.path)
        except OSError as error:
            raise TargetError(f"{error.filename or self.path}: {error.strerror}") from error

    def uninstall(self) -> bool:
        """Take the hook out, and put the one back that was there; False when it is not ours.

        Raises:
            TargetError: It cannot be removed.
        """
        state = self.state
        try:
            if state is State.BESIDE:
                self.kept.replace(self.path)
            elif state is State.INSTALLED:
                self.path.unlink()
        except OSError as error:
            raise TargetError(f"{error.filename or self.path}: {error.strerror}") from error
        return state in {State.BESIDE, State.INSTALLED}


def hook(git: Git, name: str) -> Hook:
    """Return a hook where git looks for it: ``core.hooksPath``, or the repository's own directory.

    Args:
        git: A repository whose configuration is trusted.
        name: One of `HOOKS`.

    Raises:
        TargetError: There is no repository.
    """
    git.folder()
    # A relative `core.hooksPath` is relative to where hooks run: the top of a work tree.
    top = _line(git.ask("rev-parse", "--show-toplevel").text) or git.directory
    folder = _line(structs.replace(git, directory=top).output("rev-parse", "--git-path", "hooks"))
    return Hook(name, Path(top, folder, name))


def _line(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape").rstrip("\r\n")


def _script(name: str, python: str) -> str:
    body = (_ALONE if name == "pre-commit" else _FED).format(name=name)
    return _SCRIPT.format(
        mark=_MARK,
        name=name,
        kept=KEPT,
        python=shlex.quote(python.replace(os.sep, "/")),
        body=body,
        bypass=_BYPASS[name],
    )
