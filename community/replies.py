"""Answering a comment: once, in the brand's voice, through the same outbox as every post."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from accounts.wall import wall_of
from calendar_app import alerts
from community.models import Comment, Direction, ReplyDraft, ReplyState, Visibility
from community.waiting import recount
from publisher import outbox
from publisher.channels import target_of
from publisher.contract.base import Adapter, RepliesToComments
from publisher.contract.content import Content, Length, Problem
from publisher.models import Channel, ChannelState, Publication, PublicationKind, PublicationState
from publisher.outbox import Parcel, Permit
from publisher.platforms import adapter_of

PATIENCE = timedelta(hours=1)
LOOKED_BACK = timedelta(days=2)
ASKS_FOR_A_HAND = (PublicationState.FAILED, PublicationState.MISSED, PublicationState.UNKNOWN)
NOT_OUT = (PublicationState.FAILED, PublicationState.MISSED, PublicationState.CANCELED)


class CannotAnswerError(Exception):
    """The comment cannot be answered; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AnswerRefusedError(Exception):
    """The platform would refuse these words; ``problems`` name every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


class AlreadyAnsweredError(Exception):
    """Somebody else was first: their answer is the draft, or a message that was written on the platform itself."""

    def __init__(self, *, draft: ReplyDraft | None = None, comment: Comment | None = None) -> None:
        super().__init__("already answered")
        self.draft = draft
        self.comment = comment


def answer(comment: Comment, *, by: User, text: str, knowingly: bool = False) -> ReplyDraft:
    """Hand an answer over. Raises CannotAnswerError, AnswerRefusedError, AlreadyAnsweredError; then nothing is stored.

    ``knowingly`` says that the writer has seen the answer which is already there and wants another one.
    """
    adapter, words = _adapter_for(comment), text.strip()
    problems = problems_of(comment, words)
    if problems:
        raise AnswerRefusedError(problems)
    if not knowingly:
        _check_unanswered(comment)
    try:
        with transaction.atomic():
            draft = ReplyDraft.objects.create(
                brand=comment.brand, comment=comment, author=by, text=words, knowingly=knowingly
            )
            _hand_over(draft, adapter)
            record("comment.answered", by=by, brand=comment.brand, subject=comment, data={"draft": draft.pk})
    except IntegrityError as error:
        first = given_answer(comment)
        if first is None:
            raise
        raise AlreadyAnsweredError(draft=first) from error
    recount(comment.conversation_id)
    return draft


def _hand_over(draft: ReplyDraft, adapter: RepliesToComments) -> None:
    """Put the words into the outbox, due now, and the comment out of the list of what waits."""
    comment, now = draft.comment, timezone.now()
    channel, zone = comment.channel, comment.brand.zone
    content = content_of(comment, draft.text, adapter)
    parcel = Parcel(
        channel=channel,
        origin_key=draft.key,
        kind=PublicationKind.REPLY,
        content={"text": content.text, "link": "", "language": content.language, "options": dict(content.options)},
        due_at=now,
        wall=wall_of(at=now, zone=zone),
        zone=zone,
        fold=wall_of(at=now, zone=zone).fold,
        reply_to=comment.remote_id,
        reply_extra=dict(content.reply_extra),
    )
    permit = Permit(
        sealed_at=now,
        sealed_by=draft.author.name,
        rule={"kind": "moderator"},
        redate_within=None,
        late_tolerance=PATIENCE,
    )
    (draft.publication,) = outbox.enqueue([parcel], permit=permit)
    draft.state = ReplyState.HANDED_OVER
    draft.save(update_fields=["publication", "state"])
    Comment.objects.filter(
        Q(pk=comment.pk) | Q(identity=comment.identity, identity__isnull=False, remote_at__lte=comment.remote_at),
        conversation=comment.conversation,
        direction=Direction.INBOUND,
        handled_at__isnull=True,
    ).update(handled_at=now)


def content_of(comment: Comment, text: str, adapter: RepliesToComments) -> Content:
    """Return what the platform gets: the words with whatever it needs so that the person is told."""
    handle = comment.identity.handle if comment.identity else ""
    root = comment.conversation.publication
    about_root = dict(root.remote_extra) if root else {}
    return Content(
        text=adapter.reply_text(text, handle, target_of(comment.channel)),
        kind=PublicationKind.REPLY,
        language=comment.brand.language,
        reply_to=comment.remote_id,
        reply_root=comment.conversation.root_remote_id,
        reply_extra={**comment.extra, "root": comment.conversation.root_remote_id, "root_extra": about_root},
    )


def problems_of(comment: Comment, text: str) -> list[Problem]:
    """Return what keeps these words from going out, without a call."""
    adapter = adapter_of(comment.channel.profile.platform)
    if not text.strip():
        return [Problem("answer_empty", "text")]
    content = content_of(comment, text.strip(), _adapter_for(comment))
    problems = adapter.problems(content, target_of(comment.channel))
    return [problem for problem in problems if not problem.is_warning]


def length_of(comment: Comment, text: str) -> Length:
    """Count an answer as the platform counts it."""
    adapter, target = adapter_of(comment.channel.profile.platform), target_of(comment.channel)
    return adapter.length(content_of(comment, text.strip(), _adapter_for(comment)), target)


def can_answer(channel: Channel) -> bool:
    """Tell whether this channel takes answers at all."""
    adapter: Adapter = adapter_of(channel.profile.platform)
    return (
        isinstance(adapter, RepliesToComments) and channel.state == ChannelState.CONNECTED and not channel.archived_at
    )


def _adapter_for(comment: Comment) -> RepliesToComments:
    """Return the adapter that can answer this comment. Raises CannotAnswerError."""
    adapter = adapter_of(comment.channel.profile.platform)
    if not isinstance(adapter, RepliesToComments):
        raise CannotAnswerError("channel_takes_no_answers")
    if comment.direction != Direction.INBOUND:
        raise CannotAnswerError("comment_is_ours")
    if comment.visibility == Visibility.VANISHED:
        raise CannotAnswerError("comment_vanished")
    if not can_answer(comment.channel):
        raise CannotAnswerError("channel_lost")
    return adapter


def _check_unanswered(comment: Comment) -> None:
    """Raise AlreadyAnsweredError where an answer exists, also one that was written on the platform itself."""
    _let_go_canceled(ReplyDraft.objects.filter(comment=comment))
    draft = given_answer(comment)
    if draft is not None:
        raise AlreadyAnsweredError(draft=draft)
    by_hand = Comment.objects.filter(parent=comment, direction=Direction.OUTBOUND).order_by("-remote_at").first()
    if by_hand is not None:
        raise AlreadyAnsweredError(comment=by_hand)


def _let_go_canceled(drafts: QuerySet[ReplyDraft]) -> int:
    """An answer that was taken back in the list of what goes out blocks no other."""
    canceled = drafts.filter(state=ReplyState.HANDED_OVER, publication__state=PublicationState.CANCELED)
    return canceled.update(state=ReplyState.DROPPED)


def let_wait_what_was_taken_back() -> int:
    """Put the comments back whose answer somebody canceled elsewhere, or did not go out unheard; return how many."""
    _let_wait_what_failed()
    canceled = ReplyDraft.objects.filter(state=ReplyState.HANDED_OVER, publication__state=PublicationState.CANCELED)
    drafts = list(canceled.select_related("comment")[:500])
    _let_go_canceled(canceled.filter(pk__in=[draft.pk for draft in drafts]))
    for draft in drafts:
        _let_wait_again(draft)
    return len(drafts)


def _let_wait_what_failed() -> None:
    """Find answers that did not go out and whose news was lost; what was handled since then stays handled."""
    failed = ReplyDraft.objects.filter(
        state=ReplyState.HANDED_OVER,
        publication__state__in=[PublicationState.FAILED, PublicationState.MISSED],
        publication__state_at__gt=timezone.now() - LOOKED_BACK,
        comment__handled_at__lte=F("publication__state_at"),
    )
    for draft in failed.select_related("comment")[:500]:
        _let_wait_again(draft)


def given_answer(comment: Comment) -> ReplyDraft | None:
    """Return the newest answer that somebody handed over."""
    drafts = ReplyDraft.objects.filter(comment=comment).exclude(state=ReplyState.DROPPED)
    return drafts.select_related("author", "publication").order_by("-pk").first()


def note_failed(publication: Publication) -> None:
    """An answer did not go out: its comment waits again, the conversation says so, and who wrote it is told."""
    draft = ReplyDraft.objects.filter(key=publication.origin_key).select_related("comment", "author").first()
    if draft is None or draft.state == ReplyState.DROPPED:
        return
    _let_wait_again(draft)
    if publication.state in ASKS_FOR_A_HAND:
        alerts.answer_failed(publication, draft.author)


def _let_wait_again(draft: ReplyDraft) -> None:
    """Put the comment back into the list, unless another answer stands."""
    others = ReplyDraft.objects.filter(comment=draft.comment_id, state=ReplyState.HANDED_OVER).exclude(pk=draft.pk)
    if not others.exclude(publication__state__in=NOT_OUT).exists():
        Comment.objects.filter(pk=draft.comment_id).update(handled_at=None)
    recount(draft.comment.conversation_id)


@transaction.atomic
def retry(draft: ReplyDraft, *, by: User) -> None:
    """Send a failed answer again. Raises AlreadyAnsweredError, and TooLateError and AlreadyOutError of the outbox.

    A colleague may have answered meanwhile: then two answers would stand there, and nobody wanted that.
    """
    if draft.publication is None:
        raise CannotAnswerError("answer_not_sent")
    other = _other_answer(draft)
    if other is not None:
        raise AlreadyAnsweredError(draft=other)
    outbox.retry(draft.publication, by=by)
    Comment.objects.filter(pk=draft.comment_id).update(handled_at=timezone.now())
    recount(draft.comment.conversation_id)


@transaction.atomic
def settle(draft: ReplyDraft, *, is_out: bool, by: User) -> ReplyDraft | None:
    """Write what a person saw on the platform. Raises TooLateError of the outbox.

    What is not out goes again within its hour. Where a colleague has answered meanwhile it is given up instead, and
    their answer is returned.
    """
    if draft.publication is None:
        raise CannotAnswerError("answer_not_sent")
    other = _other_answer(draft)
    outbox.settle(draft.publication, is_out=is_out, by=by)
    draft.publication.refresh_from_db()
    if draft.publication.state == PublicationState.WAITING and other is not None:
        give_up(draft, by=by)
        return other
    if draft.publication.state in NOT_OUT:
        note_failed(draft.publication)
    return None


def _other_answer(draft: ReplyDraft) -> ReplyDraft | None:
    """Return another answer to the same comment that is out or may go out. Its comment is locked meanwhile."""
    Comment.objects.select_for_update().get(pk=draft.comment_id)
    others = ReplyDraft.objects.filter(comment=draft.comment_id).exclude(pk=draft.pk).exclude(state=ReplyState.DROPPED)
    return others.exclude(publication__state__in=NOT_OUT).first()


@transaction.atomic
def give_up(draft: ReplyDraft, *, by: User) -> str:
    """Drop an answer that is not out, so that it can be written anew; return its words. Raises TooLateError."""
    publication = draft.publication
    if publication is not None and publication.state != PublicationState.CANCELED:
        outbox.drop(publication, by=by)
    else:
        record("answer.given_up", by=by, brand=draft.brand, subject=draft.comment)
    ReplyDraft.objects.filter(pk=draft.pk).update(state=ReplyState.DROPPED)
    _let_wait_again(draft)
    return draft.text
