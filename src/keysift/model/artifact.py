"""Artifact: one file of a release, or one local file that a user named."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from keysift.model.commit import Commit


class Artifact(Struct, frozen=True, kw_only=True):
    """Where blobs come from, with what the registry said about it.

    Attributes:
        target: What the user asked for, as written (``pypi:paramiko``, ``dist/a.whl``).
        name: The file name of a registry artifact; the path as shown of a local file.
        project: The normalised project name, when known.
        version: The release, when known.
        purl: A package URL (``pkg:pypi/paramiko@3.5.0?file_name=…``), for registry artifacts.
        sha256: Lower-case hex digest of the whole file, when known.
        size_bytes: Size of the file, when known.
        uploaded: The registry's upload time, in UTC.
        yanked: None when not yanked, else the reason the index gives (may be empty).
        commit: As in ``Occurrence``.
        in_head: As in ``Occurrence``.
        is_container: True for archives, False for a loose file whose blob it is itself.
    """

    target: str
    name: str
    project: str | None = None
    version: str | None = None
    purl: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    uploaded: datetime | None = None
    yanked: str | None = None
    commit: Commit | None = None
    in_head: bool | None = None
    is_container: bool = True
