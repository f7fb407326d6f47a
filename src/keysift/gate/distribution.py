"""A distribution: the wheel or sdist that is about to be published, as far as rules need it.

Nothing is read twice: a ``Listing`` is told of each member while it is scanned for secrets.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar

from isal import isal_zlib
from msgspec import Struct, field
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from keysift.errors import TargetError
from keysift.gate.unwanted import Noticed, notice
from keysift.model import Blob, Skip
from keysift.sources.files import LocalFile, shown

_SDIST: Final = (".tar.gz", ".zip")
_SIGNATURE: Final = (".asc", ".sig", ".sigstore", ".sigstore.json", ".attestation")
"""Are uploaded with a distribution, and hold nothing of a project."""

_MAX_DOCUMENT: Final = 1 << 20
_DOCUMENTS: Final = re.compile(
    r"(?:pyproject\.toml|setup\.cfg|setup\.py|PKG-INFO"
    r"|[^/]+\.dist-info/(?:WHEEL|METADATA|RECORD|top_level\.txt)|[^/]+\.egg-info/top_level\.txt)"
)


class Kind(Enum):
    """What a file is that is uploaded. The value is the word in reports."""

    WHEEL = "wheel"
    SDIST = "sdist"
    SIGNATURE = "signature"


class Named(Struct, frozen=True):
    """A file of a release, by its name alone.

    Attributes:
        display: Its path as shown, or its name in an index.
        kind: What it is.
        project: Normalised name; empty for a signature.
        version: As the name has it; empty for a signature.
        tags: The tags of a wheel (``py3-none-any``), sorted.
    """

    display: str
    kind: Kind
    project: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()


class Member(Struct, frozen=True):
    """A file in a distribution.

    Attributes:
        size_bytes: Its size.
        crc: CRC-32 of its content, or of its first segment (``keysift.unpack.budget``).
    """

    size_bytes: int
    crc: int


class Distribution(Struct, frozen=True, kw_only=True):
    """What a wheel or an sdist holds.

    Attributes:
        named: What its name says.
        root: The directory that all of an sdist stands in, with its ``/``; empty for a wheel.
        members: By path below the root.
        documents: Content of files that say how it was made, by path below the root.
        noticed: Members that break a rule about files, by path below the root.
        is_listed: False when members may be missing, because it could not be read to its end.
    """

    named: Named
    root: str
    members: Mapping[str, Member]
    documents: Mapping[str, bytes] = field(default_factory=dict)
    noticed: Mapping[str, Noticed] = field(default_factory=dict)
    is_listed: bool = True

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.named.kind

    @property
    def display(self) -> str:
        """Its path as shown."""
        return self.named.display

    def document(self, ending: str) -> bytes | None:
        """Return the content of the file of a wheel's or sdist's own metadata that ends so."""
        return next(
            (content for path, content in self.documents.items() if path.endswith(ending)), None
        )


def name(display: str) -> Named:
    """Return what the name of a file says about it.

    Args:
        display: Its path as shown, or its name in an index.

    Raises:
        TargetError: It is not the name of a wheel, an sdist or a signature.
    """
    text = display.rpartition("/")[2]
    try:
        if text.endswith(".whl"):
            project, version, _, tags = parse_wheel_filename(text)
            return Named(display, Kind.WHEEL, project, str(version), tuple(sorted(map(str, tags))))
        if text.endswith(_SDIST):
            project, version = parse_sdist_filename(text)
            return Named(display, Kind.SDIST, project, str(version))
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise TargetError(f"{display}: {error}; build it again") from None
    if text.endswith(_SIGNATURE):
        return Named(display, Kind.SIGNATURE)
    raise TargetError(
        f"{display}: is no distribution; check takes wheels (.whl), sdists (.tar.gz) and "
        "directories of them; keysift scan looks at anything"
    )


def find(targets: Sequence[str]) -> list[tuple[LocalFile, Named]]:
    """Return the distributions that are meant, in the order of their paths.

    Args:
        targets: Files, and directories that hold some.

    Raises:
        TargetError: There is no such file, it is no distribution, or a directory holds none.
    """
    found: dict[str, tuple[LocalFile, Named]] = {}
    for target in targets:
        files = [file for path in _expanded(target) for file in _files(target, path)]
        for file in files:
            found.setdefault(os.path.realpath(file.path), (file, name(file.display)))
    return sorted(found.values(), key=lambda one: one[1].display)


def _expanded(target: str) -> list[Path]:
    """Return what a pattern stands for, where no shell has said it: on Windows."""
    path = Path(target)
    if path.exists() or not glob.has_magic(target):
        return [path]
    return list(map(Path, sorted(glob.glob(target)))) or [path]  # noqa: PTH207 (of an absolute path too)


def _files(target: str, path: Path) -> list[LocalFile]:
    return _listed(target, path) if path.is_dir() else [_file(target, path)]


def _file(target: str, path: Path) -> LocalFile:
    try:
        return LocalFile(target, str(path), shown(path), path.stat().st_size)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise TargetError(f"{shown(path)}: {(reason or 'cannot be read').lower()}") from None


def _listed(target: str, directory: Path) -> list[LocalFile]:
    """Return the distributions in a directory; other files of it are not uploaded."""
    try:
        paths = sorted(path for path in directory.iterdir() if path.is_file())
    except OSError as error:
        raise TargetError(f"{shown(directory)}: {error.strerror}") from None
    files = [
        _file(target, path)
        for path in paths
        if path.name.endswith((".whl", *_SDIST, *_SIGNATURE)) and not path.name.startswith(".")
    ]
    if not any(not file.name.endswith(_SIGNATURE) for file in files):
        raise TargetError(f"{shown(directory)}: holds no wheel and no sdist; build them first")
    return files


class Listing:
    """Notes the members of one distribution while it is scanned."""

    def __init__(self, named: Named) -> None:
        self._named = named
        self._found: dict[str, Member] = {}
        self._documents: dict[str, bytes] = {}
        self._noticed: dict[str, Noticed] = {}
        self._is_listed = True

    def note(self, item: Blob | Skip) -> None:
        """Take note of what came out of the file."""
        if isinstance(item, Skip):
            self._is_listed = self._is_listed and not (item.reason.is_gap and not item.path)
            return
        if item.part is not None:
            return  # Bytes of the archive that are no member.
        size = item.base.offset + len(item.content)
        if item.base.offset:
            crc = self._found[item.path].crc
            self._found[item.path] = Member(size, crc)
            return
        self._found[item.path] = Member(size, isal_zlib.crc32(item.content))
        # Everything in an sdist stands in one directory, which says nothing.
        below = item.path.partition("/")[2] if self._named.kind is Kind.SDIST else item.path
        noticed = notice(below, item.content, self._named.project)
        if noticed is not None:
            self._noticed[item.path] = noticed
        if _DOCUMENTS.fullmatch(below) and size <= _MAX_DOCUMENT:
            self._documents[item.path] = item.content

    def distribution(self) -> Distribution:
        """Return what it holds."""
        root = ""
        if self._named.kind is Kind.SDIST:
            roots = {path.partition("/")[0] for path in self._found}
            root = f"{roots.pop()}/" if len(roots) == 1 else ""
        return Distribution(
            named=self._named,
            root=root,
            members=_below(root, self._found),
            documents=_below(root, self._documents),
            noticed=_below(root, self._noticed),
            is_listed=self._is_listed,
        )


_T = TypeVar("_T")


def _below(root: str, by_path: Mapping[str, _T]) -> dict[str, _T]:
    return {path.removeprefix(root): one for path, one in by_path.items()}
