"""Wheels and sdists for tests, made of texts."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

METADATA: Final = "Metadata-Version: 2.1\nName: demo\nVersion: {version}\n"


def write_wheel(
    directory: Path,
    members: Mapping[str, str | bytes],
    *,
    version: str = "1.0",
    tag: str = "py3-none-any",
    generator: str = "",
) -> Path:
    """Write a wheel of the project ``demo`` with these members, and its metadata."""
    info = f"demo-{version}.dist-info"
    whole: dict[str, str | bytes] = {
        **members,
        f"{info}/METADATA": METADATA.format(version=version),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: {generator}\nTag: {tag}\n",
        f"{info}/RECORD": "",
    }
    path = directory / f"demo-{version}-{tag}.whl"
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return path


def write_sdist(
    directory: Path, members: Mapping[str, str | bytes], *, version: str = "1.0"
) -> Path:
    """Write an sdist of the project ``demo`` with these members, and its metadata."""
    path = directory / f"demo-{version}.tar.gz"
    directory.mkdir(parents=True, exist_ok=True)
    whole: dict[str, str | bytes] = {**members, "PKG-INFO": METADATA.format(version=version)}
    with tarfile.open(path, "w:gz") as archive:
        for name, content in whole.items():
            raw = content if isinstance(content, bytes) else content.encode()
            entry = tarfile.TarInfo(f"demo-{version}/{name}")
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))
    return path
