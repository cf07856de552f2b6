"""Telling people that something went wrong, once and together: rows first, then one letter for each person.

A person who is told waits for the next letter at least ``QUIET``; what goes wrong meanwhile stands in that one.
What was mended before its letter is not told at all.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import override

from accounts.letters import post_letter
from accounts.models import Brand, Role, User
from accounts.permissions import Ability
from calendar_app.models import Alert, AlertKind, Post
from calendar_app.notices import desk_of, said
from calendar_app.rights import holders_of, members_with
from publisher.models import Channel, ChannelState, Publication, PublicationState
from publisher.sentences import sentence

GATHERED = timedelta(seconds=90)
QUIET = timedelta(minutes=10)
KEPT = timedelta(days=30)
MOST_LISTED = 8
MOST_AT_ONCE = 5000
URGENT_FIRST = [AlertKind.LOST, AlertKind.UNKNOWN, AlertKind.TROUBLED, AlertKind.FAILED, AlertKind.MISSED]
AHEAD = {PublicationState.WAITING, PublicationState.HELD, PublicationState.CLAIMED}


def people_for(post: Post) -> list[User]:
    """Return whoever planned a post and the brand's managers; clients are told nothing of our troubles."""
    return list(dict.fromkeys([*desk_of(post), *managers_of(post.brand)]))


def managers_of(brand: Brand) -> list[User]:
    """Return the brand's own managers, or where it has none those of the whole agency."""
    return holders_of(brand, Role.MANAGER) or members_with(Ability.MANAGE_BRAND, brand)


def not_published(publication: Publication, post: Post) -> None:
    """Note that a publication failed, was missed, or may be out; a part that hangs under one that is not out says nothing."""
    if publication.after is not None and publication.after.state != PublicationState.PUBLISHED:
        return
    key = f"{publication.state}:{publication.pk}:{publication.tries}"
    _note(people_for(post), publication, kind=publication.state, title=post.title, key=key)


def in_trouble(publication: Publication, post: Post) -> None:
    """Note before the hour what would keep a publication from going out."""
    key = f"troubled:{publication.pk}:{publication.problem_code}"
    _note(people_for(post), publication, kind=AlertKind.TROUBLED, title=post.title, key=key)


def answer_failed(publication: Publication, author: User | None) -> None:
    """Note that an answer to a comment did not go out, or may have: for who wrote it, or whoever moderates."""
    moderators = members_with(Ability.MODERATE, publication.brand)
    people = [author] if author is not None and author in moderators else moderators
    text = " ".join(str(publication.content.get("text", "")).split())
    key = f"{publication.state}:{publication.pk}:{publication.tries}"
    _note(people, publication, kind=publication.state, title=text[:80], key=key)


def channel_lost(channel: Channel) -> None:
    """Note for those who connect channels that one has to be connected again, once a day at most."""
    people = holders_of(channel.brand, Role.MANAGER) or members_with(Ability.CONNECT, channel.brand)
    key = f"lost:{channel.pk}:{timezone.now():%Y-%m-%d}"
    _store(people, key, brand=channel.brand, channel=channel, kind=AlertKind.LOST)


def _note(people: Iterable[User], publication: Publication, *, kind: str, title: str, key: str) -> None:
    values = {"brand": publication.brand, "channel": publication.channel, "publication": publication}
    _store(people, key, kind=kind, title=title[:200], **values)


def _store(people: Iterable[User], key: str, **values: Any) -> None:
    rows = [Alert(user=person, dedupe_key=f"{key}:{person.pk}", **values) for person in people]
    Alert.objects.bulk_create(rows, ignore_conflicts=True)


def tell(*, now: datetime | None = None) -> int:
    """Write the letters that are due: one for each person, whatever went wrong. Returns how many were written."""
    now = now or timezone.now()
    waiting = Alert.objects.filter(told_at=None).values("user").annotate(since=Min("created_at"))
    due = list(waiting.filter(since__lte=now - GATHERED).values_list("user", flat=True))
    last = Alert.objects.filter(user__in=due, told_at__gt=now - QUIET).values("user").annotate(at=Max("told_at"))
    resting = set(last.values_list("user", flat=True))
    Alert.objects.filter(told_at__lt=now - KEPT).delete()
    return sum(_tell(user_id, now=now) for user_id in due if user_id not in resting)


@transaction.atomic
def _tell(user_id: int, *, now: datetime) -> bool:
    """Write one person's letter about all that still stands."""
    mine = Alert.objects.filter(user=user_id, told_at=None).order_by("pk")
    rows = list(_with_all(mine.select_for_update(of=("self",)))[:MOST_AT_ONCE])
    Alert.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    still = sorted((row for row in rows if still_stands(row)), key=lambda row: URGENT_FIRST.index(AlertKind(row.kind)))
    if not still:
        return False
    person, brands = still[0].user, {row.brand_id for row in still}
    post_letter(
        kind="troubles",
        to=person,
        address=person.email,
        brand=still[0].brand if len(brands) == 1 else None,
        subject=None,
        parts=letter_parts(still, person),
        dedupe_key=f"troubles:{person.pk}:{still[0].pk}",
    )
    return True


def _with_all(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    return rows.select_related("user", "brand", "channel", "publication")


def still_stands(alert: Alert) -> bool:
    """Tell whether what went wrong has not been mended meanwhile."""
    row = alert.publication
    if row is None:
        return alert.channel.state == ChannelState.LOST and alert.channel.archived_at is None
    if alert.kind == AlertKind.TROUBLED:
        return bool(row.problem_code) and row.state in AHEAD
    return row.state == alert.kind


def letter_parts(rows: list[Alert], person: User) -> dict[str, Any]:
    """Return what the letter says: the first few by name, and how many there are of each kind."""
    brands = {row.brand_id: row.brand.name for row in rows}
    one = len(brands) == 1
    return {
        "lines": [_line(row, person) for row in rows[:MOST_LISTED]],
        "count": len(rows),
        "more": max(0, len(rows) - MOST_LISTED),
        "kinds": dict(Counter(row.kind for row in rows)),
        "brand": next(iter(brands.values())) if one else "",
        "brand_id": next(iter(brands)) if one else 0,
    }


def _line(alert: Alert, person: User) -> dict[str, Any]:
    row = alert.publication
    with override(person.language):
        why = sentence(row.problem_code, row.problem_values) if row is not None and row.problem_code else ""
    return {
        "kind": alert.kind,
        "title": alert.title,
        "channel": alert.channel.name,
        "brand": alert.brand.name,
        "hour": said(row.due_at, alert.brand, person) if row is not None else "",
        "why": why,
    }


def untold(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """Return those of which nobody was told since they came to their state."""
    known = Alert.objects.filter(
        publication=OuterRef("pk"), kind=OuterRef("state"), created_at__gte=OuterRef("state_at")
    )
    return rows.exclude(Exists(known))
