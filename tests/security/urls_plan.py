"""The register of the plan’s addresses: calendar, posts, library, feeds, approvals."""

import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Role
from accounts.permissions import Ability
from accounts.wall import wall_of
from tests.security.routes import Open, Route, brand
from tests.security.world import Side

THUMBNAILS = "publisher_storedfile: a small copy is made once"
PRIVATE = "the same bytes for ever, for this browser alone"
OWN = "who is not asked is refused in words: test_walls"
IN_PREVIEW = "kept for a look, nothing of it is in the plan: tests/calendar_app/test_plan_uploads.py"
IN_PLAN = "several entries, one per post: tests/calendar_app"


def month(side: Side) -> dict[str, Any]:
    return {"brand": side.brand.pk, "year": side.post.wall.year, "month": side.post.wall.month}


def day(side: Side) -> dict[str, Any]:
    return {**month(side), "day": side.post.wall.day}


def whole_month(side: Side) -> dict[str, Any]:
    return {"year": side.post.wall.year, "month": side.post.wall.month}


def one_day(side: Side) -> dict[str, Any]:
    return {**whole_month(side), "day": side.post.wall.day}


def monday(side: Side) -> dict[str, Any]:
    on = side.post.wall.date()
    return {"on": (on - timedelta(days=on.weekday())).isoformat()}


def week(side: Side) -> dict[str, Any]:
    return {"brand": side.brand.pk, **monday(side)}


def post(side: Side) -> dict[str, Any]:
    return {"pk": side.post.pk}


def post_key(side: Side) -> dict[str, Any]:
    return {"key": side.post.key}


def asset(side: Side) -> dict[str, Any]:
    return {"pk": side.asset.pk}


def when(side: Side, days: int = 5) -> dict[str, Any]:
    wall = wall_of(at=timezone.now() + timedelta(days=days), zone=side.brand.zone)
    return {"on": f"{wall:%Y-%m-%d}", "at": "10:15"}


def typed(side: Side) -> dict[str, Any]:
    """The composer’s fields."""
    return {
        **when(side),
        "title": "A new title",
        "kind": "informational",
        "text": "Words for everybody.",
        "channels": [side.channel.pk],
        "media": [side.asset.pk],
        "version": side.post.version,
    }


def picture_file(_side: Side) -> dict[str, Any]:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "#abcdef").save(data, "PNG")
    return {"upload": SimpleUploadedFile("glass.png", data.getvalue(), "image/png")}


def asking(side: Side) -> dict[str, Any]:
    client = side.people[Role.CLIENT]
    assert side.rule
    return {
        **when(side, 1),
        "offered": [side.post.pk],
        "posts": [side.post.pk],
        "title": "December",
        "people": [f"client:{client.pk}"],
    }


def plan_file(side: Side) -> dict[str, Any]:
    rows = f"date,time,title,text,channels\n2099-01-01,09:30,One,Words.,{side.channel.name}\n"
    return {"file": SimpleUploadedFile("plan.csv", rows.encode(), "text/csv")}


def uploaded(side: Side) -> dict[str, Any]:
    return {"pk": side.plan_upload.pk}


def said_of_campaign(_side: Side) -> dict[str, Any]:
    return {"name": "Winter", "aim": "Warmth.", "starts_on": "2026-12-01", "ends_on": "2026-12-31", "colour": "b"}


def said_of_brand(_side: Side) -> dict[str, Any]:
    return {"name": "Renamed", "colour": "c", "language": "en", "form_of_address": "lei", "mix_promotional": "4"}


