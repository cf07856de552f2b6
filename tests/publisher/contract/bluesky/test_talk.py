"""Conversations on Bluesky: read from a real network’s answers, and from an index that lags, cuts and forgets."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from publisher.contract.answers import Answer
from publisher.contract.atproto.calls import GATE, LIKE, POST
from publisher.contract.base import REPORT_REASONS, Call
from publisher.contract.content import Receipt, Secrets, Target
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from publisher.contract.http import AnswerLost, PreparedCall
from publisher.platforms.bluesky.comments import Comments
from publisher.platforms.bluesky.mentions import Mentions
from publisher.platforms.bluesky.moderation import Moderates
from tests.publisher.contract.bluesky.appview import AppView, refused, told
from tests.publisher.contract.kit import CANARY, PlayedDoor, WatchedDoor

RECORDED = json.loads(Path(__file__).with_name("recorded_talk.json").read_text("utf-8"))
SERVER = "https://pds.example"
US, IDA, ROLF = (f"did:plc:{name:a<24}" for name in ("us", "ida", "rolf"))
ROOT = f"at://{US}/{POST}/3msztvighk22l"
BEGAN = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


class Talk(Comments, Mentions, Moderates):
    """The part of the adapter that this is about."""


TALK = Talk()


class Network(WatchedDoor):
    """Our server and an index beside it, both in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Any]] = {}
        self.index = AppView(US, {US: "levante.test", IDA: "ida.test", ROLF: "rolf.test"}, self.records)
        self.before_put: list[Callable[[], None]] = []
        self.lost = 0
        self.keep(ROOT, {"$type": POST, "text": "Pane fresco", "createdAt": stamp(0)})

    def keep(self, uri: str, value: dict[str, Any]) -> str:
        self.records[uri] = {"cid": f"bafy{len(self.records)}{abs(hash(repr(value)))}", "value": value}
        return uri

    def says(self, who: str, text: str, under: str = "", minute: float = 0, **more: Any) -> str:
        """Somebody writes; a minute after what was written last, unless it is said when."""
        number = len(self.records)
        value = {"$type": POST, "text": text, "createdAt": stamp(minute or number), **more}
        if under:
            ref = {name: {"uri": uri, "cid": self.records[uri]["cid"]} for name, uri in (("root", ROOT), ("parent", under))}
            value["reply"] = ref
        return self.keep(f"at://{who}/{POST}/3mszulc25w{number:03d}".replace("0", "a").replace("1", "b"), value)

    def hidden(self) -> list[str]:
        return list(self.records[ROOT.replace(POST, GATE)]["value"].get("hiddenReplies", []))

    def send(self, built: PreparedCall) -> Answer:
        self.went.append(built)
        return self.index.answer(built) or self._repo(built)

    def _repo(self, built: PreparedCall) -> Answer:
        place = urlsplit(built.place.target)
        query, body = parse_qs(place.query), json.loads(built.body or b"{}")
        asked = {name: values[0] for name, values in query.items()} | body
        uri = f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}"
        there = self.records.get(uri)
        match place.path.rpartition(".")[2]:
            case "getRecord":
                return told(200, {"uri": uri, **there}) if there else refused(400, "RecordNotFound")
            case "deleteRecord":
                self.records.pop(uri, None)
                return told(200, {})
        if self.before_put:
            self.before_put.pop()()
            there = self.records.get(uri)
        if "swapRecord" in body and body["swapRecord"] != (there["cid"] if there else None):
            return refused(400, "InvalidSwap", "Record was at bafyother")
        self.keep(uri, body["record"])
        if self.lost:
            self.lost -= 1
            raise AnswerLost("cut")
        return told(200, {"uri": uri, "cid": self.records[uri]["cid"]})


