"""Publications, channels and files that the publisher's tests speak of."""

import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Brand
from accounts.vault import seal
from accounts.wall import wall_of
from publisher.models import Attempt, Channel, Connection, Profile, Publication, StoredFile
from publisher.outbox import Parcel, Permit, enqueue
from publisher.seals import digest_of
from tests.make import make_brand

NUMBER = count(1)
ZONE = "Europe/Rome"


def now() -> datetime:
    """The hour of the tests: the real one."""
    return datetime.now(UTC)


def make_channel(brand: Brand | None = None, **fields: Any) -> Channel:
    """Return a connected channel with a profile and a sign-in of its own; ``server``, ``remote_id`` and ``token`` may be given."""
    brand = brand or make_brand()
    server, token = fields.pop("server", "https://social.example"), fields.pop("token", "a token of the tests")
    platform, software = fields.pop("platform", "mastodon"), fields.pop("software", "mastodon")
    remote_id = fields.pop("remote_id", f"r{next(NUMBER)}")
    profile = fields.pop("profile", None) or Profile.objects.create(
        platform=platform,
        server=server,
        remote_id=remote_id,
        handle=f"@{remote_id}",
        software=software,
        version="4.5.3",
    )
    connection = Connection(
        agency=brand.agency, platform=platform, server=server, remote_user_id=profile.remote_id, state="connected"
    )
    taken = Connection.objects.filter(
        agency=brand.agency, platform=platform, server=server, remote_user_id=profile.remote_id
    ).first()
    if taken is None:
        connection.sealed_access = seal(token, bound_to=f"connection:{connection.key}:access")
        connection.save()
    return Channel.objects.create(
        brand=brand,
        profile=profile,
        connection=taken or connection,
        **{"name": f"Channel {profile.remote_id}", **fields},
    )


def make_permit(**values: Any) -> Permit:
    """Return the pass of an approved revision: a day of redating, a quarter of an hour late."""
    usual: dict[str, Any] = {
        "sealed_at": now(),
        "sealed_by": "Cleo",
        "rule": {"stages": ["client"]},
        "redate_within": timedelta(days=1),
        "late_tolerance": timedelta(minutes=15),
    }
    return Permit(**{**usual, **values})


def make_parcel(
    channel: Channel | None = None, *, text: str = "Buongiorno.", due_at: datetime | None = None, **values: Any
) -> Parcel:
    """Return one part for one channel, due in an hour."""
    due_at = due_at or now() + timedelta(hours=1)
    usual: dict[str, Any] = {
        "origin_key": uuid.uuid4(),
        "content": {"text": text, "link": "", "language": "it", "options": {}},
        "wall": wall_of(at=due_at, zone=ZONE),
        "zone": ZONE,
    }
    return Parcel(channel=channel or make_channel(), due_at=due_at, **{**usual, **values})


def make_waiting(channel: Channel | None = None, *, permit: Permit | None = None, **values: Any) -> Publication:
    """Return one sealed, enqueued publication."""
    return enqueue([make_parcel(channel, **values)], permit=permit or make_permit())[0]


def make_publication(channel: Channel | None = None, **fields: Any) -> Publication:
    """Return a bare row in any state, for tests of tables and moves."""
    channel = channel or make_channel()
    due_at = fields.pop("due_at", now())
    content = {"text": "Buongiorno.", "link": "", "language": "it", "options": {}}
    usual: dict[str, Any] = {
        "origin_key": uuid.uuid4(),
        "content": content,
        "content_digest": digest_of(content),
        "seal": "0" * 64,
        "sealed_at": due_at,
        "wall": wall_of(at=due_at, zone=ZONE),
        "zone": ZONE,
        "next_at": due_at,
        "late_after": due_at + timedelta(minutes=15),
        "rule": {"hour": due_at.isoformat()},
    }
    return Publication.objects.create(
        brand=channel.brand, channel=channel, profile=channel.profile, due_at=due_at, **{**usual, **fields}
    )


def make_attempt(row: Publication, **fields: Any) -> Attempt:
    """Return a try of a publication, open unless told otherwise."""
    usual: dict[str, Any] = {"number": 1, "fence": row.fence, "owner": row.owner or "a clock", "started_at": now()}
    return Attempt.objects.create(publication=row, **{"deadline_at": now(), **usual, **fields})


def make_stored_file(brand: Brand, data: bytes = b"a picture", **fields: Any) -> StoredFile:
    """Return a file of a brand whose bytes lie where the row says."""
    path = f"tests/{uuid.uuid4().hex}.png"
    place = Path(settings.MEDIA_ROOT) / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    usual: dict[str, Any] = {
        "sha256": sha256(data).hexdigest(),
        "mime": "image/png",
        "bytes": len(data),
        "width": 2,
        "height": 2,
    }
    return StoredFile.objects.create(brand=brand, path=path, **{**usual, **fields})
