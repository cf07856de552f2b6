"""The way of every call: faults, limits, the right function, what went wrong as an answer."""

import asyncio
import dataclasses
import hashlib
import json
import sys

from sandbox import admin, avatars, pages
from sandbox.mastodon import accounts, instance, media, oauth, statuses
from sandbox.messages import BadBodyError, Fields, Request, Response, error
from sandbox.publishing import RefusedError
from sandbox.records import Arrival
from sandbox.routing import Route, Routes
from sandbox.world import Call, World

API = ("/api/", "/oauth/", "/nodeinfo/", "/.well-known/")

ROUTES = [
    *instance.ROUTES,
    *oauth.ROUTES,
    *accounts.ROUTES,
    *media.ROUTES,
    *statuses.ROUTES,
    *admin.ROUTES,
    *avatars.ROUTES,
    *pages.ROUTES,
]


class Answering:
    """Turns requests into responses; the only place that waits."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.routes = Routes(ROUTES)

    async def __call__(self, request: Request) -> Response:
        if not request.path.startswith(API):
            return self._plain(request)
        call = Call(world=self.world, request=request)
        call.identify()
        broken = _read_fields(call)
        arrival = self._arrival(call)
        who = call.account.username if call.account is not None else ""
        spoiled = self.world.faults.judge(method=request.method, path=request.path, account=who)
        if spoiled.wait_before_ms:
            await asyncio.sleep(spoiled.wait_before_ms / 1000)
        response = spoiled.instead or broken or self._limited(call)
        if arrival is not None:
            self._note(arrival, response)
        response = spoiled.afterwards or response
        if spoiled.wait_after_ms:
            await asyncio.sleep(spoiled.wait_after_ms / 1000)
        if not self.world.is_quiet:
            heard = "cut" if response.is_cut else response.status
            sys.stdout.write(f"{request.method} {request.path} {heard} {who}\n")
            sys.stdout.flush()
        return response

    def _plain(self, request: Request) -> Response:
        """Pages, pictures and the admin address: never spoiled, never limited."""
        call = Call(world=self.world, request=request)
        broken = _read_fields(call)
        return broken or self._routed(call)

    def _limited(self, call: Call) -> Response:
        allowed, headers = self.world.rate.count(call.request.bearer() or call.request.peer)
        response = self._routed(call) if allowed else error(429, "Too many requests")
        response.headers.update(headers)
        return response

    def _routed(self, call: Call) -> Response:
        found = self.routes.find(method=call.request.method, path=call.request.path)
        if found is None:
            is_page = not call.request.path.startswith((*API, "/_sandbox/")) and call.request.method in {"GET", "HEAD"}
            return pages.missing(call) if is_page else error(404, "Record not found")
        route, call.args = found
        refusal = _who_may(call, route)
        if refusal is not None:
            return refusal
        try:
            return route.answer(call)
        except RefusedError as refused:
            return error(refused.status, refused.text, **refused.more)

    def _arrival(self, call: Call) -> Arrival | None:
        if (call.request.method, call.request.path) != ("POST", "/api/v1/statuses"):
            return None
        text = call.fields.text("status")
        return Arrival(
            account=call.account.username if call.account is not None else None,
            key=call.request.headers.get("idempotency-key"),
            text=text,
            digest=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
            in_reply_to_id=call.fields.text("in_reply_to_id") or None,
            arrived_at=call.request.arrived_at,
        )

    def _note(self, arrival: Arrival, response: Response) -> None:
        """Write the arrival down with what became of it inside, whatever the caller will hear."""
        if not response.is_cut:
            arrival.answered = response.status
        if response.status == 200 and not response.is_cut:
            arrival.stored_id = json.loads(response.body)["id"]
        self.world.store.commit("arrival", **dataclasses.asdict(arrival))


def _read_fields(call: Call) -> Response | None:
    try:
        call.fields = call.request.fields()
    except BadBodyError as bad:
        call.fields = Fields()
        return error(400, str(bad))
    return None


def _who_may(call: Call, route: Route) -> Response | None:
    if route.who == "admin":
        return admin.refusal(call)
    bearer = call.request.bearer()
    if bearer is not None and call.token is None and route.who in {"account", "anybody"}:
        return error(401, "The access token is invalid")
    if route.who == "account" and call.account is None:
        return error(401, "The access token is invalid")
    return None
