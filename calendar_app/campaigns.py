"""Campaigns: posts that go together, with an aim and dates."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.models import Brand, User
from accounts.permissions import Ability
from calendar_app.models import Campaign
from calendar_app.rights import require

COLOURS = ("a", "b", "c", "d", "e", "f")


class NameTakenError(ValueError):
    """The brand has a campaign of this name already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """What people say of a campaign."""

    name: str
    colour: str = COLOURS[0]
    starts_on: date | None = None
    ends_on: date | None = None
    aim: str = ""


def make_campaign(*, brand: Brand, by: User | None, facts: CampaignFacts) -> Campaign:
    """Begin a campaign. Raises NameTakenError."""
    require(by, Ability.WRITE, brand)
    return _kept(Campaign(brand=brand), "campaign.made", by=by, facts=facts)


def change_campaign(campaign: Campaign, *, by: User | None, facts: CampaignFacts) -> Campaign:
    """Say something else of it; its posts stay in it. Raises NameTakenError."""
    require(by, Ability.WRITE, campaign.brand)
    return _kept(campaign, "campaign.changed", by=by, facts=facts)


def _kept(campaign: Campaign, verb: str, *, by: User | None, facts: CampaignFacts) -> Campaign:
    for name, value in asdict(facts).items():
        setattr(campaign, name, value)
    try:
        with transaction.atomic():
            campaign.save()
            record(verb, by=by, brand=campaign.brand, subject=campaign, data={"name": facts.name})
    except IntegrityError as error:
        raise NameTakenError(facts.name) from error
    return campaign
