"""Bluesky's servers asked as any other program asks them."""

from typing import Any

import requests

from tests.real.bluesky_network import Bluesky


def ask(address: str, *, token: str = "", body: dict[str, Any] | None = None, **query: Any) -> Any:
    """Ask one of Bluesky's servers as another program would."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is None:
        answer = requests.get(address, query, headers=headers, timeout=20)
    else:
        answer = requests.post(address, json=body, headers=headers, timeout=20)
    assert answer.ok, answer.text
    return answer.json()


def session_of(bluesky: Bluesky, name: str) -> dict[str, Any]:
    """Sign somebody in."""
    person = bluesky.people[name]
    wanted = {"identifier": person.handle, "password": person.app_password}
    found: dict[str, Any] = ask(f"{bluesky.pds}/xrpc/com.atproto.server.createSession", body=wanted)
    return found
