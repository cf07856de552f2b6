"""Who a pasted token belongs to, and what its server allows."""

from typing import Any

from publisher.contract.answers import dictionary, picked, web_address
from publisher.contract.base import Call
from publisher.contract.calling import without_secrets
from publisher.contract.content import Found, FoundProfile
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.contract.nodeinfo import software_in
from publisher.platforms.mastodon.calls import read

LIMITS = (
    ("max_characters", "configuration.statuses.max_characters"),
    ("max_characters", "max_toot_chars"),
    ("max_characters", "max_caption_length"),
    ("url_length", "configuration.statuses.characters_reserved_per_url"),
    ("max_media", "configuration.statuses.max_media_attachments"),
    ("max_media", "max_album_length"),
    ("alt", "configuration.media_attachments.description_limit"),
    ("image_bytes", "configuration.media_attachments.image_size_limit"),
    ("image_pixels", "configuration.media_attachments.image_matrix_limit"),
    ("mime_types", "configuration.media_attachments.supported_mime_types"),
)


def check(call: Call) -> Found:
    """Read the server before the token is shown to it, then the account. Raises SignIn, Unavailable."""
    instance = the_instance(call)
    nodeinfo = or_nothing(without_secrets(call), "/nodeinfo/2.0")
    software, version = software_in(nodeinfo, str(instance["version"]))
    account = dictionary(read(call, "/api/v1/accounts/verify_credentials"))
    remote_id, username = str(account.get("id") or ""), str(account.get("username") or "")
    if not remote_id or not username:
        raise Unavailable("server_not_reached", scope="host", note="no account")
    application = or_nothing(call, "/api/v1/apps/verify_credentials")
    domain = str(instance.get("domain") or instance.get("uri") or call.target.server).split("://")[-1]
    profile = FoundProfile(
        remote_id=remote_id[:255],
        handle=f"@{username}@{domain}"[:255],
        name=str(account.get("display_name") or username)[:120],
        url=web_address(account.get("url")),
        software=software,
        version=version,
        limits={**picked(instance, LIMITS), "application": str(application.get("name") or "")[:120]},
    )
    scopes = granted(application)
    return Found(server=call.target.server, remote_user_id=remote_id[:255], profiles=(profile,), scopes=scopes)


def granted(application: dict[str, Any]) -> str:
    """Return the scopes where they are told. Raises SignIn when posting is surely not among them."""
    told = application.get("scopes")
    names = {str(scope) for scope in told} if isinstance(told, list) else set()
    if names and not names & {"write", "write:statuses"}:
        raise SignIn("scope_missing")
    return " ".join(sorted(names))[:600]


def the_instance(call: Call) -> dict[str, Any]:
    """Return what the server says of itself; old servers and some families know only the first form."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            found = dictionary(read(without_secrets(call), path))
        except Rejected:
            continue
        if found.get("version"):
            return found
    raise Unavailable("server_not_reached", scope="host", note="no instance")


def or_nothing(call: Call, path: str) -> dict[str, Any]:
    """Return what only some servers tell."""
    try:
        return dictionary(read(call, path))
    except AdapterError:
        return {}
