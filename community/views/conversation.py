"""One conversation: the page, its refresh, and the counting of what is typed."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Ability
from community.assignment import start_writing, writer_beside
from community.models import Conversation
from community.replies import can_answer, length_of
from community.views.desk import comment_in, conversation_context, conversation_for, person, stream_context
from community.views.inbox import list_context

NOTHING_NEW = 204


def page_context(request: HttpRequest, shown: Conversation) -> dict[str, Any]:
    """Return the page of a conversation with its list beside it."""
    is_all = bool(request.GET.get("all"))
    request.brand = shown.brand  # type: ignore[attr-defined]  # the frame shows the brand of the page
    context = list_context(request, None if is_all else shown.brand)
    return context | conversation_context(request, shown) | {"now_open": shown.pk, "is_conversation": True}


@login_required
@require_GET
@never_cache
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a conversation."""
    return render(request, "community/inbox.html", page_context(request, conversation_for(request, pk)))


@login_required
@require_GET
@never_cache
def conversation_stream(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the thread's own refresh; nothing where nothing has changed."""
    return stream_answer(request, conversation_for(request, pk))


def stream_answer(request: HttpRequest, shown: Conversation) -> HttpResponse:
    """Return the thread, or nothing where the reader has it already."""
    context = stream_context(request, shown)
    if request.method == "GET" and request.GET.get("stamp") == context["stamp"]:
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "community/stream.html", context)


@login_required
@require_POST
@never_cache
def conversation_writing(request: HttpRequest, pk: int) -> HttpResponse:
    """Count what is typed as the platform counts, and tell colleagues that somebody writes."""
    shown = conversation_for(request, pk, Ability.MODERATE)
    start_writing(shown, by=person(request))
    comment = comment_in(shown, request.POST.get("comment", ""))
    counted = comment and can_answer(shown.channel)
    length = length_of(comment, request.POST.get("text", "")) if comment and counted else None
    context = {"length": length, "writer": writer_beside(shown, me=person(request))}
    return render(request, "community/length.html", context)
