"""What every adapter promises about conversations, held against every world that its kit brings along."""

import pytest

from publisher.contract.base import (
    Adapter,
    Call,
    HidesComments,
    LikesComments,
    LooksUpComments,
    ReadsComments,
    ReadsMentions,
    RepliesToComments,
)
from publisher.contract.content import Content, RemoteComment
from publisher.contract.errors import Rejected
from tests.publisher.contract.kit import World
from tests.publisher.contract.test_contract import publish, text, ticket, with_words

pytestmark = [pytest.mark.servers]


def test_comments_come_oldest_first_with_stable_ids_and_aware_times(adapter: Adapter, call: Call, world: World) -> None:
    assert isinstance(adapter, ReadsComments)
    root = publish(adapter, call, Content(text=text()))
    ids = [world.comment(root.remote_id, f"Commento {number} <script>alert(1)</script>") for number in range(3)]
    page = adapter.comments(call, root, "")
    assert [comment.remote_id for comment in page.comments] == ids
    assert all(comment.at.tzinfo for comment in page.comments)
    assert [comment.at for comment in page.comments] == sorted(comment.at for comment in page.comments)
    assert {comment.parent_remote_id for comment in page.comments} == {root.remote_id}
    assert all(
        "Commento" in comment.text and comment.person.remote_id and comment.person.handle for comment in page.comments
    )
    assert not [comment for comment in page.comments if "<script" in comment.html or comment.is_ours]
    again = adapter.comments(call, root, page.cursor)
    assert (again.comments, again.cursor) == ((), page.cursor)


def test_a_new_comment_shows_and_a_vanished_one_is_missing_from_a_whole_page(
    adapter: Adapter, call: Call, world: World
) -> None:
    assert isinstance(adapter, ReadsComments)
    root = publish(adapter, call, Content(text=text()))
    first = world.comment(root.remote_id, "Primo")
    page = adapter.comments(call, root, "")
    second = world.comment(root.remote_id, "Secondo")
    page = adapter.comments(call, root, page.cursor)
    assert second in {comment.remote_id for comment in page.comments}
    world.remove(first)
    page = adapter.comments(call, root, page.cursor)
    assert {comment.remote_id for comment in page.comments} == {second}


def test_what_is_said_to_us_is_heard_once_and_in_order(adapter: Adapter, call: Call, world: World) -> None:
    assert isinstance(adapter, ReadsMentions)
    root = publish(adapter, call, Content(text=text()))
    cursor = adapter.mentions(call, "").cursor
    name = "@" + call.target.handle.lstrip("@").partition("@")[0]
    ids = [world.comment(root.remote_id, f"{name} {word}") for word in ("Primo", "Secondo")]
    heard: list[RemoteComment] = []
    while (page := adapter.mentions(call, cursor)).next_cursor:
        heard += page.comments
        cursor = page.next_cursor
    assert [one.remote_id for one in heard] == ids
    assert {one.parent_remote_id for one in heard} == ({root.remote_id} if adapter.tells_of_answers else {""})
    assert not [one for one in heard if one.is_ours]
    assert adapter.mentions(call, cursor).comments == ()


def test_a_post_that_was_deleted_there_is_said_to_be_gone(adapter: Adapter, call: Call, world: World) -> None:
    assert isinstance(adapter, ReadsComments)
    root = publish(adapter, call, Content(text=text()))
    world.remove(root.remote_id)
    with pytest.raises(Rejected) as caught:
        adapter.comments(call, root, "")
    assert caught.value.code == "post_gone"


def test_an_answer_hangs_under_the_comment_and_names_the_person(adapter: Adapter, call: Call, world: World) -> None:
    assert isinstance(adapter, ReadsComments)
    assert isinstance(adapter, RepliesToComments)
    root = publish(adapter, call, Content(text=text()))
    world.comment(root.remote_id, "È aperta domenica?")
    comment = adapter.comments(call, root, "").comments[0]
    words = adapter.reply_text(text("Sì, dalle 10."), comment.person.handle, call.target)
    assert adapter.reply_text(words, comment.person.handle, call.target) == words
    answer = Content(
        text=words, kind="reply", reply_to=comment.remote_id, reply_root=root.remote_id, reply_extra=comment.extra
    )
    assert not [problem for problem in adapter.problems(answer, call.target) if not problem.is_warning]
    receipt = publish(adapter, call, answer)
    seen = next(seen for seen in world.posts() if seen.remote_id == receipt.remote_id)
    assert seen.reply_to == comment.remote_id
    is_told = adapter.reply_text("Sì.", comment.person.handle, call.target) == "Sì."  # by what it hangs under
    assert is_told or comment.person.handle.lstrip("@") in words
    ours = [one for one in adapter.comments(call, root, "").comments if one.is_ours]
    assert [one.remote_id for one in ours] == [receipt.remote_id]


def test_liking_and_unliking_twice_is_harmless(adapter: Adapter, call: Call, world: World) -> None:
    assert isinstance(adapter, LikesComments)
    root = publish(adapter, call, Content(text=text()))
    comment = world.comment(root.remote_id, "Buonissimo")
    for act in (adapter.like, adapter.like, adapter.unlike, adapter.unlike):
        act(call, comment, {})
    world.remove(comment)
    with pytest.raises(Rejected) as caught:
        adapter.like(call, comment, {})
    assert caught.value.code == "comment_gone"


def test_answering_twice_with_the_same_ticket_never_doubles_where_that_is_promised(
    adapter: Adapter, call: Call, world: World
) -> None:
    assert isinstance(adapter, ReadsComments)
    root = publish(adapter, call, Content(text=text()))
    world.comment(root.remote_id, "È aperta domenica?")
    comment, using = adapter.comments(call, root, "").comments[0], ticket()
    answer = Content(
        text=text("Sì"), kind="reply", reply_to=comment.remote_id, reply_root=root.remote_id, reply_extra=comment.extra
    )
    first = publish(adapter, call, answer, using)
    if adapter.honours_key(call.target, "reply"):
        assert publish(adapter, call, answer, using).remote_id == first.remote_id
    assert len(with_words(world, answer)) == 1


def test_hiding_and_showing_twice_is_harmless_and_seen_in_the_thread(
    adapter: Adapter, call: Call, world: World
) -> None:
    if not isinstance(adapter, HidesComments):
        assert not hasattr(adapter, "hide")
        return
    assert isinstance(adapter, ReadsComments)
    root = publish(adapter, call, Content(text=text()))
    rude = world.comment(root.remote_id, "Ladri")
    kind = world.comment(root.remote_id, "Che bello")
    page = adapter.comments(call, root, "")
    extra = {comment.remote_id: comment.extra for comment in page.comments}
    for act, is_hidden in ((adapter.hide, True), (adapter.show, False)):
        for facts in (extra[rude], {}):
            act(call, rude, facts)
        page = adapter.comments(call, root, page.cursor)
        assert {one.remote_id: one.is_hidden for one in page.comments} == {rude: is_hidden, kind: False}
        assert adapter.comments(call, root, page.cursor).comments == ()


def test_what_is_looked_up_is_there_or_gone(adapter: Adapter, call: Call, world: World) -> None:
    if not isinstance(adapter, LooksUpComments):
        assert not hasattr(adapter, "still_there")
        return
    root = publish(adapter, call, Content(text=text()))
    stays, goes = (world.comment(root.remote_id, word) for word in ("Resto", "Vado"))
    world.remove(goes)
    assert adapter.still_there(call, [stays, goes, root.remote_id]) == {stays, root.remote_id}
