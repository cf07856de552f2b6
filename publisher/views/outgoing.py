"""*Uscite*: what is about to go out, what went, and what needs a hand, each with a sentence and a button."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.permissions import Ability, abilities_in, require
from accounts.scope import brand_for, get_visible
from publisher import outbox
from publisher.looks import ANSWERS, Row, shown
from publisher.models import Publication, PublicationState
from publisher.states import CLAIMED, SENDING, TROUBLED, WAITING

AHEAD = timedelta(days=14)
MOST = 100


def person(request: HttpRequest) -> User:
    """Return who is signed in; the pages of this package are for nobody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def rows_of(publications: QuerySet[Publication]) -> list[Row]:
    """Return rows with all that a page needs, in one query."""
    return [shown(row) for row in publications.select_related("channel", "profile")[:MOST]]


@login_required
@require_GET
def outgoing(request: HttpRequest, brand: int) -> HttpResponse:
    """Show the three lists of a brand."""
    of_brand = brand_for(request, brand)
    mine = Publication.objects.filter(brand=of_brand)
    soon = mine.filter(state__in=[WAITING, CLAIMED, SENDING], due_at__lt=timezone.now() + AHEAD)
    context: dict[str, Any] = {
        "brand": of_brand,
        "troubled": rows_of(mine.filter(state__in=TROUBLED).order_by("due_at")),
        "soon": rows_of(soon.order_by("due_at")),
        "gone": rows_of(mine.filter(state=PublicationState.PUBLISHED).order_by("-published_at")),
        "abilities": abilities_in(request.user, of_brand),
        "now": timezone.now(),
    }
    return render(request, "publisher/outgoing.html", context)


def _allowed(request: HttpRequest, pk: int) -> Publication:
    """Return the publication when this person may decide about it: answers are the moderators’, posts the planners’."""
    rows = Publication.objects.select_related("brand", "channel", "profile")
    publication = get_visible(rows, request.user, pk=pk)
    require(request.user, Ability.MODERATE if publication.kind in ANSWERS else Ability.SCHEDULE, publication.brand)
    return publication


def _do(request: HttpRequest, publication: Publication, act: Callable[[], None], said: str) -> HttpResponse:
    """Act, say what changed, and return; what the clock or a colleague did first is said instead."""
    try:
        act()
    except (outbox.TooLateError, outbox.AlreadyOutError):
        messages.warning(
            request, _("Its time has passed, or somebody was faster. Nothing was sent: look at its state here.")
        )
    else:
        messages.success(request, said)
    return _back(request, publication)


def _back(request: HttpRequest, publication: Publication) -> HttpResponse:
    """Return to the page the button stood on."""
    wanted = request.POST.get("back", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(wanted)  # an address, never the name of a page
    return redirect("outgoing", publication.brand_id)


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a post that failed wait for its hour again; an answer goes again from its conversation, where others stand."""
    publication = _allowed(request, pk)
    if publication.kind in ANSWERS:
        messages.warning(request, _("Answers are sent again from their conversation: a colleague may have answered."))
        return _back(request, publication)
    said = _("It goes out again on %(channel)s.") % {"channel": publication.channel.name}
    return _do(request, publication, partial(outbox.retry, publication, by=person(request)), said)


def _settled_address(request: HttpRequest) -> str:
    """Return the address somebody typed for what is out; empty when it is none that a browser opens."""
    typed = request.POST.get("url", "").strip()
    try:
        URLValidator(schemes=["http", "https"])(typed)
    except ValidationError:
        return ""
    return typed


@login_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what a person saw on the platform: it is out, or it is not."""
    publication = _allowed(request, pk)
    is_out = request.POST.get("is_out") == "yes"
    url = _settled_address(request) if is_out else ""
    said = (
        _("Noted: it is out on %(channel)s.")
        if is_out
        else _("Noted: it is not out on %(channel)s. If its time allows, it goes out now.")
    )
    act = partial(outbox.settle, publication, is_out=is_out, url=url, by=person(request))
    return _do(request, publication, act, said % {"channel": publication.channel.name})


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a publication that is in trouble; the post stays."""
    publication = _allowed(request, pk)
    said = _("It will not go out on %(channel)s. The post stays.") % {"channel": publication.channel.name}
    return _do(request, publication, partial(outbox.drop, publication, by=person(request)), said)
