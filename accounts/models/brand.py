"""Agencies, their brands (the wall), and the roles people have in them."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is to an agency or to one of its brands."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    EDITOR = "editor", _("Editor")
    MODERATOR = "moderator", _("Moderator")
    CLIENT = "client", _("Client")
    EXPERT = "expert", _("Expert")


class FormOfAddress(models.TextChoices):
    """How a brand speaks to its readers and its agency to the client."""

    TU = "tu", _("tu (informal)")
    LEI = "lei", _("Lei (formal)")


class Agency(models.Model):
    """Who works for brands. A company that runs its own presence is an agency with one brand."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Return at most two letters."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class Brand(models.Model):
    """The wall: everything that is planned, sent or heard belongs to exactly one brand."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="brands")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    colour = models.CharField(max_length=12, default="a")
    zone = models.CharField(max_length=64, default="Europe/Rome")
    language = models.CharField(max_length=8, default="it")
    form_of_address = models.CharField(max_length=4, choices=FormOfAddress, default=FormOfAddress.TU)
    country = models.CharField(max_length=2, default="IT")
    region = models.CharField(max_length=12, blank=True, default="")
    late_tolerance = models.DurationField(default=timedelta(minutes=15))
    target_mix = models.JSONField(default=dict, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agency", "slug"], name="brand_slug_per_agency")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Return at most two letters for the crest."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class Membership(models.Model):
    """A person's role in one brand, or in the whole agency where ``brand`` is empty."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="memberships")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "brand"], condition=Q(brand__isnull=False), name="one_role_per_brand"
            ),
            models.UniqueConstraint(
                fields=["user", "agency"], condition=Q(brand__isnull=True), name="one_role_per_agency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.brand_id or 'agency'}"


class Invitation(models.Model):
    """A letter that makes its reader a member; only the digest of its secret is kept."""

    email = models.EmailField()
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="invitations")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} {self.role}"
