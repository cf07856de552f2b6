"""Small acts of a moderator: like, note, done, close, reopen. None of them takes a stranger's words away."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.audit import record
from accounts.models import User
from community.models import (
    Act,
    ActState,
    Comment,
    Conversation,
    ConversationState,
    Direction,
    ModerationAct,
    Note,
    Visibility,
)
from community.states import move
from community.waiting import recount
from publisher.channels import call_of
from publisher.contract.base import LikesComments
from publisher.contract.errors import AdapterError, OutcomeUnknown
from publisher.models import Channel
from publisher.platforms import adapter_of

FORGOTTEN = timedelta(minutes=2)
UNTIL_GIVEN_UP = timedelta(days=1)


def can_like(channel: Channel) -> bool:
    """Tell whether comments of this channel can be liked."""
    return isinstance(adapter_of(channel.profile.platform), LikesComments)


def like(comment: Comment, *, by: User) -> ModerationAct:
    """Ask for a like; a worker carries it out."""
    return _ask(comment, Act.LIKE, by=by)


def unlike(comment: Comment, *, by: User) -> ModerationAct:
    """Ask to take the like back."""
    return _ask(comment, Act.UNLIKE, by=by)


def _ask(comment: Comment, act: Act, *, by: User) -> ModerationAct:
    try:
        with transaction.atomic():
            asked = ModerationAct.objects.create(comment=comment, act=act, by=by, snapshot=_snapshot(comment))
            record(f"comment.{act}d", by=by, brand=comment.brand, subject=comment)
            transaction.on_commit(lambda: async_task("community.tasks.perform_act", asked.pk))
    except IntegrityError:
        return ModerationAct.objects.get(comment=comment, act=act, state=ActState.ASKED)
    return asked


def _snapshot(comment: Comment) -> dict[str, str]:
    return {"remote_id": comment.remote_id, "url": comment.url, "visibility": comment.visibility}


def perform(act: ModerationAct) -> ModerationAct:
    """Carry out what was asked; twice is harmless, since liking twice is."""
    if act.state != ActState.ASKED:
        return act
    comment = act.comment
    adapter = adapter_of(comment.channel.profile.platform)
    try:
        if not isinstance(adapter, LikesComments):
            return _end(act, ActState.FAILED, "channel_likes_nothing")
        do = adapter.like if act.act == Act.LIKE else adapter.unlike
        do(call_of(comment.channel), comment.remote_id, comment.extra)
    except OutcomeUnknown as doubt:
        return _end(act, ActState.UNKNOWN, doubt.code)
    except AdapterError as problem:
        return _end(act, ActState.FAILED, problem.code)
    liked_at = timezone.now() if act.act == Act.LIKE else None
    Comment.objects.filter(pk=comment.pk).update(liked_at=liked_at)
    return _end(act, ActState.DONE, "")


def _end(act: ModerationAct, state: ActState, code: str) -> ModerationAct:
    ModerationAct.objects.filter(pk=act.pk, state=ActState.ASKED).update(state=state, problem_code=code)
    act.state, act.problem_code = state, code
    return act


def forgotten_acts() -> list[int]:
    """Return the acts whose task was lost."""
    now = timezone.now()
    asked = ModerationAct.objects.filter(state=ActState.ASKED, at__lt=now - FORGOTTEN, at__gt=now - UNTIL_GIVEN_UP)
    return list(asked.values_list("pk", flat=True))


@transaction.atomic
def note(conversation: Conversation, *, by: User, text: str) -> Note:
    """Keep words among colleagues beside a conversation."""
    kept = Note.objects.create(conversation=conversation, author=by, text=text.strip())
    record("conversation.noted", by=by, brand=conversation.brand, subject=conversation, data={"note": kept.pk})
    return kept


@transaction.atomic
def mark_handled(comment: Comment, *, by: User) -> None:
    """Say that a comment needs no answer."""
    Comment.objects.filter(pk=comment.pk, handled_at__isnull=True).update(handled_at=timezone.now())
    record("comment.handled", by=by, brand=comment.brand, subject=comment)
    recount(comment.conversation_id)


@transaction.atomic
def close(conversation: Conversation, *, by: User) -> bool:
    """Say that nobody has to answer anything here any more; return whether it was not closed already."""
    Comment.objects.filter(conversation=conversation, direction=Direction.INBOUND, handled_at__isnull=True).update(
        handled_at=timezone.now()
    )
    closed = move(Conversation.objects.filter(pk=conversation.pk), to=ConversationState.CLOSED)
    record("conversation.closed", by=by, brand=conversation.brand, subject=conversation)
    recount(conversation.pk)
    return bool(closed)


@transaction.atomic
def reopen(conversation: Conversation, *, by: User) -> bool:
    """Put the newest message back among what waits; return whether there was one."""
    newest = (
        Comment.objects.filter(conversation=conversation, direction=Direction.INBOUND, visibility=Visibility.VISIBLE)
        .order_by("-remote_at", "-pk")
        .first()
    )
    if newest is not None:
        Comment.objects.filter(pk=newest.pk).update(handled_at=None)
    record("conversation.reopened", by=by, brand=conversation.brand, subject=conversation)
    recount(conversation.pk)
    return newest is not None
