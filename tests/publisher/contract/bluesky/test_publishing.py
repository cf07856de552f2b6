"""What only Bluesky does when it publishes: names of our own, marks by bytes, cards, threads, and who may answer."""

import itertools
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from atproto_client import models
from atproto_client.models.utils import get_or_create
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.contract.answers import Answer
from publisher.contract.base import Call
from publisher.contract.content import Content, Media, Secrets, Target, Ticket
from publisher.contract.errors import OutcomeUnknown, Rejected, Unavailable
from publisher.contract.marks import bytes_of, marks_in, short_link, with_short_links
from publisher.platforms.bluesky.adapter import BlueskyAdapter, uri_of
from publisher.platforms.bluesky.records import post_of, stamp
from publisher.record_keys import record_key
from tests.publisher.contract.bluesky.memory import HANDLES, OURS, THEIRS, MemoryBluesky, refused
from tests.publisher.contract.kit import CANARY

ADAPTER = BlueskyAdapter()
HOUR = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
TARGET = Target(server="https://pds.example", remote_id=OURS, handle=f"@{HANDLES[OURS]}", software="pds")
PICTURE = Media("p", "", "image/png", 68, 30, 20, "0", alt="Una vigna")


@pytest.fixture
def world() -> MemoryBluesky:
    """A server in memory."""
    return MemoryBluesky()


@pytest.fixture
def call(world: MemoryBluesky) -> Call:
    """A call to our account."""
    return Call(TARGET, Secrets(access=CANARY), world)


def ticket(at: datetime = HOUR) -> Ticket:
    return Ticket(key="k", rkey=record_key(at), record_created_at=at, started_at=at)


def with_picture(tmp_path: Path) -> Media:
    (tmp_path / "p.png").write_bytes(b"\x89PNG-not-really")
    return replace(PICTURE, path=str(tmp_path / "p.png"))


def published(call: Call, content: Content, using: Ticket | None = None) -> Any:
    using = using or ticket()
    return ADAPTER.publish(call, content, using, ADAPTER.prepare(call, content, using))


# Names


@pytest.mark.parametrize(
    ("name", "is_one"),
    [  # syntax vectors of the protocol's own interoperation tests
        ("3jzfcijpj2z2a", True),
        ("7777777777777", True),
        ("3zzzzzzzzzzzz", True),
        ("a222222222222", True),
        ("j222222222222", True),
        ("azzzzzzzzzzzz", True),
        ("3jzfcijpj2z21", False),
        ("0000000000000", False),
        ("3jzfcijpj2z2aa", False),
        ("3jzfcijpj2z2", False),
        ("3jzf-cij-pj2z-2a", False),
        ("zzzzzzzzzzzzz", False),
        ("kjzfcijpj2z2a", False),
    ],
)
def test_the_shape_that_our_names_are_held_against_is_the_protocols(name: str, is_one: bool) -> None:
    assert bool(TID.fullmatch(name)) == is_one


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001  (made aware below)
def test_a_name_has_the_protocols_shape_and_lies_in_its_second(at: datetime) -> None:
    at = at.replace(tzinfo=UTC)
    name = record_key(at)
    assert TID.fullmatch(name)
    number = sum("234567abcdefghijklmnopqrstuvwxyz".index(sign) << (5 * place) for place, sign in enumerate(name[::-1]))
    assert 0 <= (number >> 10) / 1_000_000 - int(at.timestamp()) < 1


def test_a_thousand_posts_of_one_hour_have_a_thousand_names() -> None:
    assert len({record_key(HOUR) for _ in range(1000)}) == 1000


# Marks


def test_the_marks_of_the_notes_example_are_at_its_bytes() -> None:
    text = "Brød ✨ fra @havn.example.com – les https://havn.example.com/brod #frokost"
    found = [(mark.kind, *bytes_of(text, mark), mark.value) for mark in marks_in(text)]
    assert found == [
        ("mention", 14, 31, "havn.example.com"),
        ("link", 40, 69, "https://havn.example.com/brod"),
        ("tag", 70, 78, "frokost"),
    ]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Leggi https://a.it/x?y=1#z.", [("link", "https://a.it/x?y=1#z")]),
        ("(https://a.it/b_(c))", [("link", "https://a.it/b_(c)")]),
        ("(vedi https://a.it).", [("link", "https://a.it")]),
        ("«https://a.it/x»", []),
        ("www.valdoro.it/vini, ora", [("link", "https://www.valdoro.it/vini")]),
        ("#vino, #città! #1 #1a #カレーうどん ＃largo #a#b", [(*"t",)]),
        ("a@b.it e @ida.test. @solo (@ida.test)", [("mention", "ida.test"), ("mention", "ida.test")]),
        ("x#no #️⃣", []),
        ("#" + "a" * 65, []),
        ("#fine…", [("tag", "fine")]),
        ("https://[a.it http://[::1.2 https://ex℀mple.com/x", []),
    ],
)
def test_marks_end_where_the_networks_own_apps_end_them(text: str, marks: list[tuple[str, str]]) -> None:
    found = [(mark.kind, mark.value) for mark in marks_in(text)]
    if marks == [("t",)]:
        assert [value for _, value in found] == ["vino", "città", "1a", "カレーうどん", "largo", "a#b"]
    else:
        assert found == marks


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.it/", "a.it"),
        ("https://a.it/quindici-segni", "a.it/quindici-segni"),
        ("https://a.it/quindici-segniX", "a.it/quindici-seg..."),
        ("https://a.it?x=1#y", "a.it?x=1#y"),
    ],
)
def test_links_are_as_short_as_the_networks_own_apps_write_them(address: str, shown: str) -> None:
    assert short_link(address) == shown


