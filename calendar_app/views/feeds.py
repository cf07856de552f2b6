"""*Calendario sul telefono*: addresses that calendar applications subscribe to, shown once, revoked at will."""

from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Brand
from accounts.permissions import Ability, require
from accounts.scope import brand_for
from calendar_app import feed as feeds
from calendar_app.forms.rows import RowsField
from calendar_app.models import Feed
from publisher.models import Channel
from publisher.views.outgoing import person

WHICH = [("all", gettext_lazy("Everything, drafts too")), ("approved", gettext_lazy("Only what is approved"))]


class FeedForm(forms.Form):
    """What a feed carries."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    which = forms.ChoiceField(label=gettext_lazy("Which posts"), choices=WHICH, widget=forms.RadioSelect, initial="all")
    channels = RowsField(
        label=gettext_lazy("Channels"),
        queryset=Channel.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    texts = forms.BooleanField(label=gettext_lazy("With the texts, not only the titles"), required=False)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = Channel.objects.filter(brand=brand, archived_at=None).order_by("name")
        self.fields["channels"].queryset = channels  # type: ignore[attr-defined]  # a ModelMultipleChoiceField, declared above
        self.fields["name"].widget.attrs.update({"class": "input", "placeholder": _("My phone")})

    def options(self) -> dict[str, Any]:
        """Return the options as the feed keeps them."""
        return {
            "state": self.cleaned_data["which"],
            "channels": [channel.pk for channel in self.cleaned_data["channels"]],
            "texts": self.cleaned_data["texts"],
        }


@login_required
@require_http_methods(["GET", "POST"])
def list_feeds(request: HttpRequest, brand: int) -> HttpResponse:
    """Show somebody’s own feeds of a brand, make one, and show its secret address this once."""
    of_brand = brand_for(request, brand)
    form = FeedForm(request.POST or None, brand=of_brand)
    fresh: dict[str, str] | None = None
    if request.method == "POST":
        require(request.user, Ability.SUBSCRIBE, of_brand)
        if form.is_valid():
            name = form.cleaned_data["name"]
            _made, secret = feeds.make_feed(user=person(request), brand=of_brand, options=form.options(), name=name)
            fresh, form = _addresses(request, secret), FeedForm(brand=of_brand)
    mine = Feed.objects.filter(user=person(request), brand=of_brand, revoked_at=None).order_by("-created_at")
    context = {"brand": of_brand, "form": form, "feeds": list(mine), "fresh": fresh}
    return render(request, "calendar_app/feeds.html", context, status=422 if form.errors else 200)


def _addresses(request: HttpRequest, secret: str) -> dict[str, str]:
    """Return the addresses of a feed that was just made, with a picture for the phone’s camera. Nothing keeps them."""
    address = request.build_absolute_uri(feeds.address_of(secret))
    webcal = "webcal://" + address.split("://", 1)[1]
    code = segno.make(webcal)
    dark = [(x, y) for y, row in enumerate(code.matrix) for x, is_dark in enumerate(row) if is_dark]
    drawn = "".join(f"M{x + 2} {y + 2}h1v1h-1z" for x, y in dark)
    return {"address": address, "webcal": webcal, "code": drawn, "size": str(len(code.matrix) + 4)}


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a feed: its address answers no more."""
    feed = get_object_or_404(Feed, pk=pk, user=person(request), revoked_at=None)
    feeds.revoke(feed, by=person(request))
    messages.success(request, _("Revoked. Calendars that use this address get nothing more."))
    return redirect("feeds", feed.brand_id) if feed.brand_id else redirect("home")


@login_required
@require_GET
def download(request: HttpRequest, brand: int) -> HttpResponse:
    """Send the plan once, as a file."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.SUBSCRIBE, of_brand)
    data = feeds.file_of(brand=of_brand, by=person(request))
    answer = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    name = f"{of_brand.slug}-{timezone.localdate():%Y-%m-%d}.ics"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
