"""The admin address: accounts, software, faults, what arrived. Only for callers on this machine."""

import dataclasses
import ipaddress
import secrets
import time

from sandbox import publishing
from sandbox.entities import account_json, status_json
from sandbox.faults import BadRuleError
from sandbox.messages import Response, as_json, error
from sandbox.publishing import Draft, RefusedError
from sandbox.records import Account, Json
from sandbox.routing import Route
from sandbox.world import SOFTWARES, Call, World

COLOURS = ("#6d2337", "#33424f", "#7a5a1f", "#3f5d4c", "#8a4a2c", "#5b4a78")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def refusal(call: Call) -> Response | None:
    """Only loopback, under a loopback name, and never from a page of another site."""
    headers = call.request.headers
    try:
        is_near = ipaddress.ip_address(call.request.peer).is_loopback
    except ValueError:
        is_near = False
    host = headers.get("host", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if not is_near or name not in LOCAL_NAMES or not is_same_site(call):
        return error(403, "The admin address answers only this machine")
    return None


def is_same_site(call: Call) -> bool:
    """False when a browser says that another site's page sent this."""
    headers = call.request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    return origin is None or origin.partition("://")[2] == headers.get("host", "")


# accounts


def add_account(world: World, values: Json) -> Account:
    """Make an account, or hand out another token for one that exists."""
    username = str(values.get("username", "")).strip()
    if not username or not username.replace("_", "").isascii() or not username.replace("_", "").isalnum():
        raise RefusedError(422, "username: letters, digits and _ only")
    account = world.store.account_named(username)
    if account is None:
        number = world.store.next_id()
        world.store.commit(
            "account",
            id=number,
            username=username,
            display_name=str(values.get("display_name") or username),
            colour=_colour(values, len(world.store.accounts)),
            created_at=time.time(),
            is_person=bool(values.get("is_person", False)),
            domain=str(values.get("domain", "")),
            note=str(values.get("note", "")),
        )
        account = world.store.accounts[number]
    if values.get("token"):
        _add_token(world, account, token=str(values["token"]), app=str(values.get("app", "")))
    return account


def _colour(values: Json, count: int) -> str:
    colour = str(values.get("avatar_colour") or COLOURS[count % len(COLOURS)]).lower()
    is_good = len(colour) == 7 and colour[0] == "#" and all(sign in "0123456789abcdef" for sign in colour[1:])
    return colour if is_good else COLOURS[0]


def _add_token(world: World, account: Account, *, token: str, app: str) -> None:
    held = world.store.tokens.get(token)
    if held is not None and held.account_id == account.id:
        return
    client_id = _app_named(world, app) if app else ""
    world.store.commit(
        "token", token=token, account_id=account.id, client_id=client_id, scopes="read write", created_at=time.time()
    )


def _app_named(world: World, name: str) -> str:
    for app in world.store.apps.values():
        if app.name == name:
            return app.client_id
    client_id = secrets.token_urlsafe(16)
    world.store.commit(
        "app",
        id=world.store.next_id(),
        name=name,
        website="",
        redirect_uris="urn:ietf:wg:oauth:2.0:oob",
        scopes="read write",
        client_id=client_id,
        client_secret=secrets.token_urlsafe(32),
    )
    return client_id


def accounts(call: Call) -> Response:
    """One account as an object, or many as {"accounts": [...]}; a token is made up when none is given."""
    many = call.fields.has("accounts")
    wanted = call.fields.many("accounts") if many else [call.fields.plain()]
    made = []
    for values in wanted:
        if not isinstance(values, dict):
            raise RefusedError(422, "accounts is a list of objects")
        given = {**values, "token": values.get("token") or secrets.token_urlsafe(24)}
        account = add_account(call.world, given)
        made.append({**account_json(call.world, account), "token": given["token"]})
    return as_json({"accounts": made} if many else made[0])


def revoke(call: Call) -> Response:
    """Take a token back, as a person does who removes the app."""
    token = call.fields.text("token")
    if token in call.store.tokens:
        call.store.commit("token_gone", token=token)
    return as_json({})


# what the sandbox is and does


def state(call: Call) -> Response:
    world = call.world
    answer = {
        "software": world.software,
        "latency_ms": world.faults.latency_ms,
        "processing_ms": world.processing_ms,
        "rate_limit": world.rate.limit,
        "faults": [rule.shown() for rule in world.faults.rules],
    }
    return as_json(answer)


def change(call: Call) -> Response:
    """Software, the delay of every answer, how long files are processed, calls per five minutes."""
    world, fields = call.world, call.fields
    if fields.has("software"):
        if fields.text("software") not in SOFTWARES:
            raise RefusedError(422, f"software must be one of: {', '.join(SOFTWARES)}")
        world.switch(fields.text("software"))
    for name in ("latency_ms", "processing_ms", "rate_limit"):
        if fields.has(name) and fields.number(name) is None:
            raise RefusedError(422, f"{name} must be a whole number")
    world.faults.latency_ms = _or(fields.number("latency_ms"), world.faults.latency_ms)
    world.processing_ms = _or(fields.number("processing_ms"), world.processing_ms)
    world.rate.limit = _or(fields.number("rate_limit"), world.rate.limit)
    return state(call)


def _or(number: int | None, default: int) -> int:
    return default if number is None else number


def add_fault(call: Call) -> Response:
    try:
        rule = call.world.faults.add(call.fields.plain())
    except BadRuleError as bad:
        raise RefusedError(422, str(bad)) from bad
    return as_json(rule.shown())


def list_faults(call: Call) -> Response:
    return as_json([rule.shown() for rule in call.world.faults.rules])


def clear_faults(call: Call) -> Response:
    """All rules go, the delay of every answer too."""
    call.world.faults.clear()
    return as_json([])


# what arrived


def arrivals(call: Call) -> Response:
    """Every call that wanted to post, in order, doubles included; ?after=N skips the first N."""
    skipped = call.fields.number("after") or 0
    account = call.fields.text("account")
    found = [one for one in call.store.arrivals[skipped:] if account in {"", one.account}]
    return as_json([dataclasses.asdict(one) for one in found])


def counts(call: Call) -> Response:
    store = call.store
    answer = {
        "arrivals": len(store.arrivals),
        "statuses": sum(not status.is_gone for status in store.statuses.values()),
        "comments": sum(not status.is_gone and status.in_reply_to is not None for status in store.statuses.values()),
        "media": len(store.media),
        "accounts": len(store.accounts),
    }
    return as_json(answer)


def comment(call: Call) -> Response:
    """A made-up person writes under a post: {status_id, text, person, visibility}."""
    fields = call.fields
    person = call.store.account_named(fields.text("person")) or _any_person(call)
    above = call.store.visible(fields.number("status_id"), viewer=person)
    if person is None or above is None:
        raise RefusedError(404, "No such post or person")
    text = fields.text("text")
    author = call.store.accounts[above.account_id]
    if fields.text("mention", "1") not in {"0", "false", "False"} and author.id != person.id:
        text = f"@{author.acct} {text}"
    draft = Draft(
        text=text,
        in_reply_to=above.id,
        visibility=fields.text("visibility") or "public",
        language=fields.text("language", call.world.language),
        hand="visitor",
    )
    status, _ = publishing.publish(call.store, by=person, draft=draft)
    call.world.tell(status)
    return as_json(status_json(call.world, status, viewer=person))


def _any_person(call: Call) -> Account | None:
    return next((account for account in call.store.accounts.values() if account.is_person), None)


def change_comment(call: Call) -> Response:
    """What a person wrote is edited or deleted by them: {status_id, text} or {status_id, delete}."""
    status = call.store.statuses.get(call.fields.number("status_id") or 0)
    if status is None:
        raise RefusedError(404, "No such post")
    person = call.store.accounts[status.account_id]
    if call.fields.flag("delete"):
        publishing.delete(call.store, by=person, number=status.id)
    else:
        draft = Draft(text=call.fields.text("text"), media_ids=status.media_ids, spoiler_text=status.spoiler_text)
        publishing.edit(call.store, by=person, number=status.id, draft=draft)
    return as_json(status_json(call.world, status, viewer=person))


def reset(call: Call) -> Response:
    """Forget all posts, people, faults and arrivals; the software stays."""
    software = call.world.software
    call.store.reset()
    call.world.faults.clear()
    call.world.switch(software)
    call.world.populate()
    return as_json({})


ROUTES = [
    Route("POST", "/_sandbox/accounts", accounts, "admin"),
    Route("POST", "/_sandbox/tokens/revoke", revoke, "admin"),
    Route("GET", "/_sandbox/state", state, "admin"),
    Route("POST", "/_sandbox/state", change, "admin"),
    Route("GET", "/_sandbox/faults", list_faults, "admin"),
    Route("POST", "/_sandbox/faults", add_fault, "admin"),
    Route("DELETE", "/_sandbox/faults", clear_faults, "admin"),
    Route("GET", "/_sandbox/arrivals", arrivals, "admin"),
    Route("GET", "/_sandbox/counts", counts, "admin"),
    Route("POST", "/_sandbox/comments", comment, "admin"),
    Route("POST", "/_sandbox/comments/change", change_comment, "admin"),
    Route("POST", "/_sandbox/reset", reset, "admin"),
]
