"""Comments, theirs and ours, and the versions that stay as evidence."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from community.models.contact import Identity
from community.models.conversation import Conversation
from publisher.models import Channel, Publication


class Direction(models.TextChoices):
    """Who speaks."""

    INBOUND = "inbound", _("From outside")
    OUTBOUND = "outbound", _("Ours")


class Visibility(models.TextChoices):
    """Whether others can see it on the platform."""

    VISIBLE = "visible", _("Visible")
    HIDDEN = "hidden", _("Hidden")
    VANISHED = "vanished", _("No longer there")


class Comment(models.Model):
    """One message. A stranger's row is never deleted; ``publication`` is set when the words are ours.

    ``handled_at`` says that nobody has to answer it any more. ``extra`` is what the adapter needs to answer it.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="comments")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="comments")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="comments")
    remote_id = models.CharField(max_length=255)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="answers")
    parent_remote_id = models.CharField(max_length=255, blank=True, default="")
    direction = models.CharField(max_length=8, choices=Direction)
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True, blank=True, related_name="comments")
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    language = models.CharField(max_length=16, blank=True, default="")
    remote_at = models.DateTimeField()
    fetched_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.VISIBLE)
    private = models.BooleanField(default=False)
    liked_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    url = models.CharField(max_length=500, blank=True, default="")
    extra = models.JSONField(default=dict, blank=True)
    text_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "remote_id"], name="one_row_per_remote_comment"),
            models.UniqueConstraint(
                fields=["publication"], condition=Q(publication__isnull=False), name="one_comment_per_publication"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["conversation", "remote_at"], name="comment_thread"),
            models.Index(fields=["text_until"], condition=Q(text_until__isnull=False), name="comment_text_until"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class CommentVersion(models.Model):
    """What a comment said before it was edited or vanished; evidence for as long as ``text_until`` allows."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    seen_at = models.DateTimeField()
    text_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["comment", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} v{self.number}"
