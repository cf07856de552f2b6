"""What was frozen: a revision and its sheet for each channel. Neither ever changes."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from accounts.wall import WallField
from calendar_app.models.post import Post
from publisher.models import Channel


class Revision(models.Model):
    """A post as it was shown for decision. ``digest`` is SHA-256 over the canonical JSON of its sheets' digests."""

    brand_path: ClassVar[str] = "post__brand"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    brief = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post", "number"], name="one_revision_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} r{self.number}"


class Sheet(models.Model):
    """One channel's part of a revision: exactly what will be sent, and when.

    ``content`` is a list of parts, each ``{"kind", "number", "text", "link", "options", "language"}`` with
    ``files`` as ``[[StoredFile id of the rendition, sha256, alternative text, focus], …]`` in order.
    ``files`` repeats the rendition ids in order, for pages and look-ups.
    """

    brand_path: ClassVar[str] = "revision__post__brand"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="sheets")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="sheets")
    due_at = models.DateTimeField()
    wall = WallField()
    zone = models.CharField(max_length=64)
    fold = models.PositiveSmallIntegerField(default=0)
    content: "models.JSONField[Any, Any]" = models.JSONField()
    files: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "channel"], name="one_sheet_per_channel")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["digest"], name="sheet_digest")]

    def __str__(self) -> str:
        return f"{self.revision_id} on {self.channel_id}"
