"""File names as the URIs of RFC 3986, relative wherever they can be."""

from __future__ import annotations

from urllib.parse import quote


def file_uri(path: str) -> str:
    """Return the URI reference of a ``/``-separated path, percent-encoded.

    A relative path stays relative, without ``./``; an absolute one, POSIX or with a drive letter,
    becomes a ``file`` URI. Bytes that are not UTF-8 (surrogate escapes) are encoded as they are.
    """
    if path.startswith("/"):
        return "file://" + _encode(path)
    if len(path) > 2 and path[1:3] == ":/":
        return f"file:///{path[0]}:" + _encode(path[2:])
    return _encode(path.removeprefix("./"))


def archive_uri(target: str, artifact: str) -> str:
    """Return the URI of a local archive that was found through ``target``.

    The artifact is either a path that begins with the target, or a name: of the target itself, or
    of a file below it.
    """
    folder = target.replace("\\", "/").removeprefix("./")
    name = artifact.removeprefix("./")
    if name == folder or name.startswith(f"{folder.rstrip('/')}/"):
        return file_uri(name)
    if folder.endswith(f"/{name}"):
        return file_uri(folder)
    if folder in {"", "."}:
        return file_uri(name)
    return file_uri(f"{folder.rstrip('/')}/{name}")


def _encode(path: str) -> str:
    try:
        raw = path.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        raw = path.encode(errors="backslashreplace")
    return quote(raw, safe="/")
