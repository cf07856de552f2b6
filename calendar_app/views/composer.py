"""The composer: a new post or a changed one, its lengths counted while it is written, and nothing lost on the way."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, row_number
from calendar_app import drafting, scheduling
from calendar_app.drafting import EditCost
from calendar_app.forms.compose import BRIEF, Typed, arranged
from calendar_app.forms.desk import Desk, limits_of
from calendar_app.models import Post, Stage
from calendar_app.refusals import Refusal, Stale
from calendar_app.revisions import draft_of
from calendar_app.rules import rule_for, rule_of
from calendar_app.views.library import keep_uploads
from calendar_app.views.link_cards import WISH, fill_card
from calendar_app.views.post import post_or_404, refused
from calendar_app.views.showing import KINDS, Measured, measured, too_many
from publisher.views.outgoing import person


@dataclass(slots=True)
class Trouble:
    """What keeps a form from being saved, for the summary and beside the fields."""

    uploads: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    stale: list[dict[str, str]] = field(default_factory=list)


def _live(desk: Desk) -> dict[str, Any]:
    """Return the lengths, and whether sending is blocked and why."""
    lines: list[Measured] = [measured(channel.channel, content) for channel, content in limits_of(desk)]
    too_long = [f"{line.channel.name}: {too_many(line.over)}." for line in lines if line.over]
    others = [f"{line.channel.name}: {one.words}" for line in lines for one in line.problems if not one.is_warning]
    stages = _stages(desk)
    if not stages:
        word = _("Save and schedule")
    else:
        word = _("Save and send to the client…") if stages == [Stage.CLIENT] else _("Save and send for approval…")
    return {
        "live": lines,
        "blocked": " ".join([*too_long, *others]) or ("" if lines else _("No channel is chosen yet.")),
        "ask_word": word,
        "may_ask": True,
    }


def _stages(desk: Desk) -> list[str]:
    rule = rule_for(desk.post) if desk.post else rule_of(desk.brand, kind=str(desk.form["kind"].value() or ""))
    return [one["stage"] for one in rule.stages]


def _cost(post: Post | None) -> dict[str, Any]:
    """Return what saving an edit ends, as sentences said before it."""
    if post is None:
        return {"is_any": False}
    cost: EditCost = drafting.cost_of_editing(post)
    lines = []
    if cost.approved_by:
        lines.append(
            _("%(names)s approved this post. A change of its content makes that void: it has to be approved again.")
            % {"names": ", ".join(cost.approved_by)}
        )
    if cost.asked:
        lines.append(
            _("%(names)s is being asked about it now. A change of its content ends the question.")
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
    return {"is_any": bool(lines), "lines": lines}


def _errors(desk: Desk, trouble: Trouble) -> list[dict[str, str]]:
    """Return every error with the place it belongs to."""
    if not desk.form.is_bound:
        return []
    found = [
        {"anchor": desk.form[name].id_for_label or f"id_{name}", "words": str(words)}
        for name, errors in desk.form.errors.items()
        for words in errors
        if name in desk.form.fields
    ]
    found += [{"anchor": "pictures", "words": words} for words in trouble.uploads]
    return [*found, *({"anchor": "", "words": words} for words in trouble.other)]


def _page(request: HttpRequest, desk: Desk, *, trouble: Trouble | None = None, checked: bool = False) -> HttpResponse:
    trouble = trouble or Trouble()
    if desk.form.is_bound and not checked:
        desk.form.errors.clear()  # pictures were arranged, nothing was submitted yet
    errors = _errors(desk, trouble)
    kind = str(desk.form["kind"].value() or "")
    context: dict[str, Any] = {
        "brand": desk.brand,
        "post": desk.post,
        "form": desk.form,
        "kinds": [
            {"value": one.value, "sign": one.sign, "word": one.word, "is_on": one.value == kind}
            for one in KINDS.values()
        ],
        "channels": desk.channels,
        "pictures": desk.shown_pictures(),
        "upload_problems": trouble.uploads,
        "brief_fields": [desk.form[f"brief_{name}"] for name in BRIEF],
        "brief_open": any(desk.form[f"brief_{name}"].value() for name in BRIEF),
        "zone_hint": _("Time zone %(zone)s.") % {"zone": desk.brand.zone},
        "version": request.POST.get("version") or (desk.post.version if desk.post else 0),
        "cost": _cost(desk.post),
        "errors": errors,
        "stale": trouble.stale,
        **_live(desk),
    }
    context["may_ask"] = can(request.user, Ability.SEND_FOR_APPROVAL, desk.brand)
    if trouble.stale and desk.post:
        context["version"] = desk.post.version
    return render(request, "calendar_app/composer.html", context, status=422 if errors or trouble.stale else 200)


def _start(request: HttpRequest) -> date | None:
    """Return the day whose *+* was pressed."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, brand: int) -> HttpResponse:
    """Write a post."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.WRITE, of_brand)
    if request.method == "GET":
        return _page(request, Desk(brand=of_brand, post=None, on=_start(request)))
    return _handle(request, Desk(brand=of_brand, post=None, data=request.POST))


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a post."""
    post = post_or_404(request, pk)
    require(request.user, Ability.WRITE, post.brand)
    if request.method == "GET":
        return _page(request, Desk(brand=post.brand, post=post))
    return _handle(request, Desk(brand=post.brand, post=post, data=request.POST))


