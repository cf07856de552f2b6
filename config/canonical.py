"""One address for one installation: cookies of localhost and of 127.0.0.1 would be two visitors."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect

ASKED_BY_MACHINES = ("/healthz", "/metrics", "/feed/")
REFUSED_WITHOUT_TLS = ("/feed/",)


class OneAddressMiddleware:
    """While trying it out, other names lead to the one address; feeds are never read without TLS in production."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say where the answer is."""
        if settings.SECURE and not request.is_secure() and request.path.startswith(REFUSED_WITHOUT_TLS):
            return HttpResponseForbidden("https", content_type="text/plain")
        if self._is_elsewhere(request):
            return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())
        return self.get_response(request)

    def _is_elsewhere(self, request: HttpRequest) -> bool:
        """Tell whether a page was asked for under another name of this machine."""
        if not settings.DEMO or request.method not in {"GET", "HEAD"} or request.path.startswith(ASKED_BY_MACHINES):
            return False
        return request.get_host().split(":")[0] in {"localhost", "127.0.0.1"} - {settings.PUBLIC_HOST}