@given(st.lists(st.sampled_from([*"a#@. \n/:1é👨\u200d👩🇮🇹ﷺ()w", "https://a.it/", "@ida.test "]), max_size=60).map("".join))
def test_marks_never_overlap_and_their_bytes_are_whole_letters(text: str) -> None:
    shown, marks = with_short_links(text)
    places = [bytes_of(shown, mark) for mark in marks]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(places))
    for (start, end), mark in zip(places, marks, strict=True):
        assert shown.encode()[start:end].decode() == shown[mark.start : mark.end]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400), st.sampled_from(["", "https://a.example/b"]), st.sampled_from(["", "it", "pt-BR"]))
def test_every_record_is_one_to_the_sdks_models(text: str, link: str, language: str) -> None:
    content = Content(text=text, link=link, language=language)
    if ADAPTER.length(content, TARGET).over:
        return
    record = post_of(content, ticket(), {"blobs": [], "dids": {}})
    get_or_create(json.loads(json.dumps(record)), models.AppBskyFeedPost.Record, strict=True)


# The record


def test_a_post_carries_facets_language_pictures_and_the_planned_hour(
    call: Call, world: MemoryBluesky, tmp_path: Path
) -> None:
    text = "Ciao @ida.example.net e @nessuno.example: https://a.example/una/strada/lunga #vino"
    content = Content(text=text, media=(with_picture(tmp_path),), language="it")
    prepared = ADAPTER.prepare(call, content, ticket())
    receipt = ADAPTER.publish(call, content, ticket(), prepared)
    value = world.records[receipt.remote_id]["value"]
    assert value["text"] == ADAPTER.as_sent(content, TARGET)
    assert value["text"] == text.replace("https://a.example/una/strada/lunga", "a.example/una/strada/l...")
    assert [facet["features"][0] for facet in value["facets"]] == [
        {"$type": "app.bsky.richtext.facet#mention", "did": THEIRS},
        {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/una/strada/lunga"},
        {"$type": "app.bsky.richtext.facet#tag", "tag": "vino"},
    ]
    assert (value["langs"], value["createdAt"]) == (["it"], "2026-08-14T09:30:00.000Z")
    image = value["embed"]["images"][0]
    assert (image["alt"], image["aspectRatio"]) == ("Una vigna", {"width": 30, "height": 20})
    assert prepared["warning"] == {"code": "mention_unknown", "values": {"handle": "nessuno.example"}}
    assert receipt.quota == {"left": 4997, "limit": 5000, "reset_at": "2099-08-09T23:06:40+00:00"}


def test_the_same_ticket_makes_the_same_bytes_and_the_same_post(call: Call, world: MemoryBluesky) -> None:
    content, using = Content(text="Una volta sola"), ticket()
    first, again = published(call, content, using), published(call, content, using)
    assert (first.remote_id, first.extra["cid"]) == (again.remote_id, again.extra["cid"])
    assert len(world.records) == 1
    assert next(built.sha256 for built in world.went if built.method == "POST") == world.went[-1].sha256


def test_what_stands_under_our_name_already_is_never_overwritten(call: Call, world: MemoryBluesky) -> None:
    using = ticket()
    theirs = published(call, Content(text="Di qualcun altro"), using)
    with pytest.raises(Rejected) as caught:
        published(call, Content(text="Nostro"), using)
    assert caught.value.code == "name_taken"
    assert world.records[theirs.remote_id]["value"]["text"] == "Di qualcun altro"


def test_a_server_that_refuses_the_second_identical_record_is_read(call: Call, world: MemoryBluesky) -> None:
    content, using = Content(text="Già lì"), ticket()
    first = published(call, content, using)
    world._put = lambda *_asked: refused(400, "InvalidSwap", "Record was there")  # type: ignore[method-assign]  # a stricter server
    assert published(call, content, using).remote_id == first.remote_id


def test_a_link_alone_becomes_a_card_with_the_words_that_were_approved(call: Call, world: MemoryBluesky) -> None:
    options = {"card_title": "Il listino", "card_description": "Tutto il novello"}
    content = Content(text="Ecco", link="https://a.example/listino", options=options)
    value = world.records[published(call, content).remote_id]["value"]
    assert value["text"] == "Ecco"
    assert value["embed"]["external"] == {
        "uri": "https://a.example/listino",
        "title": "Il listino",
        "description": "Tutto il novello",
    }
    card = ADAPTER.shown(content, TARGET).card
    assert card is not None
    assert (card.title, card.host, card.has_picture) == ("Il listino", "a.example", False)


def test_a_card_takes_the_picture_where_that_was_chosen(call: Call, world: MemoryBluesky, tmp_path: Path) -> None:
    content = Content(text="x", link="https://a.example", media=(with_picture(tmp_path),), options={"card": "picture"})
    embed = world.records[published(call, content).remote_id]["value"]["embed"]
    assert embed["external"]["thumb"]["mimeType"] == "image/png"
    beside = replace(content, options={})
    value = world.records[published(call, beside).remote_id]["value"]
    assert (value["text"], value["embed"]["$type"]) == ("x\n\na.example", "app.bsky.embed.images")


def test_files_that_were_not_uploaded_are_uploaded_again(call: Call, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        ADAPTER.publish(call, Content(text="x", media=(with_picture(tmp_path),)), ticket(), {})
    assert caught.value.code == "prepared_stale"


# Threads


def test_the_parts_of_a_thread_hang_under_each_other_and_know_the_first(call: Call, world: MemoryBluesky) -> None:
    root = published(call, Content(text="Uno"))
    second = published(
        call, Content(text="Due", kind="part", reply_to=root.remote_id, reply_root=root.remote_id, reply_extra=root.extra)
    )
    third = published(
        call,
        Content(text="Tre", kind="part", reply_to=second.remote_id, reply_root=root.remote_id, reply_extra=second.extra),
    )
    reply = world.records[third.remote_id]["value"]["reply"]
    assert reply["parent"] == {"uri": second.remote_id, "cid": second.extra["cid"]}
    assert reply["root"] == {"uri": root.remote_id, "cid": root.extra["cid"]}


def test_digests_that_are_missing_are_fetched_before_the_hour(call: Call, world: MemoryBluesky) -> None:
    root = published(call, Content(text="Uno"))
    comment = world.comment(root.remote_id, "È aperta?")
    answer = Content(text="Sì", kind="reply", reply_to=comment, reply_root=root.remote_id)
    value = world.records[published(call, answer).remote_id]["value"]
    assert value["reply"]["parent"]["cid"] == world.records[comment]["cid"]
    world.remove(comment)
    with pytest.raises(Rejected) as caught:
        ADAPTER.prepare(call, answer, ticket())
    assert caught.value.code == "reply_target_gone"


# Who may answer


@pytest.mark.parametrize(
    ("rule", "allow"),
    [("mentioned", ["mentionRule"]), ("followers", ["followerRule"]), ("following", ["followingRule"]), ("nobody", [])],
)
def test_a_rule_of_who_may_answer_goes_out_in_the_same_commit(
    call: Call, world: MemoryBluesky, rule: str, allow: list[str]
) -> None:
    content, using = Content(text="Regola", options={"reply_rule": rule}), ticket()
    receipt = published(call, content, using)
    writes = [built for built in world.went if "applyWrites" in built.place.target]
    gate = world.records[receipt.remote_id.replace("feed.post", "feed.threadgate")]["value"]
    assert len(writes) == 1
    assert [one["$type"].partition("#")[2] for one in gate["allow"]] == allow
    assert published(call, content, using).remote_id == receipt.remote_id
    assert len(world.posts()) == 1


@pytest.mark.parametrize("effect", ["cut_after", "cut_before"])
def test_a_lost_answer_with_a_rule_is_a_doubt_that_the_name_settles(
    call: Call, world: MemoryBluesky, effect: str
) -> None:
    content, using = Content(text="Regola", options={"reply_rule": "nobody"}), ticket()
    world.fault(effect)
    with pytest.raises(OutcomeUnknown):
        published(call, content, using)
    found = ADAPTER.find(call, content, using, {})
    assert (found.receipt is not None, found.complete) == (effect == "cut_after", True)
    assert published(call, content, using).remote_id == uri_of(call, using)
    assert len(world.posts()) == 1


def test_an_expired_token_asks_for_a_new_one_and_surely_nothing_went(call: Call, world: MemoryBluesky) -> None:
    world.expired.add(CANARY)
    with pytest.raises(Unavailable) as caught:
        published(call, Content(text="x"))
    assert (caught.value.code, caught.value.scope) == ("token_expired", "call")
    assert not world.records


def test_a_look_at_a_record_that_is_none_leaves_no_doubt(call: Call, world: MemoryBluesky) -> None:
    content = Content(text="Mai partito")
    assert ADAPTER.find(call, content, ticket(), {}).complete
    world.send = lambda _built: Answer(502, {}, b"")  # type: ignore[method-assign]  # the server is away
    with pytest.raises(Unavailable):
        ADAPTER.find(call, content, ticket(), {})


def test_times_are_written_with_their_zone_to_the_millisecond() -> None:
    assert stamp(HOUR + timedelta(milliseconds=1)) == "2026-08-14T09:30:00.001Z"
