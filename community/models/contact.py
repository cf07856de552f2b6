"""People who write to a brand, and the accounts they write from."""

from typing import ClassVar

from django.db import models

from accounts.models import Brand


class Contact(models.Model):
    """A person as the brand knows them, kept no longer than ``keep_until`` for the reason that is written down."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=160)
    notes = models.TextField(blank=True, default="")
    keep_until = models.DateTimeField(null=True, blank=True)
    keep_reason = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """An account out there, as one brand sees it; apart from the words, so that a person can be forgotten."""

    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="identities")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="identities")
    platform = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True, default="")
    remote_id = models.CharField(max_length=255)
    handle = models.CharField(max_length=255, blank=True, default="")
    shown_name = models.CharField(max_length=255, blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")
    muted_at = models.DateTimeField(null=True, blank=True)
    shown_until = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["brand", "platform", "server", "remote_id"], name="one_identity_per_account"
            )
        ]

    def __str__(self) -> str:
        return self.shown_name or self.handle
