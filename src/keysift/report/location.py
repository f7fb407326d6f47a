"""File names as the URIs of RFC 3986, relative wherever they can be."""

from __future__ import annotations

import posixpath
from urllib.parse import quote


def file_uri(path: str, root: str | None = None) -> str:
    """Return the URI reference of a ``/``-separated path, percent-encoded.

    What lies below ``root`` becomes relative to it. An absolute path elsewhere, POSIX or with a
    drive letter, becomes a ``file`` URI. Bytes that are not UTF-8 (surrogate escapes) are encoded
    as they are.

    Args:
        path: A path, absolute or relative to the working directory.
        root: The working directory; None to take paths as they are.
    """
    if root is not None:
        path = path_below(path, root, root)
    if path.startswith("/"):
        return "file://" + _encode(path)
    if _is_absolute(path):
        return f"file:///{path[0]}:" + _encode(path[2:])
    return _encode(path.removeprefix("./"))


def path_below(path: str, directory: str, root: str) -> str:
    """Return a ``/``-separated path relative to ``root``, absolute when it is not below that.

    Args:
        path: A path, absolute or relative to ``directory``.
        directory: The working directory.
        root: What viewers take paths to be relative to.
    """
    whole = posixpath.normpath(path if _is_absolute(path) else posixpath.join(directory, path))
    return whole.removeprefix(posixpath.normpath(root).rstrip("/") + "/")


def release_uri(purl: str) -> str:
    """Return a relative reference for a file of a registry: ``pypi/shop/2.1/shop-2.1.tar.gz``.

    A viewer that matches places with a checkout refuses a whole log with another scheme than
    ``file`` in it, so the package URL itself cannot be a location.
    """
    release, _, file_name = purl.removeprefix("pkg:").partition("?file_name=")
    return "/".join(piece for piece in (release.replace("@", "/"), file_name) if piece)


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:3] == ":/"


def _encode(path: str) -> str:
    try:
        raw = path.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        raw = path.encode(errors="backslashreplace")
    return quote(raw, safe="/")
