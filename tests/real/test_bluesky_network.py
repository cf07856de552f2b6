"""The servers themselves: what is on the PDS outlives its death, and the AppView goes on listening."""

import time
from typing import Any

import pytest
import requests

from tests.real.asking import ask, session_of
from tests.real.bluesky_network import Bluesky

pytestmark = pytest.mark.enable_socket


def say(bluesky: Bluesky, session: dict[str, Any], text: str) -> dict[str, Any]:
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": now}
    body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record}
    made: dict[str, Any] = ask(
        f"{bluesky.pds}/xrpc/com.atproto.repo.createRecord", token=session["accessJwt"], body=body
    )
    return made


def seen_by_appview(bluesky: Bluesky, uri: str) -> bool:
    return requests.get(f"{bluesky.appview}/xrpc/app.bsky.feed.getPostThread", {"uri": uri}, timeout=20).ok


def test_a_killed_pds_comes_back_with_its_posts_and_its_sessions_and_the_appview_hears_it_again(bluesky: Bluesky):
    session = session_of(bluesky, "rolf")
    before = say(bluesky, session, "prima")
    bluesky.kill_pds()
    bluesky.start_pds()
    after = say(bluesky, session, "dopo")
    until = time.monotonic() + 30
    while not (seen_by_appview(bluesky, before["uri"]) and seen_by_appview(bluesky, after["uri"])):
        assert time.monotonic() < until, "the AppView hears nothing of the PDS that came back"
        time.sleep(0.3)
