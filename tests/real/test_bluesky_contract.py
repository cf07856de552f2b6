"""The suite of the contract against Bluesky's own servers: what was proven in memory holds where it is real."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from publisher.contract.answers import Answer
from publisher.contract.base import Adapter, Call
from publisher.contract.content import Secrets, Target
from publisher.contract.http import PreparedCall
from publisher.platforms import adapter_of
from tests.publisher.contract.kit import Seen, WatchedDoor
from tests.publisher.contract.test_contract import (  # noqa: F401  (pytest collects what is imported)
    pictures,
    test_a_post_whose_answer_was_lost_is_found_or_nothing_is_claimed,
    test_a_receipt_has_id_address_and_time,
    test_a_replay_with_the_same_ticket_never_doubles_where_that_is_promised,
    test_a_wrong_token_is_a_matter_of_signing_in,
    test_checking_tells_whose_token_it_is,
    test_pictures_go_out_in_order_each_with_its_words,
    test_preparing_twice_is_harmless,
    test_the_approved_text_goes_out_unchanged,
    test_the_same_words_from_before_the_try_are_not_adopted,
    test_the_same_words_under_another_post_are_not_adopted,
    test_what_is_sent_is_what_was_shown,
    test_what_never_left_is_not_found,
    test_what_the_server_refuses_is_rejected,
)
from tests.publisher.contract.test_contract_talk import (  # noqa: F401  (pytest collects what is imported)
    test_a_new_comment_shows_and_a_vanished_one_is_missing_from_a_whole_page,
    test_a_post_that_was_deleted_there_is_said_to_be_gone,
    test_an_answer_hangs_under_the_comment_and_names_the_person,
    test_answering_twice_with_the_same_ticket_never_doubles_where_that_is_promised,
    test_comments_come_oldest_first_with_stable_ids_and_aware_times,
    test_hiding_and_showing_twice_is_harmless_and_seen_in_the_thread,
    test_liking_and_unliking_twice_is_harmless,
    test_what_is_looked_up_is_there_or_gone,
    test_what_is_said_to_us_is_heard_once_and_in_order,
)
from tests.real.bluesky_network import Bluesky

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(300)]

POST, PATIENCE_S = "app.bsky.feed.post", 30.0


def until(found: Callable[[], Any]) -> Any:
    """Wait for the index."""
    end = time.monotonic() + PATIENCE_S
    while not (value := found()):
        assert time.monotonic() < end, "the index did not catch up"
        time.sleep(0.1)
    return value


class PatientDoor(WatchedDoor):
    """Waits after each write of ours until the index has seen it: these promises are not about its lag."""

    network: "Network"

    def send(self, built: PreparedCall) -> Answer:
        answer = super().send(built)
        if built.method == "POST" and ".repo." in built.place.target and answer.is_ok:
            rev = (answer.json().get("commit") or {}).get("rev", "")
            until(lambda: self.network.seen_rev() >= rev)
        return answer


class Network:
    """The world of the suite: our account, and Ida who answers."""

    name = "bluesky"

    def __init__(self, bluesky: Bluesky) -> None:
        self.server = bluesky.pds
        self.door = PatientDoor(private_networks=["127.0.0.0/8", "::1/128"])
        self.door.network = self
        self.numbers = itertools.count()
        self.us, self.ida = (self._session(bluesky, name) for name in ("levante", "ida"))

    def _session(self, bluesky: Bluesky, name: str) -> dict[str, Any]:
        person = bluesky.people[name]
        body = {"identifier": person.handle, "password": person.app_password}
        return self._ask(None, "com.atproto.server.createSession", body)

    def _ask(self, who: dict[str, Any] | None, nsid: str, body: Any = None, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {who['accessJwt']}"} if who else {}
        method = "POST" if body is not None else "GET"
        answer = requests.request(
            method, f"{self.server}/xrpc/{nsid}", headers=headers, params=query, json=body, timeout=30
        )
        return answer.json() if answer.ok and answer.content else {}

    def seen_rev(self) -> str:
        """Return up to where the index has read our records."""
        headers = {"Authorization": f"Bearer {self.us['accessJwt']}"}
        address = f"{self.server}/xrpc/app.bsky.actor.getProfile"
        answer = requests.get(address, headers=headers, params={"actor": self.us["did"]}, timeout=30)
        return answer.headers.get("atproto-repo-rev", "")

    def posts(self) -> list[Seen]:
        """Return our posts, oldest first."""
        asked = {"repo": self.us["did"], "collection": POST, "limit": 100}
        rows = self._ask(None, "com.atproto.repo.listRecords", **asked)["records"]
        return [self._seen(row["uri"], row["value"]) for row in rows[::-1]]

    def _seen(self, uri: str, value: dict[str, Any]) -> Seen:
        images = value.get("embed", {}).get("images", [])
        files = tuple((one["alt"], self._blob(one["image"]["ref"]["$link"])) for one in images)
        return Seen(uri, value["text"], value.get("reply", {}).get("parent", {}).get("uri", ""), files)

    def _blob(self, cid: str) -> bytes:
        """Return the bytes of a file as anybody gets them."""
        asked = {"did": self.us["did"], "cid": cid}
        return requests.get(f"{self.server}/xrpc/com.atproto.sync.getBlob", params=asked, timeout=30).content

    def comment(self, remote_id: str, text: str) -> str:
        """Let Ida write under a post, and wait until thread and notifications show it."""
        post = until(lambda: self._post(self.ida, remote_id))
        ref = {"uri": remote_id, "cid": post["cid"]}
        reply = {"root": post["record"].get("reply", {}).get("root", ref), "parent": ref}
        created = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{next(self.numbers) % 1000:03d}Z"
        record = {"$type": POST, "text": text, "createdAt": created, "reply": reply}
        body = {"repo": self.ida["did"], "collection": POST, "record": record}
        uri = str(self._ask(self.ida, "com.atproto.repo.createRecord", body)["uri"])
        until(lambda: self._post(self.us, uri))
        until(lambda: uri in self._heard())
        return uri

    def _post(self, who: dict[str, Any], uri: str) -> Any:
        return next(iter(self._ask(who, "app.bsky.feed.getPosts", uris=uri).get("posts", [])), None)

    def _heard(self) -> set[str]:
        told = self._ask(self.us, "app.bsky.notification.listNotifications", limit=100)
        return {one["uri"] for one in told.get("notifications", [])}

    def remove(self, remote_id: str) -> None:
        """Delete a post as its writer, and wait until the index has forgotten it."""
        did, collection, rkey = remote_id.removeprefix("at://").split("/")
        who = self.us if did == self.us["did"] else self.ida
        self._ask(who, "com.atproto.repo.deleteRecord", {"repo": did, "collection": collection, "rkey": rkey})
        until(lambda: self._post(self.us, remote_id) is None)

    def fault(self, effect: str) -> None:
        """It knows none."""
        raise ValueError(effect)

    def mend(self) -> None:
        """There is nothing to mend."""

    def effects(self) -> set[str]:
        """Return none: faults are the business of other worlds."""
        return set()


@pytest.fixture(scope="module")
def world(bluesky: Bluesky) -> Network:
    """The network with our account and Ida's."""
    return Network(bluesky)


@pytest.fixture
def adapter() -> Adapter:
    """The adapter under test."""
    return adapter_of("bluesky")


@pytest.fixture
def call(adapter: Adapter, world: Network) -> Call:
    """A call to our account with a session of its own server."""
    secrets = Secrets(access=world.us["accessJwt"], refresh=world.us["refreshJwt"])
    call = Call(Target(server=world.server, remote_id=world.us["did"]), secrets, world.door)
    one = adapter.check(call).profiles[0]
    target = Target(server=world.server, remote_id=one.remote_id, handle=one.handle, software=one.software, limits=one.limits)
    return replace(call, target=target)
