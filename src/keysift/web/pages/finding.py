"""One finding: all that is known of it, its value once somebody wants it, and what to decide."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct
from sqlalchemy import Connection

from keysift.model import Role, TriageStatus
from keysift.store import tables as t
from keysift.store.disclosures import Disclosed, disclose
from keysift.store.queries.history import sealed_values
from keysift.store.triage import decide
from keysift.web.dashboard import Asked, Dashboard, asking, viewer
from keysift.web.finding.loaded import loaded
from keysift.web.finding.values import Kept, kept
from keysift.web.findings.decision import NOTE_CHARACTERS, checked_note, checked_status
from keysift.web.identity import needs
from keysift.web.refusals import UnknownError
from keysift.web.shown import Column
from keysift.web.templating import back, page

_LARGEST: Final = 2**53
"""No number of a secret is that large, and databases refuse larger ones."""


_COLUMNS: Final = {
    "lives": [
        *(Column(name) for name in ("Project", "Introduced", "Last seen", "Now", "In")),
        *(Column(name, kind="number") for name in ("Releases", "Files", "Places")),
    ],
    "places": [
        *(Column(name) for name in ("Release", "File", "Path")),
        *(Column(name, kind="number") for name in ("Line", "Column")),
        Column("Confidence"),
    ],
}


class Decided(Struct, frozen=True):
    """What the form of the decision sends.

    Attributes:
        status: The decision.
        note: Why.
    """

    status: str = ""
    note: str = ""


@get("/findings/{secret:int}", sync_to_thread=True)
def finding_page(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    secret: FromPath[int],
    place: FromQuery[int] = 0,
) -> Template:
    """Show all that is known of a finding."""
    return _shown(request, dashboard, secret, offset=place)


@post("/findings/{secret:int}/triage", opt=needs(Role.TRIAGE), status_code=303, sync_to_thread=True)
def triage_finding(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    secret: FromPath[int],
    data: URLEncodedBody[Decided],
) -> Redirect:
    """Write down what somebody decided."""
    status, note = checked_status(data.status), checked_note(data.note)
    with dashboard.store.writing(durable=True) as connection:
        _check(connection, secret)
        decide(connection, secret, status, note=note, author=asking(request).name)
    sentence = f"Finding {secret} is {_words(status.value)} now."
    return back(request, _address(secret), "good", sentence)


@post("/findings/{secret:int}/reveal", opt=needs(Role.REVEAL), status_code=200, sync_to_thread=True)
def reveal_finding(
    request: Asked, dashboard: NamedDependency[Dashboard], secret: FromPath[int]
) -> Template | Redirect:
    """Show the values of a finding, once, after it was written down who sees them."""
    with dashboard.store.reading() as connection:
        _check(connection, secret)
        sealed = sealed_values(connection, [secret]).get(secret, {})
    sealer = dashboard.settings.sealer
    state = kept(sealed, sealer)
    if state is not Kept.YES or sealer is None:
        return back(request, _address(secret), "bad", state.sentence)
    disclosed = disclose(dashboard.store, sealer, secret, viewer(request, dashboard, "page"))
    return _shown(request, dashboard, secret, disclosed=disclosed)


def _shown(
    request: Asked,
    dashboard: Dashboard,
    secret: int,
    *,
    offset: int = 0,
    disclosed: Disclosed | None = None,
) -> Template:
    offset = min(max(0, offset), _LARGEST)
    with dashboard.store.reading() as connection:
        _check(connection, secret)
        shown = loaded(connection, dashboard.settings, secret, offset=offset, disclosed=disclosed)
    return page(
        request,
        "finding.html",
        finding=shown,
        columns=_COLUMNS,
        statuses=[one.value for one in TriageStatus],
        note_characters=NOTE_CHARACTERS,
    )


def _check(connection: Connection, secret: int) -> None:
    """Refuse a number that no secret has.

    Raises:
        UnknownError: There is no such secret.
    """
    query = sa.select(t.secrets.c.id).where(t.secrets.c.id == secret)
    if not 0 < secret < _LARGEST or connection.scalar(query) is None:
        raise UnknownError("There is no finding of this number.")


def _address(secret: int) -> str:
    return f"/findings/{secret}"


def _words(status: str) -> str:
    return status.replace("-", " ")


HANDLERS: Final[list[HTTPRouteHandler]] = [finding_page, triage_finding, reveal_finding]
