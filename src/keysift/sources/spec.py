"""Targets as users write them, parsed once into values.

The notations: a path, ``-`` for standard input, ``pypi:NAME``, ``pypi:NAME==VERSION``, and package
URLs (``pkg:pypi/NAME@VERSION?file_name=…``). A package URL is read as its specification says
(https://github.com/package-url/purl-spec, PURL-SPECIFICATION.rst and the ``pypi`` type).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import unquote

from msgspec import Struct

from keysift.errors import TargetError

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
# One letter before the colon is a drive of Windows, hence at least two here.

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
# A project's name (core metadata, field Name).

_SEPARATORS: Final = re.compile(r"[-_.]+")

_VERSION: Final = re.compile(r"[a-z0-9][a-z0-9._!+-]*", re.IGNORECASE)
# Loose on purpose: an index also holds versions from before PEP 440.

_SCHEMES: Final = ("pypi", "pkg")

_SUPPORTED: Final = (
    "a target is a path, - (standard input), pypi:NAME, pypi:NAME==VERSION or pkg:pypi/NAME@VERSION"
)


class PathTarget(Struct, frozen=True):
    """A file or directory.

    Attributes:
        path: The path as given: relative ones are relative to the working directory.
    """

    path: Path


class StdinTarget(Struct, frozen=True):
    """Standard input."""


class ProjectTarget(Struct, frozen=True):
    """A project of the package index, or a part of it.

    Attributes:
        name: Its normalised name.
        version: One release, as written; None for the newest.
        file_name: One file of the release; None for all.
    """

    name: str
    version: str | None = None
    file_name: str | None = None


Target: TypeAlias = PathTarget | StdinTarget | ProjectTarget


def parse(text: str) -> Target:
    """Parse a target.

    Does not look at the disk: ``pypi:x`` is a project even when a file has that name; such a file
    is written ``./pypi:x``.

    Raises:
        TargetError: The notation is not one of those above.
    """
    if not text:
        raise TargetError(f"an empty target: {_SUPPORTED}")
    if "\0" in text:
        raise TargetError(f"{text!r}: a path cannot hold a null character")
    if text == "-":
        return StdinTarget()
    scheme = _SCHEME.match(text)
    if scheme is None:
        return PathTarget(Path(text))
    rest = text[scheme.end() :]
    match scheme[1].lower():
        case "pypi":
            return _project(text, rest)
        case "pkg":
            return _package_url(text, rest)
        case unknown:
            raise TargetError(
                f"{_shown(text)}: {_meant(unknown)}; {_SUPPORTED}; "
                "write ./ before the name of a file that holds a colon"
            )


def _meant(scheme: str) -> str:
    import difflib  # noqa: PLC0415 (only for mistakes, and start-up counts)

    near = difflib.get_close_matches(scheme, _SCHEMES, 1, cutoff=0.5)
    return f"{scheme}: is not supported" + (f", did you mean {near[0]}:" if near else "")


def project_hint(path: Path) -> str:
    """Return what to add when there is no such file: it may have been meant as a project."""
    name = str(path)
    is_plain = "." not in name and is_name(name)
    return f"; write pypi:{name} for the project of that name" if is_plain else ""


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of a project, normalised or not."""
    return _NAME.fullmatch(text) is not None


def normalise(name: str) -> str:
    """Return the normalised form of a project's name (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def _project(text: str, rest: str) -> ProjectTarget:
    name, equals, version = (part.strip() for part in rest.partition("=="))
    if not name:
        raise TargetError(f"{text}: the name of the project is missing; write pypi:NAME")
    if version.startswith("=") or (not equals and re.search(r"[<>~!=@;]", name)):
        raise TargetError(
            f"{text}: only exact versions are supported; write pypi:NAME==VERSION, or pypi:NAME "
            "for the newest release"
        )
    if "[" in name:
        raise TargetError(f"{text}: extras have no files of their own; write pypi:NAME")
    if equals and not version:
        raise TargetError(f"{text}: the version is missing after ==")
    return ProjectTarget(_checked_name(text, name), _checked_version(text, version or None))


def _package_url(text: str, rest: str) -> ProjectTarget:
    rest, _, subpath = rest.partition("#")
    if subpath:
        raise TargetError(f"{text}: a subpath (#…) is not supported; leave it out")
    rest, _, query = rest.partition("?")
    kind, _, path = rest.strip("/").partition("/")
    if kind.lower() != "pypi":
        raise TargetError(
            f"{text}: packages of type {kind!r} are not supported; only pkg:pypi/… is"
        )
    path, _, version = path.rpartition("@") if "@" in path else (path, "", "")
    name = unquote(path.strip("/"))
    if not name:
        raise TargetError(f"{text}: the name of the project is missing; write pkg:pypi/NAME")
    if "/" in name:
        raise TargetError(f"{text}: a project of PyPI has no namespace; write pkg:pypi/NAME")
    qualifiers = _qualifiers(query)
    for elsewhere in ("repository_url", "download_url"):
        if elsewhere in qualifiers:
            raise TargetError(
                f"{_shown(text)}: {elsewhere} is not supported; leave it out and name the index "
                "as an option"
            )
    file_name = qualifiers.get("file_name")
    if file_name and not version:
        raise TargetError(f"{text}: file_name needs a version; write pkg:pypi/NAME@VERSION?…")
    return ProjectTarget(
        _checked_name(text, name), _checked_version(text, unquote(version) or None), file_name
    )


def _qualifiers(query: str) -> dict[str, str]:
    """Return the qualifiers that have a value: those without one do not count, says purl-spec."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {key.lower(): unquote(value) for key, _, value in pairs if value}


def _checked_name(text: str, name: str) -> str:
    if not is_name(name):
        raise TargetError(
            f"{text}: {name!r} is not the name of a project (letters, digits, - _ . inside)"
        )
    return normalise(name)


def _checked_version(text: str, version: str | None) -> str | None:
    if version is not None and not _VERSION.fullmatch(version):
        raise TargetError(f"{text}: {version!r} is not a version; write one release, such as 1.4.2")
    return version


def _shown(text: str) -> str:
    """Return a target for a message: a URL may hold a password, so only its beginning."""
    return re.sub(r"//[^/\s]*@", "//", text.partition("?")[0])
