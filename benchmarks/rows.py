"""Channels that lead to a sandbox, and posts for them; imported once Django knows its database."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Agency, Brand
from accounts.vault import seal
from benchmarks.sandbox_process import SandboxProcess
from publisher.models import Channel, Connection, Profile
from publisher.outbox import Parcel, Permit, enqueue

SOFTWARE = {"keyed": "mastodon", "readable": "gotosocial", "opaque": "sandbox-opaque"}
CHUNK = 500


def make_channels(sandbox: SandboxProcess, *, count: int, brands: int = 5, software: str = "keyed") -> list[Channel]:
    """Make accounts in the sandbox and a connected channel for each."""
    agency, _ = Agency.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    own = [
        Brand.objects.get_or_create(agency=agency, slug=f"b{n}", defaults={"name": f"B{n}"})[0] for n in range(brands)
    ]
    channels = []
    for number, account in enumerate(make_accounts(sandbox, count)):
        profile = Profile.objects.create(
            platform="mastodon",
            server=sandbox.url,
            remote_id=account["id"],
            software=SOFTWARE[software],
            version="4.5.3",
        )
        connection = Connection(
            agency=agency, platform="mastodon", server=sandbox.url, remote_user_id=account["id"], state="connected"
        )
        connection.sealed_access = seal(account["token"], bound_to=f"connection:{connection.key}:access")
        connection.save()
        brand = own[number % brands]
        channels.append(
            Channel.objects.create(brand=brand, profile=profile, connection=connection, name=account["username"])
        )
    return channels


def make_accounts(sandbox: SandboxProcess, count: int) -> list[dict[str, Any]]:
    """Return accounts with their ids and tokens."""
    names = [f"c{uuid.uuid4().hex[:6]}{number}" for number in range(count)]
    made: list[dict[str, Any]] = []
    for start in range(0, count, CHUNK):
        wanted = [{"username": name, "token": f"{name}-token"} for name in names[start : start + CHUNK]]
        made += sandbox.admin("POST", "accounts", {"accounts": wanted})["accounts"]
    return made


def make_posts(channels: Sequence[Channel], *, hours: Sequence[datetime], label: str = "post") -> dict[str, datetime]:
    """Hand posts over, one for each hour, channel by channel in turn; return text and hour of each."""
    permit = Permit(
        sealed_at=datetime.now(UTC),
        sealed_by="bench",
        rule={},
        redate_within=None,
        late_tolerance=timedelta(minutes=15),
    )
    texts: dict[str, datetime] = {}
    with transaction.atomic():
        for number, due_at in enumerate(hours):
            text = f"{label} {number} · {uuid.uuid4().hex[:8]}"
            texts[text] = due_at
            parcel = Parcel(
                channel=channels[number % len(channels)],
                origin_key=uuid.uuid4(),
                content={"text": text, "link": "", "language": "it", "options": {}},
                due_at=due_at,
                wall=due_at.replace(tzinfo=None),
                zone="UTC",
            )
            enqueue([parcel], permit=permit)
    return texts
