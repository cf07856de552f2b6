"""Moving a post by hand in the calendar: another day at the same hour; what it does to the approval is said before."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Ability, require
from accounts.wall import HourMissingError, HourTwiceError
from calendar_app import drafting
from calendar_app.drafting import Moved
from calendar_app.models import Post
from calendar_app.refusals import Refusal, Stale
from calendar_app.views.moving import said
from calendar_app.views.post import post_or_404
from publisher.views.outgoing import person


def _hour(post: Post, typed: str) -> datetime | None:
    """Return the hour that was asked for: a day keeps the post's hour, a whole hour is taken as it is."""
    try:
        if "T" in typed:
            return datetime.fromisoformat(typed).replace(second=0, microsecond=0, tzinfo=None)
        return datetime.combine(date.fromisoformat(typed), post.wall.time())
    except (ValueError, OverflowError):
        return None


@login_required
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, pk: int) -> JsonResponse:
    """Say what a move would cost (GET), or move (POST). What cannot be is said with its reason, under ``why``.

    A refusal is an answer like any other: browsers print a 4xx as an error of the page.
    """
    post = post_or_404(request, pk)
    require(request.user, Ability.PLAN, post.brand)
    values = request.POST if request.method == "POST" else request.GET
    wall = _hour(post, values.get("to", ""))
    if wall is None:
        return _refused(_("This is no day of the calendar. Choose another one."))
    try:
        return _shifted(request, post, wall) if request.method == "POST" else _weighed(post, wall)
    except HourMissingError:
        when = said(wall)
        return _refused(
            _("At %(when)s the clocks go forward: that hour does not exist. Choose another hour with “Move…”.")
            % {"when": when}
        )
    except Stale as stale:
        where = _("%(title)s is now on %(when)s.") % {"title": stale.current.title, "when": said(stale.current.wall)}
        return _refused(_("A colleague has changed this post in the meantime: nothing was moved. %s") % where)
    except Refusal as refusal:
        return _refused(refusal.words())


def _refused(why: str) -> JsonResponse:
    return JsonResponse({"why": why})


def _weighed(post: Post, wall: datetime) -> JsonResponse:
    """Return what a move would do to the approval; nothing, where nobody has decided."""
    cost = _with_first_hour(lambda fold: drafting.cost_of_moving(post, wall=wall, fold=fold))
    if not cost.voids:
        return JsonResponse({"asks": ""})
    words = _(
        "The approval covers %(now)s. On %(then)s it no longer holds: the post goes back to draft, and you send it for"
        " approval again."
    )
    return JsonResponse({"asks": words % {"now": said(post.wall), "then": said(wall)}})


def _shifted(request: HttpRequest, post: Post, wall: datetime) -> JsonResponse:
    """Move, and return what changed and how to take it back."""
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else None
    before = post.wall
    moved: Moved = _with_first_hour(
        lambda fold: drafting.move(post, wall=wall, fold=fold, by=person(request), version=seen)
    )
    words = _("Moved to %(when)s.") % {"when": said(wall)}
    if moved.kept:
        words = f"{words} {_('The approval still holds.')}"
    if moved.voided:
        words = f"{words} {_('The approval no longer holds: send the post for approval again.')}"
    undo = "" if moved.voided else before.isoformat(timespec="minutes")
    return JsonResponse({"said": words, "version": moved.post.version, "undo": undo})


def _with_first_hour(act: Any) -> Any:
    """Do it; where the clock shows the hour twice on that day, the first one is meant."""
    try:
        return act(None)
    except HourTwiceError:
        return act(0)
