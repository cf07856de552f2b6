"""How long a session lives: twelve hours without a sign of life, fourteen days at most."""

import time

from django.contrib.auth import logout
from django.http import HttpRequest

IDLE = 12 * 3600
ABSOLUTE = 14 * 24 * 3600
NOTED_EVERY = 300  # a sign of life is written at most this often: pages that only read stay cheap

BEGAN = "began_at"
SEEN = "seen_at"


def begin(request: HttpRequest) -> None:
    """Note when the person signed in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def end_if_old(request: HttpRequest) -> None:
    """Sign the person out if the session is over, or note the sign of life. A session without a date is over."""
    now = int(time.time())
    began, seen = request.session.get(BEGAN, 0), request.session.get(SEEN, 0)
    if now - seen > IDLE or now - began > ABSOLUTE:
        logout(request)
    elif now - seen > NOTED_EVERY:
        request.session[SEEN] = now
