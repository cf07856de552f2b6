"""The calendar leaves as iCalendar: a secret address per person, or one file. The same plan gives the same bytes."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unicodedata import category

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from accounts.audit import record
from accounts.models import Brand, Role, User
from accounts.permissions import Ability, abilities_in, roles_in
from accounts.scope import brands_of
from calendar_app.feed_changes import bump, bump_all
from calendar_app.models import Feed, Kind, Part, Post, PostStage, Variant
from calendar_app.revisions import due_of
from calendar_app.rights import require
from calendar_app.shown import shown_state, with_states

__all__ = [
    "Options",
    "address_of",
    "bump",
    "bump_all",
    "calendar_bytes",
    "etag_of",
    "file_of",
    "find_feed",
    "make_feed",
    "revoke",
]

SECRET_BYTES = 32
LASTS = timedelta(minutes=15)
KEPT_CANCELED = timedelta(days=30)
BACK, AHEAD = timedelta(days=100), timedelta(days=400)
USED_EVERY = timedelta(hours=1)
PRODID = "-//Palinsesto//Palinsesto//IT"


@dataclass(frozen=True, slots=True)
class Options:
    """What a feed carries: everything or only what is approved, which channels, titles alone or texts too."""

    only_approved: bool = True
    channels: frozenset[int] = frozenset()
    texts: bool = False

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Options":
        """Return the options of a row; what is not said is the narrower choice."""
        return cls(
            only_approved=stored.get("state") != "all",
            channels=frozenset(int(pk) for pk in stored.get("channels") or ()),
            texts=bool(stored.get("texts")),
        )


@transaction.atomic
def make_feed(*, user: User, brand: Brand | None, options: dict[str, Any], name: str = "") -> tuple[Feed, str]:
    """Return a stored feed and its secret, which is shown once and kept nowhere. An empty brand means all of theirs."""
    if brand is not None:
        require(user, Ability.SUBSCRIBE, brand)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    read = Options.read(options)
    feed = Feed.objects.create(
        user=user,
        brand=brand,
        name=name.strip()[:120],
        token_sha256=_digest(secret),
        prefix=secret[:6],
        options={
            "state": "approved" if read.only_approved else "all",
            "channels": sorted(read.channels),
            "texts": read.texts,
        },
    )
    record("feed.made", by=user, brand=brand, subject=feed, data=feed.options)
    return feed, secret


@transaction.atomic
def revoke(feed: Feed, *, by: User | None) -> None:
    """End a feed: from now on its address is not there."""
    if Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record("feed.revoked", by=by, brand=feed.brand, subject=feed)


def find_feed(secret: str) -> Feed | None:
    """Return the open feed of a secret, if its person may still subscribe to what it carries."""
    rows = Feed.objects.select_related("user", "brand__agency").filter(revoked_at=None, user__is_active=True)
    feed = rows.filter(token_sha256=_digest(secret)).first()
    if feed is None or not brands_in(feed).exists():
        return None
    now = timezone.now()
    unused = Q(used_at=None) | Q(used_at__lt=now - USED_EVERY)
    Feed.objects.filter(unused, pk=feed.pk).update(used_at=now)
    return feed


def brands_in(feed: Feed) -> QuerySet[Brand]:
    """Return the brands of a feed that its person may subscribe to **now**: leaving a brand ends its feed."""
    reached = brands_of(feed.user, ability=Ability.SUBSCRIBE)
    return reached.filter(pk=feed.brand_id) if feed.brand_id else reached


def address_of(secret: str) -> str:
    """Return the path under which a feed answers."""
    return reverse("feed", args=[secret])


def calendar_bytes(feed: Feed) -> bytes:
    """Return what a feed answers, in its person’s language."""
    brands = list(brands_in(feed).select_related("agency").order_by("pk"))
    name = feed.brand.name if feed.brand else _all_name(feed.user)
    return _write(brands, reader=feed.user, options=Options.read(feed.options), name=name, uid=f"feed-{feed.pk}")


def file_of(*, brand: Brand, by: User, options: Options | None = None) -> bytes:
    """Return a brand’s plan once, as a file."""
    require(by, Ability.SUBSCRIBE, brand)
    wanted = options or Options(only_approved=False, texts=False)
    return _write([brand], reader=by, options=wanted, name=brand.name, uid=f"brand-{brand.pk}")


def etag_of(data: bytes) -> str:
    """Return the tag of an answer: over its bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class _Page:
    """What holds for every event of a brand: the choice made, and what its reader may see there."""

    options: Options
    is_client: bool
    may_open: bool


def _all_name(user: User) -> str:
    with translation.override(user.language):
        return _("All brands")


