"""Made-up names, which can be pronounced: of projects, modules, people and accounts.

Names of projects begin with a word of three or four made-up syllables, so that none is likely to be
that of a real project.
"""

from __future__ import annotations

from random import Random
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BEGINNINGS: Final = _words(
    "ba bel bri cal cor da del do fa fen fo ga gli gor ha hel hu jo jun ka kel kli kor la lem lo "
    "lu ma mel mi mor na ner no nu or pa pel pli po qua ra rel ri ro sa sel sko so sta ta tel tir "
    "to tra va vel vi vor wa wel wi ya yor za zel zi zo"
)
_MIDDLES: Final = _words(
    "ba be bi co da di do fa fi ga go ha ka ki lo lu ma mi mo na ni nu pa pe po ra ri ro sa si so "
    "ta ti to va ve vi xa za zi"
)
_ENDS: Final = _words(
    "bor bra dan dor dra fan gar gon kan kel lan len lia lor mar men mir mon nar nel nix nor phon "
    "qua ran rax rin rion ros san ten tha tis tor tra van vex via von zan zor"
)
_TOPICS: Final = _words(
    "admin agents api api-client audio auth bot bridge cache charts cli client config connect core "
    "crawler crm data datasets db deploy docs email etl events export feeds fields flow forms geo "
    "graph helpers http images import io jobs kit lab lite llm logs mail maps metrics ml models "
    "monitor notify ops orm parser payments pipeline plot plugin prompts proxy python queue rag "
    "reports rpc runner scraper sdk search server sms sql storage stream sync tasks templates "
    "text tools trader tracker ui utils vision web worker"
)

_FORKS: Final = ("fork", "ng", "plus", "patched", "next", "community")

MODULES: Final = _words(
    "api app auth backend base bot celery client cloud common connection constants core database "
    "deploy fetch gateway handlers helpers integrations jobs keys loader mailer main manager "
    "models notify payments provider publish query requests runner s3 service session storage sync "
    "tasks transport upload utils views webhook worker"
)
"""Modules of a package."""

PEOPLE: Final = (
    "amara.okafor",
    "benno.lindqvist",
    "chandra.mehta",
    "dorte.hansen",
    "elif.yildiz",
    "farid.rahimi",
)
"""Those who triage."""

_GIVEN: Final = _words("ada ben cleo dan eva finn gia hugo ines jon kira leo mina nils olga pia")


class Names:
    """Makes names of projects, none twice.

    Args:
        chance: Draws them.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._taken: set[str] = set()

    def project(self) -> str:
        """Return a new name."""
        while True:
            name = word(self._chance)
            if self._chance.random() < 0.72:
                name += f"-{self._chance.choice(_TOPICS)}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def fork(self, name: str) -> str:
        """Return a new name for what was made of another project."""
        for suffix in self._chance.sample(_FORKS, len(_FORKS)):
            fork = f"{name}-{suffix}"
            if fork not in self._taken:
                self._taken.add(fork)
                return fork
        return self.project()


def word(chance: Random) -> str:
    """Return a made-up word."""
    middles = "".join(chance.choices(_MIDDLES, k=1 + (chance.random() < 0.25)))
    return chance.choice(_BEGINNINGS) + middles + chance.choice(_ENDS)


def fact(name: str, known: str, chance: Random) -> str:
    """Return another fact of the same kind, so that not all secrets seem to be of one account.

    Args:
        name: Of the fact, as in ``keysift.model.FACTS``.
        known: The fact as documentation has it; what is not about a person or an account stays.
        chance: Draws.
    """
    match name:
        case "user" | "name" if not known.isdigit():
            return f"{chance.choice(_GIVEN)}-{word(chance)}"
        case "email":
            return f"{chance.choice(_GIVEN)}@{word(chance)}.example"
        case "organization" | "project" | "app" if not known.isdigit():
            return word(chance)
        case "account" | "user" | "name" | "organization" | "project" | "app" if known.isdigit():
            return "".join(chance.choices("0123456789", k=len(known) - 1)).rjust(len(known), "4")
        case _:
            return known
