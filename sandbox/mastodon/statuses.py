"""Posting, reading a thread, liking, editing, deleting one's own."""

from itertools import islice
from typing import Any

from sandbox import publishing
from sandbox.entities import history_json, status_json
from sandbox.messages import Response, as_json
from sandbox.publishing import Draft, RefusedError
from sandbox.records import Account, Json, Status
from sandbox.routing import Route
from sandbox.world import Call

MOST = 4096
MOST_ABOVE_UNSIGNED = 40
MOST_BELOW_UNSIGNED = 60
DEPTH_UNSIGNED = 20


def create(call: Call) -> Response:
    """A post; where the software honours keys, the same key gives the same post for an hour."""
    by = _caller(call)
    for name in ("scheduled_at", "poll"):
        if any(field.partition("[")[0] == name for field in call.fields.values if call.fields.many(field)):
            raise RefusedError(422, f"Validation failed: the sandbox takes no {name}")
    key = call.request.headers.get("idempotency-key")
    draft = _draft(call)
    draft.key = key if call.world.software == "keyed" else None
    status, is_new = publishing.publish(call.store, by=by, draft=draft)
    if is_new:
        call.world.tell(status)
    return as_json(status_json(call.world, status, viewer=by))


def _caller(call: Call) -> Account:
    if call.account is None:
        raise RefusedError(401, "The access token is invalid")
    return call.account


def _draft(call: Call) -> Draft:
    fields = call.fields
    reply_to = fields.text("in_reply_to_id")
    return Draft(
        text=fields.text("status"),
        in_reply_to=(fields.number("in_reply_to_id") or 0) if reply_to else None,
        visibility=fields.text("visibility") or "public",
        language=fields.text("language"),
        spoiler_text=fields.text("spoiler_text"),
        sensitive=fields.flag("sensitive"),
        media_ids=_numbers(fields.many("media_ids")),
        application=_application(call),
    )


def _numbers(values: list[Any]) -> list[int]:
    return [int(text) if text.isascii() and text.isdecimal() else 0 for text in map(str, values)]


def _application(call: Call) -> Json | None:
    app = call.store.apps.get(call.token.client_id) if call.token is not None else None
    return None if app is None else {"name": app.name, "website": app.website or None}


def _seen(call: Call) -> Status:
    status = call.store.visible(call.id, viewer=call.account)
    if status is None:
        raise RefusedError(404, "Record not found")
    return status


def show(call: Call) -> Response:
    return as_json(status_json(call.world, _seen(call), viewer=call.account))


def several(call: Call) -> Response:
    found = [call.store.visible(number, viewer=call.account) for number in _numbers(call.fields.many("id")[:20])]
    return as_json([status_json(call.world, status, viewer=call.account) for status in found if status is not None])


def context(call: Call) -> Response:
    """The thread: what stands above, and everything below, flat and depth first."""
    status, viewer = _seen(call), call.account
    above = call.store.ancestors(status, viewer=viewer)
    below = call.store.descendants(status, viewer=viewer)
    if viewer is None:
        above = above[-MOST_ABOVE_UNSIGNED:]
        below = ((depth, comment) for depth, comment in below if depth <= DEPTH_UNSIGNED)
    most = MOST if viewer is not None else MOST_BELOW_UNSIGNED
    answer = {
        "ancestors": [status_json(call.world, one, viewer=viewer) for one in above[-MOST:]],
        "descendants": [status_json(call.world, one, viewer=viewer) for _, one in islice(below, most)],
    }
    return as_json(answer)


def favourite(call: Call) -> Response:
    status = _seen(call)
    publishing.favourite(call.store, by=_caller(call), status=status)
    return as_json(status_json(call.world, status, viewer=call.account))


def unfavourite(call: Call) -> Response:
    status = _seen(call)
    publishing.unfavourite(call.store, by=_caller(call), status=status)
    return as_json(status_json(call.world, status, viewer=call.account))


def edit(call: Call) -> Response:
    by = _caller(call)
    status = publishing.edit(call.store, by=by, number=call.id, draft=_draft(call))
    for change in call.fields.many("media_attributes"):
        if isinstance(change, dict):
            _describe(call, status, change)
    return as_json(status_json(call.world, status, viewer=by))


def _describe(call: Call, status: Status, change: Json) -> None:
    number = _numbers([change.get("id", "")])[0]
    if number in status.media_ids:
        media = call.store.media[number]
        description = str(change.get("description", media.description))
        call.store.commit("media_changed", media_id=number, description=description, focus=media.focus)


def delete(call: Call) -> Response:
    """Only one's own: anybody else's post is not found. Answers what a new draft would need."""
    by = _caller(call)
    status = publishing.own(call.store, by=by, number=call.id)
    answer = status_json(call.world, status, viewer=by)
    publishing.delete(call.store, by=by, number=call.id)
    return as_json({**answer, "text": status.text})


def source(call: Call) -> Response:
    status = publishing.own(call.store, by=_caller(call), number=call.id)
    return as_json({"id": str(status.id), "text": status.text, "spoiler_text": status.spoiler_text})


def history(call: Call) -> Response:
    return as_json(history_json(call.world, _seen(call)))


ROUTES = [
    Route("POST", "/api/v1/statuses", create),
    Route("GET", "/api/v1/statuses", several, "anybody"),
    Route("GET", "/api/v1/statuses/{}", show, "anybody"),
    Route("PUT", "/api/v1/statuses/{}", edit),
    Route("DELETE", "/api/v1/statuses/{}", delete),
    Route("GET", "/api/v1/statuses/{}/context", context, "anybody"),
    Route("GET", "/api/v1/statuses/{}/source", source),
    Route("GET", "/api/v1/statuses/{}/history", history, "anybody"),
    Route("POST", "/api/v1/statuses/{}/favourite", favourite),
    Route("POST", "/api/v1/statuses/{}/unfavourite", unfavourite),
]
