"""What people made: saved lists, access tokens, and who saw which value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody
from msgspec import Meta, Struct

from keysift.errors import UsageError
from keysift.model import Role
from keysift.report.escape import well_formed
from keysift.store import access
from keysift.store import views as saved
from keysift.store.disclosures import Disclosure, disclosures
from keysift.web.api.given import absent, body_of, number_of, query_of, words_of
from keysift.web.api.operations import changes, reads, removes
from keysift.web.dashboard import Asked, Dashboard, asking
from keysift.web.problems import ProblemError, Word
from keysift.web.refusals import ForbiddenError

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ViewDocument(Struct, kw_only=True):
    """A list of findings that somebody saved.

    Attributes:
        id: Its number.
        author: Who saved it.
        name: What they call it.
        query: What stands behind the question mark in its address.
        saved: When it was last saved (UTC).
    """

    id: int
    author: str
    name: str
    query: str
    saved: datetime


class NewView(Struct, frozen=True, forbid_unknown_fields=True):
    """A list to be saved.

    Attributes:
        name: What to call it; one of yours with that name is replaced.
        query: What stands behind the question mark in the address of the list.
    """

    name: Name
    query: Annotated[str, Meta(max_length=4_000)] = ""


class DisclosureDocument(Struct, kw_only=True):
    """Somebody saw a value.

    Attributes:
        finding: Number of the finding.
        detector: Its detector.
        fingerprint: Its fingerprint.
        who: Who saw it.
        source: How they were recognised.
        address: From where they asked.
        channel: Where it was shown: page or api.
        disclosed: When (UTC).
    """

    finding: int
    detector: str
    fingerprint: str
    who: str
    source: str
    address: str
    channel: str
    disclosed: datetime


class DisclosuresQuery(Struct, frozen=True):
    """Which entries.

    Attributes:
        finding: Only those about this finding.
        limit: How many at most, the newest first.
    """

    finding: Annotated[int, Meta(ge=0, lt=10**18)] | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 100


class TokenDocument(Struct, kw_only=True):
    """An access token, without the token.

    Attributes:
        name: What it is for.
        scopes: What it may do.
        made: When it was made (UTC).
        expires: From when on it is refused (UTC); null: never.
        last_used: When it was last used, give or take a minute (UTC); null: it was not.
        revoked: When it was revoked (UTC); null: it was not.
    """

    name: str
    scopes: list[Role]
    made: datetime
    expires: datetime | None
    last_used: datetime | None
    revoked: datetime | None


class NewToken(Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made.

    Attributes:
        name: What it is for; no other token, revoked ones included, may have the name.
        scopes: What it may do; reading is always among it.
        expires: From when on it is refused (with a zone); null: never.
    """

    name: Name
    scopes: tuple[Role, ...] = (Role.READ,)
    expires: Annotated[datetime, Meta(tz=True)] | None = None


class MadeToken(Struct, kw_only=True):
    """A new token.

    Attributes:
        name: What it is for.
        token: The token. It is shown this once, and only its digest is kept.
    """

    name: str
    token: str


@reads("/views")
def views(dashboard: NamedDependency[Dashboard]) -> list[ViewDocument]:
    """Saved lists of findings, by name: a team shares them."""
    with dashboard.store.reading() as connection:
        return [_view(one) for one in saved.views(connection)]


@changes("/views", role=Role.TRIAGE, body=NewView, status=201)
def save_view(request: Asked, dashboard: NamedDependency[Dashboard], body: RawBody) -> ViewDocument:
    """Save a list of findings."""
    wanted = body_of(request, body, NewView)
    author, name = asking(request).name, words_of(wanted.name)
    if not name:
        raise ProblemError(Word.BAD_BODY, "The list needs a name.", parameter="name")
    with dashboard.store.writing(durable=True) as connection:
        saved.save(connection, author, name, wanted.query.lstrip("?"))
        kept = saved.views(connection)
    return next(_view(one) for one in kept if (one.author, one.name) == (author, name))


