"""The pages of the index that the tests run against, in JSON (PEP 691) and HTML (PEP 503)."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping

from msgspec import Struct


class Hosted(Struct, frozen=True, kw_only=True):
    """A file of a project, and what the index says about it.

    Attributes:
        content: The bytes, or what makes them when they are asked for.
        hashes: Announced digests.
        size_bytes: Announced size.
        uploaded: Announced time, in ISO 8601.
        yanked: None, or the reason (may be empty).
        url: Where the index says it is; None for this server.
    """

    content: bytes | Callable[[], bytes]
    hashes: Mapping[str, str]
    size_bytes: int | None
    uploaded: str | None = None
    yanked: str | None = None
    url: str | None = None

    def body(self) -> bytes:
        """Return the bytes."""
        return self.content if isinstance(self.content, bytes) else self.content()


def list_json(serials: Mapping[str, int | None], meta: Mapping[str, object]) -> bytes:
    """Return the list of all projects."""
    projects: list[dict[str, object]] = [
        {"name": name} if serial is None else {"name": name, "_last-serial": serial}
        for name, serial in serials.items()
    ]
    return json.dumps({"meta": meta, "projects": projects}).encode()


def list_html(names: Mapping[str, object]) -> bytes:
    """Return the same as a page."""
    shown = [html.escape(name) for name in names]
    return _page("", [f'<a href="/simple/{name}/">{name}</a>' for name in shown])


def project_json(
    project: str, files: Mapping[str, Hosted], status: str | None, meta: Mapping[str, object]
) -> bytes:
    """Return what the index says about a project."""
    entries = []
    for name, hosted in files.items():
        entry: dict[str, object] = {
            "filename": name,
            "url": _address(project, name, hosted),
            "hashes": dict(hosted.hashes),
            "yanked": False if hosted.yanked is None else hosted.yanked or True,
        }
        if hosted.size_bytes is not None:
            entry["size"] = hosted.size_bytes
        if hosted.uploaded is not None:
            entry["upload-time"] = hosted.uploaded
        entries.append(entry)
    page: dict[str, object] = {"meta": meta, "name": project, "files": entries}
    if status is not None:
        page["project-status"] = {"status": status}
    return json.dumps(page).encode()


def project_html(project: str, files: Mapping[str, Hosted], status: str | None) -> bytes:
    """Return the same as a page."""
    links = ['<a href="../">Parent directory</a>']
    for name, hosted in files.items():
        digest = next((f"#{kind}={value}" for kind, value in hosted.hashes.items()), "")
        yanked = "" if hosted.yanked is None else f' data-yanked="{html.escape(hosted.yanked)}"'
        address = html.escape(_address(project, name, hosted) + digest)
        links.append(f'<a href="{address}"{yanked}>{html.escape(name)}</a>')
    meta = "" if status is None else f'<meta name="pypi:project-status" content="{status}">'
    return _page(meta, links)


def _page(head: str, links: list[str]) -> bytes:
    body = "<br>".join(links)
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def _address(project: str, name: str, hosted: Hosted) -> str:
    return hosted.url or f"../../files/{project}/{name}"
