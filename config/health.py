"""Is the installation alive: yes, or no with the names of what is silent, and nothing else."""

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from config import canary
from publisher.heartbeat import clock_is_alive, is_heard


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (a view)
    """Answer 200 only while the database answers, a clock ticks and the queue's canary sings."""
    found = troubles()
    said = f"not ok: {', '.join(found)}" if found else "ok"
    return HttpResponse(said, status=503 if found else 200, content_type="text/plain")


def troubles() -> list[str]:
    """Return which kinds of process gave no sign lately, on any machine."""
    try:
        signs = {"clock": clock_is_alive()}
        for cluster in canary.expected():
            sign = canary.sign_of(cluster)
            signs[sign.replace("q2", "queue")] = is_heard(sign, within=canary.patience(cluster))
    except (DatabaseError, InterfaceError):
        return ["database"]
    return [name for name, is_alive in signs.items() if not is_alive]