def _write(brands: Iterable[Brand], *, reader: User, options: Options, name: str, uid: str) -> bytes:
    with translation.override(reader.language):
        calendar = _calendar(name=_plain(name), uid=f"{uid}@palinsesto")
        for brand in brands:
            page = _Page(
                options=options,
                is_client=roles_in(reader, brand) == {Role.CLIENT},
                may_open=Ability.READ in abilities_in(reader, brand),
            )
            for post in _posts(brand, page):
                for event in _events(post, page):
                    calendar.add_component(event)
        return bytes(calendar.to_ical())


def _calendar(*, name: vText, uid: str) -> Calendar:
    """Return the frame; its id is fixed, so that a program that subscribes anew knows the calendar again."""
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("uid", uid)
    calendar.add("x-wr-relcalid", uid)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    return calendar


def _posts(brand: Brand, page: _Page) -> list[Post]:
    """Return the posts that the reader’s role and the feed’s choice let through, in a steady order."""
    now = timezone.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    alive = ~Q(stage=PostStage.ARCHIVED) & Q(due_at__gte=today - BACK, due_at__lte=today + AHEAD)
    canceled = Q(stage=PostStage.ARCHIVED, canceled_at__gt=now - KEPT_CANCELED)
    variants = Variant.objects.select_related("channel").order_by("pk")
    if page.options.texts:
        variants = variants.prefetch_related(Prefetch("parts", queryset=Part.objects.order_by("number", "pk")))
    posts = with_states(Post.objects.filter(alive | canceled, brand=brand)).order_by("due_at", "pk")
    found = posts.prefetch_related(Prefetch("variants", queryset=variants))
    return [post for post in found if _is_let_through(post, page)]


def _is_let_through(post: Post, page: _Page) -> bool:
    """Drafts are for colleagues who ask for everything; a canceled post is told to those who could see it before."""
    if post.stage == PostStage.APPROVED:
        return True
    if page.options.only_approved:
        return post.stage == PostStage.ARCHIVED and _was_sealed(post)
    return _was_sealed(post) if page.is_client else True


def _was_sealed(post: Post) -> bool:
    """Tell whether a decision was ever asked about the post."""
    return bool(post.decision)  # type: ignore[attr-defined]  # annotated by with_states


def _events(post: Post, page: _Page) -> list[Event]:
    """Return one event for each distinct hour of a post."""
    variants = list(post.variants.all())
    wanted = page.options.channels
    shown = [one for one in variants if not wanted or one.channel_id in wanted]
    if wanted and not shown:
        return []
    groups: dict[datetime, list[Variant]] = {}
    for variant in shown:
        groups.setdefault(due_of(post, variant), []).append(variant)
    places = {due_of(post, one): number for number, one in reversed(list(enumerate(variants, 1)))}
    return [
        _event(post, due_at, group, page, uid=_uid(post, due_at, places))
        for due_at, group in sorted((groups or {post.due_at: []}).items())
    ]


def _uid(post: Post, due_at: datetime, places: dict[datetime, int]) -> str:
    """Return a name that stays while the post lives: the post’s hour has none behind it, an own hour its variant’s place."""
    behind = "" if due_at == post.due_at or due_at not in places else f"-{places[due_at]}"
    return f"{post.key}{behind}@palinsesto"


def _event(post: Post, due_at: datetime, variants: list[Variant], page: _Page, *, uid: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", post.feed_changed_at.replace(microsecond=0))
    event.add("last-modified", post.feed_changed_at.replace(microsecond=0))
    event.add("sequence", post.feed_sequence)
    event.add("dtstart", due_at)
    event.add("duration", LASTS)
    event.add("transp", "TRANSPARENT")
    event.add("summary", _plain(f"{post.title} · {shown_state(post).word}"))
    event.add("status", _status(post))
    event.add("categories", [_plain(str(Kind(post.kind).label)), *(_plain(one.channel.name) for one in variants)])
    if page.may_open:
        event.add("url", settings.PUBLIC_URL + reverse("post", args=[post.pk]))
    if page.options.texts:
        event.add("description", _texts(post, variants))
    return event


def _status(post: Post) -> str:
    if post.stage == PostStage.ARCHIVED:
        return "CANCELLED"
    return "CONFIRMED" if post.stage == PostStage.APPROVED else "TENTATIVE"


def _texts(post: Post, variants: list[Variant]) -> str:
    """Return what goes out, once where all channels get the same."""
    written: dict[str, list[str]] = {}
    for variant in variants:
        parts = [part.text for part in variant.parts.all() if part.text]
        written.setdefault("\n\n".join(parts), []).append(variant.channel.name)
    if len(written) <= 1:
        return _plain(next(iter(written), post.text))
    return _plain("\n\n".join(f"{', '.join(names)}:\n{text}" for text, names in written.items()))


def _plain(text: str) -> vText:
    """Return text without control signs: no reader can take it for a line of the file. The library folds and escapes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return vText("".join(sign for sign in lines if sign == "\n" or category(sign) != "Cc"))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
