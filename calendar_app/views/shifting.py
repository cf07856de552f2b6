"""Moving a post by hand in the calendar: another day at the same hour; what it does to the approval is said before."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Ability, require
from accounts.wall import HourMissingError, HourTwiceError, is_twice
from calendar_app import drafting
from calendar_app.drafting import Moved
from calendar_app.models import Post
from calendar_app.refusals import Refusal, Stale, WouldVoid
from calendar_app.revisions import latest
from calendar_app.views.ground import FIRST_YEAR, LAST_YEAR
from calendar_app.views.moving import said
from calendar_app.views.post import post_or_404
from publisher.views.outgoing import person

Done = TypeVar("Done")


def _hour(post: Post, typed: str) -> tuple[datetime, int | None] | None:
    """Return the hour that was asked for: a day keeps the post's hour, a whole hour is taken as it is.

    With an offset it says which of two equal hours is meant.
    """
    try:
        if "T" in typed:
            at = datetime.fromisoformat(typed).replace(second=0, microsecond=0)
        else:
            at = datetime.combine(date.fromisoformat(typed), post.wall.time())
    except (ValueError, OverflowError):
        return None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    wall = at.replace(tzinfo=None, fold=0)
    is_second = at.tzinfo is not None and at.utcoffset() == wall.replace(tzinfo=ZoneInfo(post.zone), fold=1).utcoffset()
    return wall, 1 if is_second and is_twice(wall=wall, zone=post.zone) else None


def _written(post: Post) -> str:
    """Return the hour of a post so that it can be asked for again."""
    wall, zone = post.wall, post.zone
    named = wall.replace(tzinfo=ZoneInfo(zone), fold=post.fold) if is_twice(wall=wall, zone=zone) else wall
    return str(named.isoformat(timespec="minutes"))


@login_required
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, pk: int) -> JsonResponse:
    """Say what a move would cost (GET), or move (POST). What cannot be is said with its reason, under ``why``.

    A refusal is an answer like any other: browsers print a 4xx as an error of the page.
    """
    post = post_or_404(request, pk)
    require(request.user, Ability.PLAN, post.brand)
    values = request.POST if request.method == "POST" else request.GET
    hour = _hour(post, values.get("to", ""))
    if hour is None:
        return _refused(_("There is no such day. Choose another one."))
    wall, fold = hour
    try:
        return _shifted(request, post, wall, fold) if request.method == "POST" else _weighed(post, wall, fold)
    except HourMissingError:
        when = said(wall)
        return _refused(
            _("At %(when)s the clocks go forward: that time does not exist. Choose another one with “Move…”.")
            % {"when": when}
        )
    except WouldVoid:
        return JsonResponse({"asks": _cost(post, wall)})
    except Stale as stale:
        where = _("%(title)s is now on %(when)s.") % {"title": stale.current.title, "when": said(stale.current.wall)}
        return _refused(_("A colleague has changed this post in the meantime: nothing was moved. %s") % where)
    except Refusal as refusal:
        return _refused(refusal.words())


def _refused(why: str) -> JsonResponse:
    return JsonResponse({"why": why})


def _weighed(post: Post, wall: datetime, fold: int | None) -> JsonResponse:
    """Return what a move would do to the approval; nothing, where nobody has decided."""
    cost = _with_first_hour(fold, lambda one: drafting.cost_of_moving(post, wall=wall, fold=one))
    return JsonResponse({"asks": _cost(post, wall) if cost.voids else ""})


def _cost(post: Post, wall: datetime) -> str:
    if not _was_asked_about(post):
        words = _("It is scheduled for %(now)s. So far from it, on %(then)s, it goes back to draft and you schedule it again.")
        return words % {"now": said(post.wall), "then": said(wall)}
    words = _(
        "The approval covers %(now)s. On %(then)s it no longer holds: the post goes back to draft, and you send it for"
        " approval again."
    )
    return words % {"now": said(post.wall), "then": said(wall)}


def _was_asked_about(post: Post) -> bool:
    """Tell whether anybody decides about the version that stands; where the rule asks nobody, no approval can end."""
    revision = latest(post)
    return revision is not None and revision.approvals.exists()


def _shifted(request: HttpRequest, post: Post, wall: datetime, fold: int | None) -> JsonResponse:
    """Move, and return what changed and how to take it back. An approval ends only where that was said and agreed to."""
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else None
    way_back, is_told = _written(post), request.POST.get("agreed") == "yes"
    moved: Moved = _with_first_hour(
        fold,
        lambda one: drafting.move(post, wall=wall, fold=one, by=person(request), version=seen, may_void=is_told),
    )
    words = _("Moved to %(when)s.") % {"when": said(wall)}
    if moved.kept and _was_asked_about(post):
        words = f"{words} {_('The approval still holds.')}"
    if moved.voided:
        words = f"{words} {_('The approval no longer holds: send the post for approval again.')}"
    return JsonResponse({"said": words, "version": moved.post.version, "undo": "" if moved.voided else way_back})


def _with_first_hour(fold: int | None, act: Callable[[int | None], Done]) -> Done:
    """Do it; where the clock shows the hour twice on that day and nobody said which, the first one is meant."""
    try:
        return act(fold)
    except HourTwiceError:
        return act(0)
