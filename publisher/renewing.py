"""Sign-ins that expire: renewed by one worker at a time, and both tokens are stored before either is used."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection as database
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from publisher.channels import call_of, lose, mark_lost, sealed
from publisher.contract.base import Call, RefreshesSignIn
from publisher.contract.content import Found, Secrets
from publisher.contract.errors import AdapterError, SignIn, Unavailable
from publisher.models import Channel, Connection, ConnectionState, Publication
from publisher.platforms import adapter_of

log = logging.getLogger(__name__)

EXPIRED = "token_expired"
AHEAD = timedelta(minutes=10)
MOMENT = timedelta(seconds=30)
LEASE = timedelta(seconds=90)
PAUSE = timedelta(seconds=30)
JUST_NOW = timedelta(minutes=1)
PATIENCE_S, LOOK_S = 10.0, 0.2


@dataclass(frozen=True, slots=True)
class Claim:
    """One renewal that nobody else is at, under its fence."""

    connection_id: int
    fence: int
    adapter: RefreshesSignIn
    call: Call


def due(*, now: datetime, limit: int = 20) -> list[int]:
    """Return sign-ins that end soon and that nobody is renewing."""
    soon = _renewable().filter(_free(now), expires_at__lte=now + AHEAD).order_by("expires_at")
    return list(soon.values_list("pk", flat=True)[:limit])


def is_over(connection: Connection, *, at: datetime) -> bool:
    """Say whether a sign-in that can be renewed will have ended by then."""
    return bool(connection.sealed_refresh) and connection.expires_at is not None and connection.expires_at <= at


def renew(connection_id: int, *, ends_by: datetime | None = None) -> bool:
    """Renew a sign-in that ends soon, or by then; False where somebody else is at it or was. Raises SignIn, Unavailable."""
    claim = _claim(connection_id, ends_by=ends_by or timezone.now() + AHEAD)
    if claim is None:
        return False
    try:
        secrets, found = claim.adapter.refresh(claim.call)
    except SignIn as error:
        if _mine(claim).update(refresh_lease_until=None):
            lose(connection_id, code=error.code)
        raise
    except AdapterError:
        _mine(claim).update(refresh_lease_until=timezone.now() + PAUSE)
        raise
    return _store(claim, secrets, found)


def renew_aside(connection_id: int) -> None:
    """Renew in a thread of its own: what fails is said by the channel, or tried again in a while."""
    try:
        renew(connection_id)
    except AdapterError as error:
        log.warning("a sign-in was not renewed: %s", error.code, extra={"connection": connection_id})
    finally:
        database.close()


def fresh_call_of(channel: Channel) -> Call:
    """Return what a call through a channel needs, with a sign-in that still opens. Not within a transaction: it may call.

    Raises SignIn, Unavailable.
    """
    connection = channel.connection
    if is_over(connection, at=timezone.now() + MOMENT):
        _renewed_by_somebody(connection.pk)
        connection.refresh_from_db()
    return call_of(channel)


def renew_for(publication_id: int) -> None:
    """Renew the sign-in of a publication that would end before its hour is over. What fails is tried again."""
    row = Publication.objects.filter(pk=publication_id).select_related("channel__connection").first()
    if row is None or not is_over(row.channel.connection, at=row.due_at + AHEAD):
        return
    try:
        renew(row.channel.connection_id, ends_by=row.due_at + AHEAD)
    except AdapterError as error:
        log.warning("a sign-in was not renewed: %s", error.code, extra={"publication": publication_id})


def heed(channel: Channel, error: AdapterError) -> None:
    """Draw what follows for the sign-in from an error of a call: it is lost, or has to be renewed."""
    if isinstance(error, SignIn):
        mark_lost(channel, code=error.code)
    elif error.code == EXPIRED:
        note_expired(channel)


def note_expired(channel: Channel) -> None:
    """Remember that a platform calls our token expired, whatever it told before; one that was just renewed is younger."""
    now = timezone.now()
    since = Q(renewed_at=None) | Q(renewed_at__lt=now - JUST_NOW)
    _renewable().filter(since, pk=channel.connection_id).update(expires_at=now)


def _renewed_by_somebody(connection_id: int) -> None:
    """Renew, or wait a little for whoever is at it. Raises SignIn, Unavailable."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if renew(connection_id, ends_by=timezone.now() + MOMENT):
            return
        now = timezone.now()
        if not _renewable().filter(pk=connection_id, expires_at__lte=now + MOMENT).exists():
            return
        time.sleep(LOOK_S)
    raise Unavailable(EXPIRED, retry_at=timezone.now() + PAUSE)


def _claim(connection_id: int, *, ends_by: datetime) -> Claim | None:
    """Take the lease in one conditional statement, and open the tokens under it."""
    now = timezone.now()
    rows = _renewable().filter(_free(now), pk=connection_id, expires_at__lte=ends_by)
    if not rows.update(refresh_lease_until=now + LEASE, refresh_fence=F("refresh_fence") + 1):
        return None
    row = Connection.objects.get(pk=connection_id)
    channel = Channel.objects.filter(connection=row, archived_at__isnull=True).select_related("profile").first()
    adapter = adapter_of(row.platform)
    if channel is None or not isinstance(adapter, RefreshesSignIn):
        Connection.objects.filter(pk=row.pk, refresh_fence=row.refresh_fence).update(expires_at=None)
        return None
    channel.connection = row
    return Claim(row.pk, row.refresh_fence, adapter, call_of(channel))


def _store(claim: Claim, secrets: Secrets, found: Found) -> bool:
    """Write both tokens, unless somebody signed in anew meanwhile.

    A server that calls its new token over already is not asked again at once, round after round.
    """
    row = Connection.objects.get(pk=claim.connection_id)
    now = timezone.now()
    return bool(
        _mine(claim).update(
            **sealed(row, secrets),
            expires_at=found.expires_at and max(found.expires_at, now + AHEAD + JUST_NOW),
            renewed_at=now,
            scopes=found.scopes[:600],
            refresh_lease_until=None,
        )
    )


def _renewable() -> QuerySet[Connection]:
    return Connection.objects.filter(state=ConnectionState.CONNECTED).exclude(sealed_refresh="")


def _free(now: datetime) -> Q:
    return Q(refresh_lease_until=None) | Q(refresh_lease_until__lte=now)


def _mine(claim: Claim) -> QuerySet[Connection]:
    return Connection.objects.filter(pk=claim.connection_id, refresh_fence=claim.fence)


