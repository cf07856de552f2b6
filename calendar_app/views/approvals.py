"""*Approvazioni*: what waits for whom, what came too late, what was sent back, and who holds a link."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import links
from accounts.models import Brand, GuestLink, Purpose, User
from accounts.permissions import Ability, abilities_in, require
from accounts.scope import brand_for, get_visible
from calendar_app import drafting, scheduling
from calendar_app.forms.rule import RuleForm
from calendar_app.models import Approval, ApprovalRule, ApprovalState, Pack, Post, PostStage, Revision, Stage
from calendar_app.packs import waiting_in
from calendar_app.refusals import Refusal
from calendar_app.rules import rule_of, set_rule
from calendar_app.views.moving import said
from calendar_app.views.showing import KINDS
from publisher.models import Publication
from publisher.views.outgoing import person

PRESSING = timedelta(hours=24)
MOST = 40
SENT_BACK = (ApprovalState.CHANGES_REQUESTED, ApprovalState.REFUSED, ApprovalState.WITHDRAWN)


@login_required
@require_GET
def approvals(request: HttpRequest, brand: int) -> HttpResponse:
    """Show the page in a fixed number of queries."""
    of_brand = brand_for(request, brand)
    soon = timezone.now() + PRESSING
    waiting = [
        {"row": one, "is_pressing": bool(one.first_hour and one.first_hour < soon)} for one in waiting_in(of_brand)
    ]
    context = {
        "brand": of_brand,
        "abilities": abilities_in(request.user, of_brand),
        "mine": _asked_of(person(request), of_brand),
        "late": [{"post": post, "hours": scheduling.proposed_hours(post)} for post in _late(of_brand)],
        "back": _sent_back(of_brand),
        "waiting": waiting,
        "packs": Pack.objects.filter(brand=of_brand).select_related("asked_by").order_by("-pk")[:MOST],
        "links": _open_links(of_brand),
        "rule": rule_of(of_brand),
    }
    return render(request, "calendar_app/approvals.html", context)


def _asked_of(user: User, brand: Brand) -> list[Pack]:
    """Return the packs in which this colleague’s own decision is asked."""
    asked = Approval.objects.filter(pack=OuterRef("pk"), reviewer=user, state=ApprovalState.ASKED, stage=Stage.INTERNAL)
    theirs = Q(approvals__reviewer=user, approvals__state=ApprovalState.ASKED, approvals__stage=Stage.INTERNAL)
    packs = Pack.objects.filter(Exists(asked), brand=brand).select_related("asked_by")
    packs = packs.annotate(asked=Count("approvals", filter=theirs))
    return list(packs.order_by("deadline_at", "pk")[:MOST])


def _late(brand: Brand) -> list[Post]:
    """Return what was approved after its hour: nothing was sent, another hour is wanted."""
    rows = Publication.objects.filter(origin_key=OuterRef("key")).exclude(state="canceled")
    posts = Post.objects.filter(brand=brand, stage=PostStage.APPROVED, due_at__lte=timezone.now())
    return list(posts.exclude(Exists(rows)).select_related("brand").order_by("-due_at")[:MOST])


def _sent_back(brand: Brand) -> list[Approval]:
    """Return the newest word on each draft that somebody sent back."""
    newest = Revision.objects.filter(post=OuterRef("revision__post"), number__gt=OuterRef("revision__number"))
    rows = Approval.objects.filter(revision__post__brand=brand, revision__post__stage=PostStage.DRAFT)
    found = rows.filter(~Exists(newest), state__in=SENT_BACK).select_related("revision__post", "reviewer")
    return list(found.order_by("-decided_at", "-pk")[:MOST])


def _open_links(brand: Brand) -> QuerySet[GuestLink]:
    """Return who holds a link that still opens something."""
    rows = GuestLink.objects.filter(
        brand=brand, purpose__in=[Purpose.APPROVE, Purpose.READ], revoked_at=None, expires_at__gt=timezone.now()
    )
    packs = Prefetch("pack_links__pack", queryset=Pack.objects.only("pk", "title"))
    return rows.select_related("user").prefetch_related(packs).order_by("user__name", "-created_at")


@login_required
@require_POST
def link_revoke(request: HttpRequest, brand: int, pk: int) -> HttpResponse:
    """Close one link now."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.SEND_FOR_APPROVAL, of_brand)
    link = get_visible(GuestLink.objects.select_related("user"), request.user, pk=pk, brand=of_brand)
    links.revoke(link, by=person(request))
    messages.success(request, _("The link of %(name)s opens nothing any more.") % {"name": link.user})
    return redirect("approvals", of_brand.pk)


@login_required
@require_POST
def take_hour(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an approved post whose hour has passed one of the hours that were proposed."""
    post = get_visible(Post.objects.select_related("brand"), request.user, pk=pk)
    require(request.user, Ability.PLAN, post.brand)
    wall = _naive(request.POST.get("wall", ""))
    if wall not in scheduling.proposed_hours(post):
        messages.error(request, _("That time is no longer on offer. Choose one of these."))
        return redirect("approvals", post.brand_id)
    try:
        drafting.move(post, wall=wall, fold=0, by=person(request))
    except Refusal as refusal:
        messages.error(request, refusal.words())
    else:
        post.refresh_from_db()
        _tell_move(request, post, wall)
    return redirect("approvals", post.brand_id)


def _naive(typed: str) -> datetime | None:
    try:
        found = parse_datetime(typed)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is None else None


def _tell_move(request: HttpRequest, post: Post, wall: datetime) -> None:
    if post.stage == PostStage.APPROVED:
        messages.success(request, _("Moved to %(when)s.") % {"when": said(wall)})
        return
    words = _("Moved to %(when)s. That is further than agreed, so it has to be approved again: send it once more.")
    messages.warning(request, words % {"when": said(wall)})


@login_required
@require_http_methods(["GET", "POST"])
def approval_rule(request: HttpRequest, brand: int) -> HttpResponse:
    """Show the rule in force, and put another one in its place."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.MANAGE_BRAND, of_brand)
    form = RuleForm(request.POST or None, initial=RuleForm.initial_of(rule_of(of_brand)))
    if request.method == "POST" and form.is_valid():
        set_rule(brand=of_brand, by=person(request), **form.values())
        messages.success(request, _("The rule is in force for everything that is sent from now on."))
        return redirect("approvals", of_brand.pk)
    still = Approval.objects.filter(revision__post__brand=of_brand, state=ApprovalState.ASKED)
    closer = ApprovalRule.objects.filter(brand=of_brand, replaced_at=None).exclude(kind="", campaign=None)
    context: dict[str, Any] = {
        "brand": of_brand,
        "form": form,
        "still": still.aggregate(last=Max("asked_at"))["last"],
        "special": [(_what_for(rule), RuleForm.words_of(rule)) for rule in closer.select_related("campaign").order_by("pk")],
    }
    return render(request, "calendar_app/approval_rule.html", context, status=422 if form.errors else 200)


def _what_for(rule: ApprovalRule) -> str:
    """Return the kind, the campaign, or both, that have a rule of their own."""
    return " · ".join(
        str(words) for words in (KINDS[rule.kind].many if rule.kind else "", rule.campaign or "") if words
    )
