"""*Il brand*: what is said of it, and what the calendar and the home of the day make of that."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.brands import COLOURS, BrandFacts, change_brand
from accounts.models import Brand, FormOfAddress
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for
from calendar_app.closed_days import regions_of
from calendar_app.forms.mix import MixForm
from calendar_app.views.campaigns import WORDS
from publisher.views.outgoing import person


class BrandForm(MixForm):
    """What people say of a brand."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour"), choices=[(one, WORDS[one]) for one in COLOURS], widget=forms.RadioSelect
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Province"),
        required=False,
        help_text=gettext_lazy("The calendar marks its patron saint’s day beside the public holidays."),
    )
    form_of_address = forms.ChoiceField(
        label=gettext_lazy("How we address the client"), choices=FormOfAddress.choices, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the brand"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("New clients get their emails in it, and pictures are described in it."),
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = regions_of(brand.country)
        if brand.region and brand.region not in dict(known):
            known = [*known, (brand.region, brand.region)]
        self.fields["region"].choices = [("", _("None")), *known]  # type: ignore[attr-defined]  # a ChoiceField, declared above
        for name in ("name", "region", "language", *(one.name for one in self.mix_fields)):
            self.fields[name].widget.attrs["class"] = "input"

    def facts(self) -> BrandFacts:
        """Return what was typed."""
        said = {name: self.cleaned_data[name] for name in ("name", "colour", "region", "form_of_address", "language")}
        return BrandFacts(**said, target_mix=self.mix())


@login_required
@require_http_methods(["GET", "POST"])
def brand_settings(request: HttpRequest, brand: int) -> HttpResponse:
    """Show what is said of a brand, and change it."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.READ, of_brand)
    said = {name: getattr(of_brand, name) for name in ("name", "colour", "region", "form_of_address", "language")}
    form = BrandForm(request.POST or None, initial={**said, **MixForm.shown(of_brand.target_mix)}, brand=of_brand)
    if request.method == "POST":
        require(request.user, Ability.MANAGE_BRAND, of_brand)
        if form.is_valid():
            change_brand(of_brand, by=person(request), facts=form.facts())
            messages.success(request, _("Kept."))
            return redirect("brand_settings", of_brand.pk)
    may_manage = can(request.user, Ability.MANAGE_BRAND, of_brand)
    if not may_manage:
        for field in form.fields.values():
            field.disabled = True
    context = {"brand": of_brand, "form": form, "may_manage": may_manage, "total": sum(of_brand.target_mix.values())}
    return render(request, "calendar_app/brand.html", context, status=422 if form.errors else 200)
