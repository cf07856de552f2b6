"""*Sposta…*: another day or hour, by form, saying before what the move does to the approval."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Ability, require
from accounts.wall import HourMissingError, HourTwiceError
from calendar_app import drafting, scheduling
from calendar_app.forms.compose import PostForm
from calendar_app.models import Post
from calendar_app.refusals import Refusal
from calendar_app.revisions import latest
from calendar_app.rules import rule_for
from calendar_app.views.post import post_or_404
from publisher.views.outgoing import person


class MoveForm(PostForm):
    """Day and hour alone, under the same rules as in the composer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - {"on", "at", "fold"}:
            del self.fields[name]


def said(wall: datetime) -> str:
    """Return an hour as people say it; Italian writes days and months small."""
    written = formats.date_format(wall, _("l j F, H:i"))
    return written.lower() if get_language() == "it" else written


def _typed(request: HttpRequest, post: Post) -> MoveForm:
    """Return the form as typed, or as one of the proposed hours fills it."""
    on, _t, at = request.POST.get("pick", "").partition("T")
    if on:
        return MoveForm({"on": on, "at": at[:5]}, brand=post.brand)
    initial = {"on": post.wall.date(), "at": post.wall.time(), "fold": str(post.fold)}
    return MoveForm(request.POST or None, brand=post.brand, initial=initial)


def _rule_in_words(post: Post) -> str:
    """Return what a move does to the approval, said before it happens."""
    if drafting.cost_of_editing(post).is_free:
        return ""
    revision = latest(post)
    rule = revision.approvals.order_by("pk").values_list("rule", flat=True).first() if revision else None
    if not rule:
        free = int(rule_for(post).redate_within.total_seconds()) // 3600
        words = ngettext(
            "Within %(n)d hour it stays scheduled, at the new time. Beyond that it goes back to draft and you schedule it again.",
            "Within %(n)d hours it stays scheduled, at the new time. Beyond that it goes back to draft and you schedule it again.",
            free,
        )
        return words % {"n": free}
    hours = int(rule.get("redate_within_s", 0)) // 3600
    said = ngettext(
        "Within %(n)d hour of what was shown the approval stands and nobody is asked again. Beyond that the approval is void.",
        "Within %(n)d hours of what was shown the approval stands and nobody is asked again. Beyond that the approval is void.",
        hours,
    )
    return said % {"n": hours}


def _only_on(post: Post) -> list[str]:
    """Return the channels that a new hour is for, where the post is out on others already."""
    if not scheduling.is_out(post):
        return []
    return sorted(set(scheduling.left_of(post).values_list("channel__name", flat=True)))


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the new hour, say what it does, and do it."""
    post = post_or_404(request, pk)
    require(request.user, Ability.PLAN, post.brand)
    form = _typed(request, post)
    if request.method == "POST" and form.is_valid() and _moved(request, post, form):
        return redirect("post", post.pk)
    is_past = post.due_at <= timezone.now()
    context = {
        "post": post,
        "brand": post.brand,
        "form": form,
        "move_cost": _rule_in_words(post),
        "is_past": is_past,
        "proposed": scheduling.proposed_hours(post) if is_past else [],
        "only_on": _only_on(post),
    }
    return render(request, "calendar_app/move.html", context, status=422 if form.errors else 200)


def _moved(request: HttpRequest, post: Post, form: MoveForm) -> bool:
    wall = form.cleaned_data["wall"]
    fold = int(form.cleaned_data["fold"]) if form.is_twice else None
    is_told = request.POST.get("told") == "yes"
    try:
        moved = drafting.move(post, wall=wall, fold=fold, by=person(request), may_void=is_told)
    except Refusal as refusal:
        form.add_error("on", refusal.words())
        return False
    except (HourMissingError, HourTwiceError):  # the brand’s clocks are others since the post was written
        form.add_error("at", _("On that day the clocks change at this time. Choose another one."))
        return False
    messages.success(request, _("Moved to %(when)s.") % {"when": said(wall)})
    if moved.voided:
        messages.warning(request, _("The approval covered the old time and is void: send the post for approval again."))
    return True
