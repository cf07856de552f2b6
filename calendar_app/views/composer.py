"""The composer: a new post or a changed one, kept while it is written, and nothing lost on the way."""

import re
from contextlib import suppress
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, row_number
from accounts.wall import wall_of
from calendar_app import drafting, scheduling
from calendar_app.forms.channel import rearranged
from calendar_app.forms.compose import FIRST_DAY, LAST_DAY, Typed, arranged
from calendar_app.forms.desk import Desk
from calendar_app.forms.pairs import TAKE, is_same, marks_of, pairs_of, taken_over
from calendar_app.forms.usual import free_day
from calendar_app.models import Post
from calendar_app.refusals import Refusal, Stale, WouldVoid
from calendar_app.revisions import draft_of, with_draft
from calendar_app.rules import rule_for
from calendar_app.views.desk_page import Trouble, asks_by_script, cost_in_words, errors_of, page
from calendar_app.views.library import keep_uploads
from calendar_app.views.link_cards import WISH, fill_card
from calendar_app.views.live import live_of
from calendar_app.views.post import post_or_404, refused
from publisher.views.outgoing import person

ARRANGE = re.compile(r"(?:(?P<prefix>c\d+)-)?(?:part-(?P<place>\d{1,3})-)?(?P<part>part:)?(?P<rest>.*)")
SHOWS_AGAIN = {"upload", "restore", "preview", "shelf"}


def _start(request: HttpRequest) -> date | None:
    """Return the day whose *+* was pressed."""
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return on if FIRST_DAY <= on <= LAST_DAY else None


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, brand: int) -> HttpResponse:
    """Write a post."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.WRITE, of_brand)
    if request.method == "GET":
        return page(request, Desk(brand=of_brand, post=None, on=_start(request)))
    return _handle(request, Desk(brand=of_brand, post=_already(request, of_brand), data=request.POST))


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a post."""
    post = post_or_404(request, pk)
    require(request.user, Ability.WRITE, post.brand)
    if request.method == "GET":
        return page(request, Desk(brand=post.brand, post=post))
    mine = Desk(brand=post.brand, post=post, data=request.POST)
    if any(name.startswith(TAKE) for name in request.POST) and request.POST.get("action") != "keep":
        data = taken_over(request.POST, mine, Desk(brand=post.brand, post=post))
        mine = Desk(brand=post.brand, post=post, data=data)
    return _handle(request, mine)


def _key(request: HttpRequest) -> UUID | None:
    with suppress(ValueError):
        return UUID(request.POST.get("key", ""))
    return None


def _already(request: HttpRequest, brand: Brand) -> Post | None:
    """Return the post that this very sheet has become before: an answer that got lost makes no second one."""
    key = _key(request)
    if key is None:
        return None
    return with_draft(Post.objects.filter(brand=brand, key=key, created_by=person(request))).first()