def stamp(minutes: float) -> str:
    return (BEGAN + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def network() -> Network:
    return Network()


def call(door: WatchedDoor, did: str = US) -> Call:
    return Call(Target(server=SERVER, remote_id=did, handle="@levante.test"), Secrets(access=CANARY), door)


def root(uri: str = ROOT) -> Receipt:
    return Receipt(uri, "")


def asked(network: Network, name: str) -> int:
    return sum(f".{name}" in built.place.target for built in network.went)


# What a real network answered


def played(body: Any, status: int = 200) -> Call:
    return call(PlayedDoor(Answer(status, {}, json.dumps(body).encode())), RECORDED["ours"])


def test_a_real_thread_is_read_as_the_network_shows_it() -> None:
    page = TALK.comments(played(RECORDED["thread"]), root(RECORDED["root"]), "")
    first, rude, ours, picture, quote, card = page.comments
    assert [one.person.handle for one in page.comments if not one.is_ours] == [
        "@ida.test", "@rolf.test", "@ida.test", "@rolf.test", "@rolf.test",
    ]  # fmt: skip
    assert (first.text, first.language) == ("Guarda havn.example.com/brod\ne @levante.test ✨", "it")
    assert '<a href="https://havn.example.com/brod/lungo?a=1&amp;b=2" rel="noopener nofollow ugc">' in first.html
    assert ">havn.example.com/brod</a><br>e <a" in first.html
    assert f"https://bsky.app/profile/{RECORDED['ours']}" in first.html
    assert [one.is_hidden for one in page.comments] == [False, True, False, False, False, False]
    assert [one.is_ours for one in page.comments] == [False, False, True, False, False, False]
    assert [one.parent_remote_id for one in page.comments] == [
        RECORDED["root"], RECORDED["root"], first.remote_id, ours.remote_id, RECORDED["root"], picture.remote_id,
    ]  # fmt: skip
    assert {one.root_remote_id for one in page.comments} == {RECORDED["root"]}
    assert (rude.text, rude.html) == ("Brutte parole", "")
    assert picture.extra["media"] == [{"type": "image", "description": "Due bottiglie rotte"}]
    assert quote.extra["media"][0]["description"].startswith("@ida.test: Guarda havn")
    assert card.extra["media"] == [{"type": "link", "description": "Havn https://havn.example.com/"}]
    assert first.extra["root"] == RECORDED["root"]
    assert first.extra["root_cid"] == RECORDED["thread"]["thread"]["post"]["cid"]
    assert (first.extra["cid"][:4], page.is_whole, page.gone) == ("bafy", False, ())
    assert first.url == f"https://bsky.app/profile/{first.person.remote_id}/post/{first.remote_id.rpartition('/')[2]}"


def test_real_notifications_are_answers_mentions_and_quotes() -> None:
    page = TALK.mentions(played(RECORDED["notifications"]), "")
    assert [one.text for one in page.comments][-2:] == ["Cito", "Ciao @levante.test"]
    assert len(page.comments) == 6
    assert [one.parent_remote_id for one in page.comments][-2:] == ["", ""]
    assert "Brutte parole" not in {one.text for one in page.comments}
    assert TALK.mentions(played(RECORDED["notifications"]), page.cursor).comments == ()


@pytest.mark.parametrize(
    ("name", "act", "code"),
    [
        ("thread", lambda it: TALK.comments(it, root(), ""), "post_gone"),
        ("report_far", lambda it: TALK.report(it, ROOT, {"cid": "x"}, reason="spam", words="x"), "watchers_unknown"),
    ],
)
def test_a_real_refusal_means_what_it_should(name: str, act: Callable[[Call], Any], code: str) -> None:
    error = RECORDED["errors"][name]
    with pytest.raises(Rejected) as caught:
        act(played(error["body"], error["status"]))
    assert caught.value.code == code


# A thread that an index cuts


def test_what_is_cut_by_depth_is_asked_for_by_itself(network: Network) -> None:
    network.index.depth, above = 3, ROOT
    uris = [above := network.says(IDA, f"{number}", above) for number in range(10)]
    page = TALK.comments(call(network), root(), "")
    assert [one.remote_id for one in page.comments] == uris
    assert asked(network, "getPostThread") == 4


def test_what_is_cut_by_breadth_is_asked_for_once_and_never_without_end(network: Network) -> None:
    network.index.breadth = 2
    tops = [network.says(IDA, f"{number}", ROOT) for number in range(40)]
    for top in tops[-2:]:
        for number in range(5):
            network.says(ROLF, f"sotto {number}", top)
    page = TALK.comments(call(network), root(), "")
    assert {one.remote_id for one in page.comments} >= set(tops[-2:])
    assert asked(network, "getPostThread") == 3
    assert not page.is_whole
    network.index.breadth, network.index.depth = 1000, 1
    TALK.comments(call(network), root(), "")
    assert asked(network, "getPostThread") <= 3 + 22


def test_what_is_not_listed_is_asked_for_before_anybody_calls_it_gone(network: Network) -> None:
    middle = network.says(IDA, "In mezzo", ROOT)
    below = network.says(ROLF, "Sotto", middle)
    ours = network.says(US, "Nostra", middle)
    del network.records[middle]
    page = TALK.comments(call(network), root(), "")
    assert (page.comments, page.is_whole) == ((), False)
    assert TALK.still_there(call(network), [middle, below, ours]) == {below, ours}
    network.went.clear()
    assert len(TALK.still_there(call(network), [below] * 3 + [f"{below}{number}" for number in range(60)])) == 1
    assert asked(network, "getPosts") == 3


def test_who_blocks_us_takes_their_words_from_us(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    network.keep(f"at://{IDA}/app.bsky.graph.block/3a", {"$type": "app.bsky.graph.block", "subject": US, "createdAt": stamp(9)})
    assert TALK.comments(call(network), root(), "").comments == ()
    assert TALK.still_there(call(network), [said]) == frozenset()


def test_places_that_are_said_to_be_gone_or_closed_are_told(network: Network) -> None:
    thread = {"thread": {"post": network.index._view(ROOT), "replies": [
        {"uri": "at://a/b/c", "notFound": True}, {"uri": "at://d/e/f", "blocked": True, "author": {"did": IDA}},
    ]}}  # fmt: skip
    page = TALK.comments(played(thread), root(), "")
    assert page.gone == ("at://a/b/c", "at://d/e/f")
    assert TALK.comments(played(thread), root(), page.cursor).gone == ()


def test_hiding_and_showing_elsewhere_is_news(network: Network) -> None:
    said = network.says(IDA, "Ciao", ROOT)
    first = TALK.comments(call(network), root(), "")
    TALK.hide(call(network), said, first.comments[0].extra)
    second = TALK.comments(call(network), root(), first.cursor)
    assert [one.is_hidden for one in second.comments] == [True]
    assert TALK.comments(call(network), root(), second.cursor).comments == ()


def test_a_time_in_the_future_or_long_ago_is_the_time_it_was_seen(network: Network) -> None:
    for number, created in enumerate(("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday")):
        said = network.says(IDA, f"{number}", ROOT)
        view = network.index._view
        network.index._view = lambda uri, view=view: {**view(uri), "indexedAt": stamp(5)}  # type: ignore[method-assign]
        network.records[said]["value"]["createdAt"] = created
    assert {one.at for one in TALK.comments(call(network), root(), "").comments} == {BEGAN + timedelta(minutes=5)}


@pytest.mark.parametrize(
    "junk",
    [
        {}, {"thread": None}, {"thread": []}, {"thread": {"post": {}}}, {"thread": {"notFound": True, "uri": ROOT}},
        {"thread": {"blocked": True}},
    ],
)  # fmt: skip
def test_a_thread_without_its_post_is_gone(junk: Any) -> None:
    with pytest.raises(Rejected) as caught:
        TALK.comments(played(junk), root(), "")
    assert caught.value.code == "post_gone"


ODD = [None, 7, "x", [], {}, {"uri": 5}, {"index": {}}, {"index": {"byteStart": 3, "byteEnd": 1}, "features": [{}]}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_strangers_write_into_a_record_it_is_read_or_left_out(network: Network, odd: Any) -> None:
    said = network.says(IDA, "Ciao \ud800 tutti", ROOT, facets=[odd, {"features": [odd]}], embed=odd, langs=odd)
    view = network.index._view(said)
    broken = [{**view, name: odd} for name in ("uri", "cid", "author", "record", "labels", "replyCount", "embed")]
    nodes = [{"post": one, "replies": odd} for one in [view, *broken]]
    thread = {"thread": {"post": network.index._view(ROOT), "replies": [odd, *nodes]}, "threadgate": {"record": odd}}
    page = TALK.comments(played(thread), root(), "")
    assert said in {one.remote_id for one in page.comments}


@pytest.mark.parametrize(
    ("shown", "uri", "html"),
    [
        ("havn.example.com/brod", "https://havn.example.com/brod", ">havn.example.com/brod</a>"),
        ("www.banca.it", "https://ladri.example/x", ">www.banca.it</a> [ladri.example]"),
        ("<b>qui</b>", "https://a.example/\"onclick=x", ">&lt;b&gt;qui&lt;/b&gt;</a> [a.example]"),
        ("qui", "javascript:alert(1)", "<p>qui"),
    ],
)  # fmt: skip
def test_a_link_says_where_it_leads(network: Network, shown: str, uri: str, html: str) -> None:
    facet = {"index": {"byteStart": 0, "byteEnd": len(shown)}, "features": [{"uri": uri}]}
    network.says(IDA, f"{shown} fine", ROOT, facets=[facet])
    (comment,) = TALK.comments(call(network), root(), "").comments
    assert html in comment.html
    assert "javascript" not in comment.html
    assert '"onclick' not in comment.html.replace("&quot;", "")
    assert comment.text == f"{shown} fine"


# Notifications


def test_news_are_told_once_in_order_and_nothing_is_marked_as_read(network: Network) -> None:
    network.says(IDA, "Vecchio", ROOT)
    cursor = TALK.mentions(call(network), "").cursor
    uris = [network.says(IDA, "Sotto il post", ROOT), network.says(ROLF, "Ciao @levante.test")]
    uris.append(network.says(ROLF, "Cito", embed={"record": {"uri": ROOT, "cid": "x"}}))
    network.keep(f"at://{IDA}/{LIKE}/3a", {"$type": LIKE, "subject": {"uri": ROOT}, "createdAt": stamp(50)})
    page = TALK.mentions(call(network), cursor)
    assert [one.remote_id for one in page.comments] == uris
    assert [one.parent_remote_id for one in page.comments] == [ROOT, "", ""]
    again = TALK.mentions(call(network), page.cursor)
    assert (again.comments, again.cursor, again.next_cursor) == ((), page.cursor, "")
    assert {built.method for built in network.went} == {"GET"}


def test_what_the_index_brings_late_is_told_all_the_same_and_once(network: Network) -> None:
    network.says(IDA, "Prima", ROOT, minute=10)
    cursor = TALK.mentions(call(network), "").cursor
    late = network.says(ROLF, "Tardi", ROOT, minute=8)
    network.says(ROLF, "Troppo tardi", ROOT, minute=1)
    page = TALK.mentions(call(network), cursor)
    assert [one.remote_id for one in page.comments] == [late]
    assert TALK.mentions(call(network), page.cursor).comments == ()


def test_a_flood_is_walked_in_pages_and_its_cursor_fits_into_its_field(network: Network) -> None:
    network.says(IDA, "Prima", ROOT)
    cursor = TALK.mentions(call(network), "").cursor
    uris = [network.says(IDA, f"{number}", ROOT, minute=20 + number / 100) for number in range(250)]
    page = TALK.mentions(call(network), cursor)
    assert [one.remote_id for one in page.comments] == uris
    assert asked(network, "listNotifications") == 1 + 4
    assert len(page.cursor) <= 255
    assert TALK.mentions(call(network), page.cursor).comments == ()


@pytest.mark.parametrize("cursor", ["x", "nan", "inf 123456", "-1e99 "])
def test_a_cursor_that_is_none_begins_anew(network: Network, cursor: str) -> None:
    network.says(IDA, "Ciao", ROOT)
    assert len(TALK.mentions(call(network), cursor).comments) == 1


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
