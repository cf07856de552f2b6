"""Calendar feeds that applications subscribe to, and plans that were imported."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Brand


class Feed(models.Model):
    """One person's secret address of a calendar; an empty brand means all the brands that person sees.

    ``options``: ``{"state": "all" | "approved", "channels": [ids] or [], "texts": bool}``.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds")
    name = models.CharField(max_length=120, blank=True, default="")
    token_sha256 = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user"], condition=Q(revoked_at__isnull=True), name="feed_open")
        ]

    def __str__(self) -> str:
        return f"feed {self.prefix}…"


class PlanImport(models.Model):
    """A plan that came in as a file, and what became of it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="plan_imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    file_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)
    result = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["brand", "file_sha256"], name="import_file")]

    def __str__(self) -> str:
        return f"import {self.pk}"
