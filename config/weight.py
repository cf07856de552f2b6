"""How much one request may bring: judged by its head, before a byte of it is laid down anywhere."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

MOST_BYTES = 64 * 1024 * 1024  # the same as the proxy’s in docs/operating.md: three of the heaviest pictures


class WeightMiddleware:
    """Refuses what is too heavy. Without it a stranger’s form could fill the disk, for forms are read before the wall."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400 where the request says that it is heavier; what says nothing of its weight is read as empty."""
        said = request.META.get("CONTENT_LENGTH") or "0"
        if not (said.isascii() and said.isdecimal() and len(said) < 12) or int(said) > MOST_BYTES:
            raise RequestDataTooBig("a request that is too heavy")
        return self.get_response(request)
