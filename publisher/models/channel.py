"""Sign-ins, profiles out there, and a brand's use of them."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Brand


class ConnectionState(models.TextChoices):
    """Whether a sign-in still opens its door."""

    PENDING = "pending", _("Pending")
    CONNECTED = "connected", _("Connected")
    LOST = "lost", _("To reconnect")
    ENDED = "ended", _("Disconnected")


class ChannelState(models.TextChoices):
    """Whether a channel can be used. Pausing is a Stop, so that a paused channel can also be lost."""

    CONNECTED = "connected", _("Connected")
    LOST = "lost", _("To reconnect")
    ENDED = "ended", _("Disconnected")


class PlatformApp(models.Model):
    """Our application at a platform or at one of its servers; empty agency means the installation's own."""

    platform = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True, default="")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    client_id = models.CharField(max_length=200)
    sealed_secret = models.TextField(blank=True, default="")
    redirect = models.CharField(max_length=300, blank=True, default="")
    scopes = models.CharField(max_length=600, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["platform", "server"], condition=Q(agency__isnull=True), name="one_app_per_server"
            ),
            models.UniqueConstraint(
                fields=["platform", "server", "agency"],
                condition=Q(agency__isnull=False),
                name="one_app_per_server_and_agency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.server}".strip()


class Connection(models.Model):
    """One sign-in. Tokens are sealed by the vault and bound to this row's key and field."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="connections")
    app = models.ForeignKey(PlatformApp, on_delete=models.SET_NULL, null=True, blank=True, related_name="connections")
    platform = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True, default="")
    remote_user_id = models.CharField(max_length=255)
    sealed_access = models.TextField(blank=True, default="")
    sealed_refresh = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    scopes = models.CharField(max_length=600, blank=True, default="")
    state = models.CharField(max_length=10, choices=ConnectionState, default=ConnectionState.PENDING)
    renewed_at = models.DateTimeField(null=True, blank=True)
    refresh_fence = models.PositiveIntegerField(default=0)
    refresh_lease_until = models.DateTimeField(null=True, blank=True)
    update_cursor = models.CharField(max_length=255, blank=True, default="")
    last_problem = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agency", "platform", "server", "remote_user_id"],
                condition=Q(state__in=["connected", "lost"]),
                name="one_live_sign_in",
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.server} ({self.state})"


class Profile(models.Model):
    """The page or account out there, one row per installation: pauses, limits and one-in-flight hang here."""

    platform = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True, default="")
    remote_id = models.CharField(max_length=255)
    handle = models.CharField(max_length=255, blank=True, default="")
    url = models.URLField(max_length=500, blank=True, default="")
    software = models.CharField(max_length=60, blank=True, default="")
    version = models.CharField(max_length=60, blank=True, default="")
    limits = models.JSONField(default=dict, blank=True)
    limits_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    quota = models.JSONField(default=dict, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    breaker_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["platform", "server", "remote_id"], name="one_row_per_profile")
        ]

    def __str__(self) -> str:
        return f"{self.handle or self.remote_id} ({self.platform})"


class Channel(models.Model):
    """A brand's use of a profile through a sign-in."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="channels")
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="channels")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="channels")
    name = models.CharField(max_length=120)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ChannelState, default=ChannelState.CONNECTED)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["brand", "profile"], condition=Q(archived_at__isnull=True), name="one_channel_per_profile"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Host(models.Model):
    """A server we call: its breaker and its pauses."""

    name = models.CharField(max_length=255, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    breaker_until = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
