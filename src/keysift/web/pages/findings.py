"""All findings: filter, sort, page, decide about many, save what was asked, take it along."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Stream, Template
from msgspec import Struct

from keysift.model import Role, TriageStatus
from keysift.report.summary import count
from keysift.store.queries.find import all_of
from keysift.store.triage import decide_all
from keysift.store.views import forget, save, views
from keysift.web.dashboard import Asked, Dashboard, asking
from keysift.web.findings.asked import Question, question, question_of
from keysift.web.findings.decision import (
    NOTE_CHARACTERS,
    checked_note,
    checked_status,
    existing,
)
from keysift.web.findings.export import FORMATS, exported
from keysift.web.findings.shown import facets_of, findings_page
from keysift.web.identity import needs
from keysift.web.refusals import ForbiddenError, SenselessError, UnknownError
from keysift.web.shown import Column
from keysift.web.templating import back, page

VIEWS: Final = 50
"""Lists that one person may save."""

_NAME: Final = 60
"""Characters of the name of a saved list."""


_LARGEST: Final = 2**53


class Bulk(Struct, frozen=True):
    """What the form of decisions sends.

    Attributes:
        secret: Numbers of the findings that are ticked.
        all: Whether it is about all that match the filter.
        number: How many these were on the page that asked to confirm; empty: nobody was asked.
        query: What the list was asked for.
        status: The decision.
        note: Why.
    """

    secret: str | list[str] = ""
    all: str = ""
    number: str = ""
    query: str = ""
    status: str = ""
    note: str = ""

    @property
    def ticked(self) -> list[str]:
        """Numbers of the findings that are ticked, as they came."""
        words = [self.secret] if isinstance(self.secret, str) else self.secret
        return [word for word in words if word]


class Saved(Struct, frozen=True):
    """What the form of a saved list sends.

    Attributes:
        name: What to call it.
        query: What the list was asked for.
    """

    name: str = ""
    query: str = ""


@get("/findings", sync_to_thread=True)
def findings(request: Asked, dashboard: NamedDependency[Dashboard]) -> Template:
    """Show a page of the list."""
    catalogue = dashboard.settings.catalogue
    asked = question(request.query_params.multi_items(), catalogue)
    numbers = facets_of(dashboard.store, dashboard.counted, asked.wanted)
    with dashboard.store.reading() as connection:
        shown = findings_page(connection, catalogue, asked, numbers)
    return page(
        request,
        "findings.html",
        list=shown,
        asked=asked,
        columns=[Column("Tick", "tick"), *shown.columns],
        statuses=[one.value for one in TriageStatus],
        formats=list(FORMATS),
        note_characters=NOTE_CHARACTERS,
        name_characters=_NAME,
    )


@get("/findings/export/{ending:str}", sync_to_thread=True)
def export_findings(
    request: Asked, dashboard: NamedDependency[Dashboard], ending: FromPath[str]
) -> Stream:
    """Give all findings that are asked for as a file."""
    kind = FORMATS.get(ending)
    if kind is None:
        raise UnknownError(f"There is no such format; there are {', '.join(FORMATS)}.")
    asked = question(request.query_params.multi_items(), dashboard.settings.catalogue)
    return Stream(
        exported(dashboard.store, dashboard.settings, asked, kind),
        media_type=kind.media_type,
        headers={
            "content-disposition": f'attachment; filename="keysift-findings.{ending}"',
        },
    )


@post("/findings/triage", opt=needs(Role.TRIAGE), status_code=303, sync_to_thread=True)
def triage_findings(
    request: Asked, dashboard: NamedDependency[Dashboard], data: URLEncodedBody[Bulk]
) -> Redirect | Template:
    """Write down the same decision about many findings."""
    asked = question_of(data.query, dashboard.settings.catalogue)
    status, note = checked_status(data.status), checked_note(data.note)
    if not data.all and not data.ticked:
        return back(request, asked.address, "bad", "Nothing was decided: no finding was ticked.")
    with dashboard.store.writing(durable=True) as connection:
        if data.all:
            chosen = all_of(connection, asked.wanted)
            if data.number != str(len(chosen)):
                # Asked for the first time, or what matches is another number than was confirmed.
                return _confirm(request, asked, status, note, number=len(chosen))
        else:
            chosen = existing(connection, data.ticked)
        decide_all(connection, chosen, status, note=note, author=asking(request).name)
    words = f"{count(len(chosen), 'finding')}: {status.value.replace('-', ' ')}."
    return back(request, asked.address, "good", words)


@post("/findings/views", opt=needs(Role.TRIAGE), status_code=303, sync_to_thread=True)
def save_view(
    request: Asked, dashboard: NamedDependency[Dashboard], data: URLEncodedBody[Saved]
) -> Redirect:
    """Save what a list was asked for, under a name."""
    asked = question_of(data.query, dashboard.settings.catalogue)
    name = " ".join(data.name.split())
    if not name or len(name) > _NAME or not name.isprintable():
        raise SenselessError(f"A name has from 1 to {_NAME} characters that can be seen.")
    author = asking(request).name
    with dashboard.store.writing(durable=True) as connection:
        mine = {one.name for one in views(connection) if one.author == author}
        if len(mine | {name}) > VIEWS:
            raise SenselessError(f"You have {VIEWS} saved lists; delete one first.")
        save(connection, author, name, asked.query)
    return back(request, asked.address, "good", f"Saved as “{name}”.")


@post(
    "/findings/views/{view:int}/delete",
    opt=needs(Role.TRIAGE),
    status_code=303,
    sync_to_thread=True,
)
def delete_view(
    request: Asked, dashboard: NamedDependency[Dashboard], view: FromPath[int]
) -> Redirect:
    """Delete a saved list of one's own."""
    with dashboard.store.writing(durable=True) as connection:
        # Databases refuse numbers that are too large.
        if view >= _LARGEST or not forget(connection, asking(request).name, view):
            raise ForbiddenError("This saved list is not there any more, or is not yours.")
    asked = question((), dashboard.settings.catalogue)
    return back(request, asked.address, "good", "The saved list is deleted; no finding was.")


def _confirm(
    request: Asked, asked: Question, status: TriageStatus, note: str, *, number: int
) -> Template:
    return page(
        request,
        "triage_all.html",
        status_code=200,
        asked=asked,
        status=status.value,
        note=note,
        number=number,
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [
    findings,
    export_findings,
    triage_findings,
    save_view,
    delete_view,
]
