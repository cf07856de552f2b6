"""The brand's library of pictures."""

from typing import ClassVar

from django.db import models

from accounts.models import Brand
from publisher.models import StoredFile


class Asset(models.Model):
    """A picture of a brand with its name, focus and credit."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="assets")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(max_length=200)
    focus = models.CharField(max_length=20, blank=True, default="")
    credit = models.CharField(max_length=200, blank=True, default="")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["brand", "file"], name="asset_brand_file")]

    def __str__(self) -> str:
        return self.name


class AssetAlt(models.Model):
    """The alternative text of a picture in one language."""

    brand_path: ClassVar[str] = "asset__brand"

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="alts")
    language = models.CharField(max_length=8)
    text = models.TextField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["asset", "language"], name="one_alt_per_language")
        ]

    def __str__(self) -> str:
        return self.text[:60]
