"""What the content of a file must show before its name speaks against it.

A predicate gets the first bytes of a file: all of it, unless it is larger than a segment of
``keysift.unpack``. It is hostile input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec import Struct

_ASSIGNMENT: Final = rb"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_.]{0,99}[ \t]*=[ \t]*[^\s#]"
# A variable with a value, as every reader of such files takes it; not one that is left empty.

_CREDENTIAL: Final = (
    rb"(?i)(?:pass(?:word|wd)?|token|secret|api[-_]?key|private[-_]?key|\bkey|auth|credentials?)"
    rb"[\w.-]{0,40}[\"']?[ \t]*[:= \t][ \t]*[\"']?[^\s\"'{}\[\],#;]{3}"
    rb"|://[^/\s:@]{1,99}:[^/\s@]{1,199}@|^[^:\s]{1,99}:[^:\s]{8}|-BEGIN [A-Z ]{0,20}PRIVATE"
)
_NPM_TOKEN: Final = rb"(?i)(?::_authToken|:?_auth|:_password)[ \t]*=[ \t]*[^\s$#]"
_ENVIRONMENT: Final = (
    rb"[\"'](?:[\w.]{1,60}\.)?env(?:\.\w{1,20})?[\"']\s{0,20}:\s{0,20}\{\s{0,200}[\"']"
    rb"|(?m:^[ \t]*\[[^\]\n]{1,99}\.env\][ \t]*$)|\benv[ \t]*=[ \t]*\{[^}\n]{0,20}="
)
_SQLITE: Final = b"SQLite format 3\0"
_ELF: Final = b"\x7fELF"
_ELF_TYPE: Final = slice(16, 18)
_ELF_CORE: Final = (b"\4\0", b"\0\4")


def _holds_assignment(content: bytes) -> bool:
    return re.search(_ASSIGNMENT, content) is not None


def _holds_credential(content: bytes) -> bool:
    return re.search(_CREDENTIAL, content) is not None


def _holds_npm_token(content: bytes) -> bool:
    return re.search(_NPM_TOKEN, content) is not None


def _holds_environment(content: bytes) -> bool:
    return re.search(_ENVIRONMENT, content) is not None


def _is_sqlite(content: bytes) -> bool:
    return content.startswith(_SQLITE)


def _is_elf_core(content: bytes) -> bool:
    """Tell a core file (ET_CORE of the ELF specification) of either byte order."""
    return content.startswith(_ELF) and content[_ELF_TYPE] in _ELF_CORE


class _Cell(Struct):
    outputs: list[msgspec.Raw] = []


class _Notebook(Struct):
    cells: list[_Cell] = []


def _has_outputs(content: bytes) -> bool:
    """Tell whether a cell of a notebook (nbformat 4) has output; one that cannot be read may."""
    try:
        notebook = msgspec.json.decode(content, type=_Notebook)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b'"output_type"' in content
    return any(cell.outputs for cell in notebook.cells)


PREDICATES: Final[Mapping[str, Callable[[bytes], bool]]] = MappingProxyType(
    {
        "assignment": _holds_assignment,
        "credential": _holds_credential,
        "npm-token": _holds_npm_token,
        "environment": _holds_environment,
        "sqlite": _is_sqlite,
        "elf-core": _is_elf_core,
        "outputs": _has_outputs,
    }
)
"""By the name in ``Rule.holds``."""
