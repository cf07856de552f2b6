"""The address that calendar programs ask: no session, only the secret in the path."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from accounts import limits
from accounts.address import CURRENT
from calendar_app.feed import calendar_bytes, etag_of, find_feed

MAX_AGE_S = 300


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with the calendar, or with 304 where the program already has these bytes; unknown and revoked are 404."""
    limits.check("unknown_feed", CURRENT.get())
    found = find_feed(secret)
    if found is None:
        limits.count("unknown_feed", CURRENT.get())
        raise Http404
    limits.count("feed", found.pk)
    data = calendar_bytes(found)
    tag = etag_of(data)
    answer: HttpResponse
    if tag in {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}:
        answer = HttpResponseNotModified()
    else:
        answer = HttpResponse(data, content_type="text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = 'inline; filename="palinsesto.ics"'
        answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = f"private, max-age={MAX_AGE_S}"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