def _handle(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Do what a button of the form asks. Pictures are kept first: they survive whatever comes back."""
    problems = _take_uploads(request, desk)
    wish, action = request.POST.get("arrange", ""), request.POST.get("action", "save")
    if wish:
        _arrange(desk, wish)
    if action.startswith(WISH):
        problem = fill_card(request, desk, action)
        return page(request, desk, trouble=Trouble(uploads=problems, other=[problem] if problem else []))
    if wish or action.partition(":")[0] in SHOWS_AGAIN:
        return page(request, desk, trouble=Trouble(uploads=problems))
    if action == "keep":
        return JsonResponse(_keep(request, desk))
    if not desk.is_valid() or problems:
        return page(request, desk, trouble=Trouble(uploads=problems), checked=True)
    return _save(request, desk, action)


def _take_uploads(request: HttpRequest, desk: Desk) -> list[str]:
    """Put what was uploaded into the lists that it was uploaded for; return what was refused."""
    problems: list[str] = []
    desk.with_pictures(_with_more(request, desk, desk.pictures, "", problems))
    for channel in desk.channels:
        start = f"{channel.prefix}-"
        desk.with_pictures(_with_more(request, desk, channel.pictures, start, problems), channel=channel)
        for part, place in zip(channel.parts, desk.places(channel), strict=False):
            part.pictures = _with_more(request, desk, part.pictures, f"{start}part-{place}-", problems)
    return problems


def _with_more(
    request: HttpRequest, desk: Desk, pictures: list[Typed], start: str, problems: list[str]
) -> list[Typed]:
    """Return a list with what was uploaded for it, or picked from the library, at its end."""
    kept, wrong = keep_uploads(request, desk.brand, name=f"{start}upload")
    problems += wrong
    picked = [pk for pk in map(row_number, request.POST.getlist(f"{start}pick")) if pk]
    known = {one.asset_id for one in pictures}
    more = dict.fromkeys(pk for pk in (*(asset.pk for asset in kept), *picked) if pk not in known)
    return [*pictures, *(Typed(pk, "") for pk in more)]


def _arrange(desk: Desk, wish: str) -> None:
    """Do what a button beside a picture or a part of a thread says."""
    found = ARRANGE.fullmatch(wish)
    if found is None:
        return
    channel = desk.channel(found["prefix"] or "")
    if channel is None:
        desk.with_pictures(arranged(desk.pictures, wish))
    elif found["part"]:
        channel.parts = rearranged(channel.parts, found["rest"])
    elif found["place"]:
        for part, place in zip(channel.parts, desk.places(channel), strict=False):
            if place == found["place"]:
                part.pictures = arranged(part.pictures, found["rest"])
    elif found["rest"] == "copy":
        desk.with_pictures(desk.pictures, channel=channel)
    else:
        desk.with_pictures(arranged(channel.pictures, found["rest"]), channel=channel)


def _keep(request: HttpRequest, desk: Desk) -> dict[str, object]:
    """Save while somebody writes, where that costs nothing; otherwise say what is waited for."""
    if any(name.startswith(TAKE) for name in request.POST):
        return {"state": "waits", "words": _("Choose below what to keep, then save.")}
    if cost_in_words(desk.post):
        return {"state": "waits", "words": _("Not saved yet: saving changes what was agreed, so it waits for you.")}
    if not desk.is_valid():
        said = errors_of(desk, Trouble())
        return {"state": "waits", "words": _("Not saved yet: %(why)s") % {"why": said[0]["words"] if said else ""}}
    try:
        post = _stored(request, desk, may_void=False)
    except Stale:
        words = _("Not saved: somebody else changed this post. Save to compare the two.")
        return {"state": "stale", "words": words}
    except Refusal as refusal:
        return {"state": "waits", "words": _("Not saved: %(why)s") % {"why": refusal.words()}}
    fresh = draft_of(post)
    return {
        "state": "saved",
        "words": _("Saved at %(hour)s") % {"hour": f"{timezone.localtime():%H:%M}"},
        "version": fresh.version,
        "marks": marks_of(Desk(brand=desk.brand, post=fresh)),
        "address": reverse("post_edit", args=[fresh.pk]),
    }


def _save(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    """Store the desk; a stale tab comes back with both texts."""
    if action == "send" and live_of(desk, asked=True)["stops"]:
        return page(request, desk, checked=True)
    try:
        post = _stored(request, desk, may_void=request.POST.get("told") == "yes")
    except Stale as stale:
        desk.post = draft_of(stale.current)
        stored = Desk(brand=desk.brand, post=desk.post)
        pairs = pairs_of(desk, stored, marks=request.POST.get("marks", ""))
        return page(request, desk, trouble=Trouble(stale=pairs), checked=True)
    except Refusal as refusal:
        if isinstance(refusal, WouldVoid) and desk.post:
            desk.post = draft_of(desk.post)  # the page says now what it would end
        return page(request, desk, trouble=Trouble(other=[refusal.words()]), checked=True)
    return _gone_on(request, post, desk.brand, action)


def _stored(request: HttpRequest, desk: Desk, *, may_void: bool) -> Post:
    """Store what was typed; where nothing differs from what is stored, nothing is written: an answer may have got lost."""
    changes, by = desk.changes(), person(request)
    if desk.post is None:
        key = _key(request)
        is_taken = key is not None and Post.every.filter(key=key).exists()
        return drafting.create_post(brand=desk.brand, by=by, changes=changes, key=None if is_taken else key)
    version = row_number(request.POST.get("version", ""))
    if version == 0 and _key(request) == desk.post.key:
        version = 1  # this very sheet became the post, and the answer got lost
    if is_same(desk, Desk(brand=desk.brand, post=desk.post)):
        return desk.post
    return drafting.save_post(desk.post, version=version, by=by, changes=changes, may_void=may_void)


def _gone_on(request: HttpRequest, post: Post, brand: Brand, action: str) -> HttpResponse:
    """Lead on to where the button leads; the script goes there itself, once it knows that all is stored."""
    if action == "send":
        address = _send_on(request, post, brand)
    elif action == "next":
        messages.success(request, _("Saved. Here is the next one."))
        day = free_day(brand, after=max(post.wall.date(), wall_of(at=timezone.now(), zone=brand.zone).date()))
        address = f"{reverse('post_new', args=[brand.pk])}?on={day}"
    else:
        messages.success(request, _("Saved."))
        address = reverse("post", args=[post.pk])
    return JsonResponse({"state": "done", "address": address}) if asks_by_script(request) else redirect(address)


def _send_on(request: HttpRequest, post: Post, brand: Brand) -> str:
    """Return where asking goes on; where nobody is asked, schedule."""
    if rule_for(post).stages:
        messages.success(request, _("Saved."))
        return f"{reverse('pack_new', args=[brand.pk])}?post={post.pk}"
    try:
        scheduling.schedule_post(post, by=person(request))
    except Refusal as refusal:
        messages.success(request, _("Saved."))
        refused(request, refusal)
    else:
        messages.success(request, _("Scheduled. It goes out at its time."))
    return reverse("post", args=[post.pk])


@login_required
@require_POST
def lengths(request: HttpRequest, brand: int) -> HttpResponse:
    """Count what is being typed as each platform counts it, say what it would refuse, and show one preview."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.WRITE, of_brand)
    limits.count("preview", person(request).pk)
    desk = Desk(brand=of_brand, post=None, data=request.POST)
    live = live_of(desk, shown=request.POST.get("preview", ""))
    context = {**live, "may_ask": can(request.user, Ability.SEND_FOR_APPROVAL, of_brand), "is_answer": True}
    return render(request, "calendar_app/composer/live.html", context)
