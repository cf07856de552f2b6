"""A plan that somebody uploaded and looks at before it comes in."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from calendar_app.models.feed import PlanImport


class UploadState(models.TextChoices):
    """How far it is."""

    READ = "read", _("Being looked at")
    ASKED = "asked", _("Coming in")
    IN = "in", _("In the plan")


class PlanUpload(models.Model):
    """A file as it was uploaded, with the pictures that came with it (``{"name": asset id}``).

    It is read anew each time it is shown, so that what is said of it is true now. ``trouble`` is why it did not come in
    the last time.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="plan_uploads")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    update = models.BooleanField(default=False)
    pictures = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=UploadState.choices, default=UploadState.READ)
    trouble = models.CharField(max_length=16, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    plan_import = models.ForeignKey(
        PlanImport, on_delete=models.SET_NULL, null=True, blank=True, related_name="uploads"
    )

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["asked_at"], condition=Q(state="asked"), name="upload_asked")
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"
