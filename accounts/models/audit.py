"""Who did what, when, to which thing. Rows are added and never changed."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.brand import Agency, Brand
from accounts.models.link import GuestLink


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what is written down."""


class AuditRows(models.QuerySet["AuditEntry"]):
    """Rows that can be added and read."""

    def update(self, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit entries are never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit entries are never deleted")

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit entries are never changed")


class AuditEntry(models.Model):
    """One verb by one actor. ``data`` holds references, never bodies or secrets."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor_label = models.CharField(max_length=40, blank=True, default="")
    link = models.ForeignKey(GuestLink, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)
    address_short = models.CharField(max_length=45, blank=True, default="")
    at = models.DateTimeField(auto_now_add=True)
    digest = models.CharField(max_length=64, blank=True, default="")

    objects: ClassVar[models.Manager["AuditEntry"]] = models.Manager.from_queryset(AuditRows)()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["brand", "at"], name="audit_brand_at"),
            models.Index(fields=["subject_kind", "subject_id"], name="audit_subject"),
            models.Index(fields=["id"], condition=Q(digest=""), name="audit_without_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new entry; an entry that is already stored is never changed."""
        if self.pk is not None:
            raise AppendOnlyError("audit entries are never changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit entries are never deleted")
