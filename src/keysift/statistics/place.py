"""What kind of file a secret stands in, by its path alone: nothing is opened again for this."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from keysift.detect.setting import Setting, setting_of_path


class Place(Enum):
    """A kind of file. The first of these that a path fits is its place.

    The form comes first (bytecode and notebooks are what they are wherever they stand), then the
    role that the path names, by the rules that make a match less sure there
    (``keysift.detect.setting``), then what such files are for.

    Attributes:
        BYTECODE: Compiled Python.
        NOTEBOOK: Jupyter notebooks.
        README: A README, or package metadata, which repeats it.
        DOCUMENTATION: Other documentation: its usual folders, names and formats.
        EXAMPLE: Examples, samples, demos, tutorials' code.
        TEST: Tests and what belongs to them: fixtures, recordings, benchmarks.
        CONFIGURATION: Settings, in any language, and files of keys and credentials.
        SOURCE: Programs, scripts, templates, web pages.
        DATA: Everything that is read by programs and not written as one: JSON, tables, databases,
            logs, pictures, archives.
        OTHER: Whatever is left.
    """

    BYTECODE = "bytecode"
    NOTEBOOK = "notebook"
    README = "readme"
    DOCUMENTATION = "documentation"
    EXAMPLE = "example"
    TEST = "test"
    CONFIGURATION = "configuration"
    SOURCE = "source"
    DATA = "data"
    OTHER = "other"


PLACES: Final = tuple(Place)


def _words(text: str) -> list[str]:
    return text.split()


BYTECODE: Final = frozenset({"pyc", "pyo"})
"""Extensions of compiled Python."""

_DOCUMENTS: Final = frozenset({"rst", "md", "mdx", "adoc"})
_SETTINGS: Final = frozenset(
    _words(
        "cfg conf config desktop env htpasswd ini jks key keystore netrc npmrc ovpn p12 pem"
        " pfx ppk properties pypirc service tf tfvars toml yaml yml"
    )
)
_PROGRAMS: Final = frozenset(
    _words(
        "asm bash bat c cc clj cmd coffee cpp cs css cxx dart ejs el erl ex exs f f90 fish go"
        " gradle graphql groovy h haml hpp hs htm html ipp j2 java jinja jinja2 jl js jsx kt"
        " kts less lisp lua m mako mjs ml mm nim php pl pm proto ps1 pug pxd py pyi pyw pyx r"
        " rake rb rs sass scala scss sh sol sql svelte swift tcl tmpl ts tsx v vb vue xsl xslt"
        " zig zsh"
    )
)
_DATA: Final = frozenset(
    _words(
        "7z arff avro bin bmp bz2 crt csv dat data db der docx dump exe gif gz h5 har ico jar"
        " jpeg jpg json json5 jsonl lock log map mo ndjson npy npz parquet pcap pdf pickle pkl"
        " plist png po pot pptx pub rtf sav so sqlite sqlite3 svg tar tfstate tgz tsv txt wasm"
        " webp whl xls xlsx xml xz zip zst"
    )
)
_KNOWN: Final = BYTECODE | _DOCUMENTS | _SETTINGS | _PROGRAMS | _DATA | {"ipynb"}

NO_EXTENSION: Final = "none"
"""Name of the group of files without an extension."""
OTHER_EXTENSION: Final = "other"
"""Name of the group of all extensions that are not listed here: names may stand in them."""

_README: Final = re.compile(r"readme(?:[._].*)?|pkg-info|metadata")
_EXAMPLE: Final = re.compile(r"(?:.*[_.-])?(?:example|sample|demo)s?(?:[_.-].*)?")
_TESTING: Final = re.compile(r"(?:.*[_.-])?tests?(?:[_.-].*)?|conftest\.py")
_NAMED_SETTINGS: Final = re.compile(
    # Files that configure, whatever they are written in.
    r"\.[a-z]+rc|\.env(?:[._-].*)?|dockerfile.*|docker-compose.*|vagrantfile|makefile|procfile"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|credentials|\.git-credentials|\.dockercfg|\.pgpass|\.s3cfg"
    r"|\.boto|(?:.*[_.-])?(?:settings?|config(?:uration)?s?|conf|secrets?|credentials?)"
    r"(?:[_.-](?:local|dev|prod|production|development|staging|default|base))?\.[a-z0-9]+"
)
_SPLIT: Final = re.compile(r"[/!]+")


_RELEASE: Final = re.compile(r"[\w.-]*\w-\d[\w.+!-]*")
"""The folder that everything in an sdist stands in: a project's name says nothing."""


class File(Struct, frozen=True):
    """What a path says.

    Attributes:
        number: Of the kind of file, in ``PLACES``: counting by a number is cheaper.
        extension: Its extension.
    """

    number: int
    extension: str


def file_of(path: str) -> File:
    """Return what a path inside an artifact says.

    Args:
        path: As in ``Blob.path``; of an archive inside an archive all of it counts.
    """
    folder, slash, rest = path.partition("/")
    return _file_of(rest if slash and _RELEASE.fullmatch(folder) else path)


def place_of(path: str) -> Place:
    """Return the kind of file that a path inside an artifact names."""
    return PLACES[file_of(path).number]


def extension_of(path: str) -> str:
    """Return the extension of a path's last name, in lower case, without the dot.

    It is ``none`` for a name without one, and ``other`` for one that is not among those that are
    known here, so that what it says can be published. Of a name that begins with a dot and has no
    other, such as ``.env``, it is what comes after that.
    """
    return file_of(path).extension


# The same paths come again with each release; what is kept is bounded.
@lru_cache(maxsize=1 << 16)
def _file_of(path: str) -> File:
    parts = [part for part in _SPLIT.split(path.lower()) if part]
    extension = _extension(parts[-1] if parts else "")
    return File(PLACES.index(_place(path, parts, extension)), extension)


def _extension(name: str) -> str:
    _, dot, extension = name.rpartition(".")
    if not dot:
        return NO_EXTENSION
    return extension if extension in _KNOWN else OTHER_EXTENSION


def _place(path: str, parts: list[str], extension: str) -> Place:
    if extension in BYTECODE:
        return Place.BYTECODE
    if extension == "ipynb":
        return Place.NOTEBOOK
    name = parts[-1] if parts else ""
    if _README.fullmatch(name):
        return Place.README
    # The folder of the release is gone; one that only looks like it names something.
    setting = setting_of_path(f"./{path}")
    if setting is Setting.DOCUMENTATION or extension in _DOCUMENTS:
        return Place.DOCUMENTATION
    if setting is Setting.TEST:
        is_example = any(map(_EXAMPLE.fullmatch, parts))
        return Place.EXAMPLE if is_example and not _is_test(parts) else Place.TEST
    return _by_use(name, extension)


def _is_test(parts: list[str]) -> bool:
    return any(map(_TESTING.fullmatch, parts))


def _by_use(name: str, extension: str) -> Place:
    if extension in _SETTINGS or _NAMED_SETTINGS.fullmatch(name):
        return Place.CONFIGURATION
    if extension in _PROGRAMS:
        return Place.SOURCE
    return Place.DATA if extension in _DATA else Place.OTHER