PLAN: dict[str, Route] = {
    "calendar": Route(get=Open.SIGNED_IN),
    "brand": Route(get=Ability.READ, made=brand),
    "calendar_month": Route(get=Ability.READ, made=month),
    "calendar_print": Route(get=Ability.READ, made=month),
    "calendar_day": Route(get=Ability.READ, made=day),
    "calendar_week": Route(get=Ability.READ, made=week),
    "calendar_agenda": Route(get=Ability.READ, made=month),
    "calendar_search": Route(get=Ability.READ, made=brand),
    "calendar_all_now": Route(get=Open.SIGNED_IN),
    "calendar_all": Route(get=Open.SIGNED_IN, made=whole_month, is_of_time=True),
    "calendar_all_print": Route(get=Open.SIGNED_IN, made=whole_month, is_of_time=True),
    "calendar_all_day": Route(get=Open.SIGNED_IN, made=one_day, is_of_time=True),
    "calendar_all_week": Route(get=Open.SIGNED_IN, made=monday, is_of_time=True),
    "calendar_all_agenda": Route(get=Open.SIGNED_IN, made=whole_month, is_of_time=True),
    "calendar_all_search": Route(get=Open.SIGNED_IN),
    "post": Route(get=Ability.READ, made=post),
    "post_of": Route(get=Ability.READ, made=post_key),
    "post_new": Route(
        get=Ability.WRITE,
        post=Ability.WRITE,
        made=brand,
        body=typed,
        verb="post.created",
        foreign={"channels": lambda s: s.channel.pk, "media": lambda s: s.asset.pk},
        ignores=True,
    ),
    "post_edit": Route(
        get=Ability.WRITE,
        post=Ability.WRITE,
        made=post,
        body=typed,
        verb="post.saved",
        foreign={"channels": lambda s: s.channel.pk, "media": lambda s: s.asset.pk},
        ignores=True,
    ),
    "lengths": Route(
        post=Ability.WRITE,
        made=brand,
        body=typed,
        unaudited="counts what is typed and keeps nothing",
    ),
    "post_move": Route(get=Ability.PLAN, post=Ability.PLAN, made=post, body=when, verb="post.moved"),
    "post_shift": Route(
        get=Ability.PLAN,
        post=Ability.PLAN,
        made=post,
        query=lambda _s: {"to": "2027-03-04"},
        body=lambda _s: {"to": "2027-03-04"},
        verb="post.moved",
    ),
    "post_duplicate": Route(post=Ability.WRITE, made=post, body=lambda _s: {}, verb="post.created"),
    "post_archive": Route(post=Ability.WRITE, made=post, body=lambda _s: {}, verb="post.archived"),
    "post_schedule": Route(post=Ability.SCHEDULE, made=post, unaudited=IN_PLAN),
    "post_unschedule": Route(post=Ability.SCHEDULE, made=post, unaudited=IN_PLAN),
    "post_stop": Route(
        get=Ability.STOP, post=Ability.STOP, made=post_key, body=lambda _s: {"reason": "Not now."}, unaudited=IN_PLAN
    ),
    "post_lift": Route(post=Ability.STOP, made=post_key, body=lambda _s: {}, unaudited=IN_PLAN),
    "missed": Route(
        get=Ability.READ,
        post=Ability.PLAN,
        made=brand,
        body=lambda _s: {"act": "drop"},
        unaudited=IN_PLAN,
        foreign={"post": lambda s: s.post.pk},
        ignores=True,
    ),
    "post_take_hour": Route(post=Ability.PLAN, made=post, unaudited=IN_PLAN),
    "pack_new": Route(
        get=Ability.SEND_FOR_APPROVAL,
        post=Ability.SEND_FOR_APPROVAL,
        made=brand,
        body=asking,
        unaudited=IN_PLAN,
        foreign={
            "posts": lambda s: s.post.pk,
            "people": lambda s: f"client:{s.people[Role.CLIENT].pk}",
        },
    ),
    "pack": Route(get=Ability.READ, made=lambda s: {"pk": s.pack.pk}),
    "pack_approve": Route(post=Ability.READ, made=lambda s: {"pk": s.pack.pk}, unaudited=IN_PLAN, note=OWN),
    "pack_decide": Route(
        post=Ability.READ,
        note=OWN,
        made=lambda s: {"pk": s.internal_approval.pack_id, "approval_pk": s.internal_approval.pk},
        body=lambda s: {"decision": "approve", "digest": s.revision.digest},
        unaudited=IN_PLAN,
    ),
    "pack_picture": Route(
        get=Ability.READ,
        made=lambda s: {"pk": s.pack.pk, "file": s.rendition.pk, "width": 320},
        writes=THUMBNAILS,
        cached=PRIVATE,
    ),
    "approvals": Route(get=Ability.READ, made=brand),
    "approval_rule": Route(
        get=Ability.MANAGE_BRAND,
        post=Ability.MANAGE_BRAND,
        made=brand,
        body=lambda _s: {"stages": "client", "mode": "any", "redate": "24"},
        verb="rule.set",
    ),
    "approval_link_revoke": Route(
        post=Ability.SEND_FOR_APPROVAL,
        made=lambda s: {"brand": s.brand.pk, "pk": s.link.pk},
        body=lambda _s: {},
        verb="link.revoked",
    ),
    "approval_decide": Route(
        post=Ability.APPROVE_INTERNAL,
        made=lambda s: {"pk": s.internal_approval.pk},
        body=lambda s: {"decision": "approve", "digest": s.revision.digest},
        unaudited=IN_PLAN,
    ),
    "plan_import": Route(
        get=Ability.IMPORT_PLAN, post=Ability.IMPORT_PLAN, made=brand, body=plan_file, unaudited=IN_PREVIEW
    ),
    "plan_template": Route(get=Ability.IMPORT_PLAN, made=brand),
    "plan_preview": Route(get=Ability.IMPORT_PLAN, made=uploaded),
    "plan_change": Route(
        post=Ability.IMPORT_PLAN, made=uploaded, body=lambda _s: {"update": "on"}, unaudited=IN_PREVIEW
    ),
    "plan_bring_in": Route(
        post=Ability.IMPORT_PLAN, made=uploaded, body=lambda _s: {}, unaudited="the queue does: tests/calendar_app"
    ),
    "campaigns": Route(
        get=Ability.READ, post=Ability.WRITE, made=brand, body=said_of_campaign, verb="campaign.made"
    ),
    "campaign": Route(
        get=Ability.READ,
        post=Ability.WRITE,
        made=lambda s: {"pk": s.campaign.pk},
        body=said_of_campaign,
        verb="campaign.changed",
    ),
    "campaign_remove": Route(
        get=Ability.WRITE,
        post=Ability.WRITE,
        made=lambda s: {"pk": s.campaign.pk},
        body=lambda _s: {},
        verb="campaign.removed",
    ),
    "brand_settings": Route(
        get=Ability.READ, post=Ability.MANAGE_BRAND, made=brand, body=said_of_brand, verb="brand.changed"
    ),
    "library": Route(get=Ability.READ, made=brand),
    "library_upload": Route(post=Ability.WRITE, made=brand, body=picture_file, verb="asset.added"),
    "asset_describe": Route(
        post=Ability.WRITE, made=asset, body=lambda _s: {"text": "A glass of red"}, verb="asset.described"
    ),
    "asset_picture": Route(
        get=Ability.READ, made=lambda s: {"pk": s.asset.pk, "width": 320}, writes=THUMBNAILS, cached=PRIVATE
    ),
    "feeds": Route(
        get=Ability.READ,
        post=Ability.SUBSCRIBE,
        made=brand,
        body=lambda s: {"name": "My phone", "which": "all", "channels": [s.channel.pk]},
        verb="feed.made",
        foreign={"channels": lambda s: s.channel.pk},
    ),
    "feed_download": Route(get=Ability.SUBSCRIBE, made=brand),
    "feed_revoke": Route(
        post=Open.SIGNED_IN,
        made=lambda s: {"pk": s.feed_and_secret[0].pk},
        body=lambda _s: {},
        verb="feed.revoked",
        note="one’s own only",
    ),
    "feed": Route(
        get=Open.ANYONE,
        made=lambda s: {"secret": s.feed_and_secret[1]},
        writes="calendar_app_feed: when it was last read",
        cached="calendar programs ask often",
        note="the secret decides",
    ),
}


