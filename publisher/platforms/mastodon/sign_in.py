"""Who a pasted token belongs to, and what its server allows."""

from typing import Any

from publisher.contract.addresses import place_of
from publisher.contract.answers import dictionary, web_address
from publisher.contract.base import Call
from publisher.contract.content import Found, FoundProfile
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.platforms.mastodon.calls import read

COMPATIBLE = "(compatible; "
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
    software, version = the_software(call, instance)
    account = dictionary(read(call, "/api/v1/accounts/verify_credentials"))
    remote_id, username = str(account.get("id") or ""), str(account.get("username") or "")
    if not remote_id or not username:
        raise Unavailable("server_not_reached", scope="host", note="no account")
    application = the_application(call)
    domain = (
        str(instance.get("domain") or instance.get("uri") or "").split("://")[-1] or place_of(call.target.server).host
    )
    profile = FoundProfile(
        remote_id=remote_id[:255],
        handle=f"@{username}@{domain}"[:255],
        name=str(account.get("display_name") or username)[:120],
        url=web_address(account.get("url")),
        software=software,
        version=version,
        limits={**limits_of(instance), "application": str(application.get("name") or "")[:120]},
    )
    scopes = application.get("scopes")
    return Found(
        server=call.target.server,
        remote_user_id=remote_id[:255],
        profiles=(profile,),
        scopes=granted(scopes) if isinstance(scopes, list) else "",
    )


def granted(scopes: list[Any]) -> str:
    """Return the scopes as text. Raises SignIn when posting is surely not among them."""
    names = {str(scope) for scope in scopes}
    if names and not names & {"write", "write:statuses"}:
        raise SignIn("scope_missing")
    return " ".join(sorted(names))[:600]


def the_instance(call: Call) -> dict[str, Any]:
    """Return what the server says of itself; old servers and some families know only the first form."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            found = dictionary(read(nameless(call), path))
        except Rejected:
            continue
        if found.get("version"):
            return found
    raise Unavailable("server_not_reached", scope="host", note="no instance")


def the_software(call: Call, instance: dict[str, Any]) -> tuple[str, str]:
    """Return name and version of the software: nodeinfo first, then what the version text admits."""
    try:
        found = dictionary(dictionary(read(nameless(call), "/nodeinfo/2.0")).get("software"))
    except AdapterError:
        found = {}
    name, version = str(found.get("name") or "").lower(), str(found.get("version") or "")
    told = str(instance["version"])
    if not name and COMPATIBLE in told:
        name, _, version = told.partition(COMPATIBLE)[2].rstrip(")").lower().partition(" ")
    return name[:60], (version or told)[:60]


def the_application(call: Call) -> dict[str, Any]:
    """Return the application that the token belongs to, where the server tells."""
    try:
        return dictionary(read(call, "/api/v1/apps/verify_credentials"))
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
    for theirs in ("max_toot_chars", "max_caption_length"):
        if isinstance(instance.get(theirs), int):
            found["max_characters"] = instance[theirs]
    if isinstance(instance.get("max_album_length"), int):
        found["max_media"] = instance["max_album_length"]
    return found


def nameless(call: Call) -> Call:
    """Return the call without its secrets: a server we do not know yet is not shown the token."""
    return Call(target=call.target, secrets=type(call.secrets)(), door=call.door)
