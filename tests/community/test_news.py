"""News from the publisher become tasks, tasks become rows, and the command does the same by hand."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from django_q.models import OrmQ

from community import tasks
from community.models import Comment, Conversation, ConversationState
from publisher.models import Stream
from publisher.signals import comments_waiting, publication_failed, publication_published
from tests.community.fake import Scene
from tests.community.make_community import make_fake_channel, make_out, make_thread
from tests.make import make_brand

pytestmark = pytest.mark.django_db


def asked() -> list[tuple[str, tuple[int, ...]]]:
    """Return what this package asked of the queue; other packages hear the same news."""
    tasks_asked = [(one.task["func"], one.task["args"]) for one in OrmQ.objects.order_by("pk")]
    return [one for one in tasks_asked if one[0].startswith("community.")]


def test_news_only_leave_a_task_with_an_id() -> None:
    publication_published.send(sender=None, publication_id=7, state="published")
    publication_failed.send(sender=None, publication_id=8, state="failed")
    comments_waiting.send(sender=None, stream_id=9)
    assert asked() == [
        ("community.tasks.note_outcome", (7,)),
        ("community.tasks.note_outcome", (8,)),
        ("community.tasks.sync_stream", (9,)),
    ]


@pytest.mark.usefixtures("scene")
def test_a_post_that_is_out_has_a_closed_conversation_and_is_followed_however_often_it_is_told() -> None:
    publication = make_out(make_fake_channel(), "r1")
    for _ in range(2):
        tasks.note_outcome(publication.pk)
    assert Conversation.objects.get().state == ConversationState.CLOSED
    assert Stream.objects.get().name == "thread:r1"
    tasks.note_outcome(publication.pk + 1)


def test_the_command_reads_every_thread_of_a_brand_and_what_no_task_noted(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    brand = make_brand(slug="cantina")
    make_out(make_fake_channel(brand), "root")
    make_thread(remote_id="elsewhere")
    scene.says("c1", "Buongiorno")
    with translation.override("en"):
        call_command("sync_comments", "--brand", "cantina")
    assert "1 conversation read, 1 new comment." in capsys.readouterr().out
    assert Comment.objects.get().brand == brand


def test_the_command_says_which_brand_it_does_not_know() -> None:
    make_brand(slug="cantina")
    make_brand(slug="cantina")
    with translation.override("en"):
        with pytest.raises(CommandError, match="no brand “altro”"):
            call_command("sync_comments", "--brand", "altro")
        with pytest.raises(CommandError, match="/cantina, "):
            call_command("sync_comments", "--brand", "cantina")
