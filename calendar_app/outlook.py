"""What the next two weeks lack, brand by brand, and who keeps whom waiting; for the home page of the day."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Brand, User
from accounts.wall import wall_of
from calendar_app.models import (
    Approval,
    ApprovalState,
    AssetAlt,
    Kind,
    PartMedia,
    Post,
    PostMedia,
    PostStage,
    Stage,
)

DAYS = 14
SOON = timedelta(hours=48)
A_MONTH = 30
FEW = 4
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A post that lacks something."""

    pk: int
    title: str
    wall: datetime


@dataclass(frozen=True, slots=True)
class Lack:
    """Posts that lack the same thing: a few by name, and how many there are."""

    posts: tuple[Named, ...]
    count: int

    @property
    def more(self) -> int:
        """Return how many are not named."""
        return self.count - len(self.posts)


@dataclass(frozen=True, slots=True)
class Lean:
    """A kind that stands far from what the brand aims at: posts of it, and how many there would be by the aim."""

    kind: str
    count: int
    aim: int


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One of the days to come, and how many posts stand there."""

    on: date
    count: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Two weeks of a brand; ``days`` are the whole days from tomorrow on. ``aim`` is how many posts they would have by the brand’s mix, 0 where it has none."""

    brand: Brand
    count: int
    aim: int
    empty: tuple[date, ...]
    unready: Lack
    bare: Lack
    undescribed: Lack
    leans: tuple[Lean, ...]
    days: tuple[PlannedDay, ...] = ()

    @property
    def lack_count(self) -> int:
        """Return how many things there are to say."""
        lacks = (self.is_short, self.longest, self.unready.count, self.bare.count, self.undescribed.count)
        return sum(map(bool, lacks)) + len(self.leans)

    @property
    def longest(self) -> tuple[date, date] | None:
        """Return the first and last day of the longest stretch without a post, where it is three days or longer."""
        best: list[date] = []
        run: list[date] = []
        for on in self.empty:
            run = [*run, on] if run and on - run[-1] == timedelta(days=1) else [on]
            best = run if len(run) > len(best) else best
        return (best[0], best[-1]) if len(best) >= FEW - 1 else None

    @property
    def is_short(self) -> bool:
        """Whether fewer posts stand there than the brand aims at."""
        return self.count < self.aim

    @property
    def lacks(self) -> bool:
        """Whether there is anything to say."""
        return self.lack_count > 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody who was asked and has not decided yet, and by when they should."""

    brand_id: int
    pack_id: int
    title: str
    name: str
    is_client: bool
    count: int
    deadline_at: datetime
    first_due_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline_at <= timezone.now()


@dataclass(frozen=True, slots=True)
class _Planned:
    pk: int
    title: str
    wall: datetime
    due_at: datetime
    kind: str
    stage: str
    has_picture: bool
    is_undescribed: bool


def outlooks(brands: Sequence[Brand], *, now: datetime | None = None) -> list[Outlook]:
    """Return what the next two weeks of each brand lack, those that lack nothing left out. One query."""
    moment = now or timezone.now()
    planned: dict[int, list[_Planned]] = defaultdict(list)
    for brand_id, *rest in _posts(brands, moment):
        planned[brand_id].append(_Planned(*rest))
    found = [_outlook(brand, planned[brand.pk], moment) for brand in brands]
    return [one for one in found if one.lacks]


def _posts(brands: Sequence[Brand], now: datetime) -> "QuerySet[Post, tuple[Any, ...]]":
    undescribed = Q(alt="") & ~Exists(AssetAlt.objects.filter(asset=OuterRef("asset")).exclude(text=""))
    in_parts = PartMedia.objects.filter(part__variant__post=OuterRef("pk"))
    in_post = PostMedia.objects.filter(post=OuterRef("pk"))
    rows = Post.objects.filter(
        brand__in=[brand.pk for brand in brands], due_at__gte=now, due_at__lt=now + timedelta(days=DAYS + 2)
    ).exclude(stage=PostStage.ARCHIVED)
    return (
        rows.annotate(
            has_picture=Exists(in_post) | Exists(in_parts),
            is_undescribed=Exists(in_post.filter(undescribed)) | Exists(in_parts.filter(undescribed)),
        )
        .order_by("due_at", "pk")
        .values_list("brand_id", "pk", "title", "wall", "due_at", "kind", "stage", "has_picture", "is_undescribed")
    )


def _outlook(brand: Brand, posts: list[_Planned], now: datetime) -> Outlook:
    today = wall_of(at=now, zone=brand.zone).date()
    taken = Counter(post.wall.date() for post in posts)
    days = [today + timedelta(days=number) for number in range(1, DAYS + 1)]
    posts = [post for post in posts if post.due_at < now + timedelta(days=DAYS)]
    return Outlook(
        brand=brand,
        count=len(posts),
        aim=round(sum(brand.target_mix.values()) * DAYS / A_MONTH),
        empty=tuple(on for on in days[:-1] if on not in taken),
        unready=_lack([one for one in posts if one.stage != PostStage.APPROVED and one.due_at < now + SOON]),
        bare=_lack([one for one in posts if not one.has_picture]),
        undescribed=_lack([one for one in posts if one.is_undescribed]),
        leans=_leans(brand, Counter(post.kind for post in posts)),
        days=tuple(PlannedDay(on, taken[on]) for on in days),
    )


def _lack(posts: list[_Planned]) -> Lack:
    return Lack(tuple(Named(one.pk, one.title, one.wall) for one in posts[:MOST_NAMED]), len(posts))


def _leans(brand: Brand, kinds: Counter[str]) -> tuple[Lean, ...]:
    """Return the kinds that are twice what the mix asks for, or half of it, among posts enough to say so."""
    total, whole = kinds.total(), sum(brand.target_mix.values())
    if total < FEW or not whole:
        return ()
    aims = {kind.value: round(total * brand.target_mix.get(kind.value, 0) / whole) for kind in Kind}
    return tuple(
        Lean(kind, kinds[kind], aim)
        for kind, aim in aims.items()
        if abs(kinds[kind] - aim) > 1 and (kinds[kind] >= 2 * aim or 2 * kinds[kind] <= aim)
    )


def waits(brands: Sequence[Brand], *, user: User) -> list[Wait]:
    """Return whom others wait for, the nearest deadline first; what waits for the reader stands elsewhere. One query."""
    asked = Approval.objects.filter(
        state=ApprovalState.ASKED, pack__isnull=False, pack__brand__in=[brand.pk for brand in brands]
    ).exclude(reviewer=user)
    rows = (
        asked.values("pack__brand", "pack", "pack__title", "reviewer__name", "stage", "pack__deadline_at")
        .annotate(count=Count("pk"), first_due_at=Min("revision__post__due_at"))
        .order_by("pack__deadline_at", "pack", "stage", "reviewer__name")
    )
    return [
        Wait(
            brand_id=row["pack__brand"],
            pack_id=row["pack"],
            title=row["pack__title"],
            name=row["reviewer__name"],
            is_client=row["stage"] == Stage.CLIENT,
            count=row["count"],
            deadline_at=row["pack__deadline_at"],
            first_due_at=row["first_due_at"],
        )
        for row in rows
    ]
