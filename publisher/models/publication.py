"""What will be sent, where and when; and the log of every try, written before the call."""

import uuid
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from accounts.wall import WallField
from publisher.models.channel import Channel, Profile
from publisher.models.stored_file import StoredFile


class PublicationKind(models.TextChoices):
    """What a publication is on the platform."""

    POST = "post", _("Post")
    PART = "part", _("Part of a thread")
    FIRST_COMMENT = "first_comment", _("First comment")
    REPLY = "reply", _("Reply")
    PRIVATE_MESSAGE = "private_message", _("Private message")


class PublicationState(models.TextChoices):
    """Delivery. The allowed moves stand in ``publisher.states``."""

    WAITING = "waiting", _("Scheduled")
    HELD = "held", _("Paused")
    CLAIMED = "claimed", _("About to go out")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Outcome unknown")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Not published")
    MISSED = "missed", _("Not sent, time passed")
    CANCELED = "canceled", _("Canceled")


LIVE = ("waiting", "held", "claimed", "sending", "unknown", "published")
IN_HAND = ("claimed", "sending")
AHEAD = ("waiting", "held")
TROUBLED = ("failed", "missed", "unknown", "held")


def among(states: Iterable[str]) -> Q:
    """Return the condition that a row stands in one of these states, as the partial indexes have it, in their order.

    SQLite recognises an index by ``a OR b``, never by ``IN (…)``.
    """
    return reduce(or_, (Q(state=state) for state in states))


class Publication(models.Model):
    """One sending of one sealed content to one profile.

    ``content`` is exactly what the adapter gets; ``seal`` covers content, profile, files and hour.
    ``origin_key`` names the Post or the ReplyDraft upstairs without a foreign key.
    ``news`` is a state that the packages upstairs have not been told yet.
    ``wall``, ``zone`` and ``fold`` keep the hour as a person typed it; ``due_at`` is the instant.
    """

    # An index of its own would only repeat the beginning of another, and be written with each move of a row.
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="publications", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="publications")
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="publications")
    kind = models.CharField(max_length=16, choices=PublicationKind, default=PublicationKind.POST)
    origin_key = models.UUIDField()
    part = models.PositiveSmallIntegerField(default=0)
    after = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followers", db_index=False
    )
    reply_to = models.CharField(max_length=255, blank=True, default="")

    content = models.JSONField()
    content_digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    sealed_by = models.CharField(max_length=160, blank=True, default="")
    rule = models.JSONField(default=dict, blank=True)
    redate_within = models.DurationField(null=True, blank=True)

    due_at = models.DateTimeField()
    wall = WallField()
    zone = models.CharField(max_length=64)
    fold = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    late_after = models.DateTimeField()

    state = models.CharField(max_length=10, choices=PublicationState, default=PublicationState.WAITING)
    state_at = models.DateTimeField(auto_now_add=True)
    fence = models.PositiveBigIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rkey = models.CharField(max_length=64, blank=True, default="")
    record_created_at = models.DateTimeField(null=True, blank=True)

    prepared = models.JSONField(null=True, blank=True)
    prepared_at = models.DateTimeField(null=True, blank=True)
    prepared_until = models.DateTimeField(null=True, blank=True)
    prepare_next_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=60, blank=True, default="")
    problem_values = models.JSONField(default=dict, blank=True)

    remote_id = models.CharField(max_length=255, blank=True, default="")
    remote_uri = models.CharField(max_length=500, blank=True, default="")
    remote_extra = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=500, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    lag_ms = models.IntegerField(null=True, blank=True)
    error_class = models.CharField(max_length=20, blank=True, default="")
    news = models.CharField(max_length=10, blank=True, default="")

    comment_count = models.PositiveIntegerField(default=0)
    open_count = models.PositiveIntegerField(default=0)
    last_comment_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["origin_key", "profile", "kind", "part"], condition=Q(state__in=LIVE), name="sent_once"
            ),
            models.UniqueConstraint(fields=["profile"], condition=Q(state="sending"), name="one_in_flight_per_profile"),
            models.UniqueConstraint(
                fields=["profile", "remote_id"], condition=~Q(remote_id=""), name="one_row_per_remote_post"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(  # with the id, so that of a hundred thousand due in one second the first are found unsorted
                fields=["next_at", "id"], condition=Q(state="waiting", next_at__isnull=False), name="publication_to_go"
            ),
            models.Index(
                fields=["prepare_next_at"],
                condition=Q(state="waiting", prepare_next_at__isnull=False),
                name="publication_to_prepare",
            ),
            models.Index(
                fields=["lease_until"], condition=among(IN_HAND), name="publication_in_hand"
            ),
            models.Index(fields=["next_at"], condition=Q(state="unknown"), name="publication_unknown"),
            models.Index(fields=["late_after"], condition=among(AHEAD), name="publication_ahead"),
            models.Index(fields=["brand", "due_at"], name="publication_brand_due"),
            models.Index(
                fields=["brand", "state"],
                condition=among(TROUBLED),
                name="publication_trouble",
            ),
            models.Index(fields=["origin_key", "state"], name="publication_of"),  # a month asks for nothing but the state
            models.Index(fields=["after"], condition=Q(after__isnull=False), name="publication_followers"),
            models.Index(fields=["state_at"], condition=~Q(news=""), name="publication_news"),
        ]

    def __str__(self) -> str:
        return f"publication {self.pk} {self.state}"


class Attachment(models.Model):
    """One file of a publication, in order, with its alternative text."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    alt = models.TextField(blank=True, default="")
    focus = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["publication", "position"], name="one_file_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}/{self.position}"


class Outcome(models.TextChoices):
    """How a try ended. Empty while it is open."""

    RECEIPT = "receipt", "receipt"
    ADOPTED = "adopted", "adopted"
    NOT_SENT = "not_sent", "not sent"
    REJECTED = "rejected", "rejected"
    SIGN_IN = "sign_in", "sign in"
    UNAVAILABLE = "unavailable", "unavailable"
    UNKNOWN = "unknown", "unknown"
    ABSENT = "absent", "looked up, surely not there"


class Act(models.TextChoices):
    """What a try does: send for the first time, repeat the identical call under its key, or look it up."""

    PUBLISH = "publish", "publish"
    REPLAY = "replay", "replay"
    FIND = "find", "find"


class Attempt(models.Model):
    """The intent log: the row is stored before the call; an open row after a crash means *we do not know*.

    ``seen`` is what a look-up that found nothing came across: how many posts, whether all, and the nearest ones.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=8, choices=Act, default=Act.PUBLISH)
    fence = models.PositiveBigIntegerField()
    owner = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    request_sha256 = models.CharField(max_length=64, blank=True, default="")
    provider_request_id = models.CharField(max_length=120, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    seen = models.JSONField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["publication", "number"], name="attempt_number"),
            models.UniqueConstraint(
                fields=["publication"], condition=Q(finished_at__isnull=True), name="one_open_attempt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}#{self.number} {self.outcome or 'open'}"
