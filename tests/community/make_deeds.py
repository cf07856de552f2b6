"""A stranger's comment on which everything can be done, somebody who may, and the worker who does it."""

from django.test import Client

from accounts.models import Role, User
from community import tasks
from community.models import Comment, ModerationAct
from tests.community.make_community import make_comment, make_fake_channel, make_thread
from tests.make import make_member

RULE = "Niente insulti"


def make_rude_comment() -> Comment:
    """Return a stranger's comment on a platform that can do everything."""
    thread = make_thread(make_fake_channel(platform="able"))
    return make_comment(thread, "Siete dei ladri", name="Paolo", remote_id="c1", extra={"cid": "x"})


def make_mo(comment: Comment) -> User:
    """Return the moderator of its brand."""
    return make_member("Mo", comment.brand, Role.MODERATOR, language="en")


def done(act: ModerationAct) -> ModerationAct:
    """Let the worker do what was asked."""
    tasks.perform_act(act.pk)
    return ModerationAct.objects.get(pk=act.pk)


def now_at(comment: Comment) -> Comment:
    return Comment.objects.select_related("conversation", "identity").get(pk=comment.pk)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
