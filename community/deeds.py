"""What a platform lets us do about a comment, and doing it: harmless twice, or surely not twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from community.models import Act, ActState, Comment, Conversation, ConversationKind, Identity, ModerationAct, Visibility
from community.waiting import recount
from publisher.contract.base import (
    Adapter,
    Call,
    HidesComments,
    LikesComments,
    MutesPeople,
    MutesThreads,
    ReportsComments,
)
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from publisher.models import Channel
from publisher.platforms import adapter_of
from publisher.renewing import EXPIRED, fresh_call_of, note_expired

FORGOTTEN = timedelta(minutes=2)
UNTIL_GIVEN_UP = timedelta(days=1)
PERSON, THREAD = "person", "thread"


@dataclass(frozen=True, slots=True)
class Able:
    """Which deeds the pages may offer in a conversation."""

    like: bool
    hide: bool
    mute_person: bool
    mute_thread: bool
    report: bool

    @property
    def mute(self) -> bool:
        """Tell whether anything can be muted."""
        return self.mute_person or self.mute_thread

    def can(self, act: str) -> bool:
        """Tell whether a deed of this name may be offered."""
        return bool(getattr(self, act, False))


def able(conversation: Conversation) -> Able:
    """Return what the platform of a conversation can do. Comments are hidden under our own posts alone."""
    adapter = adapter_of(conversation.channel.profile.platform)
    return Able(
        like=isinstance(adapter, LikesComments),
        hide=isinstance(adapter, HidesComments) and conversation.kind == ConversationKind.THREAD,
        mute_person=isinstance(adapter, MutesPeople),
        mute_thread=isinstance(adapter, MutesThreads) and conversation.kind == ConversationKind.THREAD,
        report=isinstance(adapter, ReportsComments),
    )


Deed = Callable[[Any, Call, ModerationAct], None]
DEEDS: dict[tuple[str, str], tuple[type, Deed]] = {
    (Act.LIKE, ""): (LikesComments, lambda adapter, call, act: adapter.like(call, *_which(act))),
    (Act.UNLIKE, ""): (LikesComments, lambda adapter, call, act: adapter.unlike(call, *_which(act))),
    (Act.HIDE, ""): (HidesComments, lambda adapter, call, act: adapter.hide(call, *_which(act))),
    (Act.SHOW, ""): (HidesComments, lambda adapter, call, act: adapter.show(call, *_which(act))),
    (Act.MUTE, PERSON): (MutesPeople, lambda adapter, call, act: adapter.mute_person(call, _who(act))),
    (Act.UNMUTE, PERSON): (MutesPeople, lambda adapter, call, act: adapter.unmute_person(call, _who(act))),
    (Act.MUTE, THREAD): (MutesThreads, lambda adapter, call, act: adapter.mute_thread(call, _where(act))),
    (Act.UNMUTE, THREAD): (MutesThreads, lambda adapter, call, act: adapter.unmute_thread(call, _where(act))),
    (Act.REPORT, ""): (
        ReportsComments,
        lambda adapter, call, act: adapter.report(call, *_which(act), reason=act.what, words=act.rule),
    ),
}


def _which(act: ModerationAct) -> tuple[str, dict[str, object]]:
    return act.comment.remote_id, act.comment.extra


def _who(act: ModerationAct) -> str:
    return act.comment.identity.remote_id if act.comment.identity else ""


def _where(act: ModerationAct) -> str:
    return act.comment.conversation.root_remote_id


def perform(act: ModerationAct) -> ModerationAct:
    """Carry out what was asked; one that surely was not done stays asked and is tried again."""
    if not _begin(act):
        return act
    try:
        _do(act)
    except OutcomeUnknown as doubt:
        return _end(act, ActState.UNKNOWN, doubt.code)
    except Unavailable as problem:
        return _end(act, ActState.ASKED, problem.code)
    except AdapterError as problem:
        return _end(act, ActState.FAILED, problem.code)
    _keep(act)
    return _end(act, ActState.DONE, "")


def _begin(act: ModerationAct) -> bool:
    """Say whether this worker carries it out. A report is in doubt from here on: whoever dies now repeats nothing."""
    if act.act != Act.REPORT:
        return act.state == ActState.ASKED
    mine = ModerationAct.objects.filter(pk=act.pk, state=ActState.ASKED)
    return bool(mine.update(state=ActState.UNKNOWN, problem_code=""))


def _do(act: ModerationAct) -> None:
    """Do it on the platform, once more where only the session had expired. Raises the adapter's errors."""
    channel = act.comment.channel
    adapter: Adapter = adapter_of(channel.profile.platform)
    ability, deed = DEEDS[act.act, "" if act.act == Act.REPORT else act.what]
    if not isinstance(adapter, ability):
        raise Rejected("channel_cannot_do_this")
    try:
        deed(adapter, fresh_call_of(channel), act)
    except Unavailable as problem:
        if problem.code != EXPIRED:
            raise
        _renew(channel)
        deed(adapter, fresh_call_of(channel), act)


def _renew(channel: Channel) -> None:
    note_expired(channel)
    channel.connection.refresh_from_db()


def _keep(act: ModerationAct) -> None:
    """Write what stands on the platform now."""
    now, comment = timezone.now(), Comment.objects.filter(pk=act.comment_id)
    match act.act:
        case Act.LIKE | Act.UNLIKE:
            comment.update(liked_at=now if act.act == Act.LIKE else None)
        case Act.HIDE:
            comment.filter(visibility=Visibility.VISIBLE).update(visibility=Visibility.HIDDEN)
        case Act.SHOW:
            comment.filter(visibility=Visibility.HIDDEN).update(visibility=Visibility.VISIBLE)
        case Act.MUTE | Act.UNMUTE:
            _keep_muting(act, at=now if act.act == Act.MUTE else None)
    if act.act in {Act.HIDE, Act.SHOW}:
        recount(act.comment.conversation_id)


def _keep_muting(act: ModerationAct, *, at: datetime | None) -> None:
    if act.what == PERSON:
        Identity.objects.filter(comments=act.comment_id).update(muted_at=at)
    else:
        Conversation.objects.filter(pk=act.comment.conversation_id).update(muted_at=at)


def _end(act: ModerationAct, state: ActState, code: str) -> ModerationAct:
    before = ActState.UNKNOWN if act.act == Act.REPORT else ActState.ASKED
    ModerationAct.objects.filter(pk=act.pk, state=before).update(state=state, problem_code=code)
    act.state, act.problem_code = state, code
    return act


def forgotten_acts() -> list[int]:
    """Return the acts whose task was lost, or that the platform put off. What waited a day is given up."""
    now = timezone.now()
    asked = ModerationAct.objects.filter(state=ActState.ASKED)
    asked.filter(at__lte=now - UNTIL_GIVEN_UP).update(state=ActState.FAILED, problem_code="act_given_up")
    due = asked.filter(at__lt=now - FORGOTTEN).exclude(comment__channel__profile__paused_until__gt=now)
    return list(due.values_list("pk", flat=True))
