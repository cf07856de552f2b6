"""Is the installation alive: yes or no, and nothing else."""

from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config import canary
from publisher.models import Heartbeat

CLOCK_PATIENCE = timedelta(seconds=30)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (a view)
    """Answer 200 only while the database answers, a clock ticks and the queue's canary sings."""
    is_well = is_alive()
    return HttpResponse("ok" if is_well else "not ok", status=200 if is_well else 503, content_type="text/plain")


def is_alive() -> bool:
    """Tell whether every kind of process has given a sign lately, wherever it runs."""
    now = timezone.now()
    try:
        return all(
            Heartbeat.objects.filter(name=name, at__gte=now - patience).exists()
            for name, patience in (("clock", CLOCK_PATIENCE), (canary.NAME, canary.patience()))
        )
    except DatabaseError:
        return False
