"""A dashboard in this process, and a program that uses its API with a token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from keysift.model import Role, Secret
from keysift.store import access
from keysift.store.database import Store
from keysift.store.summaries import refresh
from keysift.web.app import application
from keysift.web.settings import WebSettings
from tests.store.samples import SEALER, catalogue
from tests.web.api.shapes import check
from tests.web.site import asking

HOST = "127.0.0.1:8000"
API = "/api/v1"


class Program:
    """Uses the API as a program with a token does.

    Attributes:
        said: What the dashboard told whoever started it.
    """

    def __init__(self, client: TestClient[Litestar], token: str | None, said: list[str]) -> None:
        self._client = client
        self._token = token
        self.said = said

    def ask(self, method: str, path: str, **options: Any) -> Response:  # noqa: ANN401 (of httpx)
        """Return the answer to a request, which is one that the document has."""
        headers = {"host": HOST} | options.pop("headers", {})
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        answer = self._client.request(method, f"{API}{path}", headers=headers, **options)
        assert answer.status_code < 500, self.said
        check(method, path, answer)
        return answer

    def get(self, path: str, /, **parameters: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the document that an address has."""
        answer = self.ask("GET", path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Response:  # noqa: ANN401 (JSON)
        """Return the answer to a body."""
        return self.ask("POST", path, json=body)

    def with_token(self, token: str | None) -> Program:
        """Return another program."""
        return Program(self._client, token, self.said)


def token(store: Store, *scopes: Role, name: str = "") -> str:
    """Return a new access token."""
    expires = datetime.now(UTC) + timedelta(days=1)
    with store.writing() as connection:
        called = name or f"token {'/'.join(one.value for one in scopes)}"
        return access.add(connection, called, scopes, expires).reveal_text()


def settings(said: list[str], **changes: Any) -> WebSettings:  # noqa: ANN401 (fields)
    """Return what the dashboard is told."""
    facts: dict[str, Any] = {
        "token": Secret(b"start" * 8),
        "hosts": frozenset({HOST}),
        "port": 8000,
        "starter": "ada",
        "catalogue": catalogue(),
        "sealer": SEALER,
        "verifying": asking(catalogue()),
        "report": said.append,
    }
    return WebSettings(**(facts | changes))


@contextmanager
def serving(
    store: Store,
    scopes: Iterable[Role] = tuple(Role),
    **changes: Any,  # noqa: ANN401 (of the settings)
) -> Iterator[Program]:
    """Serve a store, whose findings are added up first, to a program with these scopes."""
    refresh(store)
    said: list[str] = []
    made = application(store, settings(said, **changes))
    with TestClient(made, raise_server_exceptions=True) as client:
        yield Program(client, token(store, *scopes), said)
