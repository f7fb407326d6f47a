"""Names of members: never resolved anywhere, only shown, so they must be printable."""

from __future__ import annotations

from typing import Final

from keysift.unpack.kind import Kind

NESTING: Final = "!/"
"""Stands between the path of a container and the path of its member."""

_LONGEST: Final = 4096
_SUFFIXES: Final = {
    Kind.GZIP: ((".gz", ""), (".tgz", ".tar"), (".gzip", ""), (".svgz", ".svg"), (".z", "")),
    Kind.BZIP2: ((".bz2", ""), (".tbz2", ".tar"), (".tbz", ".tar")),
    Kind.XZ: ((".xz", ""), (".txz", ".tar")),
    Kind.LZMA: ((".lzma", ""), (".tlz", ".tar"), (".xz", "")),
    Kind.ZSTD: ((".zst", ""), (".zstd", ""), (".tzst", ".tar")),
    Kind.ZLIB: ((".zlib", ""), (".zz", ""), (".z", "")),
}


def text(raw: bytes, fallback: str = "latin-1") -> str:
    """Decode a stored name: UTF-8, else ``fallback``, a code page that knows every byte."""
    try:
        return printable(raw.decode())
    except UnicodeDecodeError:
        return printable(raw.decode(fallback))


def printable(name: str) -> str:
    """Replace what a terminal would act on, or not show, by escapes; cut absurd lengths."""
    if len(name) > _LONGEST:
        name = name[:_LONGEST] + "…"
    if name.isprintable():
        return name
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in name
    )


def uncompressed(name: str, kind: Kind) -> str:
    """Name the content of a compressed file by the name of that file (the last component)."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    lowered = name.lower()
    for suffix, instead in _SUFFIXES.get(kind, ()):
        if lowered.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + instead
    return name or "content"
