"""The home of the day: what goes out, what waits for whom, what is broken, over all brands."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.permissions import Ability
from accounts.scope import visible_to
from calendar_app import agenda
from calendar_app.agenda import HomeDay
from community.models import Conversation, ConversationState
from config.shell import WANTS_A_HAND
from publisher.models import Channel, ChannelState, Publication, among
from publisher.views.outgoing import person, rows_of

MOST_TROUBLES = 5


def _groups(day: HomeDay) -> list[dict[str, Any]]:
    """Return what waits, by whose turn it is; empty groups are left out."""
    found = [
        {"title": _("You are asked to decide"), "lines": day.to_approve},
        {"title": _("Sent back by the client"), "lines": day.sent_back},
        {"title": _("Waiting for the client"), "lines": day.waiting_for_client},
    ]
    return [group for group in found if group["lines"]]


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the day."""
    user = person(request)
    day = agenda.home_day(user)
    troubled = visible_to(Publication.objects.filter(among(WANTS_A_HAND)).select_related("brand"), user)
    lost = visible_to(Channel.objects.filter(state=ChannelState.LOST, archived_at=None).select_related("brand"), user)
    to_handle = visible_to(Conversation.objects.filter(state=ConversationState.OPEN), user, ability=Ability.READ_INBOX)
    context = {
        "now": timezone.now(),
        "day": day,
        "groups": _groups(day),
        "troubled": rows_of(troubled.order_by("-due_at"), most=MOST_TROUBLES),
        "troubled_count": troubled.count(),
        "lost": list(lost.order_by("name")),
        "to_handle": to_handle.count(),
        "abilities": [],
    }
    return render(request, "home.html", context)
