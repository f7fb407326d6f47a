"""Sessions: who has logged in, in memory, until they log out or the dashboard ends.

Litestar's own sessions take an id from the cookie even when no such session exists, keep one for
each visitor who never logged in, and cannot change its id at a login. Hence this.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from hmac import compare_digest
from threading import Lock
from typing import Final, Literal

from msgspec import Struct, field

from keysift.web.identity import Identity
from keysift.web.settings import Limits

_ID_BYTES: Final = 32

FlashKind = Literal["good", "bad", "note"]


class Flash(Struct, frozen=True):
    """A message that the next page shows once.

    Attributes:
        kind: What sort of news it is.
        text: The message.
    """

    kind: FlashKind
    text: str


class Session(Struct, eq=False, kw_only=True):
    """Somebody's visit.

    Attributes:
        who: Who logged in.
        made: When, by the clock of the sessions.
        seen: When it was last used, by the same.
        csrf: What forms send along, to show that they are ours.
        stamp: State of the account at the login; it ends the session when it is another one.
        flashes: What the next page says.
    """

    who: Identity
    made: float
    seen: float
    csrf: str
    stamp: str = ""
    flashes: list[Flash] = field(default_factory=list)

    def is_ours(self, token: str) -> bool:
        """Tell whether a request sent this session's token along."""
        return compare_digest(self.csrf.encode(), token.encode("utf-8", "surrogateescape"))

    def flash(self, kind: FlashKind, text: str) -> None:
        """Have the next page say something."""
        self.flashes.append(Flash(kind, text))

    def taken(self) -> list[Flash]:
        """Return what is to be said, and forget it."""
        said, self.flashes = self.flashes, []
        return said


class Sessions:
    """All visits. May be used from several threads.

    Args:
        limits: How long and how many.
        clock: Seconds that never go back.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = Lock()
        # By digest, so that what is in memory opens no session; the least recently used first.
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def begin(self, who: Identity, *, stamp: str = "") -> tuple[str, Session]:
        """Return the value of the cookie of a new session, and the session."""
        value = secrets.token_urlsafe(_ID_BYTES)
        now = self._clock()
        csrf = secrets.token_urlsafe(_ID_BYTES)
        session = Session(who=who, made=now, seen=now, csrf=csrf, stamp=stamp)
        with self._lock:
            while len(self._sessions) >= self._limits.sessions:
                self._sessions.popitem(last=False)
            self._sessions[_digest(value)] = session
        return value, session

    def find(self, value: str) -> Session | None:
        """Return the session of a cookie, which is used now; None when there is none any more."""
        key, now = _digest(value), self._clock()
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return None
            if (
                now - session.seen > self._limits.idle_s
                or now - session.made > self._limits.session_s
            ):
                del self._sessions[key]
                return None
            session.seen = now
            self._sessions.move_to_end(key)
            return session

    def end(self, value: str) -> None:
        """End the session of a cookie."""
        with self._lock:
            self._sessions.pop(_digest(value), None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._sessions)


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()
