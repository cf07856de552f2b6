"""Files of a brand: originals and the renditions that are really sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Brand


class StoredFile(models.Model):
    """One file, unique by content within its brand and never shared between brands.

    ``source`` and ``recipe`` say what a rendition was made from and how (size, crop, quality, format).
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200, unique=True)
    mime = models.CharField(max_length=60)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    source = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="renditions")
    recipe = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["brand", "sha256"], condition=Q(source__isnull=True), name="one_original_per_brand"
            ),
            models.UniqueConstraint(
                fields=["source", "recipe"], condition=Q(source__isnull=False), name="one_rendition_per_recipe"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mime} {self.sha256[:12]}"
