"""Does a clock run, and since when not: what people are told of it, in one letter for each outage."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from accounts.letters import post_letter
from accounts.models import Membership, Role, User
from publisher.heartbeat import CLOCK, QUEUE, clock_is_alive, last_beat
from publisher.models import Heartbeat

OUTAGE = "outage"
TOLD_AFTER = timedelta(minutes=2)
"""A restart, or an upgrade, is told to nobody."""
SAME_WITHIN = timedelta(minutes=30)
"""A clock that comes and goes makes one outage, and one letter."""


def note() -> bool:
    """Keep in mind whether a clock lives. True while none does; two minutes later those who can help are told."""
    now = timezone.now()
    if clock_is_alive():
        Heartbeat.objects.filter(name=OUTAGE, at__lt=now - SAME_WITHIN).delete()
        for row in Heartbeat.objects.filter(name=OUTAGE):
            # a clock that ends well takes its beat away: what is known of its life is kept here
            Heartbeat.objects.filter(pk=row.pk).update(detail={**row.detail, "since": now.isoformat()})
        return False
    heard = last_beat(CLOCK) or now
    row, _ = Heartbeat.objects.get_or_create(
        name=OUTAGE, host="", pid=0, defaults={"at": now, "detail": {"since": heard.isoformat()}}
    )
    Heartbeat.objects.filter(pk=row.pk).update(at=now)
    since = datetime.fromisoformat(row.detail["since"])
    if not row.detail.get("told") and now - since > TOLD_AFTER:
        tell(row, since=since)
    return True


def shown() -> str:
    """Return what pages say: nothing, *late* while the queue sends in the clock's place, *still* while nothing goes out.

    Where nothing was ever heard, an installation is only just beginning. One look at a table of a few rows: remembering
    the answer in the cache would cost as much.
    """
    heard = dict(Heartbeat.objects.values_list("name").annotate(last=Max("at")).values_list("name", "last"))
    now, silent_for = timezone.now(), timedelta(seconds=settings.CLOCK_SILENCE_S)
    if CLOCK in heard and heard[CLOCK] >= now - silent_for:
        return ""
    if OUTAGE not in heard and all(last >= now - silent_for for last in heard.values()):
        return ""
    patience = timedelta(seconds=settings.Q_CLUSTER["timeout"] + settings.QUEUE_GRACE_S)
    return "late" if heard.get(QUEUE, now - 2 * patience) >= now - patience else "still"


@transaction.atomic
def tell(row: Heartbeat, *, since: datetime) -> int:
    """Write to those who own an agency and to those who keep the server; return how many letters that makes."""
    owners = Membership.objects.filter(role=Role.OWNER).values("user")
    people = {user.email: user for user in User.objects.filter(is_active=True, pk__in=owners).order_by("pk")}
    addresses = [*people, *(word for word in settings.OPERATORS if word.lower() not in people)]
    for address in addresses:
        person = people.get(address)
        post_letter(
            kind="clock_silent",
            to=person,
            address=address,
            brand=None,
            subject=None,
            parts={"hour": _said(since, person)},
            dedupe_key=f"clock-silent:{row.pk}:{since:%Y%m%d%H%M}:{address}"[:120],
        )
    Heartbeat.objects.filter(pk=row.pk).update(detail={**row.detail, "told": True})
    return len(addresses)


def _said(at: datetime, person: User | None) -> str:
    """Return an hour as the reader’s clocks show it."""
    zone, language = (person.zone, person.language) if person else ("Europe/Rome", settings.LANGUAGE_CODE)
    with override(language):
        said = date_format(at.astimezone(ZoneInfo(zone)), "l j F, H:i")
    return said.lower() if language == "it" else said
