"""*Uscite*: what is about to go out, what went, and what needs a hand, each with a sentence and a button."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.forms import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.permissions import Ability, abilities_among, require
from accounts.scope import brand_for, brands_of, get_visible, row_number
from publisher import outbox
from publisher.evidence import was_seen
from publisher.listing import BY_NAME, Pill, Reader, Wanted, counts_of, lists_of, pills_of, rows_in
from publisher.looks import ANSWERS, Row, shown
from publisher.models import Channel, Publication
from publisher.platforms import adapter_of
from publisher.waiting import channel_notes, pauses_for

MOST = 100
MOST_PAGES = 1000


def person(request: HttpRequest) -> User:
    """Return who is signed in; the pages of this package are for nobody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def rows_of(publications: QuerySet[Publication], *, most: int = MOST) -> list[Row]:
    """Return rows with all that a page needs, in one query."""
    return [shown(row) for row in publications.select_related("channel", "profile")[:most]]


def _wanted(request: HttpRequest) -> Wanted:
    """Return the filters of the address; nonsense filters nothing."""
    state = request.GET.get("state", "")
    return Wanted(
        state=state if state in BY_NAME else "",
        channel_id=row_number(request.GET.get("channel", "")),
        page=min(max(1, row_number(request.GET.get("page", ""))), MOST_PAGES),
    )


@login_required
@require_GET
def outgoing(request: HttpRequest, brand: int | None = None) -> HttpResponse:
    """Show what needs a hand, what goes and what went, of a brand or of all brands of a person."""
    of_brand = brand_for(request, brand) if brand is not None else None
    brands = [of_brand] if of_brand else list(brands_of(request.user).select_related("agency").order_by("name"))
    wanted = _wanted(request)
    every = Publication.objects.filter(brand__in=[one.pk for one in brands])
    rows = every.filter(channel=wanted.channel_id) if wanted.channel_id else every
    reader = Reader(pauses_for(brands), abilities_among(request.user, brands))
    channels = list(
        Channel.objects.filter(brand__in=[one.pk for one in brands], archived_at__isnull=True)
        .select_related("profile", "brand__agency")
        .order_by("name", "pk")
    )
    counts = counts_of(rows)
    lists = lists_of(rows, wanted, counts=counts, reader=reader)
    context: dict[str, Any] = {
        "brand": of_brand,
        "wanted": wanted,
        "pills": pills_of(wanted, counts),
        "all_address": wanted.query(state=""),
        "channel_pills": _channel_pills(channels, wanted) if of_brand and len(channels) > 1 else [],
        "lists": lists,
        "rows": rows_in(lists),
        "notes": channel_notes(channels, reader.pauses),
        "counts": counts,
        "abilities": reader.abilities.get(of_brand.pk, frozenset()) if of_brand else frozenset(),
    }
    return render(request, "publisher/outgoing.html", context)


def _channel_pills(channels: list[Channel], wanted: Wanted) -> list[Pill]:
    """Return the filter of channels, all of them first."""
    chosen = [
        Pill(one.name, wanted.query(channel=one.pk), sign=adapter_of(one.profile.platform).monogram, is_on=one.pk == wanted.channel_id)
        for one in channels
    ]
    return [Pill(_("All channels"), wanted.query(channel=0), is_on=not wanted.channel_id), *chosen]


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
            request, _("Its time has passed, or somebody was faster. Nothing was sent: see its state here.")
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
    """Write down what a person saw on the platform: it is out, perhaps as one of the posts shown, or it is not."""
    publication = _allowed(request, pk)
    answer = request.POST.get("is_out", "")
    if answer not in {"yes", "no"} and not answer.startswith("seen:"):
        messages.warning(request, _("Say whether it is out or not: nothing was changed."))
        return _back(request, publication)
    remote_id = answer.removeprefix("seen:") if answer.startswith("seen:") else ""
    seen_at = was_seen(publication, remote_id) if remote_id else None
    is_out = answer == "yes" or seen_at is not None
    if remote_id and not is_out:
        raise Http404
    if not is_out and publication.kind in ANSWERS:
        messages.warning(request, _("Answers are sent again from their conversation: a colleague may have answered."))
        return _back(request, publication)
    if not is_out and publication.next_at is not None:
        messages.warning(request, _("We are still looking for it. We will ask you if we cannot tell."))
        return _back(request, publication)
    url = seen_at or (_settled_address(request) if is_out else "")
    said = (
        _("Noted: it is out on %(channel)s.")
        if is_out
        else _("Noted: it is not out on %(channel)s. If its time allows, it goes out now.")
    )
    act = partial(outbox.settle, publication, is_out=is_out, url=url, remote_id=remote_id, by=person(request))
    return _do(request, publication, act, said % {"channel": publication.channel.name})


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a publication that is in trouble; the post stays."""
    publication = _allowed(request, pk)
    said = _("It will not go out on %(channel)s. The post stays.") % {"channel": publication.channel.name}
    return _do(request, publication, partial(outbox.drop, publication, by=person(request)), said)
