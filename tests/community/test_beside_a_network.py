"""The whole way over real HTTP: a stranger's comment comes home, and our answer stands there once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.urls import reverse
from django_q.models import OrmQ

from accounts.models import Role, User
from accounts.vault import seal
from community import moderation, replies, tasks, threads
from community.models import Comment, Conversation, ConversationState, Direction, Visibility
from publisher.channels import connect
from publisher.models import Channel, Connection, Publication, PublicationState, Stream
from tests.community.make_community import make_out, read
from tests.community.test_pages import browser_of
from tests.make import make_brand, make_member
from tests.publisher.driving import drive_to, make_clock
from tests.publisher.make_publisher import make_waiting, now
from tests.sandbox.running import SandboxProcess, running_sandbox

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.servers,
    pytest.mark.usefixtures("at_home"),
]
ACCOUNT = {"username": "valdoro", "display_name": "Cantina Valdoro", "token": "valdoro-token"}


@pytest.fixture
def at_home(settings: LazySettings) -> None:
    """The door lets this machine in."""
    settings.PRIVATE_NETWORKS = ("127.0.0.0/8",)


@pytest.fixture(scope="module")
def network() -> Iterator[SandboxProcess]:
    with running_sandbox(accounts=[ACCOUNT]) as running:
        yield running


@pytest.fixture
def channel(network: SandboxProcess) -> Channel:
    return connect(brand=make_brand(), platform="mastodon", url=network.url, token="valdoro-token", by=None)


def published(channel: Channel) -> Publication:
    """A post goes out through the clock itself."""
    row = make_waiting(channel, due_at=now(), text="Cassette regalo, ultimi giorni.")
    clock = make_clock()
    try:
        out = drive_to(clock, row, PublicationState.PUBLISHED)
    finally:
        clock.let_all_go()
    threads.note_published(out)
    return out


def test_a_comment_is_in_the_inbox_and_the_answer_stands_there_once(network: SandboxProcess, channel: Channel) -> None:
    post = published(channel)
    thread = Conversation.objects.get(publication=post)
    network.comment(post.remote_id, "Il pacco è arrivato rotto", person="luca_bassi")
    stream = Stream.objects.get(name=f"thread:{post.remote_id}")
    assert stream.next_at is not None
    assert (stream.next_at - now()).total_seconds() <= 20, "a fresh post is read within twenty seconds"
    tasks.sync_stream(stream.pk)
    mo = make_member("Mo", channel.brand, Role.MODERATOR)
    assert "Il pacco è arrivato rotto" in browser_of(mo).get(reverse("inbox", args=[channel.brand_id])).content.decode()

    comment = Comment.objects.get(direction=Direction.INBOUND)
    sent = answered(comment, mo, "Ci dispiace molto: ne partono due domani.")
    read(thread)
    read(thread)
    seen = network.call("GET", f"/api/v1/statuses/{post.remote_id}/context")["descendants"]
    ours = [one for one in seen if one["account"]["username"] == "valdoro"]
    assert [one["in_reply_to_id"] for one in ours] == [comment.remote_id]
    assert [one["username"] for one in ours[0]["mentions"]] == ["luca_bassi"]
    assert Comment.objects.get(direction=Direction.OUTBOUND).publication == sent
    assert Conversation.objects.get(pk=thread.pk).state == ConversationState.WAITING
    html = browser_of(mo).get(reverse("conversation", args=[thread.pk])).content.decode()
    assert html.count("ne partono due domani.</p>") == 1


def answered(comment: Comment, by: User, text: str) -> Publication:
    """An answer goes out through the clock, and its news arrive."""
    draft = replies.answer(comment, by=by, text=text)
    assert draft.publication is not None
    clock = make_clock()
    try:
        sent = drive_to(clock, draft.publication, PublicationState.PUBLISHED)
    finally:
        clock.let_all_go()
    tasks.note_outcome(sent.pk)
    return sent


def test_edits_and_disappearances_over_there_are_evidence_here(network: SandboxProcess, channel: Channel) -> None:
    post = published(channel)
    thread = Conversation.objects.get(publication=post)
    first = network.comment(post.remote_id, "Pessimo", person="luca_bassi", mention=0)
    below = network.comment(first["id"], "Anche per me", person="marta_r", mention=0)
    read(thread)
    assert Comment.objects.get(remote_id=below["id"]).parent == Comment.objects.get(remote_id=first["id"])
    network.admin("POST", "comments/change", {"status_id": first["id"], "text": "Ottimo"})
    read(thread)
    kept = Comment.objects.get(remote_id=first["id"])
    assert (kept.text, kept.versions.get().text) == ("Ottimo", "Pessimo")
    network.admin("POST", "comments/change", {"status_id": first["id"], "delete": True})
    read(thread)
    kept.refresh_from_db()
    assert (kept.visibility, kept.text) == (Visibility.VANISHED, "Ottimo")
    assert Comment.objects.get(remote_id=below["id"]).visibility == Visibility.VISIBLE


def test_a_like_arrives_over_there(network: SandboxProcess, channel: Channel) -> None:
    post = published(channel)
    comment = network.comment(post.remote_id, "Che meraviglia", person="marta_r")
    read(Conversation.objects.get(publication=post))
    mo = make_member("Mo", channel.brand, Role.MODERATOR)
    act = moderation.like(Comment.objects.get(), by=mo)
    tasks.perform_act(act.pk)
    there = network.call("GET", f"/api/v1/statuses/{comment['id']}", token="valdoro-token")
    assert (there["favourited"], there["favourites_count"]) == (True, 1)
    tasks.perform_act(moderation.unlike(Comment.objects.get(), by=mo).pk)
    assert network.call("GET", f"/api/v1/statuses/{comment['id']}")["favourites_count"] == 0


def test_a_network_that_is_down_puts_the_thread_off(network: SandboxProcess, channel: Channel) -> None:
    post = published(channel)
    network.fault("unavailable", retry_after=120)
    try:
        assert read(Conversation.objects.get(publication=post)).problem
    finally:
        network.clear_faults()
    stream = Stream.objects.get(name=f"thread:{post.remote_id}")
    assert stream.next_at is not None
    assert (stream.next_at - now()).total_seconds() > 100


def test_a_token_that_was_taken_back_loses_the_channel(network: SandboxProcess) -> None:
    network.add_accounts([{"username": "birra", "token": "birra-token"}])
    channel = connect(brand=make_brand(), platform="mastodon", url=network.url, token="birra-token", by=None)
    post = make_out(channel, "1")
    threads.note_published(post)
    wrong = Connection.objects.get(pk=channel.connection_id)
    wrong.sealed_access = seal("another-token", bound_to=f"connection:{wrong.key}:access")
    wrong.save()
    read(Conversation.objects.get(publication=post))
    channel.refresh_from_db()
    assert channel.state == "lost"


def test_the_clocks_bell_becomes_a_task_and_the_task_a_comment(network: SandboxProcess, channel: Channel) -> None:
    post = published(channel)
    network.comment(post.remote_id, "Arriva?", person="luca_bassi")
    Stream.objects.update(next_at=now())
    clock = make_clock()
    try:
        clock.keeper.ring()
    finally:
        clock.let_all_go()
    asked = [one.task for one in OrmQ.objects.all() if one.task["func"] == "community.tasks.sync_stream"]
    wanted = {one["args"] for one in asked}
    assert wanted == set(Stream.objects.values_list("pk")), "the thread, and the bell of its channel"
    for args in sorted(wanted):
        tasks.sync_stream(*args)
    assert Comment.objects.get().text.endswith("Arriva?")


def test_the_bell_of_a_channel_says_which_of_its_threads_to_read(network: SandboxProcess) -> None:
    network.add_accounts([{"username": "latteria", "token": "latteria-token"}])
    channel = connect(brand=make_brand(), platform="mastodon", url=network.url, token="latteria-token", by=None)
    posts = [published(channel) for _ in range(2)]
    bell = Stream.objects.get(channel=channel, name="notifications")
    tasks.sync_stream(bell.pk)
    asked = network.comment(posts[0].remote_id, "Spedite?", person="luca_bassi")
    Stream.objects.update(next_at=now() + timedelta(hours=1))
    tasks.sync_stream(bell.pk)
    due = Stream.objects.filter(next_at__lte=now())
    assert [one.name for one in due] == [f"thread:{posts[0].remote_id}"]
    tasks.sync_stream(due.get().pk)
    assert Comment.objects.get().remote_id == asked["id"]
    network.comment(asked["id"], "@latteria Anch’io lo vorrei sapere", person="marta_r")
    Stream.objects.update(next_at=now() + timedelta(hours=1))
    tasks.sync_stream(bell.pk)
    assert [one.name for one in Stream.objects.filter(next_at__lte=now())] == [f"thread:{posts[0].remote_id}"]
