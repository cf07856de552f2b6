"""*Ferma le uscite*: one page that says what will stop, and later what can start again."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import agencies_of, brand_for
from publisher import stopping
from publisher.models import Channel, Publication, Stop, StopScope
from publisher.states import CLAIMED, WAITING
from publisher.views.outgoing import person, rows_of

MOST_NAMED = 5


class StopForm(forms.Form):
    """How far, and why."""

    reach = forms.ChoiceField(label=gettext_lazy("What to stop"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Your colleagues read it beside everything that is held."),
        error_messages={"required": gettext_lazy("Write in a few words why: your colleagues will ask.")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reach"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField, declared above
        self.fields["reason"].widget.attrs.update({"class": "input"})


def _choices(brand: Brand, *, whole_agency: bool, stops: Iterable[Stop] = ()) -> list[tuple[str, str]]:
    """Return what somebody may stop from here, and is not stopped yet: the brand, one of its channels, the agency."""
    held = {(stop.scope, stop.channel_id) for stop in stops}
    channels = Channel.objects.filter(brand=brand, archived_at__isnull=True).order_by("name")
    found = [] if (StopScope.BRAND, None) in held else [("brand", _("Everything of %(brand)s") % {"brand": brand.name})]
    found += [
        (f"channel:{channel.pk}", _("Only the channel %(name)s") % {"name": channel.name})
        for channel in channels
        if (StopScope.CHANNEL, channel.pk) not in held
    ]
    if whole_agency and (StopScope.AGENCY, None) not in held:
        found.append(("agency", _("Everything of %(agency)s, all brands") % {"agency": brand.agency.name}))
    return found


def _set(request: HttpRequest, brand: Brand, form: StopForm) -> None:
    """Put the brake on where the form says."""
    reach, reason = form.cleaned_data["reach"], form.cleaned_data["reason"]
    if reach == "agency":
        stopping.stop(scope=StopScope.AGENCY, agency=brand.agency, reason=reason, by=person(request))
    elif reach == "brand":
        stopping.stop(scope=StopScope.BRAND, brand=brand, reason=reason, by=person(request))
    else:
        channel = Channel.objects.get(brand=brand, pk=int(reach.removeprefix("channel:")))
        stopping.stop(scope=StopScope.CHANNEL, channel=channel, reason=reason, by=person(request))


def _open_stops(brand: Brand) -> QuerySet[Stop]:
    """Return the stops that hold something of a brand back, widest first."""
    found = stopping.stops_reaching(brand).filter(lifted_at__isnull=True)
    return found.select_related("agency", "brand", "channel", "by").order_by("since_at")


@login_required
@require_http_methods(["GET", "POST"])
def stops(request: HttpRequest, brand: int) -> HttpResponse:
    """Show what is stopped and what would stop; stop it."""
    of_brand = brand_for(request, brand)
    whole_agency = agencies_of(request.user, ability=Ability.STOP).filter(pk=of_brand.agency_id).exists()
    shown = _stops_shown(of_brand)
    # who presses while a colleague has just stopped the same is no mistake
    held = [] if request.method == "POST" else [stop for stop, _text in shown]
    choices = _choices(of_brand, whole_agency=whole_agency, stops=held)
    wanted = request.GET.get("reach", "brand")
    reach = next((key for key, _words in choices if key == wanted), choices[0][0] if choices else "")
    form = StopForm(request.POST or None, choices=choices, initial={"reach": reach})
    if request.method == "POST":
        require(request.user, Ability.STOP, of_brand)
        if form.is_valid():
            _set(request, of_brand, form)
            messages.success(request, _("Stopped. Nothing more goes out until you lift the stop."))
            return redirect("stops", of_brand.pk)
    ahead = Publication.objects.filter(brand=of_brand, state__in=[WAITING, CLAIMED])
    context = {
        "brand": of_brand,
        "form": form,
        "may_stop": can(request.user, Ability.STOP, of_brand),
        "whole_agency": whole_agency,
        "stops": shown,
        "choices": choices,
        "is_held": any(stop.scope in {StopScope.ALL, StopScope.AGENCY, StopScope.BRAND} for stop, _text in shown),
        "ahead": rows_of(ahead.order_by("due_at"), most=MOST_NAMED),
        "ahead_count": (count := ahead.count()),
        "ahead_more": max(count - MOST_NAMED, 0),
    }
    return render(request, "publisher/stops.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def lift(request: HttpRequest, brand: int, pk: int) -> HttpResponse:
    """Let things go out again, and say what was missed meanwhile."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.STOP, of_brand)
    stop = _open_stops(of_brand).exclude(scope__in=[StopScope.ALL, StopScope.POST]).filter(pk=pk).first()
    if stop is None:
        raise Http404
    if stop.scope == StopScope.AGENCY and not agencies_of(request.user, ability=Ability.STOP).filter(pk=stop.agency_id or 0):
        raise Http404
    resumed = stopping.resume(stop, by=person(request))
    waiting, missed = len(resumed.waiting), len(resumed.missed)
    if waiting:
        said = ngettext("%(n)d post will go out as planned.", "%(n)d posts will go out as planned.", waiting)
        messages.success(request, said % {"n": waiting})
    elif not missed:
        messages.success(request, _("No longer stopped: what is scheduled goes out at its time."))
    if missed:
        lost = ngettext(
            "The time of %(n)d post passed while everything was stopped: give it a new one.",
            "The times of %(n)d posts passed while everything was stopped: give them a new one.",
            missed,
        ) % {"n": missed}
        messages.warning(request, lost)
        if all(row.brand_id == of_brand.pk for row in resumed.missed):
            return redirect(f"{reverse('missed', args=[of_brand.pk])}?stop={stop.pk}")
        return redirect(f"{reverse('outgoing_all')}?state=missed")
    return redirect("stops", of_brand.pk)


def _stops_shown(brand: Brand) -> list[tuple[Stop, str]]:
    """Return the open stops, widest first; those of one post with the beginning of its text."""
    found = list(_open_stops(brand))
    keys = [stop.origin_key for stop in found if stop.origin_key]
    rows = Publication.objects.filter(origin_key__in=keys, brand=brand, kind="post").order_by("pk")
    texts = {key: str(content.get("text", "")) for key, content in rows.values_list("origin_key", "content")}
    return [(stop, texts.get(stop.origin_key, "") if stop.origin_key else "") for stop in found]
