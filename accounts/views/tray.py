"""The test mail of the demo: letters that would have left, to read and follow."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import tray


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """List the newest letters."""
    return render(request, "accounts/letters.html", {"letters": tray.newest()})


@require_safe
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """Show one letter."""
    found = tray.letter_named(name)
    if found is None:
        raise Http404
    return render(request, "accounts/letter.html", {"letter": found})
