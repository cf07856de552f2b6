"""The inbox of a brand and of all brands, with the first conversation open beside it where there is room."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Brand
from accounts.permissions import Ability, require
from accounts.scope import brand_for
from community.views.desk import asked_list, conversation_context, conversation_for, number


def brand_of(request: HttpRequest, brand: int | None) -> Brand | None:
    """Return the brand of the address when its inbox may be read, None for all brands."""
    if brand is None:
        return None
    found = brand_for(request, brand)
    require(request.user, Ability.READ_INBOX, found)
    request.brand = found  # type: ignore[attr-defined]  # the frame shows the brand of the page
    return found


def list_context(request: HttpRequest, brand: Brand | None) -> dict[str, Any]:
    """Return what the list shows."""
    found = asked_list(request, brand)
    return {"listing": found, "list_brand": brand, "kept": _kept(found.view, brand, found.channel_id), "now_open": 0}


def _kept(view: str, brand: Brand | None, channel_id: int | None) -> str:
    """Return what the address of a conversation has to say so that its list stays the same."""
    parts = [f"view={view}", *([] if brand else ["all=1"]), *([f"channel={channel_id}"] if channel_id else [])]
    return "&".join(parts)


@login_required
@require_GET
@never_cache
def inbox(request: HttpRequest, brand: int | None = None) -> HttpResponse:
    """Show the list; on a wide screen its first conversation stands open beside it."""
    context = list_context(request, brand_of(request, brand))
    rows = context["listing"].rows
    if rows:
        first = conversation_for(request, rows[0].pk)
        context |= conversation_context(request, first) | {"now_open": first.pk}
    return render(request, "community/inbox.html", context)


@login_required
@require_GET
@never_cache
def inbox_rows(request: HttpRequest, brand: int | None = None) -> HttpResponse:
    """Answer the list's own refresh."""
    context = list_context(request, brand_of(request, brand))
    return render(request, "community/rows.html", context | {"now_open": number(request, "open"), "is_refresh": True})
