"""Our own words in a thread: what went out opens a conversation, and an answer that is out becomes a comment."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from community.models import (
    Comment,
    Conversation,
    ConversationKind,
    ConversationState,
    Direction,
    ReplyDraft,
    Visibility,
)
from community.waiting import link_parents, mark_answered, recount
from publisher.models import Publication, PublicationKind, PublicationState
from publisher.streams import follow

FURTHER = (PublicationKind.PART, PublicationKind.FIRST_COMMENT)
ANSWERS = (PublicationKind.REPLY, PublicationKind.PRIVATE_MESSAGE)


def note_published(publication: Publication) -> None:
    """Keep what became of a publication that is out. May be repeated."""
    if publication.state != PublicationState.PUBLISHED or not publication.remote_id:
        return
    if publication.kind == PublicationKind.POST:
        open_thread(publication)
    elif publication.kind in FURTHER:
        note_further_part(publication)
    else:
        note_answer(publication)


def open_thread(publication: Publication) -> Conversation:
    """Return the conversation under a post that is out; it stays closed until somebody writes."""
    conversation, _ = Conversation.objects.get_or_create(
        channel=publication.channel,
        kind=ConversationKind.THREAD,
        root_remote_id=publication.remote_id,
        defaults={"brand": publication.brand, "publication": publication, "state": ConversationState.CLOSED},
    )
    if conversation.publication_id is None:
        conversation.publication = publication
        conversation.save(update_fields=["publication"])
    follow(publication)
    return conversation


def root_of(publication: Publication) -> Publication | None:
    """Return the post that a further part hangs under."""
    return Publication.objects.filter(
        origin_key=publication.origin_key,
        profile=publication.profile,
        kind=PublicationKind.POST,
        state=PublicationState.PUBLISHED,
    ).first()


def note_further_part(publication: Publication) -> None:
    """A further part of a thread is a message of ours in the conversation of its first post."""
    root = root_of(publication)
    if root is None or not root.remote_id:
        return
    conversation = open_thread(root)
    keep_ours(publication, conversation=conversation, parent_remote_id=publication.reply_to or root.remote_id)


def note_answer(publication: Publication) -> None:
    """An answer that is out becomes the one comment that a later reading finds again."""
    draft = ReplyDraft.objects.filter(key=publication.origin_key).select_related("comment__conversation").first()
    if draft is None:
        return
    conversation = draft.comment.conversation
    keep_ours(publication, conversation=conversation, parent_remote_id=draft.comment.remote_id, text=draft.text)
    link_parents(conversation)
    mark_answered(conversation, [publication.remote_id], at=timezone.now())
    recount(conversation.pk)


def keep_ours(
    publication: Publication, *, conversation: Conversation, parent_remote_id: str, text: str = ""
) -> Comment:
    """Return the one row of a message of ours, whether the reading or the sending came first."""
    now = timezone.now()
    ours = {"publication": publication, "direction": Direction.OUTBOUND, "visibility": Visibility.VISIBLE}
    comment, _ = Comment.objects.update_or_create(
        channel=publication.channel,
        remote_id=publication.remote_id,
        defaults=ours,
        create_defaults={
            **ours,
            "brand": publication.brand,
            "conversation": conversation,
            "parent_remote_id": parent_remote_id,
            "text": text or str(publication.content.get("text", "")),
            "remote_at": publication.published_at or now,
            "fetched_at": now,
            "url": publication.url,
            "private": publication.kind == PublicationKind.PRIVATE_MESSAGE,
        },
    )
    return comment


def unnoted() -> QuerySet[Publication]:
    """Return what is out and has not arrived here yet: a lost task is made good from the rows."""
    published = Publication.objects.filter(state=PublicationState.PUBLISHED).exclude(remote_id="")
    own_row = Comment.objects.filter(publication=OuterRef("pk"))
    thread = Conversation.objects.filter(publication=OuterRef("pk"))
    posts = published.filter(kind=PublicationKind.POST).exclude(Exists(thread))
    answers = published.filter(kind__in=[*FURTHER, *ANSWERS]).exclude(Exists(own_row))
    return posts | answers


def catch_up(publications: Iterable[Publication]) -> int:
    """Note them all; return how many."""
    number = 0
    for publication in publications:
        note_published(publication)
        number += 1
    return number
