"""What a moderator does: answer, note, like, assign, close; each leaves a trace and loses nothing that was typed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.permissions import Ability
from accounts.scope import row_number
from community import assignment, moderation, replies
from community.models import Comment, Conversation
from community.sentences import sentence
from community.views.conversation import page_context, stream_answer
from community.views.desk import comment_for, comment_in, conversation_for, draft_for, person
from publisher.outbox import AlreadyOutError, TooLateError

CONFLICT = 409
REFUSED = 422
LONGEST_TEXT = 20_000
FASTER = gettext_lazy("Somebody has answered this comment in the meantime: nothing was sent. Read their answer first.")


def back_to(request: HttpRequest, shown: Conversation, *, anchor: str = "") -> HttpResponse:
    """Return to the conversation, or only the thread where the page asked for no more."""
    if request.headers.get("HX-Request"):
        return stream_answer(request, conversation_for(request, shown.pk))
    query = request.GET.urlencode()
    return redirect(reverse("conversation", args=[shown.pk]) + (f"?{query}" if query else "") + anchor)


def again(request: HttpRequest, shown: Conversation, status: int, **more: Any) -> HttpResponse:
    """Show the page again with everything that was typed."""
    context = page_context(request, shown) | {"typed": request.POST.get("text", "")} | more
    return render(request, "community/inbox.html", context, status=status)


@login_required
@require_POST
def conversation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand an answer over, or say why not with the words still in the box."""
    shown = conversation_for(request, pk, Ability.MODERATE)
    comment = comment_in(shown, request.POST.get("comment", ""))
    if comment is None:
        raise Http404
    try:
        _answer(request, comment)
    except replies.CannotAnswerError as refused:
        return again(request, shown, REFUSED, target=comment, problems=[sentence(refused.code, {})])
    except replies.AnswerRefusedError as refused:
        said = [sentence(problem.code, problem.values) for problem in refused.problems]
        return again(request, shown, REFUSED, target=comment, problems=said)
    except replies.AlreadyAnsweredError as first:
        return again(request, shown, CONFLICT, target=comment, first=first)
    assignment.stop_writing(shown, by=person(request))
    messages.success(request, _("Answer sent off: it goes out now."))
    return back_to(request, shown, anchor="#newest")


def _answer(request: HttpRequest, comment: Comment) -> None:
    """A second answer is known to be one only when the writer saw the newest of those that are there."""
    newest, seen = replies.given_answer(comment), request.POST.get("seen", "")
    knowingly = bool(seen) and (newest is None or seen == str(newest.pk))
    replies.answer(comment, by=person(request), text=request.POST.get("text", "")[:LONGEST_TEXT], knowingly=knowingly)


@login_required
@require_POST
def conversation_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note for colleagues."""
    shown = conversation_for(request, pk, Ability.MODERATE)
    text = request.POST.get("text", "")[:LONGEST_TEXT]
    if not text.strip():
        return again(request, shown, REFUSED, tab="note", problems=[_("Write something first: the note is empty.")])
    moderation.note(shown, by=person(request), text=text)
    messages.success(request, _("Note saved. Only colleagues see it."))
    return back_to(request, shown, anchor="#newest")


@login_required
@require_POST
def conversation_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the conversation to somebody, or back to all."""
    shown = conversation_for(request, pk, Ability.MODERATE)
    wanted = request.POST.get("to", "")
    to = User.objects.filter(pk=row_number(wanted)).first()
    if wanted and to is None:
        raise Http404
    try:
        assignment.assign(shown, to=to, by=person(request))
    except assignment.NotOfThisBrandError as foreign:
        raise Http404 from foreign
    said = _("Assigned to %(name)s.") % {"name": to.name} if to else _("Nobody in particular follows it now.")
    messages.success(request, said)
    return back_to(request, shown)


@login_required
@require_POST
def conversation_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it and go on with the list."""
    shown = conversation_for(request, pk, Ability.MODERATE)
    moderation.close(shown, by=person(request))
    messages.success(request, _("Closed. It comes back by itself when somebody writes."))
    home = reverse("inbox_all") if request.GET.get("all") else reverse("inbox", args=[shown.brand_id])
    return redirect(home)


@login_required
@require_POST
def conversation_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it back among what waits."""
    shown = conversation_for(request, pk, Ability.MODERATE)
    if moderation.reopen(shown, by=person(request)):
        messages.success(request, _("Open again: its newest message waits for an answer."))
    else:
        messages.warning(request, _("Nobody has written here yet, so there is nothing to answer."))
    return back_to(request, shown)


@login_required
@require_POST
def comment_like(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a like."""
    comment = comment_for(request, pk)
    moderation.like(comment, by=person(request))
    return back_to(request, comment.conversation)


@login_required
@require_POST
def comment_unlike(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the like back."""
    comment = comment_for(request, pk)
    moderation.unlike(comment, by=person(request))
    return back_to(request, comment.conversation)


@login_required
@require_POST
def comment_handled(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that this comment needs no answer."""
    comment = comment_for(request, pk)
    moderation.mark_handled(comment, by=person(request))
    return back_to(request, comment.conversation)


@login_required
@require_POST
def answer_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a failed answer again."""
    draft = draft_for(request, pk)
    try:
        replies.retry(draft, by=person(request))
    except replies.AlreadyAnsweredError:
        messages.warning(request, FASTER)
    except (TooLateError, AlreadyOutError, replies.CannotAnswerError):
        messages.warning(
            request, _("Its time has passed, or somebody was faster. Choose “Write it again”: the words stay.")
        )
    return back_to(request, draft.comment.conversation)


@login_required
@require_POST
def answer_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what a person saw on the platform: it is out, or it is not."""
    draft, answer = draft_for(request, pk), request.POST.get("is_out", "")
    if answer not in {"0", "1"}:
        messages.warning(request, _("Say whether it is out or not: nothing was changed."))
        return back_to(request, draft.comment.conversation)
    try:
        if replies.settle(draft, is_out=answer == "1", by=person(request)) is not None:
            messages.warning(request, FASTER)
    except (TooLateError, replies.CannotAnswerError):
        messages.warning(request, _("This was settled in the meantime: see its state here."))
    return back_to(request, draft.comment.conversation)


@login_required
@require_POST
def answer_rewrite(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up an answer that is not out, and put its words back into the box."""
    draft = draft_for(request, pk)
    shown = conversation_for(request, draft.comment.conversation_id, Ability.MODERATE)
    try:
        words = replies.give_up(draft, by=person(request))
    except TooLateError:
        messages.warning(request, _("It has left in the meantime: see its state here."))
        return back_to(request, shown)
    target = comment_in(shown, str(draft.comment_id))
    context = page_context(request, shown) | {"typed": words, "target": target}
    return render(request, "community/inbox.html", context)
