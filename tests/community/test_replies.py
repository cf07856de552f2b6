"""One answer: sealed like a post, sent once, never doubled unknowingly, never lost."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from accounts.models import AuditEntry, Role, User
from calendar_app.models import Alert
from community import replies, tasks, threads
from community.models import Comment, Conversation, ConversationState, Direction, ReplyDraft, ReplyState, Visibility
from publisher import outbox
from publisher.models import ChannelState, Publication, PublicationKind, PublicationState, Stream
from tests.community.fake import OURS, Scene
from tests.community.make_community import make_comment, make_thread, read
from tests.make import make_member
from tests.publisher.make_publisher import make_publication

pytestmark = pytest.mark.django_db


def two_moderators(conversation: Conversation) -> tuple[User, User]:
    return tuple(make_member(name, conversation.brand, Role.MODERATOR) for name in ("Mo", "Mara"))  # type: ignore[return-value]  # two names, two people


def fresh(comment: Comment) -> Comment:
    return Comment.objects.select_related("conversation").get(pk=comment.pk)


def became(draft: ReplyDraft, state: str, **values: object) -> Publication:
    """The clock did its part."""
    Publication.objects.filter(pk=draft.publication_id).update(state=state, **values)
    publication = Publication.objects.get(pk=draft.publication_id)
    tasks.note_outcome(publication.pk)
    return publication


@pytest.fixture
def comment(scene: Scene) -> Comment:
    return make_comment(make_thread(), "Pacco arrivato con due bottiglie rotte", minutes_ago=30)


@pytest.mark.both_databases
def test_an_answer_is_handed_over_sealed_and_due_now(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="  Ci dispiace molto. ")
    sent = Publication.objects.get(origin_key=draft.key)
    assert (sent.kind, sent.state, sent.reply_to) == (
        PublicationKind.REPLY,
        PublicationState.WAITING,
        comment.remote_id,
    )
    assert sent.content["text"] == "@luca Ci dispiace molto."
    assert (sent.rule["kind"], sent.sealed_by) == ("moderator", "Mo")
    assert sent.due_at <= timezone.now()
    assert sent.seal == outbox.seal_of(sent, [])
    assert (draft.state, draft.text) == (ReplyState.HANDED_OVER, "Ci dispiace molto.")
    assert AuditEntry.objects.filter(verb="comment.answered", actor=mo).count() == 1
    after = fresh(comment)
    assert after.handled_at is not None
    assert (after.conversation.state, after.conversation.unanswered_count) == (ConversationState.WAITING, 0)


@pytest.mark.both_databases
def test_the_second_moderator_is_told_who_answered_and_what(comment: Comment) -> None:
    mo, mara = two_moderators(comment.conversation)
    first = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    with pytest.raises(replies.AlreadyAnsweredError) as told:
        replies.answer(comment, by=mara, text="Le scriviamo in privato.")
    assert told.value.draft == first
    assert told.value.draft is not None
    assert (told.value.draft.author.name, told.value.draft.text) == ("Mo", "Ci dispiace molto.")
    assert Publication.objects.filter(kind=PublicationKind.REPLY).count() == 1


def test_a_second_answer_needs_somebody_who_knows(comment: Comment) -> None:
    mo, mara = two_moderators(comment.conversation)
    replies.answer(comment, by=mo, text="Ci dispiace molto.")
    second = replies.answer(comment, by=mara, text="Aggiungo: le bottiglie partono domani.", knowingly=True)
    assert second.knowingly
    assert Publication.objects.filter(kind=PublicationKind.REPLY).count() == 2


@pytest.mark.both_databases
def test_the_table_itself_refuses_a_second_answer_that_nobody_knows_of(
    comment: Comment, monkeypatch: pytest.MonkeyPatch
) -> None:
    mo, mara = two_moderators(comment.conversation)
    monkeypatch.setattr(replies, "_check_unanswered", lambda _comment: None)  # the race: both looked before
    replies.answer(comment, by=mo, text="Ci dispiace molto.")
    with pytest.raises(replies.AlreadyAnsweredError):
        replies.answer(comment, by=mara, text="Le scriviamo in privato.")
    assert Publication.objects.filter(kind=PublicationKind.REPLY).count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_the_same_moment_one_is_told(scene: Scene) -> None:
    comment = make_comment(make_thread())
    people = two_moderators(comment.conversation)
    gate, told, sent = threading.Barrier(2), list[str](), list[int]()

    def press(by: User) -> None:
        try:
            mine = replies_of(comment.pk)
            gate.wait()
            sent.append(replies.answer(mine, by=by, text=f"Risposta di {by.name}").pk)
        except replies.AlreadyAnsweredError as first:
            told.append(first.draft.author.name if first.draft else "")
        finally:
            close_old_connections()
            connection.close()

    pressing = [threading.Thread(target=press, args=[by]) for by in people]
    for one in pressing:
        one.start()
    for one in pressing:
        one.join()
    assert (len(sent), len(told)) == (1, 1)
    assert Publication.objects.filter(kind=PublicationKind.REPLY).count() == 1


def replies_of(pk: int) -> Comment:
    rows = Comment.objects.select_related("brand", "conversation__publication", "channel__profile", "identity")
    return rows.get(pk=pk)


def test_an_answer_written_on_the_platform_counts_as_one(scene: Scene) -> None:
    thread = make_thread()
    mo, _ = two_moderators(thread)
    scene.says("c1", "Spedite in Germania?")
    scene.says("ours", "Sì", by=OURS, under="c1")
    read(thread)
    with pytest.raises(replies.AlreadyAnsweredError) as told:
        replies.answer(Comment.objects.get(remote_id="c1"), by=mo, text="Sì, spediamo.")
    assert told.value.comment == Comment.objects.get(remote_id="ours")


def test_words_that_are_too_long_are_refused_before_anything_is_stored(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    with pytest.raises(replies.AnswerRefusedError) as refused:
        replies.answer(comment, by=mo, text="a" * 495)
    assert [(one.code, one.values["over"]) for one in refused.value.problems] == [("text_too_long", 1)]
    with pytest.raises(replies.AnswerRefusedError):
        replies.answer(comment, by=mo, text=" \n ")
    assert not ReplyDraft.objects.exists()


def test_what_cannot_be_answered_says_why(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.VANISHED)
    with pytest.raises(replies.CannotAnswerError, match="comment_vanished"):
        replies.answer(replies_of(comment.pk), by=mo, text="Buongiorno")
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.VISIBLE)
    comment.channel.state = ChannelState.LOST
    comment.channel.save()
    with pytest.raises(replies.CannotAnswerError, match="channel_lost"):
        replies.answer(replies_of(comment.pk), by=mo, text="Buongiorno")
    Comment.objects.filter(pk=comment.pk).update(direction=Direction.OUTBOUND)
    with pytest.raises(replies.CannotAnswerError, match="comment_is_ours"):
        replies.answer(replies_of(comment.pk), by=mo, text="Buongiorno")


@pytest.mark.both_databases
@pytest.mark.parametrize("is_read_first", [False, True], ids=["told first", "read first"])
def test_the_answer_that_is_out_and_the_one_read_back_are_one_row(
    scene: Scene, comment: Comment, is_read_first: bool
) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    out = {"remote_id": "answer1", "published_at": timezone.now(), "url": "https://social.example/answer1"}
    scene.thread = []
    scene.is_whole = False
    scene.says("answer1", "@luca Ci dispiace molto.", by=OURS, under=comment.remote_id, at=timezone.now())
    if is_read_first:
        read(comment.conversation)
        became(draft, "published", **out)
    else:
        became(draft, "published", **out)
        read(comment.conversation)
    assert Comment.objects.filter(direction=Direction.OUTBOUND).count() == 1
    ours = Comment.objects.get(direction=Direction.OUTBOUND)
    assert (ours.publication_id, ours.parent) == (draft.publication_id, comment)
    assert not ours.versions.exists()
    assert fresh(comment).conversation.state == ConversationState.WAITING


def test_an_answer_settled_by_a_person_is_joined_with_the_message_found_later(scene: Scene, comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, "unknown")
    replies.settle(ReplyDraft.objects.get(pk=draft.pk), is_out=True, by=mo)
    scene.says("answer1", "@luca Ci dispiace molto.", by=OURS, under=comment.remote_id, at=timezone.now())
    scene.is_whole = False
    read(comment.conversation)
    assert Comment.objects.get(direction=Direction.OUTBOUND).publication_id == draft.publication_id


@pytest.mark.both_databases
@pytest.mark.parametrize("state", ["failed", "unknown", "missed"])
def test_an_answer_that_is_not_surely_out_makes_the_comment_wait_again(comment: Comment, state: str) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, state)
    after = fresh(comment)
    assert after.handled_at is None
    assert (after.conversation.state, after.conversation.unanswered_count) == (ConversationState.OPEN, 1)


def test_a_failed_answer_is_tried_again_as_the_same_row(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, "failed")
    replies.retry(ReplyDraft.objects.get(pk=draft.pk), by=mo)
    assert Publication.objects.get(origin_key=draft.key).state == PublicationState.WAITING
    assert fresh(comment).handled_at is not None

def test_who_wrote_an_answer_is_told_that_it_did_not_go_out(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    became(replies.answer(comment, by=mo, text="Ci dispiace molto."), "failed")
    assert [(alert.user, alert.kind, alert.title) for alert in Alert.objects.all()] == [
        (mo, "failed", "@luca Ci dispiace molto.")
    ]


def test_a_failed_answer_is_not_sent_after_a_colleague_has_answered_knowingly(comment: Comment) -> None:
    mo, mara = two_moderators(comment.conversation)
    first = replies.answer(comment, by=mo, text="Ci scriva in privato.")
    became(first, "failed")
    second = replies.answer(comment, by=mara, text="La chiamiamo noi.", knowingly=True)
    with pytest.raises(replies.AlreadyAnsweredError) as told:
        replies.retry(ReplyDraft.objects.get(pk=first.pk), by=mo)
    assert told.value.draft == second
    assert Publication.objects.get(origin_key=first.key).state == PublicationState.FAILED



@pytest.mark.parametrize("state", ["failed", "missed", "canceled"])
def test_an_answer_that_is_not_out_can_be_written_anew(comment: Comment, state: str) -> None:
    mo, mara = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, state)
    assert replies.give_up(ReplyDraft.objects.get(pk=draft.pk), by=mo) == "Ci dispiace molto."
    second = replies.answer(comment, by=mara, text="Ci dispiace molto, domani ne partono due.")
    assert Publication.objects.get(origin_key=second.key).state == PublicationState.WAITING
    assert Publication.objects.get(origin_key=draft.key).state == PublicationState.CANCELED


def test_an_answer_that_is_out_cannot_be_given_up(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, "published", remote_id="a1", published_at=timezone.now())
    with pytest.raises(outbox.TooLateError):
        replies.give_up(ReplyDraft.objects.get(pk=draft.pk), by=mo)
    assert ReplyDraft.objects.get(pk=draft.pk).state == ReplyState.HANDED_OVER


def test_settling_as_not_out_sends_within_the_hour_and_asks_again_after_it(comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, "unknown", late_after=timezone.now() - timedelta(minutes=1), next_at=None)
    replies.settle(ReplyDraft.objects.get(pk=draft.pk), is_out=False, by=mo)
    assert Publication.objects.get(origin_key=draft.key).state == PublicationState.MISSED
    assert fresh(comment).handled_at is None


def test_an_answer_that_is_not_out_is_given_up_where_a_colleague_has_answered_meanwhile(comment: Comment) -> None:
    mo, mara = two_moderators(comment.conversation)
    first = replies.answer(comment, by=mo, text="Ci scriva in privato.")
    became(first, "unknown", next_at=None)
    second = replies.answer(comment, by=mara, text="La chiamiamo noi.", knowingly=True)
    assert replies.settle(ReplyDraft.objects.get(pk=first.pk), is_out=False, by=mo) == second
    assert Publication.objects.get(origin_key=first.key).state == PublicationState.CANCELED
    assert Publication.objects.get(origin_key=second.key).state == PublicationState.WAITING
    assert ReplyDraft.objects.get(pk=first.pk).state == ReplyState.DROPPED
    assert fresh(comment).handled_at is not None


def test_an_answer_taken_back_in_the_list_of_what_goes_out_is_noticed(comment: Comment) -> None:
    mo, mara = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    outbox.cancel(origin_key=draft.key, by=mara, why="sbagliato")
    tasks.sweep()
    assert fresh(comment).conversation.state == ConversationState.OPEN
    replies.answer(comment, by=mara, text="Ci dispiace.")


def test_a_further_part_is_a_message_of_ours_in_the_thread_of_the_first(scene: Scene) -> None:
    key = uuid.uuid4()
    thread = make_thread(origin_key=key)
    part = make_publication(
        thread.channel, origin_key=key, kind=PublicationKind.PART, part=1, state="published", remote_id="part1",
        published_at=timezone.now(),
    )  # fmt: skip
    threads.note_published(part)
    threads.note_published(part)
    assert Comment.objects.get().conversation == thread
    assert Conversation.objects.count() == 1


def test_a_lost_task_is_made_good_by_the_sweep(scene: Scene, comment: Comment) -> None:
    mo, _ = two_moderators(comment.conversation)
    draft = replies.answer(comment, by=mo, text="Ci dispiace molto.")
    became(draft, "waiting")
    Publication.objects.filter(pk=draft.publication_id).update(
        state="published", remote_id="a1", published_at=timezone.now()
    )
    post = make_publication(comment.channel, state="published", remote_id="root2", published_at=timezone.now())
    tasks.sweep()
    assert Comment.objects.get(publication=draft.publication_id).parent == comment
    assert Conversation.objects.get(publication=post).state == ConversationState.CLOSED
    assert Stream.objects.filter(name="thread:root2").exists()
    assert not threads.unnoted().exists()
