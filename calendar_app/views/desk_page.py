"""The composer's page: the desk with what keeps it from being saved, what saving would cost, and the live column."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEntry
from accounts.permissions import Ability, can
from calendar_app import drafting
from calendar_app.drafting import EditCost
from calendar_app.forms import cuts
from calendar_app.forms.compose import BRIEF, HourForm
from calendar_app.forms.desk import Desk
from calendar_app.forms.pairs import Pair, marks_of
from calendar_app.models import Post
from calendar_app.views.library import shelf_of
from calendar_app.views.live import live_of
from calendar_app.views.showing import KINDS


@dataclass(slots=True)
class Trouble:
    """What keeps a form from being saved, for the summary and beside the fields."""

    uploads: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    stale: list[Pair] = field(default_factory=list)


def asks_by_script(request: HttpRequest) -> bool:
    """Tell whether the composer's own script asks, which wants an answer and not a page."""
    return request.headers.get("X-Composer") == "yes"


def cost_in_words(post: Post | None) -> list[str]:
    """Return what saving an edit ends, as sentences said before it."""
    if post is None:
        return []
    cost: EditCost = drafting.cost_of_editing(post)
    lines = []
    if cost.approved_by:
        lines.append(
            _("%(names)s approved this post. If its content changes, that approval is void and the post has to be approved again.")
            % {"names": ", ".join(cost.approved_by)}
        )
    if cost.asked:
        lines.append(
            _("%(names)s is being asked about it now. If its content changes, that request ends.")
            % {"names": ", ".join(cost.asked)}
        )
    if cost.cancels:
        said = ngettext(
            "What is scheduled on %(n)d channel is taken back.",
            "What is scheduled on %(n)d channels is taken back.",
            cost.cancels,
        )
        lines.append(said % {"n": cost.cancels})
    if cost.out_on:
        lines.append(
            _("It is already out on %(channels)s and stays there as it is.") % {"channels": ", ".join(cost.out_on)}
        )
    return lines


def errors_of(desk: Desk, trouble: Trouble, *, checked: bool = True) -> list[dict[str, str]]:
    """Return every error with the place it belongs to."""
    found = []
    if desk.form.is_bound and checked:
        found = _of_form(desk.form, "")
        for channel in desk.chosen:
            found += _of_form(channel.form, f"{channel.name}: ")
            place = f"slot-{channel.prefix}-part"
            found += [{"anchor": place, "words": f"{channel.name}: {words}"} for words in channel.thread_problems]
    found += [{"anchor": "pictures", "words": words} for words in trouble.uploads]
    return [*found, *({"anchor": "", "words": words} for words in trouble.other)]


def _of_form(form: HourForm, start: str) -> list[dict[str, str]]:
    return [
        {"anchor": form[name].id_for_label or f"id_{form.add_prefix(name)}", "words": f"{start}{words}"}
        for name, errors in form.errors.items()
        for words in errors
        if name in form.fields
    ]


def page(request: HttpRequest, desk: Desk, *, trouble: Trouble | None = None, checked: bool = False) -> HttpResponse:
    """Show the desk. ``checked`` says that somebody wanted to save: only then errors are shown."""
    trouble = trouble or Trouble()
    if checked and asks_by_script(request):
        return JsonResponse({"state": "again"})  # the script sends the form itself, and the page shows what is wrong
    asked = checked and request.POST.get("action") == "send"
    live = live_of(desk, shown=request.POST.get("preview", ""), asked=asked)
    if desk.form.is_bound and not checked:
        for form in (desk.form, *(channel.form for channel in desk.channels)):
            form.errors.clear()  # pictures were arranged, nothing was submitted yet
    errors = [*errors_of(desk, trouble, checked=checked), *(live["stops"] if asked else [])]
    for channel in desk.channels:
        channel.shown = desk.shown_pictures(channel)
        for part in channel.parts:
            part.shown = desk.shown_of(part.pictures)
    context = {**_fields(desk), **_state(request, desk, trouble), "errors": errors, **_shelf(request, desk), **live}
    return render(request, "calendar_app/composer.html", context, status=422 if errors or trouble.stale else 200)


def _fields(desk: Desk) -> dict[str, Any]:
    kind = str(desk.form["kind"].value() or "")
    return {
        "brand": desk.brand,
        "post": desk.post,
        "form": desk.form,
        "kinds": [
            {"value": one.value, "sign": one.sign, "word": one.word, "is_on": one.value == kind}
            for one in KINDS.values()
        ],
        "channels": desk.channels,
        "pictures": desk.shown_pictures(),
        "brief_fields": [desk.form[f"brief_{name}"] for name in BRIEF],
        "brief_open": any(desk.form[f"brief_{name}"].value() for name in BRIEF),
        "cuts": cuts.groups(),
        "zone_hint": _("Time zone %(zone)s.") % {"zone": desk.brand.zone},
    }


def _shelf(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """Return the library’s newest pictures, where somebody without script asked to choose from them."""
    wish, _sep, prefix = request.POST.get("action", "").partition(":")
    return {"shelf": shelf_of(desk.brand), "shelf_for": prefix} if wish == "shelf" else {"shelf": None}


def _state(request: HttpRequest, desk: Desk, trouble: Trouble) -> dict[str, Any]:
    """Return what the form has to know of the version that it was made from."""
    posted = request.POST
    version = desk.post.version if desk.post else 0
    is_first = trouble.stale or "version" not in posted
    return {
        "version": version if is_first else posted["version"],
        "marks": _marks(desk) if is_first else posted.get("marks", ""),
        "key": posted.get("key") or str(uuid4()),
        "cost": cost_in_words(desk.post),
        "stale": trouble.stale,
        "stale_by": _saved_by(desk.post) if trouble.stale and desk.post else "",
        "upload_problems": trouble.uploads,
        "is_typed": desk.form.is_bound,
        "is_restored": posted.get("action") == "restore",
        "may_ask": can(request.user, Ability.SEND_FOR_APPROVAL, desk.brand),
    }


def _saved_by(post: Post) -> str:
    """Return who wrote what is stored now, and when."""
    written = AuditEntry.objects.filter(brand=post.brand_id, subject_kind="post", subject_id=post.pk, verb="post.saved")
    entry = written.select_related("actor").order_by("-pk").first()
    if entry is None or entry.actor is None:
        return ""
    hour = f"{timezone.localtime(entry.at):%H:%M}"
    return _("Saved by %(name)s at %(hour)s") % {"name": entry.actor, "hour": hour}


def _marks(desk: Desk) -> str:
    return marks_of(Desk(brand=desk.brand, post=desk.post)) if desk.post else ""
