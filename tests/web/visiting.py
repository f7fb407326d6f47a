"""Somebody who looks at the dashboard of a store: logged in, with a role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import urlencode

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from keysift.model import Role, Secret
from keysift.store.database import Store
from keysift.store.sealing import Sealer
from keysift.web.app import of_dashboard
from keysift.web.dashboard import Dashboard
from keysift.web.identity import Identity, Source
from keysift.web.settings import WebSettings
from tests.store.samples import SEALER, catalogue

HOST = "127.0.0.1:8000"
ORIGIN = f"http://{HOST}"
_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")


class Visit:
    """A session.

    Args:
        store: The store.
        role: What they may do.
        sealer: What opens values.

    Attributes:
        reports: What whoever started the dashboard was told.
    """

    def __init__(
        self, store: Store, role: Role = Role.REVEAL, *, sealer: Sealer | None = SEALER
    ) -> None:
        self.reports: list[str] = []
        settings = WebSettings(
            token=Secret(b"t" * 43),
            hosts=frozenset({HOST}),
            port=8000,
            starter="ada",
            catalogue=catalogue(),
            sealer=sealer,
            report=self.reports.append,
        )
        dashboard = Dashboard(store, settings)
        value, self._session = dashboard.sessions.begin(
            Identity("ada", role.included, Source.START_TOKEN)
        )
        self.client: TestClient[Litestar] = TestClient(of_dashboard(dashboard), base_url=ORIGIN)
        self.client.cookies.set(settings.cookie, value)

    def get(self, address: str) -> Response:
        """Open a page."""
        return self.client.get(address, follow_redirects=False)

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
        return self.client.post(
            address,
            content=urlencode({"_csrf": token} | dict(fields or {}), doseq=True),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "origin": ORIGIN,
                "sec-fetch-site": "same-origin",
            },
            follow_redirects=False,
        )


def words(answer: Response) -> str:
    """Return the text of a page, without its markup."""
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", answer.text))).strip()
