"""Links by which somebody without an account reads or decides."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models.brand import Agency, Brand


class Purpose(models.TextChoices):
    """What a guest link is for; one link serves one person and one purpose."""

    APPROVE = "approve", "approve"
    READ = "read", "read"
    ANSWER = "answer", "answer"
    KIT = "kit", "kit"


class GuestLink(models.Model):
    """One person's way in. The secret itself is in the mail alone; here lies its SHA-256."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guest_links")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="guest_links")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="guest_links")
    purpose = models.CharField(max_length=8, choices=Purpose)
    token_sha256 = models.CharField(max_length=64, unique=True)
    decides_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    renewed_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="renewals")
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["user", "purpose"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"
