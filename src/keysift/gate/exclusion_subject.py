"""What is to be left out, and the quoting that the pattern languages of build backends need."""

from __future__ import annotations

import json
import re

from msgspec import Struct


class Subject(Struct, frozen=True, kw_only=True):
    """A file or directory that is to be left out.

    Attributes:
        path: Below the project's directory, without ``/`` at its end.
        is_folder: Whether it is a directory.
        in_sdist: Whether an sdist holds it.
        in_wheel: Whether a wheel holds it.
        wheel_path: Where a wheel installs it, without ``/`` at its end; empty when none does.
        package: Directory of the innermost package around it in a wheel; empty for none.
        is_placed: Whether ``path`` is known to be a path in the project; else it is the wheel's.
        is_metadata: Whether it is a part of a wheel's own metadata.
    """

    path: str
    is_folder: bool
    in_sdist: bool
    in_wheel: bool
    wheel_path: str = ""
    package: str = ""
    is_placed: bool = True
    is_metadata: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_module(self) -> bool:
        """Whether it is a file of Python."""
        return not self.is_folder and self.path.endswith(".py")

    @property
    def what(self) -> str:
        """What it is left out of, for ``Fix.what``."""
        if self.in_sdist and self.in_wheel:
            return "out of the sdist and the wheel"
        return "out of the sdist" if self.in_sdist else "out of the wheel"

    @property
    def remark(self) -> str:
        """What is to be said of a path that may be wrong."""
        if self.is_placed:
            return ""
        return "The path is the wheel's: where the file stands in the project is not known."


def as_toml(value: object) -> str:
    """Return a string, or a table of strings, as TOML has it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    # A basic string of TOML is written as JSON writes one (https://toml.io/en/v1.0.0#string).
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def gitignore_quoted(path: str) -> str:
    """Return a pattern of ``.gitignore`` that means one path, without its leading ``/``."""
    quoted = re.sub(r"([\\*?\[])", r"\\\1", path)
    return re.sub(r" $", r"\\ ", quoted)


def glob_quoted(path: str) -> str:
    """Return a pattern of Python's ``glob`` that means one path."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def portable_quoted(path: str) -> str:
    r"""Return a glob of PEP 639, as uv reads it (other characters after ``\``)."""
    return re.sub(r"([^\w\-./])", r"\\\1", path)