def _handle(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Do what a button of the form asks. Pictures are kept first: they survive whatever comes back."""
    kept, problems = keep_uploads(request, desk.brand)
    known = {one.asset_id for one in desk.pictures}
    desk.with_pictures([*desk.pictures, *(Typed(asset.pk, "") for asset in kept if asset.pk not in known)])
    wish = request.POST.get("arrange", "")
    if wish:
        desk.with_pictures(arranged(desk.pictures, wish))
    action = request.POST.get("action", "save")
    if action.startswith(WISH):
        problem = fill_card(request, desk, action)
        return _page(request, desk, trouble=Trouble(uploads=problems, other=[problem] if problem else []))
    if wish or action == "upload":
        return _page(request, desk, trouble=Trouble(uploads=problems))
    if not desk.form.is_valid() or problems:
        return _page(request, desk, trouble=Trouble(uploads=problems), checked=True)
    return _save(request, desk, action)


def _save(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    """Store the desk; a stale tab comes back with both texts."""
    blocked = _live(desk)["blocked"] if action == "send" else ""
    if blocked:
        return _page(request, desk, trouble=Trouble(other=[blocked]), checked=True)
    try:
        post = _stored(request, desk)
    except Stale as stale:
        desk.post = draft_of(stale.current)
        return _page(request, desk, trouble=Trouble(stale=differences(desk, desk.post)), checked=True)
    except Refusal as refusal:
        return _page(request, desk, trouble=Trouble(other=[refusal.words()]), checked=True)
    if action == "send":
        return _send_on(request, post, desk.brand)
    messages.success(request, _("Saved."))
    return redirect("post", post.pk)


def _stored(request: HttpRequest, desk: Desk) -> Post:
    changes, by = desk.changes(), person(request)
    if desk.post is None:
        return drafting.create_post(brand=desk.brand, by=by, changes=changes)
    version = row_number(request.POST.get("version", ""))
    return drafting.save_post(desk.post, version=version, by=by, changes=changes)


def _send_on(request: HttpRequest, post: Post, brand: Brand) -> HttpResponse:
    """Lead on to asking; where nobody is asked, schedule."""
    if rule_for(post).stages:
        messages.success(request, _("Saved."))
        response = redirect("pack_new", brand.pk)
        response.headers["Location"] += f"?post={post.pk}"
        return response
    try:
        scheduling.schedule_post(post, by=person(request))
    except Refusal as refusal:
        messages.success(request, _("Saved."))
        refused(request, refusal)
    else:
        messages.success(request, _("Scheduled. It goes out at its hour."))
    return redirect("post", post.pk)


def differences(desk: Desk, current: Post) -> list[dict[str, str]]:
    """Return what is stored now beside what was typed, where they differ."""
    cleaned = desk.form.cleaned_data
    pairs = [
        (desk.form["title"].label, current.title, cleaned.get("title", "")),
        (desk.form["text"].label, current.text, cleaned.get("text", "").replace("\r\n", "\n")),
        (desk.form["link"].label, current.link, cleaned.get("link", "")),
        (_("Date and hour"), f"{current.wall:%Y-%m-%d %H:%M}", f"{cleaned.get('wall'):%Y-%m-%d %H:%M}"),
        *(
            (desk.form[f"brief_{name}"].label, current.brief.get(name, ""), cleaned["brief"].get(name, ""))
            for name in BRIEF
        ),
    ]
    own = {variant.channel_id: variant for variant in current.variants.all() if variant.own_text}
    for channel in desk.chosen:
        theirs = own[channel.pk].parts.all()[0].text if channel.pk in own else ""
        yours = str(channel.value("text") or "") if channel.value("own") else ""
        pairs.append((f"{_('Text')} · {channel.name}", theirs, yours))
    return [
        {"label": str(label), "theirs": theirs, "yours": yours} for label, theirs, yours in pairs if theirs != yours
    ]


@login_required
@require_POST
def lengths(request: HttpRequest, brand: int) -> HttpResponse:
    """Count what is being typed as each platform counts it."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.WRITE, of_brand)
    limits.count("preview", person(request).pk)
    desk = Desk(brand=of_brand, post=None, data=request.POST)
    context = {**_live(desk), "may_ask": can(request.user, Ability.SEND_FOR_APPROVAL, of_brand)}
    return render(request, "calendar_app/composer/live.html", context)
