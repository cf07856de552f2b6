"""With the real clock and the real queue: a comment is in the inbox within thirty seconds, the answer is out once.

So it is for one post, and for a channel with a month of fresh ones: far more than may each be asked for in that time.
"""

import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings

from accounts.models import Role
from community import replies, threads
from community.models import Comment, Conversation, Direction
from publisher.channels import connect
from publisher.models import Publication, PublicationState, Stream
from tests.community.make_community import make_out
from tests.community.test_beside_a_network import ACCOUNT
from tests.installation import Installation
from tests.make import make_brand, make_member
from tests.publisher.make_publisher import make_waiting, now
from tests.sandbox.running import SandboxProcess, post, running_sandbox

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers, pytest.mark.slow]

MONTH = 31


@pytest.fixture
def network(settings: LazySettings) -> Iterator[SandboxProcess]:
    settings.PRIVATE_NETWORKS = ("127.0.0.0/8",)
    with running_sandbox(accounts=[ACCOUNT]) as running:
        yield running


def seconds_until(is_true: Callable[[], bool], *, patience_s: float) -> float:
    """Return how long it took; fail when it takes longer than that."""
    began = time.monotonic()
    while not is_true():
        assert time.monotonic() - began < patience_s, "too late"
        time.sleep(0.2)
    return time.monotonic() - began


def test_from_a_strangers_hand_to_the_inbox_and_back(installation: Installation, network: SandboxProcess) -> None:
    channel = connect(brand=make_brand(), platform="mastodon", url=network.url, token="valdoro-token", by=None)
    post = make_waiting(channel, due_at=now(), text="Cassette regalo, ultimi giorni.")
    installation.variables["PALINSESTO_PRIVATE_NETWORKS"] = "127.0.0.0/8"
    installation.start("clock")
    installation.start("qcluster")
    seconds_until(Conversation.objects.filter(publication=post).exists, patience_s=45)
    post = Publication.objects.get(pk=post.pk)
    network.comment(post.remote_id, "Il pacco è arrivato rotto", person="luca_bassi")
    assert seconds_until(Comment.objects.filter(direction=Direction.INBOUND).exists, patience_s=30) < 30
    comment = Comment.objects.select_related("channel__profile", "conversation__publication").get()
    draft = replies.answer(comment, by=make_member("Mo", channel.brand, Role.MODERATOR), text="Ci dispiace molto.")
    sent = Publication.objects.filter(pk=draft.publication_id, state=PublicationState.PUBLISHED)
    seconds_until(sent.exists, patience_s=15)
    seconds_until(Comment.objects.filter(publication=draft.publication_id).exists, patience_s=15)
    assert [one["in_reply_to_id"] for one in network.arrivals()] == [None, comment.remote_id]


def test_among_a_month_of_fresh_posts_on_one_channel(installation: Installation, network: SandboxProcess) -> None:
    channel = connect(brand=make_brand(), platform="mastodon", url=network.url, token="valdoro-token", by=None)
    asked_in = set[str]()
    for number in range(MONTH):
        _status, shown = post(network, f"Giorno {number}")
        threads.note_published(make_out(channel, shown["id"]))
    installation.variables["PALINSESTO_PRIVATE_NETWORKS"] = "127.0.0.0/8"
    installation.start("clock")
    installation.start("qcluster")
    followed = Stream.objects.filter(channel=channel, name__startswith="thread:", fence__gt=0, lease_until=None)
    seconds_until(lambda: followed.count() == MONTH, patience_s=60)
    for _ in range(3):
        put_off_furthest = followed.exclude(name__in=asked_in).latest("next_at").name
        asked_in.add(put_off_furthest)
        asked = network.comment(put_off_furthest.removeprefix("thread:"), "Spedite anche in Germania?")
        home = Comment.objects.filter(remote_id=asked["id"], direction=Direction.INBOUND)
        assert seconds_until(home.exists, patience_s=30) < 30
