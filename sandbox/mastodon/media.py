"""Uploading pictures and videos, and reading what became of them."""

import secrets
import time

from sandbox.entities import media_json
from sandbox.mastodon.instance import DESCRIPTION_LIMIT, IMAGE_BYTES, IMAGE_MATRIX
from sandbox.messages import Response, as_json, error
from sandbox.pictures import SUPPORTED, Looked, look
from sandbox.publishing import RefusedError
from sandbox.records import Media
from sandbox.routing import Route
from sandbox.world import Call

VIDEO_PROCESSING_MS = 1500


def upload(call: Call) -> Response:
    """200 when the file is ready, 202 while the server still works on it."""
    sent = call.fields.files.get("file")
    if sent is None or call.account is None:
        raise RefusedError(422, "Validation failed: File can't be blank")
    looked = look(sent.content)
    if looked is None or looked.mime not in SUPPORTED:
        raise RefusedError(422, "Validation failed: File content type is invalid, File is invalid")
    _check_size(looked, len(sent.content))
    file = f"{secrets.token_hex(16)}.{SUPPORTED[looked.mime]}"
    (call.store.journal.folder / file).write_bytes(sent.content)
    number, wait = call.store.next_id(), _processing_ms(call, looked)
    call.store.commit(
        "media",
        id=number,
        account_id=call.account.id,
        file=file,
        mime=looked.mime,
        kind=looked.kind,
        width=looked.width,
        height=looked.height,
        description=_description(call),
        focus=_focus(call),
        ready_at=time.time() + wait / 1000 if wait else 0,
    )
    return _answer(call, call.store.media[number], busy=202)


def _check_size(looked: Looked, size: int) -> None:
    if size > IMAGE_BYTES:
        raise RefusedError(422, "Validation failed: File file size must be less than 16 MB")
    if looked.width * looked.height > IMAGE_MATRIX:
        raise RefusedError(
            422, f"{looked.width}x{looked.height} images are not supported, must be below {IMAGE_MATRIX} sqpx"
        )


def _processing_ms(call: Call, looked: Looked) -> int:
    return call.world.processing_ms or (VIDEO_PROCESSING_MS if looked.kind == "video" else 0)


def _description(call: Call) -> str:
    text = call.fields.text("description").strip()
    if len(text) > DESCRIPTION_LIMIT:
        raise RefusedError(
            422, f"Validation failed: Description is too long (maximum is {DESCRIPTION_LIMIT} characters)"
        )
    return text


def _focus(call: Call) -> list[float]:
    try:
        focus = [float(part) for part in call.fields.text("focus", "0,0").split(",")]
    except ValueError:
        focus = []
    return focus if len(focus) == 2 and all(-1 <= part <= 1 for part in focus) else [0.0, 0.0]


def _answer(call: Call, media: Media, *, busy: int) -> Response:
    is_ready = media.ready_at <= time.time()
    return as_json(media_json(call.world, media, is_ready=is_ready), status=200 if is_ready else busy)


def _unused(call: Call) -> Media:
    """One's own upload that no post carries yet; anything else is not found."""
    media = call.store.media.get(call.id or 0)
    if media is None or call.account is None or media.account_id != call.account.id or media.status_id is not None:
        raise RefusedError(404, "Record not found")
    return media


def show(call: Call) -> Response:
    return _answer(call, _unused(call), busy=206)


def change(call: Call) -> Response:
    media = _unused(call)
    description = _description(call) if call.fields.has("description") else media.description
    focus = _focus(call) if call.fields.has("focus") else media.focus
    call.store.commit("media_changed", media_id=media.id, description=description, focus=focus)
    return _answer(call, media, busy=206)


def file(call: Call) -> Response:
    """The stored bytes, for anybody who has the random name."""
    name = call.args[0]
    media = call.store.files.get(name)
    if media is None:
        return error(404, "Record not found")
    headers = {
        "Cache-Control": "public, max-age=604800, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(body=(call.store.journal.folder / name).read_bytes(), mime=media.mime, headers=headers)


ROUTES = [
    Route("POST", "/api/v2/media", upload),
    Route("POST", "/api/v1/media", upload),
    Route("GET", "/api/v1/media/{}", show),
    Route("PUT", "/api/v1/media/{}", change),
    Route("GET", "/media/{}", file, "anybody"),
]
