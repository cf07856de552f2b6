"""Where the servers of this family differ, and what the adapter makes of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.contract.answers import Answer
from publisher.contract.base import Call
from publisher.contract.content import Content, Media, Receipt, Secrets, Target, Ticket
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.contract.http import PreparedCall
from publisher.contract.nodeinfo import software_in
from publisher.platforms.mastodon.adapter import MastodonAdapter
from tests.publisher.contract.kit import WatchedDoor

ADAPTER = MastodonAdapter()
FAMILIES = ["mastodon", "gotosocial", "pleroma", "akkoma", "pixelfed", "takahe", "sandbox-opaque", ""]


def target(software: str, **limits: Any) -> Target:
    """Return an account on a server of that software."""
    return Target(server="https://social.example", remote_id="1001", software=software, limits=limits)


class Scripted(WatchedDoor):
    """A door behind which answers wait in a row, by the beginning of what is asked."""

    def __init__(self, *answers: tuple[str, int, Any]) -> None:
        super().__init__()
        self.answers = list(answers)

    def send(self, built: PreparedCall) -> Answer:
        """Return the next answer for this call; 404 where there is none."""
        self.went.append(built)
        asked = f"{built.method} {built.place.target}"
        for number, (begin, status, body) in enumerate(self.answers):
            if asked.startswith(begin):
                self.answers.pop(number)
                return Answer(status, {}, json.dumps(body).encode())
        return Answer(404, {}, b'{"error": "Record not found"}')


def call(door: Scripted, software: str = "mastodon") -> Call:
    """Return a call through that door."""
    return Call(target(software), Secrets(access="sesame"), door)


@pytest.mark.parametrize(
    ("software", "honours", "lives", "complete"),
    [
        ("mastodon", True, 3600, True),
        ("gotosocial", False, 0, True),
        ("pleroma", True, 21600, True),
        ("akkoma", True, 21600, True),
        ("pixelfed", False, 0, True),
        ("takahe", False, 0, True),
        ("sandbox-opaque", False, 0, False),
        ("", False, 0, False),
    ],
)
def test_trust_is_a_fact_of_the_software(software: str, honours: bool, lives: int, complete: bool) -> None:
    where = target(software)
    assert ADAPTER.honours_key(where) is honours
    assert ADAPTER.key_lives_s(where) == lives
    assert ADAPTER.listing_is_complete(where) is complete


@pytest.mark.parametrize("software", FAMILIES)
def test_a_key_is_sent_only_where_it_is_honoured(software: str) -> None:
    door = Scripted(("POST", 200, {"id": "9", "content": "", "url": "https://x/9"}))
    ADAPTER.publish(call(door, software), Content(text="x"), Ticket(key="k"), {})
    assert ("Idempotency-Key" in door.went[0].headers) == ADAPTER.honours_key(target(software))


@pytest.mark.parametrize(
    ("software", "text", "used"),
    [
        ("mastodon", "👍🏽 https://a.it/lungo/lungo/lungo @a@b.example", 1 + 1 + 23 + 1 + 2),
        ("gotosocial", "👍🏽 https://a.it/lungo/lungo/lungo", 2 + 1 + 30),
        ("pleroma", "👍🏽 https://a.it/lungo/lungo/lungo", 1 + 1 + 30),
        ("takahe", "👍🏽", 2),
        ("", "👍🏽 @a@b.example", 2 + 1 + 12),
    ],
)
def test_each_family_counts_in_its_own_way(software: str, text: str, used: int) -> None:
    assert ADAPTER.length(Content(text=text), target(software)).used == used


def test_pixelfed_wants_a_picture_but_not_for_an_answer() -> None:
    where = target("pixelfed")
    codes = [problem.code for problem in ADAPTER.problems(Content(text="x"), where)]
    assert codes == ["picture_needed"]
    assert not ADAPTER.problems(Content(text="x", kind="reply", reply_to="1"), where)
    direct = Content(text="x", kind="reply", reply_to="1", options={"visibility": "direct"})
    assert [problem.code for problem in ADAPTER.problems(direct, where)] == ["visibility_unknown"]


def test_the_limits_of_the_server_count_and_nonsense_does_not() -> None:
    assert ADAPTER.length(Content(text="x"), target("mastodon", max_characters=5000)).limit == 5000
    for nonsense in (0, -1, "many", True, None, [5]):
        assert ADAPTER.length(Content(text="x"), target("mastodon", max_characters=nonsense)).limit == 500
    assert ADAPTER.rendition(target("mastodon", mime_types=["image/png"])).formats == ("image/png",)


@pytest.mark.parametrize(
    ("nodeinfo", "told", "found"),
    [
        ({"software": {"name": "GoToSocial", "version": "0.20.1"}}, "0.20.1", ("gotosocial", "0.20.1")),
        ({}, "2.7.2 (compatible; Pleroma 2.9.1)", ("pleroma", "2.9.1")),
        ({}, "3.5.3 (compatible; Pixelfed 0.12.4)", ("pixelfed", "0.12.4")),
        ({}, "4.5.3", ("", "4.5.3")),
        ({"software": "mastodon"}, "4.5.3", ("", "4.5.3")),
        (None, "x" * 100, ("", "x" * 60)),
    ],
)
def test_software_is_read_and_never_guessed(nodeinfo: Any, told: str, found: tuple[str, str]) -> None:
    assert software_in(nodeinfo, told) == found


def test_an_old_server_is_read_by_its_first_instance_answer() -> None:
    door = Scripted(
        (
            "GET /api/v1/instance",
            200,
            {"uri": "old.example", "version": "2.7.2 (compatible; Pleroma 2.9.1)", "max_toot_chars": 5000},
        ),
        ("GET /api/v1/accounts/verify", 200, {"id": "9w", "username": "x", "url": "javascript:alert(1)"}),
    )
    one = ADAPTER.check(call(door)).profiles[0]
    assert (one.handle, one.software, one.limits["max_characters"], one.url) == ("@x@old.example", "pleroma", 5000, "")


def test_the_token_is_not_shown_to_a_server_that_is_none_of_ours() -> None:
    door = Scripted(("GET /api/v2/instance", 200, {"hello": "world"}))
    with pytest.raises(Unavailable):
        ADAPTER.check(call(door))
    assert not [built for built in door.went if "Authorization" in built.headers]


def test_an_application_that_may_not_write_is_said_at_once() -> None:
    door = Scripted(
        ("GET /api/v2/instance", 200, {"domain": "a.example", "version": "4.5.3"}),
        ("GET /api/v1/accounts/verify", 200, {"id": "1", "username": "x"}),
        ("GET /api/v1/apps/verify", 200, {"name": "x", "scopes": ["read"]}),
    )
    with pytest.raises(SignIn) as caught:
        ADAPTER.check(call(door))
    assert caught.value.code == "scope_missing"


# Media


@pytest.fixture
def picture(tmp_path: Path) -> Media:
    """A file."""
    path = tmp_path / "x.jpg"
    path.write_bytes(b"x")
    return Media(
        key="k", path=str(path), mime="image/jpeg", bytes=1, width=1, height=1, sha256="0", alt="a", focus="0.1,0.2"
    )


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting takes no time here."""
    monkeypatch.setattr("publisher.platforms.mastodon.adapter.time.sleep", lambda _pause: None)


