"""What somebody has to be told because it went wrong: a row for each person and trouble, told together in one letter."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Brand
from publisher.models import Channel, Publication


class AlertKind(models.TextChoices):
    """What went wrong. The first three are states of a publication."""

    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "unknown"
    MISSED = "missed", "missed"
    TROUBLED = "troubled", "troubled"
    LOST = "lost", "lost"


class Alert(models.Model):
    """Written with the news, at most once per ``dedupe_key``; ``told_at`` is when its letter was written.

    ``publication`` is empty where a whole channel is meant.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=AlertKind)
    title = models.CharField(max_length=200, blank=True, default="")
    dedupe_key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "created_at"], condition=Q(told_at__isnull=True), name="alert_untold"),
            models.Index(fields=["user", "told_at"], name="alert_told"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
