"""One pack for colleagues: everything that is sealed, who was asked, what they said, and one’s own decision."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.permissions import abilities_in
from accounts.scope import get_visible, row_number
from calendar_app import approval
from calendar_app.models import Approval, ApprovalState, Pack, PackItem, Revision, Sheet, Stage
from calendar_app.refusals import Refusal
from calendar_app.shown import STATES
from calendar_app.views.faces import faces_of, with_sheets
from calendar_app.views.showing import DECIDED
from publisher.files import media_answer, thumbnail_for
from publisher.models import StoredFile
from publisher.views.outgoing import person


def _pack(request: HttpRequest, pk: int) -> Pack:
    found = get_visible(Pack.objects.select_related("brand__agency", "asked_by"), request.user, pk=pk)
    request.session["brand"] = found.brand_id
    return found


def _cards(pack: Pack, user_id: int) -> list[dict[str, Any]]:
    """Return each post with its decisions, in a fixed number of queries."""
    items = PackItem.objects.filter(pack=pack).order_by("position", "pk").values_list("revision", flat=True)
    order = list(items)
    faces = faces_of(with_sheets(Revision.objects.filter(pk__in=order)))
    rows = Approval.objects.filter(pack=pack).select_related("reviewer", "revision").order_by("pk")
    by_revision: dict[int, list[Approval]] = {pk: [] for pk in order}
    for row in rows:
        by_revision[row.revision_id].append(row)
    return [
        {
            "face": faces[pk],
            "number": number,
            "decisions": [(_look(one), one) for one in by_revision[pk]],
            "asked": next((one for one in by_revision[pk] if _is_mine(one, user_id)), None),
        }
        for number, pk in enumerate(order, start=1)
    ]


def _is_mine(one: Approval, user_id: int) -> bool:
    return one.reviewer_id == user_id and one.stage == Stage.INTERNAL and one.state == ApprovalState.ASKED


def _look(one: Approval) -> dict[str, Any]:
    """Return a decision with its class, sign and word."""
    if one.state == ApprovalState.ASKED:
        waiting = STATES["client" if one.stage == Stage.CLIENT else "review"]
        return {"css": waiting.css, "sign": waiting.sign, "word": waiting.word}
    css, sign, word = DECIDED[one.state]
    return {"css": css, "sign": sign, "word": word}


@login_required
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a pack."""
    pack = _pack(request, pk)
    cards = _cards(pack, person(request).pk)
    context = {
        "pack": pack,
        "brand": pack.brand,
        "cards": cards,
        "asked": [card["asked"] for card in cards if card["asked"]],
        "abilities": abilities_in(request.user, pack.brand),
    }
    return render(request, "calendar_app/pack.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, approval_pk: int) -> HttpResponse:
    """Give the internal approval, or ask for changes, about exactly the version on the page."""
    pack = _pack(request, pk)
    rows = Approval.objects.select_related("revision")
    asked = get_visible(rows, request.user, pk=approval_pk, pack=pack, stage=Stage.INTERNAL)
    told: dict[str, Any] = {"by": person(request), "digest": request.POST.get("digest", "")}
    acts: dict[str, Callable[[], Any]] = {
        "approve": partial(approval.approve, asked, **told),
        "changes": partial(approval.request_changes, asked, words=request.POST.get("words", ""), **told),
    }
    if request.POST.get("decision", "") not in acts:
        raise Http404
    try:
        acts[request.POST["decision"]]()
    except Refusal as refusal:
        messages.error(request, f"{asked.revision.title}: {refusal.words()}")
    else:
        messages.success(request, _("Noted: %(title)s.") % {"title": asked.revision.title})
    return redirect("pack", pack.pk)


@login_required
@require_POST
def approve_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve all that is asked of this colleague and was on the page."""
    pack = _pack(request, pk)
    digests = {
        row_number(name.removeprefix("digest-")): value
        for name, value in request.POST.items()
        if name.startswith("digest-")
    }
    outcome = approval.approve_all(
        pack, by=person(request), digests={key: str(value) for key, value in digests.items()}
    )
    for refused, refusal in outcome.refused:
        messages.error(request, f"{refused.revision.title}: {refusal.words()}")
    if outcome.approved:
        count = len(outcome.approved)
        messages.success(request, ngettext("%(n)d post approved.", "%(n)d posts approved.", count) % {"n": count})
    return redirect("pack", pack.pk)


@login_required
@require_safe
def picture(request: HttpRequest, pk: int, file: int, width: int) -> HttpResponseBase:
    """Send a small copy of a sealed picture of the pack."""
    pack = get_visible(Pack.objects.all(), request.user, pk=pk)
    sheets = Sheet.objects.filter(revision__pack_items__pack=pack).values_list("files", flat=True)
    stored = StoredFile.objects.filter(pk=file, brand=pack.brand_id, source__isnull=False).first()
    if stored is None or stored.pk not in {one for files in sheets for one in files}:
        raise Http404
    return media_answer(thumbnail_for(stored, width))
