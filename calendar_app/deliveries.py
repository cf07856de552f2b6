"""What delivery changes upstairs: the number that calendars read, and letters about what did not go out."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import AuditEntry
from calendar_app import alerts
from calendar_app.feed_changes import bump_all
from calendar_app.models import Alert, AlertKind, Post, PostStage
from publisher.models import Channel, ChannelState, Publication

TROUBLED = ("failed", "unknown", "missed")
UNSEEN = ("claimed", "canceled")
LOOKED_BACK = timedelta(days=2)
PREPARED_AHEAD = timedelta(minutes=15)
LOOKED_UP_WITHIN = timedelta(minutes=10)


def note_delivery(publication_id: int) -> None:
    """Take notice of what happened to a publication. Asked twice, it does nothing new but raise the number."""
    row = Publication.objects.select_related("channel", "brand", "after").filter(pk=publication_id).first()
    post = _post_of(row)
    if row is None or post is None:
        return
    bump_all([post.pk])
    if row.state in TROUBLED:
        alerts.not_published(row, post)


def note_trouble(publication_id: int) -> None:
    """Tell people before the hour what preparing found."""
    row = Publication.objects.select_related("channel", "brand", "after").filter(pk=publication_id).first()
    post = _post_of(row)
    if (
        row is not None
        and post is not None
        and row.problem_code
        and row.state in {"waiting", "held", "claimed", "failed"}
    ):
        alerts.in_trouble(row, post)


def note_lost(channel_id: int) -> None:
    """Ask for a channel to be connected again."""
    channel = Channel.objects.select_related("brand__agency", "connection").filter(pk=channel_id).first()
    if channel is not None and channel.archived_at is None:
        alerts.channel_lost(channel)


def sweep_deliveries(*, now: datetime | None = None) -> int:
    """Raise the number of posts whose delivery moved after it was last raised: news that was lost on its way."""
    since = (now or timezone.now()) - LOOKED_BACK
    moved = Publication.objects.filter(origin_key=OuterRef("key"), state_at__gt=since).exclude(state__in=UNSEEN)
    posts = Post.objects.annotate(moved_at=Subquery(moved.order_by("-state_at").values("state_at")[:1]))
    late = list(posts.filter(moved_at__gt=F("feed_changed_at")).values_list("pk", flat=True)[:500])
    bump_all(late)
    settled = Q(state__in=["failed", "missed"]) | Q(state="unknown", state_at__lt=timezone.now() - LOOKED_UP_WITHIN)
    approved = Post.objects.filter(key=OuterRef("origin_key"), stage=PostStage.APPROVED)
    forgotten = alerts.untold(Publication.objects.filter(settled, Exists(approved), state_at__gt=since))
    for row in forgotten.select_related("channel", "brand", "after").order_by("-state_at")[:200]:
        post = _post_of(row)
        if post is not None:
            alerts.not_published(row, post)
    return len(late)


def sweep_troubles(*, now: datetime | None = None) -> None:
    """Tell what preparing found before the hour, and which channels were lost, where the news was lost on its way."""
    moment = now or timezone.now()
    soon = Q(due_at__gt=moment, due_at__lt=moment + PREPARED_AHEAD, state__in=["waiting", "held"])
    troubled = Publication.objects.filter(soon, prepared_at=None, tries=0).exclude(problem_code="")
    for publication_id in troubled.values_list("pk", flat=True)[:200]:
        note_trouble(publication_id)
    lost = AuditEntry.objects.filter(verb="channel.lost", subject_kind="channel", subject_id=OuterRef("pk"))
    told = Alert.objects.filter(kind=AlertKind.LOST, channel=OuterRef("pk"), created_at__gte=OuterRef("lost_at"))
    untold = (
        Channel.objects.filter(state=ChannelState.LOST, archived_at=None)
        .annotate(lost_at=Subquery(lost.order_by("-pk").values("at")[:1]))
        .filter(~Exists(told), lost_at__gt=moment - LOOKED_BACK)
    )
    for channel_id in untold.values_list("pk", flat=True)[:200]:
        note_lost(channel_id)


def _post_of(row: Publication | None) -> Post | None:
    """Return the post that a publication was made from; replies have none."""
    if row is None:
        return None
    return Post.objects.select_related("brand__agency", "created_by").filter(key=row.origin_key).first()
