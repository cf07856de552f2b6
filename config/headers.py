"""The headers that every answer carries: one fixed policy, nothing inline, nobody else’s host."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NOTHING = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
UNREFERRED = ("/r/", "/k/", "/invitations/", "/feed/", "/accounts/password/reset/key/", "/accounts/confirm-email/")
RETRY_AFTER = "60"


class HeadersMiddleware:
    """Adds what is missing; a view may be stricter, never laxer by accident."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the policy in place."""
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("Permissions-Policy", NOTHING)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.path.startswith(UNREFERRED):  # addresses that hold, or held, a secret
            headers["Referrer-Policy"] = "no-referrer"
        if not request.path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        if response.status_code == 429:
            headers.setdefault("Retry-After", RETRY_AFTER)
        return response
