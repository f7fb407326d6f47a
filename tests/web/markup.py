"""Reads pages as a browser does, and tells whether somebody else's text became a part of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_OURS = re.compile(r"/static/[0-9a-f]{16}/[a-z/.-]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_ADDRESSES = ("href", "src", "action", "formaction")


class Markup(HTMLParser):
    """A page that was read.

    Attributes:
        problems: What no page of ours has.
        links: All addresses of links.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        known = dict(attrs)
        is_code = tag == "script" and known.get("type") != "application/json"
        if is_code and _OURS.fullmatch(known.get("src") or "") is None:
            self.problems.append(f"script: {attrs}")
        if tag in {"iframe", "object", "embed", "style", "svg", "base"}:
            self.problems.append(f"{tag}: {attrs}")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.problems.append(f"{tag} {name}={value}")
            if name in _ADDRESSES:
                self._address(tag, value or "")
            # A field that is sent back has its text as it is.
            if name not in {"value", *_ADDRESSES} and _CONTROLS.search(value or ""):
                self.problems.append(f"{tag} {name}={value!r}")
        if tag == "a":
            self.links.append(known.get("href") or "")

    def handle_data(self, data: str) -> None:
        """Look at text."""
        if _CONTROLS.search(data):
            self.problems.append(f"text: {data!r}")

    def _address(self, tag: str, address: str) -> None:
        if not address.startswith(("/", "#", "https://")) or address.startswith("//"):
            self.problems.append(f"{tag}: {address}")
