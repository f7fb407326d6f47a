"""The two formats of an index's pages, and what is wrong with a page that is neither."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from pypi_simple import UnsupportedRepoVersionError

from keysift.errors import IndexUnavailableError
from keysift.net.page import Page
from keysift.net.redact import origin

JSON: Final = ("application/vnd.pypi.simple.v1+json", "application/json")
HTML: Final = ("application/vnd.pypi.simple.v1+html", "text/html")


def is_json(page: Page) -> bool:
    """Tell JSON (PEP 691) from HTML (PEP 503).

    Raises:
        IndexUnavailableError: The page is neither.
    """
    if page.content_type not in JSON + HTML:
        raise IndexUnavailableError(
            f"{origin(page.url)} answers with {page.content_type[:60]!r}, not with a page of a "
            "package index"
        )
    return page.content_type in JSON


def check_whole(page: Page) -> None:
    """Refuse a page of HTML that breaks off: what is missing would seem to have been removed.

    Raises:
        IndexUnavailableError: It begins as a document and does not end as one.
    """
    if b"<html" in page.body[:4096].lower() and b"</html" not in page.body[-4096:].lower():
        raise IndexUnavailableError(f"{origin(page.url)} answers with a part of a page only")


@contextmanager
def reading(page: Page) -> Iterator[None]:
    """Turn what the readers of pages raise into an error of ours.

    Raises:
        IndexUnavailableError: The page is not one of an index, or of a version we do not know.
    """
    try:
        # A minor version newer than pypi-simple is no reason to warn users of keysift.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnsupportedRepoVersionError as error:
        raise IndexUnavailableError(
            f"{origin(page.url)} speaks version {error.declared_version[:20]} of the protocol of "
            f"indexes; this keysift knows {error.supported_version}"
        ) from None
    except (ValueError, msgspec.DecodeError, RecursionError, AssertionError):
        raise IndexUnavailableError(
            f"{origin(page.url)} answers with a page that is not one of a package index"
        ) from None