def guest(side: Side) -> dict[str, Any]:
    return {"public_id": side.link.public_id}


def card(side: Side) -> dict[str, Any]:
    return {**guest(side), "pk": side.approval.pk}


def shown_file(side: Side) -> dict[str, Any]:
    assert side.approval
    return {**guest(side), "pk": side.rendition.pk}


def answer(decision: str) -> Any:
    return lambda s: {"decision": decision, "digest": s.revision.digest, "words": "Another picture."}


GUESTS: dict[str, Route] = {
    "client_pack": Route(get=Open.GUEST, made=guest),
    "client_print": Route(get=Open.GUEST, made=guest),
    "client_month": Route(get=Open.GUEST, made=guest),
    "client_all": Route(get=Open.GUEST, post=Open.GUEST, made=guest, unaudited=IN_PLAN),
    "client_calendar": Route(get=Open.GUEST, made=guest),
    "client_subscribe": Route(post=Open.GUEST, made=guest, body=lambda _s: {}, verb="feed.made"),
    "client_decide": Route(post=Open.GUEST, made=card, body=answer("changes"), verb="approval.changes_requested"),
    "client_withdraw": Route(post=Open.GUEST, made=card, unaudited=IN_PLAN),
    "client_stop": Route(post=Open.GUEST, made=card, body=lambda _s: {"words": "Not now."}, unaudited=IN_PLAN),
    "client_lift": Route(post=Open.GUEST, made=card, unaudited=IN_PLAN),
    "client_file": Route(get=Open.GUEST, made=shown_file, cached=PRIVATE),
    "client_picture": Route(
        get=Open.GUEST, made=lambda s: {**shown_file(s), "width": 320}, writes=THUMBNAILS, cached=PRIVATE
    ),
}
