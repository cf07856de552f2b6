"""A session by app password: opened once, kept, renewed, and ended when the channel is disconnected."""

import re
from dataclasses import replace
from typing import Any

from publisher.contract.answers import dictionary
from publisher.contract.atproto.calls import ask, query
from publisher.contract.atproto.identity import claims_of, expiry_of, identity_of
from publisher.contract.base import Adapter, Call, EndsSignIn, RefreshesSignIn, SignsInWithPassword
from publisher.contract.calling import read_json
from publisher.contract.content import Found, FoundProfile, Secrets, Target
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable

SESSION = "com.atproto.server."
APP_PASSWORD = re.compile(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}")
TOKEN = re.compile(r"[!-~]{1,8192}")
BIGGER_PICTURES_SINCE = (0, 4, 218)


class Sessions(SignsInWithPassword, RefreshesSignIn, EndsSignIn, Adapter):
    """The part of the adapter that opens and closes doors."""

    def sign_in(self, call: Call, *, account: str, password: str) -> tuple[Secrets, Found]:
        """Find the account's server and open a session there. The account's main password is not sent anywhere."""
        if not APP_PASSWORD.fullmatch(password.strip()):
            raise Rejected("app_password_malformed")
        identity = identity_of(call, account)
        there = replace(call, target=Target(server=identity.server, remote_id=identity.did), secrets=Secrets())
        body = {"identifier": identity.did, "password": password.strip()}
        try:
            answer = ask(there, "POST", SESSION + "createSession", json=body)
        except SignIn as error:
            code = "app_password_refused" if error.code == "token_refused" else error.code
            raise SignIn(code, status=error.status) from None
        return opened(there, dictionary(read_json(answer)))

    def check(self, call: Call) -> Found:
        """Ask whose session this is, and what its server runs. One that ran out is renewed, one that is none is not."""
        try:
            session = query(call, SESSION + "getSession")
        except Unavailable as error:
            if error.note != "invalidtoken":
                raise
            raise SignIn("token_refused", status=error.status) from None
        return found_by(call, session, call.secrets.access)

    def refresh(self, call: Call) -> tuple[Secrets, Found]:
        """Exchange both tokens for new ones. A lost answer is no loss: the old one is honoured a little longer."""
        key = Secrets(access=call.secrets.refresh)
        try:
            answer = ask(call, "POST", SESSION + "refreshSession", secrets=key)
        except Unavailable as error:
            if error.code != "token_expired":
                raise
            raise SignIn("token_refused", status=error.status) from None
        return opened(call, dictionary(read_json(answer)))

    def revoke(self, call: Call) -> None:
        """End the session; one that is over already is no error."""
        try:
            ask(call, "POST", SESSION + "deleteSession", secrets=Secrets(access=call.secrets.refresh))
        except (SignIn, Unavailable) as error:
            if error.code not in {"token_expired", "token_refused"}:
                raise


def opened(call: Call, session: dict[str, Any]) -> tuple[Secrets, Found]:
    """Return the tokens of a session and what they open."""
    secrets = Secrets(access=str(session.get("accessJwt") or ""), refresh=str(session.get("refreshJwt") or ""))
    if not all(TOKEN.fullmatch(token) for token in (secrets.access, secrets.refresh)):
        raise Unavailable("server_not_reached", scope="host", note="no session")
    return secrets, found_by(call, session, secrets.access)


def found_by(call: Call, session: dict[str, Any], token: str) -> Found:
    """Return the account of a session. Raises SignIn for one that its server has closed."""
    did, told = str(session.get("did") or ""), str(session.get("handle") or "")
    if not did or (call.target.remote_id and did != call.target.remote_id):
        raise SignIn("other_account")
    if session.get("active") is False:
        raise SignIn("account_disabled")
    version = version_at(call)
    handle = "" if told == "handle.invalid" else told
    profile = FoundProfile(
        remote_id=did[:255],
        handle=f"@{handle or did}"[:255],
        name=(handle or did)[:120],
        url=f"https://bsky.app/profile/{did}",
        software="pds",
        version=version,
        limits=limits_at(version),
    )
    scope = str(claims_of(token).get("scope") or "")[:600]
    return Found(call.target.server, did[:255], (profile,), scopes=scope, expires_at=expiry_of(token))


def version_at(call: Call) -> str:
    """Return what the server says that it runs; not every one does."""
    try:
        told = query(replace(call, secrets=Secrets()), "_health").get("version")
    except AdapterError:
        return ""
    return str(told or "")[:60]


def limits_at(version: str) -> dict[str, int]:
    """Return what this version of the reference server takes; an unknown one gets the smaller pictures of older ones."""
    numbers = tuple(int(one) for one in version.split(".") if one.isdecimal())
    is_new = len(numbers) == 3 and numbers >= BIGGER_PICTURES_SINCE
    return {"image_bytes": 2_000_000 if is_new else 1_000_000}


