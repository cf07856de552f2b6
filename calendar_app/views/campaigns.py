"""*Campagne*: what the brand is up to, when, with what aim, and the posts of each."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.brands import COLOURS
from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, get_visible
from calendar_app.agenda import lines_of, with_states
from calendar_app.campaigns import (
    CampaignFacts,
    HasRuleError,
    NameTakenError,
    change_campaign,
    make_campaign,
    remove_campaign,
)
from calendar_app.forms.mix import MixForm
from calendar_app.models import Campaign, Post, PostStage
from calendar_app.views.showing import KINDS
from publisher.views.outgoing import person

MOST_POSTS = 100
WORDS = {
    "a": gettext_lazy("wine red"),
    "b": gettext_lazy("slate"),
    "c": gettext_lazy("ochre"),
    "d": gettext_lazy("sage"),
    "e": gettext_lazy("terracotta"),
    "f": gettext_lazy("violet"),
}


class CampaignForm(MixForm):
    """What people say of a campaign."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    aim = forms.CharField(
        label=gettext_lazy("Aim"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour"),
        choices=[(one, WORDS[one]) for one in COLOURS],
        widget=forms.RadioSelect,
        initial=COLOURS[0],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "aim", "starts_on", "ends_on", *(one.name for one in self.mix_fields)):
            self.fields[name].widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("This day is before the first one."))
        return cleaned

    def facts(self) -> CampaignFacts:
        """Return what was typed."""
        said = {name: self.cleaned_data[name] for name in ("name", "aim", "starts_on", "ends_on", "colour")}
        return CampaignFacts(**said, mix=self.mix())


@login_required
@require_http_methods(["GET", "POST"])
def campaigns(request: HttpRequest, brand: int) -> HttpResponse:
    """List the campaigns of a brand, and begin one."""
    of_brand = brand_for(request, brand)
    form = CampaignForm(request.POST or None)
    if request.method == "POST":
        require(request.user, Ability.WRITE, of_brand)
        if form.is_valid():
            try:
                made = make_campaign(brand=of_brand, by=person(request), facts=form.facts())
            except NameTakenError:
                form.add_error("name", _("There is already a campaign with this name."))
            else:
                messages.success(request, _("The campaign is there. Choose it in a post, and filter the calendar by it."))
                return redirect("campaign", made.pk)
    return render(request, "calendar_app/campaigns.html", _listed(request, of_brand, form), status=_status(form))


def _status(form: CampaignForm) -> int:
    return 422 if form.errors else 200


def _listed(request: HttpRequest, brand: Brand, form: CampaignForm) -> dict[str, Any]:
    in_plan = ~Q(posts__stage__in=[PostStage.ARCHIVED, PostStage.STAGED])
    rows = Campaign.objects.filter(brand=brand).annotate(
        count=Count("posts", filter=in_plan),
        first=Min("posts__wall", filter=in_plan),
        last=Max("posts__wall", filter=in_plan),
    )
    listed = rows.order_by(F("starts_on").desc(nulls_last=True), "name")
    return {
        "brand": brand,
        "campaigns": list(listed),
        "form": form,
        "may_write": can(request.user, Ability.WRITE, brand),
    }


@login_required
@require_http_methods(["GET", "POST"])
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a campaign with its posts, and change what is said of it."""
    found = get_visible(Campaign.objects.select_related("brand__agency"), request.user, pk=pk)
    said = {name: getattr(found, name) for name in ("name", "aim", "starts_on", "ends_on", "colour")}
    form = CampaignForm(request.POST or None, initial={**said, **MixForm.shown(found.mix)})
    if request.method == "POST":
        require(request.user, Ability.WRITE, found.brand)
        if form.is_valid():
            try:
                change_campaign(found, by=person(request), facts=form.facts())
            except NameTakenError:
                form.add_error("name", _("There is already a campaign with this name."))
                found.refresh_from_db()
            else:
                messages.success(request, _("Kept."))
                return redirect("campaign", found.pk)
    posts = found.posts.exclude(stage__in=[PostStage.ARCHIVED, PostStage.STAGED])
    context = {
        "brand": found.brand,
        "campaign": found,
        "lines": lines_of(with_states(posts).order_by("due_at", "pk")[:MOST_POSTS]),
        "count": posts.count(),
        "kinds": _kinds(found, posts),
        "form": form,
        "may_write": can(request.user, Ability.WRITE, found.brand),
    }
    return render(request, "calendar_app/campaign.html", context, status=_status(form))


def _kinds(campaign: Campaign, posts: "QuerySet[Post]") -> list[dict[str, Any]]:
    """Return how many posts of each kind there are, beside what the campaign aims at; nothing where it has no aim."""
    if not campaign.mix:
        return []
    counts = Counter(posts.values_list("kind", flat=True))
    return [
        {
            "sign": kind.sign,
            "word": kind.many,
            "count": counts[kind.value],
            "total": max(campaign.mix.get(kind.value, 0), counts[kind.value], 1),
            "target": campaign.mix.get(kind.value, 0),
        }
        for kind in KINDS.values()
        if campaign.mix.get(kind.value) or counts[kind.value]
    ]


@login_required
@require_http_methods(["GET", "POST"])
def campaign_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a campaign shall go, saying what becomes of its posts, and take it away."""
    found = get_visible(Campaign.objects.select_related("brand__agency"), request.user, pk=pk)
    require(request.user, Ability.WRITE, found.brand)
    if request.method == "POST":
        try:
            remove_campaign(found, by=person(request))
        except HasRuleError:
            messages.warning(request, _("It stays: its posts have an approval rule of their own, which would be lost."))
            return redirect("campaign", pk)
        messages.success(request, _("The campaign is gone; its posts are where they were."))
        return redirect("campaigns", found.brand_id)
    count = found.posts.exclude(stage__in=[PostStage.ARCHIVED, PostStage.STAGED]).count()
    return render(request, "calendar_app/campaign_remove.html", {"brand": found.brand, "campaign": found, "count": count})
