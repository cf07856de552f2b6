"""Rows of the plan: posts, what was frozen of them, who decided, and what leaves as a calendar."""

from calendar_app.models.alert import Alert, AlertKind
from calendar_app.models.approval import (
    Approval,
    ApprovalRule,
    ApprovalState,
    Pack,
    PackItem,
    PackLink,
    Remark,
    Silence,
    Stage,
)
from calendar_app.models.asset import Asset, AssetAlt
from calendar_app.models.campaign import Campaign, Label
from calendar_app.models.feed import Feed, PlanImport
from calendar_app.models.post import Kind, Origin, Part, PartKind, PartMedia, Post, PostMedia, PostStage, Variant
from calendar_app.models.revision import Revision, Sheet
from calendar_app.models.upload import PlanUpload, UploadState

__all__ = [
    "Alert",
    "AlertKind",
    "Approval",
    "ApprovalRule",
    "ApprovalState",
    "Asset",
    "AssetAlt",
    "Campaign",
    "Feed",
    "Kind",
    "Label",
    "Origin",
    "Pack",
    "PackItem",
    "PackLink",
    "Part",
    "PartKind",
    "PartMedia",
    "PlanImport",
    "PlanUpload",
    "Post",
    "PostMedia",
    "PostStage",
    "Remark",
    "Revision",
    "Sheet",
    "Silence",
    "Stage",
    "UploadState",
    "Variant",
]
