"""Conversations on Bluesky: read from a real network’s answers, and from an index that lags, cuts and forgets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publisher.contract.atproto.calls import LIKE
from publisher.contract.base import Call
from publisher.contract.content import Receipt
from publisher.contract.errors import Rejected, Unavailable
from tests.publisher.contract.bluesky.appview import refused
from tests.publisher.contract.bluesky.network import (
    BEGAN,
    IDA,
    RECORDED,
    ROLF,
    ROOT,
    TALK,
    US,
    Network,
    asked,
    call,
    played,
    root,
    stamp,
)


@pytest.fixture
def network() -> Network:
    return Network()


# What a real network answered


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


def test_a_post_that_the_index_has_not_taken_in_yet_is_not_gone(network: Network) -> None:
    network.index._thread = lambda _query: refused(400, "NotFound")  # type: ignore[method-assign]
    for published_at in (None, datetime.now(UTC) - timedelta(minutes=5)):
        with pytest.raises(Unavailable) as late:
            TALK.comments(call(network), Receipt(ROOT, "", published_at=published_at), "")
        assert late.value.code == "index_behind"
    with pytest.raises(Rejected) as closed:
        TALK.comments(call(network), Receipt(ROOT, "", published_at=datetime.now(UTC) - timedelta(hours=2)), "")
    del network.records[ROOT]
    with pytest.raises(Rejected) as gone:
        TALK.comments(call(network), root(), "")
    assert (closed.value.code, gone.value.code) == ("post_gone", "post_gone")


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
    old = Receipt(ROOT, "", published_at=BEGAN)
    with pytest.raises(Rejected) as caught:
        TALK.comments(played(junk), old, "")
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
        ("https://banca.it/?ladri.example", "https://ladri.example/x", "</a> [ladri.example]"),
        ("banca.it/pizza.co", "https://a.co", "</a> [a.co]"),
        ("banca.it", "https:///ladri.example", "<p>banca.it fine"),
        ("banca.it", "https://banca.it@ladri.example/", "<p>banca.it fine"),
        ("banca.it", "https://ladri.example\\@banca.it/", "</a> [ladri.example]"),
        ("banca.it", "https://[banca.it", "<p>banca.it fine"),
        ("Https://www.A.it/b...", "https://a.it/bcd", ">Https://www.A.it/b...</a> fine"),
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
