"""Stops: a hand on the brake, with a reason and a name."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Agency, Brand
from publisher.models.channel import Channel


class StopScope(models.TextChoices):
    """How far a stop reaches. ``all`` is set by command only."""

    ALL = "all", "all"
    AGENCY = "agency", "agency"
    BRAND = "brand", "brand"
    CHANNEL = "channel", "channel"
    POST = "post", "post"


class Stop(models.Model):
    """Open while ``lifted_at`` is empty; checked at arming and again in memory before each call."""

    scope = models.CharField(max_length=8, choices=StopScope)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    origin_key = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    since_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["scope"], condition=Q(scope="all", lifted_at__isnull=True), name="one_open_stop_of_all"
            ),
            *[
                models.UniqueConstraint(
                    fields=[field],
                    condition=Q(scope=scope, lifted_at__isnull=True),
                    name=f"one_open_stop_per_{scope}",
                )
                for scope, field in (
                    ("agency", "agency"),
                    ("brand", "brand"),
                    ("channel", "channel"),
                    ("post", "origin_key"),
                )
            ],
        ]

    def __str__(self) -> str:
        return f"stop {self.scope}"