def test_a_file_that_is_still_worked_through_is_waited_for(picture: Media) -> None:
    door = Scripted(
        ("POST", 202, {"id": "7"}), ("GET", 206, {"id": "7"}), ("GET", 206, {"id": "7"}), ("GET", 200, {"id": "7"})
    )
    prepared = ADAPTER.prepare(call(door), Content(text="x", media=(picture,)), Ticket(key="k"))
    assert prepared["media_ids"] == ["7"]
    assert datetime.fromisoformat(prepared["until"]) > datetime.now(UTC) + timedelta(hours=12)


def test_a_file_that_takes_long_is_tried_later_and_a_failed_one_is_refused(picture: Media) -> None:
    slow = Scripted(("POST", 202, {"id": "7"}), *[("GET", 206, {"id": "7"})] * 9)
    with pytest.raises(Unavailable) as waiting:
        ADAPTER.prepare(call(slow), Content(text="x", media=(picture,)), Ticket(key="k"))
    assert waiting.value.code == "media_processing"
    broken = Scripted(("POST", 202, {"id": "7"}), ("GET", 422, {"error": "something"}))
    with pytest.raises(Rejected):
        ADAPTER.prepare(call(broken), Content(text="x", media=(picture,)), Ticket(key="k"))


def test_a_server_without_the_second_form_of_uploading_gets_the_first(picture: Media) -> None:
    door = Scripted(("POST /api/v1/media", 200, {"id": "7"}))
    prepared = ADAPTER.prepare(call(door), Content(text="x", media=(picture,)), Ticket(key="k"))
    assert prepared["media_ids"] == ["7"]


