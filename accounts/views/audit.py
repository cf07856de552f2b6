"""Who did what in a brand: the book that nobody can change, to read and to take along."""

import csv
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit_words import subject_of, words_of
from accounts.models import AuditEntry, Brand
from accounts.permissions import Ability, require
from accounts.scope import brand_for

PAGE = 50
MOST_EXPORTED = 20_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@login_required
@require_safe
def audit(request: HttpRequest, brand: int) -> HttpResponse:
    """Show the newest entries, or those before a number."""
    here = _seen(request, brand)
    before = request.GET.get("before", "")
    found = _entries(here)
    if before.isascii() and before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = {"brand": here, "rows": [_row(row) for row in rows[:PAGE]], "older": older, "is_first": not before}
    return render(request, "accounts/audit.html", context)


@login_required
@require_safe
def audit_file(request: HttpRequest, brand: int) -> HttpResponse:
    """Hand the book over as a table."""
    here = _seen(request, brand)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="palinsesto-{here.slug}-{timezone.now():%Y-%m-%d}.csv"'
    sheet = csv.writer(response)
    sheet.writerow(["at", "who", "verb", "subject", "id", "data", "from"])
    for entry in _entries(here)[:MOST_EXPORTED].iterator(chunk_size=500):
        line = [
            entry.at.isoformat(),
            _who(entry),
            entry.verb,
            entry.subject_kind,
            entry.subject_id,
            entry.data,
            entry.address_short,
        ]
        sheet.writerow([_harmless(value) for value in line])
    return response


def _seen(request: HttpRequest, brand: int) -> Brand:
    """Return the brand if it is theirs (404) and they may read its book (403)."""
    here = brand_for(request, brand)
    require(request.user, Ability.SEE_AUDIT, here)
    return here


def _entries(brand: Brand) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(brand=brand).select_related("actor", "link__user").order_by("-pk")


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "who": _who(entry),
        "by_link": entry.link_id is not None,
        "what": words_of(entry.verb),
        "verb": entry.verb,
        "subject": subject_of(entry.subject_kind, entry.subject_id),
        "address": entry.address_short,
    }


def _who(entry: AuditEntry) -> str:
    """Return whose act it was: a person, the person of a link, or a part of the program."""
    if entry.actor:
        return str(entry.actor)
    return str(entry.link.user) if entry.link else entry.actor_label


def _harmless(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
