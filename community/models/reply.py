"""Answers while they are written, small acts on comments, and ready sentences."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from community.models.comment import Comment
from publisher.models import Publication


class ReplyState(models.TextChoices):
    """Where an answer stands."""

    DRAFT = "draft", _("Draft")
    SECOND_CHECK = "second_check", _("Second pair of eyes")
    HANDED_OVER = "handed_over", _("Handed over")
    DROPPED = "dropped", _("Dropped")


class ReplyDraft(models.Model):
    """An answer to one comment. A second one to the same comment exists only when written ``knowingly``."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="reply_drafts")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reply_drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=12, choices=ReplyState, default=ReplyState.DRAFT)
    knowingly = models.BooleanField(default=False)
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["comment"], condition=~Q(state="dropped") & Q(knowingly=False), name="one_answer_per_comment"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Act(models.TextChoices):
    """A small act on somebody's comment. There is no act that deletes."""

    LIKE = "like", _("Like")
    UNLIKE = "unlike", _("Unlike")
    HIDE = "hide", _("Hide")
    SHOW = "show", _("Show")
    MUTE = "mute", _("Mute")
    UNMUTE = "unmute", _("Unmute")
    REPORT = "report", _("Report")


class ActState(models.TextChoices):
    """How an act went."""

    ASKED = "asked", _("Asked")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown")


class ModerationAct(models.Model):
    """Asked by a person, under the words of a rule where one is needed, with a snapshot of what was there.

    ``what`` is whom or what a mute is about (person, thread), or the reason of a report.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="acts")
    act = models.CharField(max_length=8, choices=Act)
    what = models.CharField(max_length=20, blank=True, default="")
    rule = models.CharField(max_length=300, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ActState, default=ActState.ASKED)
    problem_code = models.CharField(max_length=60, blank=True, default="")
    snapshot = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["comment", "act"], condition=Q(state="asked"), name="one_act_asked"),
            models.UniqueConstraint(
                fields=["comment"], condition=Q(act="report") & ~Q(state="failed"), name="reported_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.comment_id}"


class CannedReply(models.Model):
    """A ready answer with variants, so that people do not get the same sentence twice."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="canned_replies")
    shortcut = models.CharField(max_length=40)
    texts = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "canned replies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["brand", "shortcut"], name="shortcut_per_brand")
        ]

    def __str__(self) -> str:
        return self.shortcut
