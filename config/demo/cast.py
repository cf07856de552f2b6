"""The people, brands and channels of the demo. All of them are made up."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Role

AGENCY = "Studio Levante"
AGENCY_SLUG = "studio-levante"
PASSWORD = "vendemmia-tardiva"  # noqa: S105  (printed at every start; the demo cannot run in production)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo, and what they are to which brand (empty: to the whole agency)."""

    name: str
    email: str
    role: Role
    brand: str = ""
    may_sign_in: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """A brand's account on the sandbox."""

    username: str
    shown_name: str
    brand: str
    colour: str


@dataclass(frozen=True, slots=True)
class DemoBrand:
    """A brand of the demo."""

    slug: str
    name: str
    colour: str
    form_of_address: str
    region: str
    target_mix: dict[str, int] = field(default_factory=dict)


WINERY = DemoBrand(
    slug="cantina-valdoro",
    name="Cantina Valdoro",
    colour="a",
    form_of_address="tu",
    region="BO",
    target_mix={"informational": 12, "argumentative": 6, "promotional": 6},
)
TAVERN = DemoBrand(
    slug="trattoria-del-porto",
    name="Trattoria del Porto",
    colour="b",
    form_of_address="tu",
    region="RN",
    target_mix={"informational": 4, "argumentative": 1, "promotional": 2},
)
BRANDS = (WINERY, TAVERN)

ELENA = Person(name="Elena Marchi", email="elena@studiolevante.example", role=Role.OWNER)
PAOLO = Person(name="Paolo Neri", email="paolo@studiolevante.example", role=Role.MODERATOR, brand=WINERY.slug)
GIULIA = Person(
    name="Giulia Ferri", email="giulia@cantinavaldoro.example", role=Role.CLIENT, brand=WINERY.slug, may_sign_in=False
)
DARIO = Person(
    name="Dario Conti", email="dario@cantinavaldoro.example", role=Role.EXPERT, brand=WINERY.slug, may_sign_in=False
)
PEOPLE = (ELENA, PAOLO, GIULIA, DARIO)

ACCOUNTS = (
    Account(username="cantinavaldoro", shown_name="Cantina Valdoro", brand=WINERY.slug, colour="#6d2337"),
    Account(username="valdoro_bottega", shown_name="La bottega di Valdoro", brand=WINERY.slug, colour="#8a5f3d"),
    Account(username="trattoriadelporto", shown_name="Trattoria del Porto", brand=TAVERN.slug, colour="#33424f"),
)


def seed() -> dict[str, Any]:
    """The sandbox's first inhabitants, each brand's account with a fresh token."""
    return {
        "accounts": [
            {
                "username": one.username,
                "display_name": one.shown_name,
                "avatar_colour": one.colour,
                "token": secrets.token_urlsafe(24),
                "app": "Palinsesto",
            }
            for one in ACCOUNTS
        ]
    }
