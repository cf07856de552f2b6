"""Rows as the JSON that a Mastodon server answers."""

from datetime import UTC, datetime
from html import escape

from sandbox.records import Account, Json, Media, Notification, Status
from sandbox.richtext import as_html, hashtags
from sandbox.world import World


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def account_json(world: World, account: Account) -> Json:
    picture = f"{world.public_url}/avatars/{account.id}.png"
    return {
        "id": str(account.id),
        "username": account.username,
        "acct": account.acct,
        "display_name": account.display_name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "group": False,
        "created_at": iso(account.created_at)[:11] + "00:00:00.000Z",
        "note": f"<p>{escape(account.note)}</p>" if account.note else "",
        "url": world.address_of(account),
        "uri": f"{world.public_url}/users/{account.username}",
        "avatar": picture,
        "avatar_static": picture,
        "header": picture,
        "header_static": picture,
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": len(account.status_ids),
        "last_status_at": None,
        "emojis": [],
        "fields": [],
    }


def own_account_json(world: World, account: Account) -> Json:
    source = {
        "privacy": "public",
        "sensitive": False,
        "language": world.language,
        "note": account.note,
        "fields": [],
        "follow_requests_count": 0,
    }
    return {**account_json(world, account), "source": source}


def media_json(world: World, media: Media, *, is_ready: bool = True) -> Json:
    address = f"{world.public_url}/media/{media.file}"
    size = {
        "width": media.width,
        "height": media.height,
        "size": f"{media.width}x{media.height}",
        "aspect": round(media.width / media.height, 4) if media.height else 0,
    }
    return {
        "id": str(media.id),
        "type": media.kind,
        "url": address if is_ready else None,
        "preview_url": address if is_ready else None,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": {"original": size, "small": size, "focus": dict(zip("xy", media.focus, strict=True))}
        if is_ready
        else {},
        "description": media.description or None,
        "blurhash": None,
    }


def status_json(world: World, status: Status, *, viewer: Account | None) -> Json:
    store = world.store
    author = store.accounts[status.account_id]
    above = store.statuses.get(status.in_reply_to) if status.in_reply_to is not None else None
    return {
        "id": str(status.id),
        "created_at": iso(status.created_at),
        "edited_at": None if status.edited_at is None else iso(status.edited_at),
        "in_reply_to_id": None if above is None else str(above.id),
        "in_reply_to_account_id": None if above is None else str(above.account_id),
        "sensitive": status.sensitive,
        "spoiler_text": status.spoiler_text,
        "visibility": status.visibility,
        "language": status.language or None,
        "uri": f"{world.public_url}/users/{author.username}/statuses/{status.id}",
        "url": world.page_of(status),
        "replies_count": store.replies_to(status),
        "reblogs_count": 0,
        "favourites_count": len(status.favourited_by),
        "quotes_count": 0,
        "favourited": viewer is not None and viewer.id in status.favourited_by,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "content": as_html(status.text, base=world.public_url, find=store.account_named),
        "reblog": None,
        "filtered": [],
        "application": status.application,
        "account": account_json(world, author),
        "media_attachments": [media_json(world, store.media[number]) for number in status.media_ids],
        "mentions": [_mention(world, store.accounts[number]) for number in status.mentions],
        "tags": [{"name": tag, "url": f"{world.public_url}/tags/{tag}"} for tag in hashtags(status.text)],
        "emojis": [],
        "poll": None,
        "card": None,
    }


def _mention(world: World, account: Account) -> Json:
    return {
        "id": str(account.id),
        "username": account.username,
        "acct": account.acct,
        "url": world.address_of(account),
    }


def notification_json(world: World, notice: Notification, *, viewer: Account) -> Json:
    return {
        "id": str(notice.id),
        "type": notice.kind,
        "created_at": iso(notice.created_at),
        "group_key": f"ungrouped-{notice.id}",
        "account": account_json(world, world.store.accounts[notice.from_id]),
        "status": status_json(world, world.store.statuses[notice.status_id], viewer=viewer),
    }


def history_json(world: World, status: Status) -> list[Json]:
    author = account_json(world, world.store.accounts[status.account_id])
    texts = [(old.at, old.text, old.spoiler_text, old.sensitive, old.media_ids) for old in status.history]
    last = (status.edited_at or status.created_at, status.text, status.spoiler_text, status.sensitive, status.media_ids)
    return [
        {
            "created_at": iso(at),
            "content": as_html(text, base=world.public_url, find=world.store.account_named),
            "spoiler_text": spoiler_text,
            "sensitive": sensitive,
            "account": author,
            "media_attachments": [media_json(world, world.store.media[number]) for number in media_ids],
            "emojis": [],
        }
        for at, text, spoiler_text, sensitive, media_ids in [*texts, last]
    ]
