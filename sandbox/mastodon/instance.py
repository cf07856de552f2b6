"""What the server says about itself: limits, version, software."""

from sandbox.messages import Response, as_json
from sandbox.pictures import SUPPORTED
from sandbox.publishing import MAX_CHARACTERS, MAX_MEDIA
from sandbox.records import Json
from sandbox.routing import Route
from sandbox.world import Call, World

IMAGE_BYTES = 16 * 1024 * 1024
IMAGE_MATRIX = 33_177_600
DESCRIPTION_LIMIT = 1500

# software in nodeinfo, its version there, version in the instance's answer
NAMES = {
    "keyed": ("mastodon", "4.5.3", "4.5.3"),
    "readable": ("gotosocial", "0.20.1", "0.20.1"),
    "opaque": ("sandbox-opaque", "1.0.0", "2.7.2 (compatible; sandbox-opaque 1.0.0)"),
}


def _configuration() -> Json:
    return {
        "accounts": {"max_featured_tags": 10},
        "statuses": {
            "max_characters": MAX_CHARACTERS,
            "max_media_attachments": MAX_MEDIA,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": list(SUPPORTED),
            "description_limit": DESCRIPTION_LIMIT,
            "image_size_limit": IMAGE_BYTES,
            "image_matrix_limit": IMAGE_MATRIX,
            "video_size_limit": IMAGE_BYTES,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8_294_400,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
    }


def _domain(world: World) -> str:
    return world.public_url.partition("://")[2]


def version_2(call: Call) -> Response:
    world = call.world
    answer = {
        "domain": _domain(world),
        "title": "Sandbox",
        "version": NAMES[world.software][2],
        "source_url": world.public_url,
        "description": "A sandbox for trying. Nothing here leaves this machine.",
        "usage": {"users": {"active_month": len(world.store.accounts)}},
        "thumbnail": {"url": f"{world.public_url}/avatars/0.png"},
        "languages": [world.language],
        "configuration": {"urls": {}, **_configuration(), "translation": {"enabled": False}},
        "registrations": {"enabled": False, "approval_required": False, "message": None},
        "contact": {"email": "", "account": None},
        "rules": [],
    }
    if world.software == "keyed":
        answer["api_versions"] = {"mastodon": 7}
    return as_json(answer)


def version_1(call: Call) -> Response:
    world = call.world
    answer = {
        "uri": _domain(world),
        "title": "Sandbox",
        "short_description": "A sandbox for trying.",
        "description": "A sandbox for trying. Nothing here leaves this machine.",
        "email": "",
        "version": NAMES[world.software][2],
        "urls": {},
        "stats": {
            "user_count": len(world.store.accounts),
            "status_count": len(world.store.statuses),
            "domain_count": 1,
        },
        "thumbnail": None,
        "languages": [world.language],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": _configuration(),
        "contact_account": None,
        "rules": [],
    }
    return as_json(answer)


def nodeinfo_links(call: Call) -> Response:
    link = {
        "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0",
        "href": f"{call.world.public_url}/nodeinfo/2.0",
    }
    return as_json({"links": [link]})


def nodeinfo(call: Call) -> Response:
    name, version, _ = NAMES[call.world.software]
    answer = {
        "version": "2.0",
        "software": {"name": name, "version": version},
        "protocols": ["activitypub"],
        "services": {"outbound": [], "inbound": []},
        "usage": {
            "users": {"total": len(call.store.accounts)},
            "localPosts": len(call.store.statuses),
        },
        "openRegistrations": False,
        "metadata": {},
    }
    return as_json(answer)


ROUTES = [
    Route("GET", "/api/v2/instance", version_2, "anybody"),
    Route("GET", "/api/v1/instance", version_1, "anybody"),
    Route("GET", "/nodeinfo/2.0", nodeinfo, "anybody"),
    Route("GET", "/.well-known/nodeinfo", nodeinfo_links, "anybody"),
]
