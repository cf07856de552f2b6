"""Campaigns: posts that go together, with an aim and dates."""

from dataclasses import asdict, dataclass, field
from datetime import date

from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.brands import COLOURS
from accounts.models import Brand, User
from accounts.permissions import Ability
from calendar_app.models import ApprovalRule, Campaign
from calendar_app.rights import require


class HasRuleError(ValueError):
    """Its posts have an approval rule of their own: without the campaign another one would hold."""


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
    mix: dict[str, int] = field(default_factory=dict)


def make_campaign(*, brand: Brand, by: User | None, facts: CampaignFacts) -> Campaign:
    """Begin a campaign. Raises NameTakenError."""
    require(by, Ability.WRITE, brand)
    return _kept(Campaign(brand=brand), "campaign.made", by=by, facts=facts)


def change_campaign(campaign: Campaign, *, by: User | None, facts: CampaignFacts) -> Campaign:
    """Say something else of it; its posts stay in it. Raises NameTakenError."""
    require(by, Ability.WRITE, campaign.brand)
    return _kept(campaign, "campaign.changed", by=by, facts=facts)


@transaction.atomic
def remove_campaign(campaign: Campaign, *, by: User | None) -> None:
    """Take a campaign away; its posts stay as they are. Raises HasRuleError."""
    require(by, Ability.WRITE, campaign.brand)
    if ApprovalRule.objects.filter(campaign=campaign).exists():
        raise HasRuleError(campaign.name)
    record("campaign.removed", by=by, brand=campaign.brand, subject=campaign, data={"name": campaign.name})
    campaign.delete()


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
