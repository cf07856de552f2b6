"""Rules, what was sent to decide, decisions, and remarks."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, GuestLink
from calendar_app.models.campaign import Campaign
from calendar_app.models.revision import Revision, Sheet


class Stage(models.TextChoices):
    """Who is asked."""

    INTERNAL = "internal", _("Internal")
    CLIENT = "client", _("Client")


class ApprovalState(models.TextChoices):
    """One asked decision."""

    ASKED = "asked", _("Asked")
    APPROVED = "approved", _("Approved")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    REFUSED = "refused", _("Refused")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NOT_OBJECTED = "not_objected", _("Not objected")
    VOID = "void", _("Void")


class Silence(models.TextChoices):
    """What a brand's agreement says about no answer."""

    HOLD = "hold", _("Hold the posts")
    REDATE = "redate", _("Propose another date")
    NOT_OBJECTED = "not_objected", _("Go out as “not objected”")


class ApprovalRule(models.Model):
    """Which stages a brand's posts pass. ``stages`` is ``[{"stage", "mode"}]`` with mode any or all; [] is *none*."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="approval_rules")
    kind = models.CharField(max_length=16, blank=True, default="")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    stages = models.JSONField(default=list)
    redate_within = models.DurationField()
    valid_from = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["brand"],
                condition=Q(kind="", campaign__isnull=True, replaced_at__isnull=True),
                name="one_rule_per_brand",
            ),
            models.UniqueConstraint(
                fields=["brand", "kind"],
                condition=~Q(kind="") & Q(campaign__isnull=True, replaced_at__isnull=True),
                name="one_rule_per_kind",
            ),
            models.UniqueConstraint(
                fields=["brand", "kind", "campaign"],
                condition=Q(campaign__isnull=False, replaced_at__isnull=True),
                name="one_rule_per_campaign",
            ),
        ]

    def __str__(self) -> str:
        return f"rule of {self.brand_id}"


class Pack(models.Model):
    """What was sent to decide in one go."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="packs")
    title = models.CharField(max_length=160)
    message = models.TextField(max_length=1000, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(auto_now_add=True)
    deadline_at = models.DateTimeField()
    silence = models.CharField(max_length=14, choices=Silence, default=Silence.HOLD)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class PackItem(models.Model):
    """A revision in a pack."""

    brand_path: ClassVar[str] = "pack__brand"

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="items")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="pack_items")
    position = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pack", "revision"], name="a_revision_once_per_pack")
        ]

    def __str__(self) -> str:
        return f"{self.pack_id}/{self.position}"


class PackLink(models.Model):
    """A person's link into a pack."""

    brand_path: ClassVar[str] = "pack__brand"

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="links")
    link = models.ForeignKey(GuestLink, on_delete=models.CASCADE, related_name="pack_links")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pack", "link"], name="a_link_once_per_pack")
        ]

    def __str__(self) -> str:
        return f"{self.pack_id} by {self.link_id}"


class Approval(models.Model):
    """One asked decision of one reviewer about one revision. ``digest`` is the revision's as it was shown."""

    brand_path: ClassVar[str] = "revision__post__brand"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="approvals")
    pack = models.ForeignKey(Pack, on_delete=models.SET_NULL, null=True, blank=True, related_name="approvals")
    stage = models.CharField(max_length=10, choices=Stage)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    state = models.CharField(max_length=18, choices=ApprovalState, default=ApprovalState.ASKED)
    digest = models.CharField(max_length=64, blank=True, default="")
    carried_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    words = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    link = models.ForeignKey(GuestLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    rule = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["revision", "stage", "reviewer"],
                condition=Q(state__in=["asked", "approved"]),
                name="one_live_decision",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["reviewer"], condition=Q(state="asked"), name="approval_asked")
        ]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.stage} {self.state}"


class Remark(models.Model):
    """Words beside a revision. Internal remarks never reach a client."""

    brand_path: ClassVar[str] = "revision__post__brand"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="remarks")
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, null=True, blank=True, related_name="remarks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(GuestLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField()
    anchor = models.JSONField(null=True, blank=True)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers")
    internal = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["revision", "at"], name="remark_revision_at")]

    def __str__(self) -> str:
        return self.text[:60]
