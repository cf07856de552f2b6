"""One post: as a page, in the drawer of the month, and the buttons that it carries."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import AuditEntry, User
from accounts.permissions import Ability, abilities_in, require
from accounts.scope import get_visible
from accounts.wall import exists, wall_of
from calendar_app import approval, drafting, scheduling, shown
from calendar_app.forms.compose import BRIEF
from calendar_app.models import Approval, ApprovalState, Post, PostStage, Stage
from calendar_app.refusals import NotReady, Refusal
from calendar_app.revisions import blocking, content_problems, with_draft
from calendar_app.rules import rule_for
from calendar_app.shown import ShownState
from calendar_app.views.showing import KINDS, SheetView, sheets_of, steps_of, told, words_of
from publisher import outbox
from publisher.contract.content import Problem
from publisher.looks import look_of
from publisher.models import Channel, Publication, Stop, StopScope
from publisher.views.outgoing import person

READ_AT_ONCE, MOST_SHOWN, SITTING = 200, 40, timedelta(minutes=30)
SAID = (ApprovalState.CHANGES_REQUESTED, ApprovalState.REFUSED, ApprovalState.WITHDRAWN)
STATES_OUT = {"sending", "unknown", "published"}
WAITING = {"waiting", "claimed"}
CHANGES = ("post.saved", "post.moved", "post.created", "post.imported", "post.duplicated")


def post_or_404(request: HttpRequest, pk: int) -> Post:
    """Return a post with all that it consists of, and remember its brand as the current one."""
    post = get_visible(with_draft(Post.objects.select_related("created_by")), request.user, pk=pk)
    if request.session.get("brand") != post.brand_id:
        request.session["brand"] = post.brand_id
    return post


def problem_line(channel: Channel | None, problem: Problem) -> str:
    """Return a problem as a sentence, with the channel it is about."""
    words = told(problem).words
    return f"{channel.name}: {words}" if channel else words


def _rights(post: Post, user: User, rows: list[Publication], stages: list[str]) -> dict[str, Any]:
    """Return what this person may do with the post as it stands."""
    abilities = abilities_in(user, post.brand)
    is_out = any(row.state in STATES_OUT for row in rows)
    is_draft, is_kept = post.stage == PostStage.DRAFT, post.stage != PostStage.ARCHIVED
    open_rows = any(row.state in {"waiting", "held", "claimed"} for row in rows)
    may_edit = Ability.WRITE in abilities and is_kept and not is_out
    approved = post.stage == PostStage.APPROVED
    return {
        "abilities": abilities,
        "may_edit": may_edit,
        "may_move": Ability.PLAN in abilities and is_kept and not is_out,
        "may_copy": Ability.WRITE in abilities,
        "may_archive": may_edit,
        "may_ask": bool(stages) and is_draft and Ability.SEND_FOR_APPROVAL in abilities,
        "asks_client": Stage.CLIENT in stages,
        "may_schedule": not stages and is_draft and Ability.SCHEDULE in abilities,
        "may_stop": (open_rows or post.stage == PostStage.IN_REVIEW) and Ability.STOP in abilities,
        "may_unschedule": approved and open_rows and Ability.SCHEDULE in abilities,
    }


def _decisions(post: Post, user: User, state: ShownState, stages: list[str]) -> dict[str, Any]:
    """Return what was asked and said about the post, newest version last."""
    rows = (
        Approval.objects.filter(revision__post=post).select_related("reviewer", "revision").order_by("asked_at", "pk")
    )
    approvals = list(rows)
    last = max((one.revision.number for one in approvals), default=0)
    said = [one for one in approvals if one.state in SAID and one.words and one.revision.number == last]
    mine = [one for one in approvals if one.state == ApprovalState.ASKED and one.reviewer_id == user.pk]
    return {
        "steps": steps_of(post, approvals, stages, state),
        "client_words": [
            {
                "css": "st-mod",
                "initials": one.reviewer.initials,
                "name": str(one.reviewer),
                "role": _("client") if one.stage == Stage.CLIENT else _("internal review"),
                "at": one.decided_at,
                "words": one.words,
            }
            for one in said
        ],
        "asked": next((one for one in mine if one.stage == Stage.INTERNAL), None),
    }


def _history(post: Post) -> list[dict[str, Any]]:
    """Return what happened to the post, newest first; what one person saved in one sitting is one line."""
    rows = (
        AuditEntry.objects.filter(brand=post.brand_id, subject_kind="post", subject_id=post.pk)
        .select_related("actor")
        .order_by("-at", "-pk")
    )
    return [
        {
            "words": words_of(one.verb),
            "actor_name": str(one.actor) if one.actor else one.actor_label,
            "at": one.at,
            "is_change": one.verb in CHANGES,
        }
        for one in islice(by_sitting(rows.iterator(chunk_size=READ_AT_ONCE)), MOST_SHOWN)
    ]


def by_sitting(rows: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
    """Leave out what the same person saved again shortly before: a composer saves while somebody writes."""
    later: AuditEntry | None = None
    for one in rows:
        if later is None or not _is_one_sitting(one, later):
            yield one
        later = one


def _is_one_sitting(one: AuditEntry, later: AuditEntry) -> bool:
    is_same = one.verb == later.verb == "post.saved" and one.actor_id == later.actor_id
    return is_same and later.at - one.at <= SITTING


def _held_back(post: Post, state: str, abilities: Collection[Ability]) -> dict[str, Any]:
    """Return what keeps an approved post from its hour: a stop with its reason, an hour that passed, a hand.

    What the client stopped, the client lets go.
    """
    stop = Stop.objects.filter(scope=StopScope.POST, origin_key=post.key, lifted_at=None).select_related("by").first()
    why = ""
    if state == "approved" and post.due_at <= timezone.now():
        why = _("Its time passed before everybody had approved it. Nothing was sent: give it a new time.")
    elif state == "approved":
        why = _("It was taken off the schedule. Move it to the time at which it should go out.")
    is_ours = stop is not None and (stop.by is None or stop.by.may_sign_in)
    return {"blocked_by": why, "post_stop": stop, "may_lift": is_ours and Ability.STOP in abilities}


def _sheets(post: Post, rows: list[Publication], state: ShownState) -> list[SheetView]:
    """Return what each channel gets; under a stop nothing that waits is called scheduled."""
    sheets = sheets_of(post, rows)
    if state.name != "paused":
        return sheets
    held = look_of("held")
    return [
        replace(
            sheet,
            deliveries=[
                replace(row, look=held) if row.publication.state in WAITING else row for row in sheet.deliveries
            ],
        )
        for sheet in sheets
    ]


def _context(request: HttpRequest, post: Post) -> dict[str, Any]:
    user = person(request)
    rows = outbox.delivery_of([post.key])[post.key]
    history = _history(post)
    state = shown.shown_state(post, is_stopped=shown.is_brand_stopped(post.brand))
    stages = [str(one["stage"]) for one in rule_for(post).stages]
    context: dict[str, Any] = {
        "post": post,
        "brand": post.brand,
        "state": state,
        "kind": KINDS[post.kind],
        "sheets": _sheets(post, rows, state),
        "brief": [(label, post.brief.get(name)) for name, label in BRIEF.items() if post.brief.get(name)],
        "history": history,
        "last_change": next((entry for entry in history if entry["is_change"]), None),
        "problems": [],
        **_decisions(post, user, state, stages),
        **_rights(post, user, rows, stages),
    }
    context |= _held_back(post, state.name, context["abilities"])
    context["may_stop"] = context["may_stop"] and context["post_stop"] is None
    if post.stage == PostStage.DRAFT:
        context["problems"] = [problem_line(*found) for found in blocking(content_problems(post))]
    return context


@login_required
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a post; the month asks for the drawer’s form of the same."""
    post = post_or_404(request, pk)
    is_drawer = request.headers.get("X-Drawer") == "yes"
    template = "calendar_app/post_drawer.html" if is_drawer else "calendar_app/post.html"
    return render(request, template, _context(request, post))


