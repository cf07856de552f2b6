"""Small acts of a moderator: like, hide, mute, report, note, close. None of them takes a stranger's words away."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.audit import record
from accounts.models import User
from community.deeds import PERSON, THREAD, able
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
from publisher.contract.base import REPORT_REASONS

LONGEST_RULE = 300
VERBS = {
    (Act.LIKE, ""): "comment.liked",
    (Act.UNLIKE, ""): "comment.unliked",
    (Act.HIDE, ""): "comment.hidden",
    (Act.SHOW, ""): "comment.shown",
    (Act.MUTE, PERSON): "person.muted",
    (Act.UNMUTE, PERSON): "person.unmuted",
    (Act.MUTE, THREAD): "conversation.muted",
    (Act.UNMUTE, THREAD): "conversation.unmuted",
}


class CannotActError(Exception):
    """It cannot be asked for; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def like(comment: Comment, *, by: User) -> ModerationAct:
    """Ask for a like; a worker carries it out."""
    return _ask(comment, Act.LIKE, by=by)


def unlike(comment: Comment, *, by: User) -> ModerationAct:
    """Ask to take the like back."""
    return _ask(comment, Act.UNLIKE, by=by)


def hide(comment: Comment, *, by: User, rule: str) -> ModerationAct:
    """Ask to hide a stranger's comment under the words of a rule. Raises CannotActError."""
    _check(comment, is_able=able(comment.conversation).hide)
    return _ask(comment, Act.HIDE, by=by, rule=_words(rule, missing="rule_missing"))


def show(comment: Comment, *, by: User) -> ModerationAct:
    """Ask to show it again. Raises CannotActError."""
    _check(comment, is_able=able(comment.conversation).hide)
    return _ask(comment, Act.SHOW, by=by)


def mute(comment: Comment, *, by: User, what: str) -> ModerationAct:
    """Ask to mute who wrote a comment, or its thread: new words still come in, and wait for nobody. Raises CannotActError."""
    _check_mutable(comment, what)
    return _ask(comment, Act.MUTE, by=by, what=what)


def unmute(comment: Comment, *, by: User, what: str) -> ModerationAct:
    """Ask to hear them again. Raises CannotActError."""
    _check_mutable(comment, what)
    return _ask(comment, Act.UNMUTE, by=by, what=what)


def report(comment: Comment, *, by: User, reason: str, words: str) -> ModerationAct:
    """Ask to report a comment to who watches over the platform, once. Raises CannotActError."""
    _check(comment, is_able=able(comment.conversation).report)
    if reason not in REPORT_REASONS:
        raise CannotActError("reason_missing")
    return _ask(comment, Act.REPORT, by=by, what=reason, rule=_words(words, missing="report_empty"))


def _check_mutable(comment: Comment, what: str) -> None:
    known = {PERSON: "mute_person", THREAD: "mute_thread"}
    _check(comment, is_able=what in known and able(comment.conversation).can(known[what]))


def _check(comment: Comment, *, is_able: bool) -> None:
    if not is_able:
        raise CannotActError("channel_cannot_do_this")
    if comment.direction != Direction.INBOUND:
        raise CannotActError("comment_is_ours")
    if comment.visibility == Visibility.VANISHED:
        raise CannotActError("comment_vanished")


def _words(text: str, *, missing: str) -> str:
    words = text.strip()
    if not words:
        raise CannotActError(missing)
    if len(words) > LONGEST_RULE:
        raise CannotActError("words_too_long")
    return words


def _ask(comment: Comment, act: Act, *, by: User, what: str = "", rule: str = "") -> ModerationAct:
    """Write down what is asked, by whom and what stood there. The same again returns what was asked first."""
    verb = VERBS.get((act, what), "comment.reported")
    try:
        with transaction.atomic():
            asked = ModerationAct.objects.create(
                comment=comment, act=act, what=what, rule=rule, by=by, snapshot=_snapshot(comment)
            )
            data = {name: words for name, words in (("rule", rule), ("reason", what)) if words}
            record(verb, by=by, brand=comment.brand, subject=comment, data=data)
            # robust: should the queue not answer, the act stands all the same and the sweep finds it
            transaction.on_commit(lambda: async_task("community.tasks.perform_act", asked.pk), robust=True)
    except IntegrityError:
        if act == Act.REPORT:
            raise CannotActError("reported_already") from None
        first = ModerationAct.objects.get(comment=comment, act=act, state=ActState.ASKED)
        if first.what != what:
            raise CannotActError("act_on_its_way") from None
        return first
    return asked


def _snapshot(comment: Comment) -> dict[str, str]:
    """Return what stood there: words, writer and time stay as evidence whatever becomes of the comment."""
    writer = comment.identity
    return {
        "remote_id": comment.remote_id,
        "url": comment.url,
        "visibility": comment.visibility,
        "text": comment.text,
        "handle": writer.handle if writer else "",
        "name": writer.shown_name if writer else "",
        "at": comment.remote_at.isoformat(),
    }


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
