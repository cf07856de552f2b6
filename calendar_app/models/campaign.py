"""Campaigns and labels: what posts belong together."""

from typing import ClassVar

from django.db import models

from accounts.models import Brand


class Campaign(models.Model):
    """An initiative with an aim and dates; ``colour`` is a class of the fixed palette."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    colour = models.CharField(max_length=12, default="a")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    aim = models.TextField(blank=True, default="")
    mix = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["brand", "name"], name="campaign_name_per_brand")
        ]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """A word a brand sorts its posts by."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=60)
    colour = models.CharField(max_length=12, default="a")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["brand", "name"], name="label_name_per_brand")
        ]

    def __str__(self) -> str:
        return self.name
