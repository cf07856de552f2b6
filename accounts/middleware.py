"""What a request knows of the person, and the pages that answer what any view may raise."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from accounts import sessions
from accounts.address import CURRENT, client_address
from accounts.limits import TooManyError
from accounts.links import LinkClosed, LinkCookieMissing

View = Callable[[HttpRequest], HttpResponse]


class OriginMiddleware:
    """Gives a form on a page without referrer its origin back, before the check against forged requests.

    Browsers send ``Origin: null`` from a page that says ``no-referrer``, as client pages must. Where the browser says
    itself that the request is our own (``Sec-Fetch-Site``, which no page can write), or is too old to say anything,
    the origin is ours; the form’s own token is checked in any case.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Write the origin where it is missing for this reason only."""
        is_ours = request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") == "same-origin"
        if is_ours and request.META.get("HTTP_ORIGIN") == "null":
            request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
        return self.get_response(request)


class PersonMiddleware:
    """Ends old sessions, speaks the signed-in person’s language and shows hours in their zone."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set all of it for this request only."""
        address = CURRENT.set(client_address(request))
        try:
            if request.user.is_authenticated:
                sessions.end_if_old(request)
            return self._answer(request)
        finally:
            CURRENT.reset(address)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(ZoneInfo(request.user.zone)), translation.override(request.user.language):
            request.LANGUAGE_CODE = translation.get_language() or request.user.language
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a view raises about links and limits; everything else is not ours."""
        if isinstance(exception, LinkCookieMissing):
            page = render(request, "accounts/link_again.html", {"public_id": exception.public_id}, status=403)
        elif isinstance(exception, LinkClosed):
            page = render(request, "accounts/link_closed.html", status=404)
        elif isinstance(exception, TooManyError):
            page = render(request, "429.html", status=429)
            page.headers["Retry-After"] = str(exception.retry_after)
        else:
            return None
        return unlogged(page)


def unlogged(response: HttpResponse) -> HttpResponse:
    """Keep Django from writing this answer’s path to the log: it may hold a secret."""
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django’s own mark
    return response
