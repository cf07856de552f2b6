"""Mail that has to leave: the row is written first, sending is a task that a sweep repeats."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.brand import Brand


class MailState(models.TextChoices):
    """Where a letter stands."""

    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"


class OutgoingMail(models.Model):
    """One letter to one address, written at most once per ``dedupe_key``.

    ``parts`` holds what the templates need as JSON; a secret of a link stands in ``sealed`` only,
    encrypted, and is emptied once the letter has left.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    address = models.EmailField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=8, default="it")
    subject_kind = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    parts = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True, default="")
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=MailState, default=MailState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message_id"], condition=~Q(message_id=""), name="one_row_per_message_id")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="mail_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
