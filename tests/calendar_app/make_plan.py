"""What tests of the plan speak of: channels, pictures, posts, rules and packs, made plainly."""

import io
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone
from PIL import Image

from accounts.models import Brand, GuestLink, Role, User
from accounts.wall import wall_of
from calendar_app.approval import send, set_rule
from calendar_app.drafting import PostChanges, create_post
from calendar_app.library import add_picture
from calendar_app.models import Approval, Asset, Pack, PackLink, Post
from calendar_app.rules import PRESETS
from publisher.models import Channel, Connection, Profile
from tests.make import make_member

NUMBER = count(1)


def make_channel(brand: Brand, name: str = "Valdoro su Mastodon", *, limit: int = 500, **fields: Any) -> Channel:
    """Return a connected Mastodon channel that no test calls."""
    number = next(NUMBER)
    connection = Connection.objects.create(
        agency=brand.agency,
        platform="mastodon",
        server="https://social.example",
        remote_user_id=str(number),
        state="connected",
    )
    profile = Profile.objects.create(
        platform="mastodon",
        server="https://social.example",
        remote_id=str(number),
        handle=f"valdoro{number}",
        software="mastodon",
        version="4.5.0",
        limits={"max_characters": limit},
    )
    return Channel.objects.create(brand=brand, profile=profile, connection=connection, name=name, **fields)


def picture(
    width: int = 320, height: int = 240, *, kind: str = "JPEG", colour: str = "#7a2e3a", **options: Any
) -> bytes:
    """Return the bytes of a plain picture."""
    out = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, (width, height), colour).save(out, kind, **options)
    return out.getvalue()


def make_asset(brand: Brand, by: User | None = None, *, alt: str = "Un calice di rosso", **options: Any) -> Asset:
    """Return a picture in the library; each has a colour of its own."""
    data = picture(colour=f"#{next(NUMBER) % 0xFFFFFF:06x}", **options)
    return add_picture(brand=brand, by=by, data=data, name="calice.jpg", alt=alt)


def in_days(days: float, hour: int = 12, zone: str = "Europe/Rome") -> datetime:
    """Return a wall-clock hour some days ahead."""
    return wall_of(at=timezone.now() + timedelta(days=days), zone=zone).replace(
        hour=hour, minute=0, second=0, microsecond=0, fold=0
    )


def make_post(
    brand: Brand, channels: list[Channel], *, by: User | None = None, wall: datetime | None = None, **changes: Any
) -> Post:
    """Return a draft that has all it needs."""
    values: dict[str, Any] = {
        "title": "La nuova etichetta",
        "text": "Stesso vino, abito nuovo.",
        "wall": wall or in_days(3),
        "channels": tuple(channel.pk for channel in channels),
        **changes,
    }
    return create_post(brand=brand, by=by, changes=PostChanges(**values))


def make_rule(brand: Brand, preset: str, *, mode: str = "any", redate_within: timedelta = timedelta(hours=24)) -> None:
    """Put one of the usual rules in force."""
    stages = [{**stage, "mode": mode} for stage in PRESETS[preset]]
    set_rule(brand=brand, by=None, stages=stages, redate_within=redate_within)


def make_pack(posts: list[Post], *, by: User | None = None, **fields: Any) -> Pack:
    """Send posts for approval."""
    return send(posts, brand=posts[0].brand, by=by, title="Dicembre", **fields)


def make_client(brand: Brand, name: str = "Cleo") -> User:
    """Return a client of the brand."""
    return make_member(name, brand, Role.CLIENT)


def link_to(pack: Pack, client: User) -> GuestLink:
    """Return a client's link into a pack."""
    return PackLink.objects.select_related("link__user").get(pack=pack, link__user=client).link


def asked(pack: Pack, reviewer: User) -> list[Approval]:
    """Return what somebody is asked in a pack, in its order."""
    rows = pack.approvals.filter(reviewer=reviewer).select_related("revision")
    return list(rows.order_by("revision__pack_items__position", "pk"))


def at(text: str) -> datetime:
    """Return an aware UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def clock(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return a wall-clock hour: what clocks show, of no zone."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)
