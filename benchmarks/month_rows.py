"""Brands with a full month, and the pages that show it; imported once Django knows its database."""

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Agency, Brand, Membership, Role, User
from calendar_app import closed_days
from calendar_app.models import Approval, Part, Post, Revision, Variant
from publisher.models import Channel, Connection, Profile, Publication

YEAR, MONTH = 2027, 3
FIRST = datetime(YEAR, MONTH, 1, 7, 0)  # noqa: DTZ001  (a wall hour)
CHUNK = 2_000
STAGES = ("approved", "approved", "approved", "approved", "approved", "in_review", "draft")
STATES = ("waiting", "waiting", "waiting", "published", "failed")
client = Client(headers={"accept-language": "it"}, SERVER_NAME="127.0.0.1")


def make_brand(slug: str, *, posts: int, agency: str = "one") -> Brand:
    """Make a brand with three channels and so many posts in one month, with all that hangs on them."""
    house, _ = Agency.objects.get_or_create(slug=agency, defaults={"name": agency})
    brand = Brand.objects.create(agency=house, slug=slug, name=slug.capitalize(), region="MI")
    sign_in(house)
    channels = [make_channel(brand, number) for number in range(3)]
    for start in range(0, posts, CHUNK):
        fill(brand, channels, range(start, min(posts, start + CHUNK)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return brand


def sign_in(agency: Agency) -> None:
    """Sign the planner of an agency in."""
    person, made = User.objects.get_or_create(email=f"mara@{agency.slug}.example", defaults={"name": "Mara", "may_sign_in": True})
    if made:
        Membership.objects.create(user=person, agency=agency, role=Role.OWNER)
    client.force_login(person)


def make_channel(brand: Brand, number: int) -> Channel:
    """Make a connected channel."""
    name = f"{brand.slug}-{number}"
    profile = Profile.objects.create(platform="mastodon", server="https://one.example", remote_id=name, handle=name)
    connection_ = Connection.objects.create(
        agency=brand.agency, platform="mastodon", server="https://one.example", remote_user_id=name, state="connected"
    )
    return Channel.objects.create(brand=brand, profile=profile, connection=connection_, name=name)


def fill(brand: Brand, channels: list[Channel], numbers: range) -> None:
    """Add posts with three variants each, decisions, publications and counted comments."""
    now = datetime.now(UTC)
    posts = Post.objects.bulk_create(
        Post(
            brand=brand,
            title=f"Il calice della settimana, numero {number}",
            kind=("informational", "argumentative", "promotional")[number % 3],
            stage=STAGES[number % len(STAGES)],
            wall=FIRST + timedelta(days=number % 31, minutes=number // 31 % 600),
            zone="Europe/Rome",
            due_at=(FIRST + timedelta(days=number % 31, minutes=number // 31 % 600)).replace(tzinfo=UTC),
            feed_changed_at=now,
        )
        for number in numbers
    )
    variants = Variant.objects.bulk_create(Variant(post=post, channel=one) for post in posts for one in channels)
    Part.objects.bulk_create(Part(variant=variant, text="Un sorso alla volta.") for variant in variants)
    revisions = Revision.objects.bulk_create(
        Revision(post=post, number=1, digest=uuid.uuid4().hex) for post in posts if post.stage != "draft"
    )
    Approval.objects.bulk_create(decision(one) for one in revisions)
    gone = [post for post in posts if post.stage == "approved"]
    Publication.objects.bulk_create(row for post in gone for row in publications(post, channels))


def decision(revision: Revision) -> Approval:
    """Return what was said of a revision: approved, or still asked."""
    state = "approved" if revision.post.stage == "approved" else "asked"
    reviewer = User.objects.order_by("pk").first()
    return Approval(revision=revision, stage="client", state=state, digest=revision.digest, reviewer=reviewer)


def publications(post: Post, channels: list[Channel]) -> list[Publication]:
    """Return a publication for each channel."""
    state = STATES[post.pk % len(STATES)]
    return [
        Publication(
            brand=post.brand,
            channel=channel,
            profile=channel.profile,
            origin_key=post.key,
            content={"text": post.title},
            due_at=post.due_at,
            wall=post.wall,
            zone=post.zone,
            next_at=post.due_at,
            late_after=post.due_at + timedelta(minutes=15),
            sealed_at=post.due_at,
            state=state,
            comment_count=3,
            open_count=1,
        )
        for channel in channels
    ]


def month_of(brand: Brand | None) -> str:
    """Return the address of the month; without a brand, of all."""
    if brand is None:
        return reverse("calendar_all", args=[YEAR, MONTH])
    return reverse("calendar_month", args=[brand.pk, YEAR, MONTH])


def fetch(address: str) -> bytes:
    """Fetch a page."""
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code} {answer.headers}")
    return bytes(answer.content)


def queries(address: str) -> int:
    """Count the queries of a page."""
    with CaptureQueriesContext(connection) as caught:
        fetch(address)
    return len(caught)


def forget() -> None:
    """Empty every cache that a page may have filled."""
    cache.clear()
    for one in vars(closed_days).values():
        clear: Any = getattr(one, "cache_clear", None)
        if clear is not None:
            clear()


def counted(brand: Brand) -> dict[str, int]:
    """Return how many posts SQL counts for each day that the month shows."""
    first = date(YEAR, MONTH, 1)
    begin = first - timedelta(days=first.weekday())
    days = [begin + timedelta(days=number) for number in range(35)]
    end = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time())
    rows = Post.objects.filter(brand=brand, wall__gte=datetime.combine(begin, datetime.min.time()), wall__lt=end)
    found = Counter(str(wall)[:10] for wall in rows.values_list("wall", flat=True))
    return {str(day): found[str(day)] for day in days}
