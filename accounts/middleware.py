"""What a request knows of the person: language and time zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class PersonMiddleware:
    """Speaks the signed-in person’s language and shows hours in their zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set both for this request only."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(ZoneInfo(request.user.zone)), translation.override(request.user.language):
            request.LANGUAGE_CODE = translation.get_language() or request.user.language
            return self.get_response(request)