@pytest.mark.parametrize("body", [{}, [], {"id": ""}, None])
def test_an_upload_without_an_id_is_surely_not_done(picture: Media, body: Any) -> None:
    with pytest.raises(Unavailable):
        ADAPTER.prepare(call(Scripted(("POST", 200, body))), Content(text="x", media=(picture,)), Ticket(key="k"))


def test_media_that_the_server_forgot_ask_to_be_prepared_again(picture: Media) -> None:
    with pytest.raises(Unavailable) as caught:
        ADAPTER.publish(call(Scripted()), Content(text="x", media=(picture,)), Ticket(key="k"), {"media_ids": ["7"]})
    assert caught.value.code == "prepared_stale"


# What is sent


@pytest.mark.parametrize(
    ("own", "above", "sent"),
    [
        ("", "", "public"),
        ("unlisted", "", "unlisted"),
        ("public", "private", "private"),
        ("direct", "public", "direct"),
        ("public", "direct", "direct"),
    ],
)
def test_an_answer_is_never_wider_than_the_question(own: str, above: str, sent: str) -> None:
    door = Scripted(("POST", 200, {"id": "9", "content": ""}))
    content = Content(
        text="x", kind="reply", reply_to="1", options={"visibility": own}, reply_extra={"visibility": above}
    )
    ADAPTER.publish(call(door), content, Ticket(key="k"), {})
    assert json.loads(door.went[0].body)["visibility"] == sent


def test_a_warning_hides_what_is_behind_it_and_the_language_goes_along() -> None:
    door = Scripted(("POST", 200, {"id": "9", "content": ""}))
    content = Content(text="x", language="it", options={"content_warning": "Alcol"})
    ADAPTER.publish(call(door), content, Ticket(key="k"), {})
    sent = json.loads(door.went[0].body)
    assert (sent["spoiler_text"], sent["sensitive"], sent["language"]) == ("Alcol", True, "it")


# Looking up


def status(number: int, *, ago_s: float = 0, **values: Any) -> dict[str, Any]:
    """Return one of our statuses."""
    made = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {"id": str(number), "content": "<p>x</p>", "created_at": made.isoformat(), "in_reply_to_id": None, **values}


def test_the_listing_is_read_back_to_the_first_try() -> None:
    first = [status(1000 - one, content="<p>other</p>") for one in range(40)]
    second = [status(500, content="<p>x</p>"), status(499, ago_s=9000, content="<p>old</p>")]
    own = "GET /api/v1/accounts/1001/statuses"
    door = Scripted((f"{own}?limit=40&exclude_reblogs=true&max_id=961", 200, second), (own, 200, first))
    using = Ticket(key="k", started_at=datetime.now(UTC) - timedelta(seconds=5))
    look = ADAPTER.find(call(door), Content(text="x"), using, {})
    assert look.receipt is not None
    assert look.receipt.remote_id == "500"


def test_a_listing_that_never_ends_proves_nothing() -> None:
    page = [status(1000 - one, content="<p>other</p>") for one in range(40)]
    door = Scripted(*[("GET", 200, page)] * 20)
    look = ADAPTER.find(call(door), Content(text="x"), Ticket(key="k", started_at=datetime.now(UTC)), {})
    assert (look.receipt, look.complete) == (None, False)


