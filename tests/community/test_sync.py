"""Bringing comments home: to the end, once, in order, and without losing what was edited or has vanished."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.models import Comment, CommentVersion, ConversationState, Direction, Identity, Visibility
from community.sync import pause, sync_stream
from community.tasks import sync_stream as sync_task
from publisher.contract.content import Person
from publisher.contract.errors import OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.models import ChannelState, Publication, PublicationKind, Stream
from publisher.streams import claim_stream
from tests.community.fake import ANNA, LUCA, OURS, FakeAdapter, Scene
from tests.community.make_community import make_fake_channel, make_out, make_thread, read

pytestmark = pytest.mark.django_db
TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def stream_of(remote_id: str = "root") -> Stream:
    return Stream.objects.get(name=f"thread:{remote_id}")


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(TRANSACTIONS)]


@pytest.mark.both_databases
def test_pages_are_read_to_the_end_and_each_comment_is_one_row(scene: Scene) -> None:
    thread = make_thread()
    for number in range(25):
        scene.says(f"c{number}", f"Messaggio {number}")
    scene.page_size = 10
    assert read(thread).new == 25
    assert scene.reads == 3
    assert stream_of().cursor == "25"
    assert Comment.objects.filter(conversation=thread).count() == 25


@pytest.mark.both_databases
def test_reading_again_brings_nothing_twice(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Una domanda")
    assert (read(thread).new, read(thread).new) == (1, 0)
    assert Comment.objects.count() == Identity.objects.count() == 1


@pytest.mark.both_databases
def test_answers_to_answers_hang_under_their_parents_also_when_those_come_later(scene: Scene) -> None:
    thread = make_thread()
    scene.says("child", "D'accordo con te", by=ANNA, under="parent")
    scene.says("grandchild", "Anche io", under="child")
    read(thread)
    assert Comment.objects.get(remote_id="child").parent is None
    assert Comment.objects.get(remote_id="grandchild").parent == Comment.objects.get(remote_id="child")
    scene.says("parent", "La prima")
    read(thread)
    assert Comment.objects.get(remote_id="child").parent == Comment.objects.get(remote_id="parent")
    assert Comment.objects.get(remote_id="parent").parent is None


@pytest.mark.both_databases
def test_the_original_of_an_edited_comment_is_kept(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Il vostro vino è pessimo")
    read(thread)
    scene.change("c1", text="Il vostro vino è ottimo", edited_at=datetime(2026, 12, 7, 10, tzinfo=UTC))
    assert read(thread).edited == 1
    scene.change("c1", text="Il vostro vino è così così", edited_at=datetime(2026, 12, 7, 11, tzinfo=UTC))
    read(thread)
    comment = Comment.objects.get()
    assert comment.text == "Il vostro vino è così così"
    kept = [(one.number, one.text) for one in comment.versions.order_by("number")]
    assert kept == [(1, "Il vostro vino è pessimo"), (2, "Il vostro vino è ottimo")]


@pytest.mark.both_databases
def test_a_comment_that_vanished_stays_here_with_its_words(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Pacco arrivato rotto")
    scene.says("c2", "Bella foto", by=ANNA)
    read(thread)
    Comment.objects.update(fetched_at=timezone.now() - timedelta(minutes=5))
    scene.drop("c1")
    assert read(thread).vanished == 1
    gone = Comment.objects.get(remote_id="c1")
    assert (gone.visibility, gone.text) == (Visibility.VANISHED, "Pacco arrivato rotto")
    assert CommentVersion.objects.get(comment=gone).text == "Pacco arrivato rotto"
    thread.refresh_from_db()
    assert thread.unanswered_count == 1
    scene.says("c1", "Pacco arrivato rotto")
    read(thread)
    gone.refresh_from_db()
    assert gone.visibility == Visibility.VISIBLE


def test_a_page_that_is_not_the_whole_thread_makes_nothing_vanish(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Buongiorno")
    read(thread)
    Comment.objects.update(fetched_at=timezone.now() - timedelta(minutes=5))
    scene.drop("c1")
    scene.is_whole = False
    assert read(thread).vanished == 0


def test_what_came_while_the_thread_was_read_is_not_taken_for_vanished(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Buongiorno")
    read(thread)
    Comment.objects.update(fetched_at=timezone.now() + timedelta(seconds=5))
    scene.drop("c1")
    assert read(thread).vanished == 0


def test_our_own_messages_are_recognised_and_joined_with_what_we_sent(scene: Scene) -> None:
    thread = make_thread()
    sent = make_out(thread.channel, "ours1", kind=PublicationKind.PART)
    scene.says("ours1", "La seconda parte", by=OURS)
    scene.says("ours2", "Scritto dal telefono", by=OURS)
    read(thread)
    assert Comment.objects.get(remote_id="ours1").publication == sent
    by_hand = Comment.objects.get(remote_id="ours2")
    assert (by_hand.direction, by_hand.publication, by_hand.identity) == (Direction.OUTBOUND, None, None)
    thread.refresh_from_db()
    assert (thread.state, thread.unanswered_count) == (ConversationState.CLOSED, 0)


def test_a_comment_answered_on_the_platform_no_longer_waits(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Spedite in Germania?", by=ANNA)
    scene.says("c2", "E il rosso?", by=ANNA)
    scene.says("c3", "Pacco rotto", by=LUCA)
    scene.says("ours", "Sì, spediamo.", by=OURS, under="c2")
    read(thread)
    assert set(Comment.objects.filter(handled_at=None, direction="inbound").values_list("remote_id", flat=True)) == {
        "c3"
    }


@pytest.mark.both_databases
def test_people_are_one_row_each_and_are_renamed(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Ciao")
    scene.says("c2", "Ci siete?")
    read(thread)
    luca = Identity.objects.get()
    assert (luca.shown_name, luca.handle, luca.url) == ("Luca Bassi", "@luca", "https://social.example/@luca")
    scene.change("c1", person=Person("luca", "@luca", "Luca B."))
    scene.change("c2", person=Person("luca", "@luca", "Luca B."))
    read(thread)
    luca.refresh_from_db()
    assert luca.shown_name == "Luca B."


def test_counts_stand_on_the_publication(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "Uno")
    last = scene.says("c2", "Due", by=ANNA)
    read(thread)
    publication = Publication.objects.get(remote_id="root")
    assert (publication.comment_count, publication.open_count) == (2, 2)
    assert publication.last_comment_at == last.at


def test_a_message_opens_the_conversation_and_the_row_shows_the_newest(scene: Scene) -> None:
    thread = make_thread()
    assert thread.state == ConversationState.CLOSED
    scene.says("c1", "Prima")
    scene.says("c2", "Poi", by=ANNA)
    read(thread)
    thread.refresh_from_db()
    assert (thread.state, thread.newest_name, thread.newest_text) == (ConversationState.OPEN, "Anna Righi", "Poi")


@pytest.mark.parametrize(
    ("problem", "least", "most"),
    [
        (Unavailable("rate_limited", retry_at=None), 100, 140),
        (OutcomeUnknown("answer_lost"), 50, 80),
        (Rejected("post_gone"), 5 * 3600, 7 * 3600),
    ],
)
def test_a_thread_that_cannot_be_read_is_left_for_later(
    scene: Scene, problem: Exception, least: int, most: int
) -> None:
    thread = make_thread()
    scene.problem = problem  # type: ignore[assignment]  # each is one of the four
    assert read(thread).problem
    stream = stream_of()
    assert stream.next_at is not None
    assert stream.lease_until is None
    assert least <= (stream.next_at - timezone.now()).total_seconds() <= most


def test_a_server_that_names_the_hour_is_obeyed(scene: Scene) -> None:
    thread = make_thread()
    retry_at = timezone.now() + timedelta(hours=3)
    scene.problem = Unavailable("rate_limited", retry_at=retry_at)
    read(thread)
    assert stream_of().next_at == retry_at


def test_a_refused_token_is_told_and_no_call_is_made_for_a_lost_channel(scene: Scene) -> None:
    thread = make_thread()
    scene.problem = SignIn("token_refused")
    read(thread)
    thread.channel.refresh_from_db()
    assert thread.channel.state == ChannelState.LOST
    assert read(thread).problem == "channel_lost"
    assert scene.reads == 1


def test_an_error_of_ours_puts_the_thread_off_instead_of_asking_again_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_thread()

    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(FakeAdapter, "comments", broken)
    with pytest.raises(ZeroDivisionError):
        sync_task(stream_of().pk)
    left = stream_of()
    assert left.next_at is not None
    assert left.next_at > timezone.now() + timedelta(minutes=4)


@pytest.mark.both_databases
def test_two_workers_never_read_one_thread_together(scene: Scene) -> None:
    make_thread()
    assert claim_stream(stream_of().pk, "another") is not None
    assert sync_stream(stream_of().pk, owner="a test") is None


def test_a_worker_that_lost_its_lease_writes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = make_thread()
    scene.says("c1", "Buongiorno")
    genuine = FakeAdapter.comments

    def slow(self: FakeAdapter, *args: object) -> object:
        Stream.objects.update(lease_until=None)
        assert claim_stream(stream_of().pk, "another") is not None
        return genuine(self, *args)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(FakeAdapter, "comments", slow)
    read(thread)
    assert not Comment.objects.exists()


@pytest.mark.both_databases
def test_nothing_new_costs_five_statements_at_most(scene: Scene) -> None:
    thread = make_thread()
    for number in range(60):
        scene.says(f"c{number}", "Ciao", by=Person(f"p{number}", f"@p{number}", f"Persona {number}"))
    read(thread)
    with CaptureQueriesContext(connection) as captured:
        read(thread)
    assert len(statements(captured)) <= 5 + 1, statements(captured)  # one is the test's own


@pytest.mark.both_databases
def test_a_thousand_new_comments_cost_few_statements(scene: Scene) -> None:
    thread = make_thread()
    for number in range(1000):
        under = f"c{number - 1}" if number % 3 else "root"
        scene.says(f"c{number}", "Ciao", by=Person(f"p{number}", f"@p{number}", f"Persona {number}"), under=under)
    with CaptureQueriesContext(connection) as captured:
        read(thread)
    assert Comment.objects.exclude(parent=None).count() == 666
    assert len(statements(captured)) <= 60, len(statements(captured))


@pytest.mark.parametrize(
    ("age", "quiet", "seconds"),
    [
        (timedelta(minutes=1), None, 15),
        (timedelta(hours=12), None, 60),
        (timedelta(days=2), None, 300),
        (timedelta(days=10), None, 1800),
        (timedelta(days=90), None, 6 * 3600),
        (timedelta(days=90), timedelta(minutes=5), 15),
        (timedelta(days=90), timedelta(hours=5), 300),
    ],
)
def test_a_fresh_or_lively_thread_is_read_more_often(age: timedelta, quiet: timedelta | None, seconds: int) -> None:
    thread = make_thread(published_at=timezone.now() - age)
    thread.last_inbound_at = timezone.now() - quiet if quiet else None
    wait = pause(thread, stream_of(), is_found=False)
    assert timedelta(seconds=seconds) <= wait < timedelta(seconds=seconds + 6)


def test_many_fresh_threads_share_what_one_channel_may_ask(scene: Scene) -> None:
    channel = make_fake_channel()
    threads = [make_thread(channel, f"root{number}") for number in range(40)]
    read(threads[0])
    next_at = stream_of("root0").next_at
    assert next_at is not None
    assert next_at - timezone.now() > timedelta(seconds=70)


def test_words_that_no_database_takes_are_made_fit(scene: Scene) -> None:
    thread = make_thread()
    scene.says("c1", "prima\x00dopo \ud83d", by=Person("x", "@x", "N\x00me"), url="javascript:alert(1)")
    read(thread)
    comment = Comment.objects.get()
    assert (comment.text, comment.url) == ("prima\ufffddopo ?", "")


def test_terms_that_limit_keeping_are_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeAdapter, "text_lives_s", 3600)
    thread = make_thread()
    scene.says("c1", "Buongiorno")
    read(thread)
    until = Comment.objects.get().text_until
    assert until is not None
    assert timedelta(minutes=59) < until - timezone.now() <= timedelta(hours=1)
