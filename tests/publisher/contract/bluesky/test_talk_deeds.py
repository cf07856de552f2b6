"""Likes, the fold, muting and reports on Bluesky: harmless twice, or surely not twice."""

from typing import Any

import pytest

from publisher.contract.answers import Answer
from publisher.contract.atproto.calls import GATE, LIKE, POST
from publisher.contract.base import REPORT_REASONS
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from tests.publisher.contract.bluesky.network import (
    IDA,
    ROOT,
    TALK,
    TID,
    US,
    Network,
    asked,
    call,
    played,
    stamp,
)
from tests.publisher.contract.kit import PlayedDoor


@pytest.fixture
def network() -> Network:
    return Network()


# Likes


def test_a_like_is_one_record_however_often_it_is_given(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    for act in (TALK.like, TALK.like):
        act(call(network), said, {})
    likes = [uri for uri in network.records if LIKE in uri]
    assert len(likes) == 1
    assert TID.fullmatch(likes[0].rpartition("/")[2])
    assert asked(network, "putRecord") == 1
    network.index._likes = lambda _uri: []  # type: ignore[method-assign]
    TALK.like(call(network), said, {})  # the index has not seen the first one yet
    assert [uri for uri in network.records if LIKE in uri] == likes


def test_a_like_given_in_the_app_is_taken_back_too(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    network.keep(f"at://{US}/{LIKE}/3mszulc25ww22", {"$type": LIKE, "subject": {"uri": said}, "createdAt": stamp(9)})
    TALK.like(call(network), said, {})
    assert asked(network, "putRecord") == 0
    for _ in range(2):
        TALK.unlike(call(network), said, {})
    assert not [uri for uri in network.records if LIKE in uri]


def test_what_is_gone_cannot_be_liked(network: Network) -> None:
    with pytest.raises(Rejected) as caught:
        TALK.like(call(network), f"at://{IDA}/{POST}/3mszulc25wzzz", {})
    assert caught.value.code == "comment_gone"


# The fold


def test_hiding_twice_writes_once_and_leaves_who_may_answer_alone(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    for _ in range(2):
        TALK.hide(call(network), said, {})
    gate = network.records[ROOT.replace(POST, GATE)]["value"]
    assert (gate["post"], gate["hiddenReplies"], "allow" in gate) == (ROOT, [said], False)
    assert asked(network, "putRecord") == 1
    for _ in range(2):
        TALK.show(call(network), said, {})
    assert network.hidden() == []
    assert asked(network, "putRecord") == 2


@pytest.mark.parametrize("allow", [[], [{"$type": "app.bsky.feed.threadgate#mentionRule"}]])
def test_a_rule_of_who_may_answer_stays_as_it_is(network: Network, allow: list[Any]) -> None:
    gate = {"$type": GATE, "post": ROOT, "allow": allow, "createdAt": stamp(0), "hiddenReplies": ["at://x/y/z"], "new": 1}
    network.keep(ROOT.replace(POST, GATE), gate)
    said = network.says(IDA, "Ciao", ROOT)
    TALK.hide(call(network), said, {"root": ROOT})
    assert network.records[ROOT.replace(POST, GATE)]["value"] == {**gate, "hiddenReplies": ["at://x/y/z", said]}


def test_somebody_who_hides_at_the_same_moment_loses_nothing(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)

    def somebody(number: int) -> None:
        kept = network.hidden() if ROOT.replace(POST, GATE) in network.records else []
        gate = {"$type": GATE, "post": ROOT, "createdAt": stamp(0), "hiddenReplies": [*kept, f"at://x/y/{number}"]}
        network.keep(ROOT.replace(POST, GATE), gate)

    network.before_put = [lambda number=number: somebody(number) for number in range(3)]
    TALK.hide(call(network), said, {"root": ROOT})
    assert network.hidden() == ["at://x/y/2", "at://x/y/1", "at://x/y/0", said]
    network.before_put = [lambda number=number: somebody(number) for number in range(99)]
    with pytest.raises(Unavailable) as caught:
        TALK.show(call(network), said, {"root": ROOT})
    assert caught.value.code == "record_changed"
    assert 90 < len(network.before_put) < 99


def test_a_lost_answer_is_settled_by_reading_the_gate(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    network.lost = 1
    TALK.hide(call(network), said, {"root": ROOT})
    assert network.hidden() == [said]
    assert asked(network, "putRecord") == 1


def test_the_fold_holds_three_hundred_and_lets_the_oldest_go(network: Network) -> None:
    gate = {"$type": GATE, "post": ROOT, "createdAt": stamp(0), "hiddenReplies": [f"at://x/y/{one}" for one in range(300)]}
    network.keep(ROOT.replace(POST, GATE), gate)
    said = network.says(IDA, "Ciao", ROOT)
    TALK.hide(call(network), said, {"root": ROOT})
    assert (len(network.hidden()), network.hidden()[0], network.hidden()[-1]) == (300, "at://x/y/1", said)


def test_nothing_is_hidden_in_somebody_elses_thread(network: Network) -> None:
    theirs = network.says(IDA, "Mio post")
    with pytest.raises(Rejected) as caught:
        TALK.hide(call(network), theirs, {})
    assert caught.value.code == "not_our_thread"
    assert {built.method for built in network.went} == {"GET"}


# Muting and reporting


def test_muting_is_harmless_twice(network: Network) -> None:
    for act, about in ((TALK.mute_person, IDA), (TALK.mute_thread, ROOT)):
        act(call(network), about)
        act(call(network), about)
    assert network.index.muted == {IDA, ROOT}
    for act, about in ((TALK.unmute_person, IDA), (TALK.unmute_thread, ROOT)):
        act(call(network), about)
        act(call(network), about)
    assert network.index.muted == set()


@pytest.mark.parametrize("reason", REPORT_REASONS)
def test_a_report_names_the_post_and_goes_to_the_watchers(network: Network, reason: str) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    TALK.report(call(network), said, {}, reason=reason, words="Pubblicità")
    (report,) = network.index.reports
    assert report["reasonType"] == f"com.atproto.moderation.defs#reason{reason.title()}"
    assert (report["subject"]["uri"], report["subject"]["cid"]) == (said, network.records[said]["cid"])
    assert network.went[-1].headers["atproto-proxy"].endswith("#atproto_labeler")


def test_where_the_watchers_are_unknown_the_servers_own_get_it_once(network: Network) -> None:
    network.index.knows_watchers = False
    TALK.report(call(network), network.says(IDA, "Ciao", ROOT), {"cid": "x"}, reason="rude", words="Insulti")
    assert len(network.index.reports) == 1


@pytest.mark.parametrize("status", [500, 502])
def test_a_report_in_doubt_is_not_repeated(status: int) -> None:
    door = PlayedDoor(Answer(status, {}, b'{"error":"UpstreamFailure"}'))
    with pytest.raises(OutcomeUnknown):
        TALK.report(call(door), ROOT, {"cid": "x"}, reason="rude", words="Insulti")
    assert len(door.went) == 1


def test_a_session_that_ran_out_is_said_as_such() -> None:
    for act in (TALK.mute_person, TALK.mute_thread):
        with pytest.raises(AdapterError) as caught:
            act(played({"error": "ExpiredToken", "message": "Token has expired"}, 400), ROOT)
        assert (type(caught.value), caught.value.code) == (Unavailable, "token_expired")
