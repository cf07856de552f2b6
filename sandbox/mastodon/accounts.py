"""Who somebody is and what they posted; the news for one account; the public list."""

from sandbox.entities import account_json, notification_json, own_account_json, status_json
from sandbox.messages import Response, as_json, error
from sandbox.paging import page
from sandbox.publishing import RefusedError
from sandbox.records import Account, Status
from sandbox.routing import Route
from sandbox.world import Call


def verify(call: Call) -> Response:
    if call.account is None:
        return error(401, "The access token is invalid")
    return as_json(own_account_json(call.world, call.account))


def _account(call: Call) -> Account:
    account = call.store.accounts.get(call.id or 0)
    if account is None:
        raise RefusedError(404, "Record not found")
    return account


def show(call: Call) -> Response:
    return as_json(account_json(call.world, _account(call)))


def lookup(call: Call) -> Response:
    account = call.store.account_named(call.fields.text("acct").removeprefix("@"))
    return error(404, "Record not found") if account is None else as_json(account_json(call.world, account))


def statuses(call: Call) -> Response:
    """What an account wrote; software of the kind `opaque` does not tell."""
    account = _account(call)
    if call.world.software == "opaque":
        return error(403, "This action is not allowed")
    rows = [status for status in _of(call, account) if _is_wanted(call, status)]
    chosen, headers = page(call, rows, default=20, most=40)
    return as_json([status_json(call.world, status, viewer=call.account) for status in chosen], headers=headers)


def _of(call: Call, account: Account) -> list[Status]:
    found = (call.store.statuses[number] for number in account.status_ids)
    return [status for status in found if call.store.is_visible(status, viewer=call.account)]


def _is_wanted(call: Call, status: Status) -> bool:
    if call.fields.flag("exclude_replies") and status.in_reply_to is not None:
        return False
    if call.fields.flag("only_media") and not status.media_ids:
        return False
    return not call.fields.flag("pinned")


def notifications(call: Call) -> Response:
    account = call.account
    if account is None:
        return error(401, "The access token is invalid")
    wanted, unwanted = set(call.fields.many("types")), set(call.fields.many("exclude_types"))
    rows = [
        notice
        for notice in call.store.notifications.get(account.id, [])
        if (not wanted or notice.kind in wanted)
        and notice.kind not in unwanted
        and call.store.is_visible(call.store.statuses[notice.status_id], viewer=account)
    ]
    chosen, headers = page(call, rows, default=40, most=80)
    return as_json([notification_json(call.world, notice, viewer=account) for notice in chosen], headers=headers)


def public_timeline(call: Call) -> Response:
    chosen, headers = page(call, list(call.store.roots())[::-1], default=20, most=40)
    return as_json([status_json(call.world, status, viewer=call.account) for status in chosen], headers=headers)


ROUTES = [
    Route("GET", "/api/v1/accounts/verify_credentials", verify),
    Route("GET", "/api/v1/accounts/lookup", lookup, "anybody"),
    Route("GET", "/api/v1/accounts/{}", show, "anybody"),
    Route("GET", "/api/v1/accounts/{}/statuses", statuses, "anybody"),
    Route("GET", "/api/v1/notifications", notifications),
    Route("GET", "/api/v1/timelines/public", public_timeline, "anybody"),
]
