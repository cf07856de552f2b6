"""Programs register here and fetch their tokens."""

import secrets
import time
from urllib.parse import urlsplit

from sandbox.messages import Response, as_json, error
from sandbox.records import App, Json
from sandbox.routing import Route
from sandbox.world import Call


def register(call: Call) -> Response:
    name = call.fields.text("client_name").strip()
    addresses = [address for text in call.fields.many("redirect_uris") for address in str(text).split()]
    if not name:
        return error(422, "Validation failed: Application name can't be blank")
    if not addresses or not all(urlsplit(address).scheme for address in addresses):
        return error(422, "Validation failed: Redirect URI must be an absolute URI.")
    client_id = secrets.token_urlsafe(32)
    call.store.commit(
        "app",
        id=call.store.next_id(),
        name=name,
        website=call.fields.text("website"),
        redirect_uris="\n".join(addresses),
        scopes=call.fields.text("scopes", "read"),
        client_id=client_id,
        client_secret=secrets.token_urlsafe(32),
    )
    app = call.store.apps[client_id]
    secret = {"client_id": app.client_id, "client_secret": app.client_secret, "client_secret_expires_at": 0}
    return as_json({"id": str(app.id), **_app_json(app), **secret})


def _app_json(app: App) -> Json:
    return {
        "name": app.name,
        "website": app.website or None,
        "scopes": app.scopes.split(),
        "redirect_uri": app.redirect_uris,
        "redirect_uris": app.redirect_uris.split("\n"),
    }


def _client(call: Call) -> App | None:
    app = call.store.apps.get(call.fields.text("client_id"))
    if app is None or not secrets.compare_digest(app.client_secret, call.fields.text("client_secret")):
        return None
    return app


def token(call: Call) -> Response:
    """For a program alone; an account's token is made at the admin address."""
    app = _client(call)
    if app is None:
        return error(401, "invalid_client", error_description="Client authentication failed")
    if call.fields.text("grant_type") != "client_credentials":
        return error(
            400, "unsupported_grant_type", error_description="The sandbox gives tokens to accounts at its admin address"
        )
    text, now = secrets.token_urlsafe(32), time.time()
    scope = call.fields.text("scope", app.scopes)
    call.store.commit("token", token=text, account_id=None, client_id=app.client_id, scopes=scope, created_at=now)
    return as_json({"access_token": text, "token_type": "Bearer", "scope": scope, "created_at": int(now)})


def revoke(call: Call) -> Response:
    app = _client(call)
    held = call.store.tokens.get(call.fields.text("token"))
    if app is None or (held is not None and held.client_id != app.client_id):
        return error(403, "unauthorized_client", error_description="You are not authorized to revoke this token")
    if held is not None:
        call.store.commit("token_gone", token=held.token)
    return as_json({})


def app_credentials(call: Call) -> Response:
    app = call.store.apps.get(call.token.client_id) if call.token is not None else None
    if call.token is None:
        return error(401, "The access token is invalid")
    if app is None:
        return as_json(
            {"id": "0", "name": None, "website": None, "scopes": call.token.scopes.split(), "redirect_uris": []}
        )
    return as_json({"id": str(app.id), **_app_json(app)})


ROUTES = [
    Route("POST", "/api/v1/apps", register, "anybody"),
    Route("GET", "/api/v1/apps/verify_credentials", app_credentials, "anybody"),
    Route("POST", "/oauth/token", token, "anybody"),
    Route("POST", "/oauth/revoke", revoke, "anybody"),
]