@removes("/views/{number:str}", role=Role.TRIAGE)
def forget_view(
    request: Asked, dashboard: NamedDependency[Dashboard], number: FromPath[str]
) -> None:
    """Delete a list that you saved."""
    author = asking(request).name
    with dashboard.store.writing(durable=True) as connection:
        if not saved.forget(connection, author, number_of(number, "list")):
            raise absent("list of yours")


@reads("/disclosures", query=DisclosuresQuery, role=Role.REVEAL)
def audit(request: Asked, dashboard: NamedDependency[Dashboard]) -> list[DisclosureDocument]:
    """Who saw which value, the newest first."""
    asked = query_of(request, DisclosuresQuery)
    with dashboard.store.reading() as connection:
        found = disclosures(connection, asked.finding, limit=asked.limit)
    return [_disclosure(one) for one in found]


@reads("/tokens", role=Role.REVEAL)
def tokens(request: Asked, dashboard: NamedDependency[Dashboard]) -> list[TokenDocument]:
    """Access tokens, by name, without the tokens themselves.

    Only whoever has all roles may see and change tokens.
    """
    _check_all(request)
    with dashboard.store.reading() as connection:
        return [_token(one) for one in access.tokens(connection)]


@changes("/tokens", role=Role.REVEAL, body=NewToken, status=201, refuses=(Word.NAME_TAKEN,))
def make_token(request: Asked, dashboard: NamedDependency[Dashboard], body: RawBody) -> MadeToken:
    """Make an access token.

    It is in the answer, this once.
    """
    _check_all(request)
    wanted = body_of(request, body, NewToken)
    name = words_of(wanted.name)
    if not name:
        raise ProblemError(Word.BAD_BODY, "The token needs a name.", parameter="name")
    expires = _in_future(wanted.expires)
    with dashboard.store.writing(durable=True) as connection:
        try:
            made = access.add(connection, name, wanted.scopes, expires)
        except UsageError as error:
            raise ProblemError(Word.NAME_TAKEN, str(error), parameter="name") from None
    return MadeToken(name=name, token=made.reveal_text())


@removes("/tokens/{name:str}", role=Role.REVEAL)
def revoke_token(
    request: Asked, dashboard: NamedDependency[Dashboard], name: FromPath[str]
) -> None:
    """Revoke an access token: it is refused from now on."""
    _check_all(request)
    with dashboard.store.writing(durable=True) as connection:
        try:
            access.revoke(connection, name)
        except UsageError:
            raise absent("token that can be revoked") from None


def _check_all(request: Asked) -> None:
    if asking(request).roles < frozenset(Role):
        raise ForbiddenError("Tokens are managed by those who have all roles.")


def _in_future(expires: datetime | None) -> datetime | None:
    if expires is None:
        return None
    try:
        moment = expires.astimezone(UTC)
    except OverflowError:
        moment = datetime.min.replace(tzinfo=UTC)
    if moment <= datetime.now(UTC):
        raise ProblemError(Word.BAD_BODY, "expires: it must be in the future.", parameter="expires")
    return moment


def _view(view: saved.View) -> ViewDocument:
    return ViewDocument(
        id=view.id, author=view.author, name=view.name, query=view.query, saved=view.saved_at
    )


def _disclosure(entry: Disclosure) -> DisclosureDocument:
    viewer = entry.viewer
    return DisclosureDocument(
        finding=entry.secret,
        detector=entry.detector,
        fingerprint=entry.fingerprint,
        who=well_formed(viewer.who),
        source=viewer.source,
        address=viewer.address,
        channel=viewer.channel,
        disclosed=entry.at,
    )


def _token(token: access.AccessToken) -> TokenDocument:
    return TokenDocument(
        name=token.name,
        scopes=[one for one in Role if one in token.scopes],
        made=token.made_at,
        expires=token.expires_at,
        last_used=token.last_used_at,
        revoked=token.revoked_at,
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [
    *(views, save_view, forget_view),
    audit,
    *(tokens, make_token, revoke_token),
]
