"""Somebody who looks at the dashboard of a store: logged in, with a role."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from typing import Any
from urllib.parse import urlencode

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from keysift.model import Role
from keysift.store.database import Store
from keysift.web.identity import Identity, Source
from keysift.web.sessions import Session
from keysift.web.settings import WebSettings
from tests.web.site import ORIGIN, client, site

_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")


@contextmanager
def visiting(store: Store, told: WebSettings, role: Role = Role.REVEAL) -> Iterator[Visit]:
    """Give somebody who is logged in.

    Args:
        store: The store.
        told: What the dashboard is told.
        role: What they may do.
    """
    running = site(store, told)
    value, session = running.dashboard.sessions.begin(
        Identity("ada", role.included, Source.START_TOKEN)
    )
    with client(running) as asking:
        asking.cookies.set(told.cookie, value)
        yield Visit(asking, session, running.reports)


class Visit:
    """A session.

    Attributes:
        reports: What whoever started the dashboard was told.
    """

    def __init__(self, asking: TestClient[Litestar], session: Session, reports: list[str]) -> None:
        self._asking = asking
        self._session = session
        self.reports = reports

    def get(self, address: str) -> Response:
        """Open a page."""
        return self._asking.get(address)

    def post(
        self, address: str, fields: Mapping[str, Any] | None = None, *, csrf: str | None = None
    ) -> Response:
        """Send a form.

        Args:
            address: Where to.
            fields: Its fields; a list for a field that is there several times.
            csrf: What the form says of the session; None: what is right.
        """
        token = self._session.csrf if csrf is None else csrf
        return self._asking.post(
            address,
            content=urlencode({"_csrf": token} | dict(fields or {}), doseq=True),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "origin": ORIGIN,
                "sec-fetch-site": "same-origin",
            },
        )


def words(answer: Response) -> str:
    """Return the text of a page, without its markup."""
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", answer.text))).strip()
