"""How many calls a platform still allows: kept for people where few are left, so that good days cost no writing."""

from collections.abc import Iterable, Mapping
from typing import Any

from publisher.models import Profile

FEW = 0.25


def few_left(quota: Mapping[str, Any]) -> bool:
    """Tell whether a platform said that less than a quarter of what it allows is left, and until when."""
    left, limit = quota.get("left"), quota.get("limit")
    return isinstance(left, int) and isinstance(limit, int) and left < limit * FEW and bool(quota.get("reset_at"))


def keep_quotas(found: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Store what is left for each profile that has few; ``found`` are profile and quota, the last one counts."""
    for profile_id, quota in {pk: quota for pk, quota in found if few_left(quota)}.items():
        Profile.objects.filter(pk=profile_id).update(quota=dict(quota))
