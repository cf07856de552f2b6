"""What the pages of the desk share: who asks, what they may, and everything that a conversation shows."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import Brand, User
from accounts.permissions import Ability, abilities_in, require
from accounts.scope import get_visible
from community.assignment import colleagues, writer_beside
from community.brief import approved_brief
from community.deeds import able
from community.inbox import Listing, View, listing
from community.messages import SHOWN_AT_ONCE, Thread, needs_a_person, stamp_of, thread_of
from community.models import Comment, Conversation, Direction, ReplyDraft, ReplyState
from community.moderation import LONGEST_RULE
from community.persons import facts_of
from community.replies import can_answer, length_of
from community.sentences import REASONS

MOST_SHOWN = 5000
FORMS = ("hide", "mute", "report")


def person(request: HttpRequest) -> User:
    """Return who is signed in; the desk is for nobody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def conversation_for(request: HttpRequest, pk: int, ability: Ability = Ability.READ_INBOX) -> Conversation:
    """Return a conversation: 404 where it is another brand's, 403 where this role may not."""
    rows = Conversation.objects.select_related(
        "brand__agency", "channel__profile", "channel__connection", "publication", "assignee", "writing_by"
    )
    conversation = get_visible(rows, request.user, pk=pk)
    require(request.user, ability, conversation.brand)
    return conversation


def comment_for(request: HttpRequest, pk: int, ability: Ability = Ability.MODERATE) -> Comment:
    """Return a comment under the same rules."""
    rows = Comment.objects.select_related(
        "brand__agency", "conversation__publication", "channel__profile", "channel__connection", "identity"
    )
    comment = get_visible(rows, request.user, pk=pk)
    require(request.user, ability, comment.brand)
    return comment


def draft_for(request: HttpRequest, pk: int) -> ReplyDraft:
    """Return an answer that is not given up, for somebody who moderates."""
    rows = ReplyDraft.objects.exclude(state=ReplyState.DROPPED).select_related(
        "brand__agency", "comment__conversation", "publication__brand", "author"
    )
    draft = get_visible(rows, request.user, pk=pk)
    require(request.user, Ability.MODERATE, draft.brand)
    return draft


def comment_in(shown: Conversation, text: str) -> Comment | None:
    """Return the comment of this conversation that a form names; one of elsewhere does not exist here."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    comments = Comment.objects.select_related("brand", "channel__profile", "conversation__publication", "identity")
    return comments.filter(conversation=shown, direction=Direction.INBOUND, pk=int(text)).first()


def number(request: HttpRequest, name: str, default: int = 0) -> int:
    """Return a whole number of the address, or the default for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def asked_list(request: HttpRequest, brand: Brand | None) -> Listing:
    """Return the list that the address asks for."""
    asked = request.GET.get("view", "")
    view = View(asked) if asked in set(View) else View.OPEN
    return listing(
        person(request),
        brand,
        view=view,
        page=number(request, "page", 1),
        channel_id=number(request, "channel") or None,
    )


def stream_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the thread itself shows: also what its own refresh asks for."""
    shown = min(max(number(request, "shown", SHOWN_AT_ONCE), SHOWN_AT_ONCE), MOST_SHOWN)
    thread = thread_of(conversation, shown=shown)
    can_moderate = Ability.MODERATE in abilities_in(request.user, conversation.brand)
    writer = writer_beside(conversation, me=person(request))
    kept = request.GET.copy()
    kept.pop("stamp", None)
    return {
        "conversation": conversation,
        "brand": conversation.brand,
        "thread": thread,
        "more": shown + SHOWN_AT_ONCE,
        "shown": shown,
        "can_moderate": can_moderate,
        "can": able(conversation),
        "writer": writer,
        "troubled": needs_a_person(thread.messages),
        "query": kept.urlencode(),
        "stamp": stamp_of(thread.messages, can_moderate, writer.pk if writer else 0, thread.earlier),
    }


def conversation_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return everything that stands on the page of a conversation."""
    context = stream_context(request, conversation)
    form = form_of(request.GET.get("act", ""), comment_in(conversation, request.GET.get("to", "")), context)
    target = form.get("form_comment") or _target(request, context["thread"])
    return context | form | {
        "target": target,
        "facts": facts_of(target.identity) if target and target.identity else None,
        "brief": approved_brief(conversation.publication) if conversation.publication else None,
        "origin": conversation.publication,
        "picture": _picture(conversation),
        "colleagues": list(colleagues(conversation.brand)) if context["can_moderate"] else [],
        "can_answer": can_answer(conversation.channel),
        "length": length_of(target, "") if target and can_answer(conversation.channel) else None,
        "tab": "note" if request.GET.get("tab") == "note" else "answer",
    }


def form_of(act: str, comment: Comment | None, context: dict[str, Any]) -> dict[str, Any]:
    """Return the form that asks for rule or reason, where this deed may be offered here."""
    if act not in FORMS or comment is None or not context["can_moderate"] or not context["can"].can(act):
        return {"form_act": ""}
    return {"form_act": act, "form_comment": comment, "reasons": REASONS, "longest_rule": LONGEST_RULE}


def _target(request: HttpRequest, thread: Thread) -> Comment | None:
    """Return the comment that the answer box speaks to: the chosen one, who waits longest, or the newest."""
    chosen = number(request, "reply")
    for message in thread.messages:
        comment = message.comment
        if comment is not None and comment.pk == chosen and comment.direction == Direction.INBOUND:
            return comment
    return thread.waiting or thread.newest_inbound


def _picture(conversation: Conversation) -> int | None:
    """Return the file of the post's first picture."""
    if conversation.publication is None:
        return None
    first = conversation.publication.attachments.order_by("position").first()
    return first.file_id if first else None
