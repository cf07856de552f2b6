"""Which stages a post passes before it may go out, and how many of each stage must agree."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import Brand, User
from accounts.permissions import Ability
from calendar_app.models import ApprovalRule, Campaign, Kind, Post, Stage
from calendar_app.rights import require

REDATE_WITHIN = timedelta(hours=24)
MODES = ("any", "all")
PRESETS: dict[str, list[dict[str, str]]] = {
    "none": [],
    "internal": [{"stage": "internal", "mode": "any"}],
    "client": [{"stage": "client", "mode": "any"}],
    "internal_client": [{"stage": "internal", "mode": "any"}, {"stage": "client", "mode": "any"}],
}


def rule_of(brand: Brand, *, kind: str = "", campaign: Campaign | None = None) -> ApprovalRule:
    """Return the rule in force, the closest first: kind in a campaign, campaign, kind, brand.

    A brand that never set one asks its client: nothing goes out by an oversight.
    """
    rules = {(rule.kind, rule.campaign_id): rule for rule in ApprovalRule.objects.filter(brand=brand, replaced_at=None)}
    return _closest(rules, brand, kind, campaign.pk if campaign else None)


def rule_for(post: Post) -> ApprovalRule:
    """Return the rule that this post has to pass."""
    return rule_of(post.brand, kind=post.kind, campaign=post.campaign)


def rules_for(posts: list[Post], brand: Brand) -> dict[int, ApprovalRule]:
    """Return the rule of each post by its id, in one query."""
    rules = {(rule.kind, rule.campaign_id): rule for rule in ApprovalRule.objects.filter(brand=brand, replaced_at=None)}
    return {post.pk: _closest(rules, brand, post.kind, post.campaign_id) for post in posts}


def _closest(
    rules: dict[tuple[str, int | None], ApprovalRule], brand: Brand, kind: str, campaign_id: int | None
) -> ApprovalRule:
    for place in ((kind, campaign_id), ("", campaign_id), (kind, None), ("", None)):
        if place in rules:
            return rules[place]
    return ApprovalRule(brand=brand, stages=PRESETS["client"], redate_within=REDATE_WITHIN)


def as_it_reads(rule: ApprovalRule) -> dict[str, Any]:
    """Return the rule as plain values, kept with every approval and every publication."""
    return {
        "id": rule.pk,
        "stages": [dict(stage) for stage in rule.stages],
        "redate_within_s": int(rule.redate_within.total_seconds()),
    }


def asks(rule: ApprovalRule, stage: str) -> bool:
    """Tell whether a rule has a stage."""
    return any(one["stage"] == stage for one in rule.stages)


def stage_after(rule: dict[str, Any], stage: str | None) -> dict[str, str] | None:
    """Return the stage that follows, the first one for None, or None when all are passed."""
    stages: list[dict[str, str]] = rule["stages"]
    names = [one["stage"] for one in stages]
    place = 0 if stage is None else names.index(stage) + 1
    return stages[place] if place < len(stages) else None


@transaction.atomic
def set_rule(
    *,
    brand: Brand,
    by: User | None,
    stages: list[dict[str, str]],
    redate_within: timedelta = REDATE_WITHIN,
    kind: str = "",
    campaign: Campaign | None = None,
) -> ApprovalRule:
    """Put a rule in force. What was asked under the old one keeps it: the rule stands with each approval."""
    require(by, Ability.MANAGE_BRAND, brand)
    _check(stages, kind)
    rules = ApprovalRule.objects.filter(brand=brand, kind=kind, campaign=campaign, replaced_at=None)
    rules.update(replaced_at=timezone.now())
    rule = ApprovalRule.objects.create(
        brand=brand, kind=kind, campaign=campaign, stages=stages, redate_within=redate_within
    )
    record("rule.set", by=by, brand=brand, subject=rule, data=as_it_reads(rule))
    return rule


def _check(stages: list[dict[str, str]], kind: str) -> None:
    """Refuse what no page offers: an unknown stage, mode or kind, a stage twice, the client before the agency."""
    names = [one.get("stage") for one in stages]
    order = [Stage.INTERNAL.value, Stage.CLIENT.value]
    if names != [name for name in order if name in names] or any(one.get("mode") not in MODES for one in stages):
        raise ValueError(f"no such stages: {stages}")
    if kind and kind not in Kind.values:
        raise ValueError(f"no such kind: {kind}")
