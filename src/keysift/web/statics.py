"""Style, scripts and pictures: the same for everybody, and kept by browsers until they change."""

from __future__ import annotations

import hashlib
import mimetypes
from importlib import resources
from pathlib import Path
from typing import Final

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.static_files import create_static_files_router

from keysift.web.identity import public

FOLDER: Final = Path(str(resources.files("keysift.web"))) / "static"

_YEAR_S: Final = 365 * 24 * 3600


def version() -> str:
    """Return what changes with any of the files; a part of their addresses.

    So a script that imports another one gets the one that came with it.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            digest.update(
                f"{path.relative_to(FOLDER).as_posix()}\0{path.stat().st_size}\0".encode()
            )
            digest.update(path.read_bytes())
    return digest.hexdigest()


def static_files(path: str) -> Router:
    """Return what serves the files below a path."""
    # Systems may call scripts something that browsers refuse to run, such as text/plain.
    mimetypes.add_type("text/javascript", ".js")
    return create_static_files_router(
        path,
        [FOLDER],
        cache_control=CacheControlHeader(public=True, max_age=_YEAR_S, immutable=True),
        # These alone: a page has text that its reader chose, and tokens; compressed together, the
        # length of an answer would tell an eavesdropper about them (BREACH).
        middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip"))],
        opt=public(),
    )