@pytest.mark.parametrize(
    "other",
    [
        {"application": {"name": "Another program"}},
        {"in_reply_to_id": "77"},
        {"media_attachments": [{"id": "5"}]},
        {"content": "<p>y</p>"},
        {"spoiler_text": "Alcol"},
    ],
)
def test_another_post_is_not_adopted(other: dict[str, Any]) -> None:
    where = Call(target("mastodon", application="Palinsesto"), Secrets(), Scripted(("GET", 200, [status(5, **other)])))
    look = ADAPTER.find(where, Content(text="x"), Ticket(key="k", started_at=datetime.now(UTC)), {})
    assert (look.receipt, look.complete) == (None, True)


def test_a_listing_of_unknown_software_proves_nothing() -> None:
    look = ADAPTER.find(call(Scripted(("GET", 200, [])), ""), Content(text="x"), Ticket(key="k"), {})
    assert (look.receipt, look.complete) == (None, False)


def test_a_server_that_fails_while_it_writes_leaves_a_doubt() -> None:
    with pytest.raises(AdapterError) as caught:
        ADAPTER.publish(call(Scripted(("POST", 500, {}))), Content(text="x"), Ticket(key="k"), {})
    assert isinstance(caught.value, OutcomeUnknown)


def test_of_two_that_match_the_first_after_the_try_is_ours() -> None:
    door = Scripted(("GET", 200, [status(7), status(6)]))
    look = ADAPTER.find(call(door), Content(text="x"), Ticket(key="k", started_at=datetime.now(UTC)), {})
    assert look.receipt is not None
    assert look.receipt.remote_id == "6"


# The thread, as a hostile server might write it


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"id": "1"},
        {"id": "1", "account": {}},
        {"id": "1", "account": {"id": "2"}, "created_at": "soon"},
        "x",
        None,
        {"id": [], "account": 5},
    ],
)
def test_what_is_no_comment_is_left_out_and_the_page_no_longer_whole(row: Any) -> None:
    good = {
        "id": "3",
        "account": {"id": "4", "acct": "ida"},
        "created_at": "2026-08-14T09:30:01Z",
        "content": "<p>Ciao</p>",
    }
    page = ADAPTER.comments(call(Scripted(("GET", 200, {"descendants": [row, good]}))), Receipt("1", ""), "")
    assert [comment.text for comment in page.comments] == ["Ciao"]
    assert not page.is_whole or not isinstance(row, dict)


def test_a_warning_stands_before_the_words_of_a_comment() -> None:
    row = {
        "id": "3",
        "account": {"id": "4", "acct": "ida"},
        "created_at": "2026-08-14T09:30:01Z",
        "content": "<p>Ciao</p>",
        "spoiler_text": "<b>Cibo",
        "visibility": "direct",
    }
    comment = ADAPTER.comments(call(Scripted(("GET", 200, {"descendants": [row]}))), Receipt("1", ""), "").comments[0]
    assert comment.text == "<b>Cibo\n\nCiao"
    assert comment.is_private


def test_pixelfed_shows_only_part_of_a_thread() -> None:
    row = {"id": "3", "account": {"id": "4", "acct": "ida"}, "created_at": "2026-08-14T09:30:01Z", "content": ""}
    for software, whole in (("pixelfed", False), ("mastodon", True), ("", False)):
        page = ADAPTER.comments(call(Scripted(("GET", 200, {"descendants": [row]})), software), Receipt("1", ""), "")
        assert page.is_whole is whole


@pytest.mark.parametrize("remote_id", ["../../accounts/1", "1/favourite", "a?b", "é"])
def test_an_id_of_the_other_side_cannot_leave_its_place_in_the_path(remote_id: str) -> None:
    door = Scripted()
    with pytest.raises(AdapterError):
        ADAPTER.like(call(door), remote_id, {})
    assert door.went[0].place.target.startswith("/api/v1/statuses/")
    assert door.went[0].place.target.endswith("/favourite")
    assert door.went[0].place.target.count("/") == 5


# Times as servers write them
