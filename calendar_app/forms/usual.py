"""What a new post begins with, so that a planner types only what is new: the next free day, the usual hour, the kind that is short."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Brand
from accounts.wall import wall_of
from calendar_app.models import Kind, Post, PostStage

USUAL_HOUR = time(9, 30)
LOOKED_AT = 20  # posts; what was usual longer ago is not usual any more
AHEAD = 366  # days


def usual_of(brand: Brand, *, on: date | None) -> dict[str, Any]:
    """Return day, hour and kind of a new post; ``on`` is the day whose *+* was pressed."""
    now = wall_of(at=timezone.now(), zone=brand.zone)
    posts = Post.objects.filter(brand=brand).exclude(stage=PostStage.ARCHIVED)
    hours = Counter(wall.time() for wall in posts.order_by("-pk").values_list("wall", flat=True)[:LOOKED_AT])
    at = hours.most_common(1)[0][0] if hours else USUAL_HOUR
    day = on or free_day(brand, after=now.date())
    return {"on": day, "at": at, "kind": _short_kind(brand, day)}


def free_day(brand: Brand, *, after: date) -> date:
    """Return the first day after another that has no post."""
    following = after + timedelta(days=1)
    first = datetime.combine(following, time.min)
    rows = Post.objects.filter(brand=brand, wall__gte=first, wall__lt=first + timedelta(days=AHEAD))
    taken = {wall.date() for wall in rows.exclude(stage=PostStage.ARCHIVED).values_list("wall", flat=True)}
    free = (following + timedelta(days=number) for number in range(AHEAD))
    return next((one for one in free if one not in taken), following)


def _short_kind(brand: Brand, day: date) -> str:
    """Return the kind of which the month has the smallest share of its target."""
    if not brand.target_mix:
        return Kind.INFORMATIONAL
    first = datetime.combine(day.replace(day=1), time.min)
    last = (first + timedelta(days=32)).replace(day=1)
    rows = Post.objects.filter(brand=brand, wall__gte=first, wall__lt=last).exclude(stage=PostStage.ARCHIVED)
    have = Counter(rows.values_list("kind", flat=True))
    wanted = {kind: number for kind, number in brand.target_mix.items() if kind in Kind.values and number}
    return min(wanted, key=lambda kind: have[kind] / wanted[kind], default=Kind.INFORMATIONAL)
