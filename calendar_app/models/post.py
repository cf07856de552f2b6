"""A post as it is being written, its variant for each channel, and the parts of a variant."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from accounts.wall import WallField
from calendar_app.models.asset import Asset
from calendar_app.models.campaign import Campaign, Label
from calendar_app.models.feed import PlanImport
from publisher.models import Channel


class Kind(models.TextChoices):
    """What a post is for."""

    INFORMATIONAL = "informational", _("Informational")
    ARGUMENTATIVE = "argumentative", _("Argumentative")
    PROMOTIONAL = "promotional", _("Promotional")


class Origin(models.TextChoices):
    """Who made the content."""

    BRAND = "brand", _("Brand content")
    UGC = "ugc", _("Fans’ content")
    PARTNERSHIP = "partnership", _("Paid partnership")


class PostStage(models.TextChoices):
    """The editorial life. What delivery did is read from the publications, never stored twice.

    ``staged`` rows are an import on its way in: nobody sees them until all of them are there.
    """

    STAGED = "staged", _("Coming in")
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    ARCHIVED = "archived", _("Archived")


def empty_brief() -> dict[str, Any]:
    """Return the brief of a new post: purpose, claims, agreed answers, question, thread plan, expert (all text)."""
    return {"purpose": "", "claims": "", "agreed_answers": "", "question": "", "thread_plan": "", "expert": ""}


class Posts(models.Manager["Post"]):
    """The posts that are really there; rows of an import on its way in are not."""

    def get_queryset(self) -> models.QuerySet["Post"]:
        """Leave staged rows out."""
        return super().get_queryset().exclude(stage=PostStage.STAGED)


class Post(models.Model):
    """One thing a brand wants to say on a day, on one or more channels.

    ``text``, ``link`` and the pictures of ``PostMedia`` are the common ones; each variant holds its own full copy,
    so that what one channel gets is read in one place. ``version`` rises with every save and tells a stale tab apart. ``feed_sequence`` and ``feed_changed_at``
    rise with every change that a reader of the calendar feed would see.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.INFORMATIONAL)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.BRAND)
    title = models.CharField(max_length=160)
    brief = models.JSONField(default=empty_brief, blank=True)
    text = models.TextField(blank=True, default="")
    link = models.URLField(max_length=500, blank=True, default="")
    stage = models.CharField(max_length=10, choices=PostStage, default=PostStage.DRAFT)
    wall = WallField()
    zone = models.CharField(max_length=64)
    fold = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    campaign = models.ForeignKey(Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="posts")
    labels: "models.ManyToManyField[Label, Any]" = models.ManyToManyField(Label, blank=True, related_name="posts")
    outside = models.BooleanField(default=False)
    canceled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    feed_sequence = models.PositiveIntegerField(default=0)
    feed_changed_at = models.DateTimeField()
    import_key = models.CharField(max_length=120, blank=True, default="")
    import_digest = models.CharField(max_length=64, blank=True, default="")
    plan_import = models.ForeignKey(PlanImport, on_delete=models.SET_NULL, null=True, blank=True, related_name="posts")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Posts] = Posts()
    every: ClassVar[models.Manager["Post"]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["brand", "import_key"], condition=~Q(import_key=""), name="one_post_per_import_key"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["brand", "due_at"], name="post_brand_due"),
            models.Index(  # with what a month asks first, so that thousands of posts are counted from the index alone
                fields=["brand", "wall", "stage", "key"], name="post_month"
            ),
            models.Index(fields=["brand", "feed_changed_at"], name="post_feed_changed"),
        ]

    def __str__(self) -> str:
        return self.title


class PostMedia(models.Model):
    """A common picture of a post, in order. An empty ``alt`` means the asset's in the brand's language."""

    brand_path: ClassVar[str] = "post__brand"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="media")
    position = models.PositiveSmallIntegerField()
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    alt = models.TextField(blank=True, default="")
    crop = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post", "position"], name="one_common_picture_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.post_id}/{self.position}"


class Variant(models.Model):
    """The post as one channel gets it; an empty ``wall`` means the post's hour.

    ``own_text`` and ``own_media`` tell whether text (with its link) and pictures differ from the post's common
    ones; otherwise they follow. ``options`` are the platform's (visibility, content warning, language …).
    """

    brand_path: ClassVar[str] = "post__brand"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="variants")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="variants")
    wall = WallField(null=True, blank=True)
    fold = models.PositiveSmallIntegerField(default=0)
    own_text = models.BooleanField(default=False)
    own_media = models.BooleanField(default=False)
    options = models.JSONField(default=dict, blank=True)
    link = models.URLField(max_length=500, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post", "channel"], name="one_variant_per_channel")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} on {self.channel_id}"


class PartKind(models.TextChoices):
    """What a part becomes on the platform."""

    POST = "post", _("Post")
    PART = "part", _("Part of a thread")
    FIRST_COMMENT = "first_comment", _("First comment")


class Part(models.Model):
    """A text of a variant: the post itself, a further part of a thread, or the first comment."""

    brand_path: ClassVar[str] = "variant__post__brand"

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=PartKind, default=PartKind.POST)
    text = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["variant", "kind", "number"], name="one_part_per_number")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class PartMedia(models.Model):
    """A picture of a part, in order. An empty ``alt`` means the asset's in the brand's language."""

    brand_path: ClassVar[str] = "part__variant__post__brand"

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="media")
    position = models.PositiveSmallIntegerField()
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="uses")
    alt = models.TextField(blank=True, default="")
    crop = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["part", "position"], name="one_picture_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.part_id}/{self.position}"
