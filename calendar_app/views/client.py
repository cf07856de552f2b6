"""The client’s page: read by a personal link, decided post by post. Opening it decides nothing."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.links import link_of
from accounts.models import GuestLink, Purpose
from calendar_app import approval, feed
from calendar_app.models import Approval, Feed, Pack, Post, Sheet, Stage
from calendar_app.refusals import NotYours, Refusal, WordsMissing
from calendar_app.views.client_cards import Card, Deck, deck_of, may_lift, pack_of
from calendar_app.views.client_voice import is_formal, redate_words, refusal_words, voice_for
from publisher.files import media_answer, thumbnail_for
from publisher.models import Stop, StopScope, StoredFile

LONGEST_WORDS = 4000
View = Callable[..., HttpResponseBase]


def for_guests(view: View) -> View:
    """Let in who holds the link’s cookie, in their language and the brand’s hours."""

    @wraps(view)
    def opened(request: HttpRequest, public_id: UUID, **kwargs: Any) -> HttpResponseBase:
        link = link_of(request, public_id)
        if link.purpose not in {Purpose.APPROVE, Purpose.READ} or link.brand is None:
            raise Http404
        with translation.override(link.user.language), timezone.override(ZoneInfo(link.brand.zone)):
            return view(request, link, **kwargs)

    return opened


def _context(deck: Deck) -> dict[str, Any]:
    brand = deck.pack.brand
    say = voice_for(brand)
    name = deck.link.user.name if is_formal(brand) else deck.link.user.get_short_name()
    months = {(card.wall.year, card.wall.month) for card in deck.cards}
    return {
        "deck": deck,
        "pack": deck.pack,
        "brand": brand,
        "link": deck.link,
        "say": say,
        "hello": say["hello"] % {"name": name},
        "write_back": say["write_back"] % {"agency": brand.agency.name},
        "trouble": next((card for card in deck.cards if card.note), None),
        "month": deck.cards[0].wall if len(months) == 1 else None,
        "redate": redate_words(brand, deck.redate_within_s),
        "shows_zone": deck.link.user.zone != brand.zone,
    }


def _page(request: HttpRequest, deck: Deck, *, status: int = 200) -> HttpResponse:
    return render(request, "client/pack.html", _context(deck), status=status)


@require_safe
@for_guests
def show(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """Show every post of the pack: what waits first, what is decided after it."""
    deck = deck_of(link)
    for card in deck.cards:
        card.is_kept_open = request.GET.get("at", "") == str(card.pk)
    return _page(request, deck)


@require_safe
@for_guests
def printed(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """Show the same for paper: every post whole, with its state in words."""
    return render(request, "client/print.html", _context(deck_of(link)))


@require_POST
@for_guests
def decide(request: HttpRequest, link: GuestLink, pk: int) -> HttpResponse:
    """Approve, ask for changes or refuse, about exactly the version whose digest was on the page."""
    mine = _mine(link, pk)
    wish = request.POST.get("decision", "")
    words = request.POST.get("why" if wish == "refuse" else "words", "")[:LONGEST_WORDS]
    told: dict[str, Any] = {"by": link.user, "link": link, "digest": request.POST.get("digest", "")}
    acts: dict[str, Callable[[], Any]] = {
        "approve": partial(approval.approve, mine, **told),
        "changes": partial(approval.request_changes, mine, words=words, **told),
        "refuse": partial(_refuse, mine, words=words, **told),
    }
    if wish not in acts:
        raise Http404
    return _act(request, link, pk, acts[wish], wish=wish, words=words)


def _refuse(mine: Approval, *, words: str, **told: Any) -> None:
    """A refusal says why."""
    if not words.strip():
        raise WordsMissing
    approval.refuse(mine, words=words, **told)


@require_POST
@for_guests
def withdraw(request: HttpRequest, link: GuestLink, pk: int) -> HttpResponse:
    """Take one’s own approval back, up to the second of arming."""
    return _act(request, link, pk, partial(approval.withdraw, _mine(link, pk), by=link.user, link=link))


@require_POST
@for_guests
def stop(request: HttpRequest, link: GuestLink, pk: int) -> HttpResponse:
    """Put the hand on one post."""
    post = _mine(link, pk).revision.post
    reason = request.POST.get("words", "")[:300].strip()
    return _act(request, link, pk, partial(approval.stop_post, post, by=link.user, link=link, reason=reason))


@require_POST
@for_guests
def lift(request: HttpRequest, link: GuestLink, pk: int) -> HttpResponse:
    """Let a stopped post go again."""
    post = _mine(link, pk).revision.post
    return _act(request, link, pk, partial(_lift, post, link=link))


def _lift(post: Post, *, link: GuestLink) -> None:
    """What the client’s side stopped is let go by it; what the agency stopped is the agency’s."""
    found = Stop.objects.filter(scope=StopScope.POST, origin_key=post.key, lifted_at=None).select_related("by").first()
    if found is not None and not may_lift(found):
        raise NotYours
    approval.lift_stop(post, by=link.user, link=link)


@require_http_methods(["GET", "HEAD", "POST"])
@for_guests
def approve_all(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """List what would be approved in one go; only the second step, with every digest, approves."""
    deck = deck_of(link)
    if request.method != "POST":
        if not deck.open or not deck.may_answer:
            return redirect("client_pack", link.public_id)
        return render(request, "client/all.html", _context(deck))
    digests = {card.pk: request.POST[f"digest-{card.pk}"] for card in deck.cards if f"digest-{card.pk}" in request.POST}
    outcome = approval.approve_all(deck.pack, by=link.user, digests=digests, link=link)
    if not outcome.refused:
        return redirect("client_pack", link.public_id)
    fresh = deck_of(link)
    for refused, refusal in outcome.refused:
        fresh.card(refused.pk).note = refusal_words(refusal, fresh.pack.brand)
    return _page(request, fresh, status=409)


def _mine(link: GuestLink, pk: int) -> Approval:
    """Return what this person was asked in this pack, or 404: no other post exists for this link."""
    asked = Approval.objects.filter(pack=pack_of(link), reviewer=link.user_id, stage=Stage.CLIENT, pk=pk)
    found = asked.select_related("revision__post__brand").first()
    if found is None:
        raise Http404
    return found


def _act(
    request: HttpRequest, link: GuestLink, pk: int, act: Callable[[], Any], *, wish: str = "", words: str = ""
) -> HttpResponse:
    """Act and show the card as it stands now; what was refused is said beside it, and nothing typed is lost."""
    limits.count("decision", link.pk)
    refusal: Refusal | None = None
    try:
        if link.purpose != Purpose.APPROVE:
            raise NotYours
        act()
    except Refusal as found:
        refusal = found
    if refusal is None and not request.headers.get("HX-Request"):
        return redirect(f"{reverse('client_pack', args=[link.public_id])}?at={pk}#p{pk}")
    deck = deck_of(link)
    card = deck.card(pk)
    card.is_kept_open = True
    if refusal is not None:
        card.note, card.typed, card.wish = refusal_words(refusal, deck.pack.brand), words, wish
    return _answer(request, deck, card, refusal)


def _answer(request: HttpRequest, deck: Deck, card: Card, refusal: Refusal | None) -> HttpResponse:
    """Return one card with the numbers beside it where a script asked, otherwise the whole page."""
    if request.headers.get("HX-Request"):  # always 200: a script swaps it in, and the card itself says what is wrong
        return render(request, "client/answer.html", {**_context(deck), "card": card, "fresh": True})
    status = 200 if refusal is None else 422 if isinstance(refusal, WordsMissing) else 409
    return _page(request, deck, status=status)


@require_safe
@for_guests
def calendar_file(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """Send what is approved as a calendar file, once."""
    brand = pack_of(link).brand
    data = feed.file_of(brand=brand, by=link.user, options=feed.Options(only_approved=True, texts=False))
    answer = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{brand.slug}.ics"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@for_guests
def subscribe(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """Make this person’s private address for calendar applications, and show it this once; an older one ends."""
    pack = pack_of(link)
    for older in Feed.objects.filter(user=link.user, brand=pack.brand, revoked_at=None):
        feed.revoke(older, by=link.user)
    options = {"state": "approved", "channels": [], "texts": False}
    _made, secret = feed.make_feed(user=link.user, brand=pack.brand, options=options, name=pack.title)
    address = request.build_absolute_uri(feed.address_of(secret))
    context = {
        **_context(Deck(pack, link, [])),
        "address": address,
        "webcal": "webcal://" + address.split("://", 1)[1],
    }
    return render(request, "client/feed.html", context)


def _shown_files(pack: Pack, link: GuestLink) -> set[int]:
    """Return the pictures of what a client was asked in this pack, and of the newer version this person was asked about."""
    here = Q(pack=pack) | Q(reviewer=link.user_id, revision__post__revisions__pack_items__pack=pack)
    asked = Approval.objects.filter(here, stage=Stage.CLIENT).values("revision")
    return {pk for files in Sheet.objects.filter(revision__in=asked).values_list("files", flat=True) for pk in files}


def _file(link: GuestLink, pk: int) -> StoredFile:
    if pk not in _shown_files(pack_of(link), link):
        raise Http404
    found = StoredFile.objects.filter(pk=pk, source__isnull=False).first()
    if found is None:
        raise Http404
    return found


@require_safe
@for_guests
def file(request: HttpRequest, link: GuestLink, pk: int) -> HttpResponseBase:
    """Send the very copy that goes out."""
    return media_answer(_file(link, pk))


@require_safe
@for_guests
def picture(request: HttpRequest, link: GuestLink, pk: int, width: int) -> HttpResponseBase:
    """Send a small copy of it for the page."""
    return media_answer(thumbnail_for(_file(link, pk), width))
