"""Who waits in a conversation and since when: counted from the comments, kept on the conversation's row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Least

from community.models import Comment, Conversation, ConversationState, Direction, ReplyDraft, ReplyState, Visibility
from community.states import move
from community.strangers import seen_name, seen_text
from publisher.outbox import note_comments

TARGET = timedelta(hours=2)
LONGEST_EXCERPT = 300

INBOUND = Q(direction=Direction.INBOUND)
SEEN = Q(visibility=Visibility.VISIBLE)
UNANSWERED = INBOUND & SEEN & Q(handled_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one look at the comments of a conversation gives."""

    comments: int
    unanswered: int
    has_answer: bool
    first_inbound_at: datetime | None
    last_inbound_at: datetime | None
    first_answer_at: datetime | None
    since_at: datetime | None


def recount(conversation_id: int) -> Conversation:
    """Count a conversation anew, move it to whoever's turn it is, and tell the publication."""
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        counted = _count(conversation)
        _write(conversation, counted)
        rows = Conversation.objects.filter(pk=conversation.pk)
        if counted.unanswered:
            move(rows, to=ConversationState.OPEN)
        elif conversation.state == ConversationState.OPEN:
            is_answered = counted.has_answer or _is_answer_on_its_way(conversation)
            move(rows, to=ConversationState.WAITING if is_answered else ConversationState.CLOSED)
        if conversation.publication_id:
            note_comments(
                conversation.publication_id,
                comment_count=counted.comments,
                open_count=counted.unanswered,
                last_comment_at=counted.last_inbound_at,
            )
    return conversation


def _count(conversation: Conversation) -> Counted:
    comments = Comment.objects.filter(conversation=conversation)
    found = comments.aggregate(
        comments=Count("pk", filter=INBOUND & SEEN),
        unanswered=Count("pk", filter=UNANSWERED),
        answers=Count("pk", filter=~INBOUND),
        first_inbound_at=Min("remote_at", filter=INBOUND),
        last_inbound_at=Max("remote_at", filter=INBOUND),
        first_answer_at=Min("remote_at", filter=~INBOUND),
    )
    has_answer = bool(found.pop("answers"))
    since_at = _waiting_since(conversation) if found["unanswered"] else None
    return Counted(has_answer=has_answer, since_at=since_at, **found)


def _is_answer_on_its_way(conversation: Conversation) -> bool:
    return ReplyDraft.objects.filter(comment__conversation=conversation, state=ReplyState.HANDED_OVER).exists()


def _waiting_since(conversation: Conversation) -> datetime | None:
    """Return the last message of the person who has waited longest: nobody is lost behind who wrote after them."""
    people = (
        Comment.objects.filter(UNANSWERED, conversation=conversation)
        .order_by()
        .values("identity")
        .annotate(last=Max(Least("remote_at", "fetched_at")))
    )
    return min((person["last"] for person in people), default=None)


def _write(conversation: Conversation, counted: Counted) -> None:
    newest = (
        Comment.objects.filter(INBOUND, conversation=conversation)
        .select_related("identity")
        .order_by("-remote_at", "-pk")
        .first()
    )
    identity = newest.identity if newest else None
    Conversation.objects.filter(pk=conversation.pk).update(
        first_inbound_at=counted.first_inbound_at,
        last_inbound_at=counted.last_inbound_at,
        first_answer_at=counted.first_answer_at,
        waiting_since_at=counted.since_at,
        target_at=counted.since_at + TARGET if counted.since_at else None,
        unanswered_count=counted.unanswered,
        newest_text=seen_text(newest.text)[:LONGEST_EXCERPT] if newest else "",
        newest_name=seen_name(identity.shown_name or identity.handle)[:255] if identity else "",
    )


def link_parents(conversation: Conversation) -> int:
    """Hang every comment under its parent as soon as both are here; return how many were hung."""
    parent = Comment.objects.filter(channel=OuterRef("channel"), remote_id=OuterRef("parent_remote_id")).values("pk")[
        :1
    ]
    orphans = Comment.objects.filter(conversation=conversation, parent__isnull=True)
    orphans = orphans.exclude(parent_remote_id__in=["", conversation.root_remote_id])
    return orphans.update(parent=Subquery(parent))


def mark_answered(conversation: Conversation, answers: list[str], *, at: datetime) -> int:
    """Mark what our answers (their remote ids) settle: the comment itself and what its author wrote before it."""
    settling = Comment.objects.filter(
        conversation=conversation,
        direction=Direction.OUTBOUND,
        remote_id__in=answers,
        parent__identity=OuterRef("identity"),
        parent__remote_at__gte=OuterRef("remote_at"),
    )
    waiting = Comment.objects.filter(INBOUND, conversation=conversation, handled_at__isnull=True)
    return waiting.filter(Exists(settling)).update(handled_at=at)
