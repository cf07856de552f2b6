"""Totals since the installation began, for whoever watches it from outside."""

from typing import ClassVar

from django.db import models

ENDLESS = 2**31 - 1
"""The bound of the last class of lag: everything that took longer than the one before."""


class Tally(models.Model):
    """How many publications came to one outcome on one platform; it only ever grows.

    What was published is counted by classes of lag, each up to ``le_ms``; other outcomes have ``le_ms`` 0.
    """

    platform = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10)
    le_ms = models.PositiveIntegerField(default=0)
    count = models.PositiveBigIntegerField(default=0)
    lag_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["platform", "outcome", "le_ms"], name="one_tally_per_class")
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.outcome} {self.le_ms}: {self.count}"
