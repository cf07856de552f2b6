"""A thread, mention, message or review that somebody may have to answer."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from publisher.models import Channel, Publication


class ConversationKind(models.TextChoices):
    """Where the words stand."""

    THREAD = "thread", _("Comments on a post")
    MENTION = "mention", _("Mention")
    MESSAGE = "message", _("Private message")
    REVIEW = "review", _("Review")


class ConversationState(models.TextChoices):
    """Whose turn it is."""

    OPEN = "open", _("To handle")
    WAITING = "waiting", _("Waiting for the person")
    CLOSED = "closed", _("Closed")


class Conversation(models.Model):
    """``first_unanswered_at`` is the oldest inbound comment after our last answer: waiting runs from the last
    unanswered message, ``last_inbound_at``; both are empty or past when nothing waits.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="conversations")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="conversations")
    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, null=True, blank=True, related_name="conversations"
    )
    kind = models.CharField(max_length=8, choices=ConversationKind, default=ConversationKind.THREAD)
    root_remote_id = models.CharField(max_length=255)
    state = models.CharField(max_length=8, choices=ConversationState, default=ConversationState.CLOSED)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    writing_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    writing_until = models.DateTimeField(null=True, blank=True)
    muted_at = models.DateTimeField(null=True, blank=True)
    urgency = models.SmallIntegerField(default=0)
    target_at = models.DateTimeField(null=True, blank=True)
    first_inbound_at = models.DateTimeField(null=True, blank=True)
    first_answer_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    waiting_since_at = models.DateTimeField(null=True, blank=True)
    unanswered_count = models.PositiveIntegerField(default=0)
    newest_text = models.CharField(max_length=300, blank=True, default="")
    newest_name = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "kind", "root_remote_id"], name="one_conversation_per_root"),
            models.UniqueConstraint(
                fields=["publication"], condition=Q(publication__isnull=False), name="one_conversation_per_publication"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["brand", "-urgency", "last_inbound_at"], condition=Q(state="open"), name="conversation_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.root_remote_id}"


class Note(models.Model):
    """Words among colleagues. Never sent, never shown to a client."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:60]
