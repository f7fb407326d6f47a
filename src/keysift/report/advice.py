"""What to do about a finding, in one concrete sentence that depends on where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keysift.model import Verdict

if TYPE_CHECKING:
    from keysift.model import Finding


def remedy(finding: Finding) -> str:
    """Return how to fix it: for what is published, what is built, and what is source."""
    places = finding.occurrences
    published = any(place.is_published for place in places)
    built = any(place.artifact is not None and not place.is_published for place in places)
    if finding.verdict is Verdict.CANARY:
        return (
            "Do not use it, revoke it or report it: it was made to raise an alarm. Ask whoever "
            "keeps this source whether it is theirs; a package should not carry it by accident."
        )
    dead = finding.verdict is Verdict.INACTIVE
    if published and dead:
        return (
            "It no longer works: remove it from the source, so that the next release is free of"
            " it. Published releases keep it in public even when yanked."
        )
    if published:
        return (
            "Revoke it first: published releases stay public even when yanked or deleted, so only"
            " revoking helps. Then remove it from the source and release again."
        )
    if built:
        return (
            "Do not upload this file: remove the secret from the source, read it from the"
            " environment or a secret store at run time, and build again. Rotate it if it was"
            " ever committed or published."
        )
    if places and all(place.in_head is False and place.commit is not None for place in places):
        return (
            "Revoke it: deleting it in a later commit left it in the history, where everybody who"
            " has a clone can read it. Rewriting the history comes second."
        )
    return (
        "Read it from the environment or a secret store at run time instead, and keep this file"
        " out of the package. Rotate it if it was ever committed or published."
    )