@login_required
@require_GET
def by_key(request: HttpRequest, key: UUID) -> HttpResponse:
    """Lead from a publication, which knows only the key, to its post or to its new hour."""
    post = get_visible(Post.objects.all(), request.user, key=key)
    return redirect("post_move" if request.GET.get("to") == "move" else "post", post.pk)


def refused(request: HttpRequest, refusal: Refusal) -> None:
    """Say why something was not done; what is missing is told line by line."""
    messages.error(request, refusal.words())
    if isinstance(refusal, NotReady):
        for _post, channel, problem in refusal.problems[:10]:
            messages.warning(request, problem_line(channel, problem))


def _do(request: HttpRequest, post: Post, act: Callable[[], Any], said: str) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        refused(request, refusal)
    else:
        messages.success(request, said)
    return redirect("post", post.pk)


def _a_week_later(post: Post) -> datetime:
    """Return the same hour on the next such weekday that is still to come and that clocks show."""
    today = wall_of(at=timezone.now(), zone=post.zone)
    wall: datetime = max(post.wall, today.replace(hour=post.wall.hour, minute=post.wall.minute, second=0, microsecond=0))
    later = wall + timedelta(days=7)
    return later if exists(wall=later, zone=post.zone) else later + timedelta(days=1)


@login_required
@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft with the same content a week later, and open it for writing."""
    post = post_or_404(request, pk)
    try:
        copy = drafting.duplicate(post, wall=_a_week_later(post), fold=0, by=person(request))
    except Refusal as refusal:
        refused(request, refusal)
        return redirect("post", post.pk)
    messages.success(request, _("This is the copy. Choose its day and change what differs."))
    return redirect("post_edit", copy.pk)


@login_required
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a post out of the calendar; it is kept."""
    post = post_or_404(request, pk)
    try:
        drafting.archive(post, by=person(request))
    except Refusal as refusal:
        refused(request, refusal)
        return redirect("post", post.pk)
    messages.success(request, _("“%(title)s” is archived and no longer in the calendar.") % {"title": post.title})
    return redirect("calendar_month", post.brand_id, post.wall.year, post.wall.month)


@login_required
@require_POST
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Schedule a draft where nobody has to be asked."""
    post = post_or_404(request, pk)
    act = partial(scheduling.schedule_post, post, by=person(request))
    return _do(request, post, act, _("Scheduled. It goes out at its time."))


@login_required
@require_POST
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what has not left."""
    post = post_or_404(request, pk)
    act = partial(scheduling.unschedule, post, by=person(request), why="by hand")
    return _do(request, post, act, _("Taken off the schedule. What is out stays out; nothing more goes out."))


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give or refuse the internal stage, about exactly the version that was shown."""
    asked = get_visible(Approval.objects.select_related("revision__post__brand"), request.user, pk=pk)
    post = asked.revision.post
    require(request.user, Ability.APPROVE_INTERNAL, post.brand)
    digest, words = request.POST.get("digest", ""), request.POST.get("words", "")
    if request.POST.get("decision") == "approve":
        act = partial(approval.approve, asked, by=person(request), digest=digest)
        return _do(request, post, act, _("Approved."))
    act = partial(approval.request_changes, asked, by=person(request), digest=digest, words=words)
    return _do(request, post, act, _("Your request is noted. The post is a draft again."))
