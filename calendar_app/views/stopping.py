"""*Ferma*: the hand on one post, for colleagues; with a reason, and lifted only by the side that put it there."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Ability, require
from accounts.scope import get_visible
from calendar_app import approval
from calendar_app.models import Post
from calendar_app.refusals import Refusal
from publisher import outbox
from publisher.states import CANCELABLE
from publisher.views.outgoing import person

LONGEST_REASON = 300


def _post(request: HttpRequest, key: UUID) -> Post:
    post = get_visible(Post.objects.select_related("brand__agency"), request.user, key=key)
    require(request.user, Ability.STOP, post.brand)
    return post


@login_required
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what will stop, ask why, and stop it."""
    post = _post(request, key)
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if request.method == "POST" and reason:
        approval.stop_post(post, by=person(request), reason=reason)
        messages.success(request, _("Stopped. Nothing of “%(title)s” goes out until you lift the stop.") % {"title": post.title})
        return redirect("post", post.pk)
    rows = outbox.delivery_of([post.key])[post.key]
    context = {
        "post": post,
        "brand": post.brand,
        "ahead": [row for row in rows if row.state in CANCELABLE],
        "is_out": any(row.state == "published" for row in rows),
        "is_empty": request.method == "POST",
        "longest": LONGEST_REASON,
    }
    return render(request, "calendar_app/stop.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def lift(request: HttpRequest, key: UUID) -> HttpResponse:
    """Let the post go on; what lost its hour meanwhile is said, and asks for another."""
    post = _post(request, key)
    try:
        resumed = approval.lift_stop(post, by=person(request))
    except Refusal:
        messages.warning(request, _("The client stopped this post: only the client can lift the stop."))
        return redirect("post", post.pk)
    missed = len(resumed.missed) if resumed else 0
    if missed:
        said = ngettext(
            "Its time passed on %(n)d channel while it was stopped: give it a new one.",
            "Its time passed on %(n)d channels while it was stopped: give it a new one.",
            missed,
        )
        messages.warning(request, said % {"n": missed})
        return redirect("post_move", post.pk)
    messages.success(request, _("It will go out as planned."))
    return redirect("post", post.pk)
