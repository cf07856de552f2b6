"""Who a pasted token belongs to, and what its server allows."""

from typing import Any

from publisher.contract.answers import dictionary, web_address
from publisher.contract.base import Call
from publisher.contract.calling import without_secrets
from publisher.contract.content import Found, FoundProfile
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.contract.nodeinfo import software_in
from publisher.platforms.mastodon.calls import read

ON_TOP = {"max_toot_chars": "max_characters", "max_caption_length": "max_characters", "max_album_length": "max_media"}
LIMITS = (
    ("max_characters", "statuses", "max_characters"),
    ("url_length", "statuses", "characters_reserved_per_url"),
    ("max_media", "statuses", "max_media_attachments"),
    ("alt", "media_attachments", "description_limit"),
    ("image_bytes", "media_attachments", "image_size_limit"),
    ("image_pixels", "media_attachments", "image_matrix_limit"),
    ("mime_types", "media_attachments", "supported_mime_types"),
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
        limits={**limits_of(instance), "application": str(application.get("name") or "")[:120]},
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


def limits_of(instance: dict[str, Any]) -> dict[str, Any]:
    """Return the limits under our own names; a key that is missing falls back later."""
    configuration = dictionary(instance.get("configuration"))
    found: dict[str, Any] = {}
    for ours, group, theirs in LIMITS:
        value = dictionary(configuration.get(group)).get(theirs)
        if value:
            found[ours] = [str(kind)[:60] for kind in value[:60]] if isinstance(value, list) else value
    found |= {ours: instance[theirs] for theirs, ours in ON_TOP.items() if isinstance(instance.get(theirs), int)}
    return found
