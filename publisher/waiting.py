"""Why what waits is waiting: a stop, a pause that the platform asked for, a server left alone, a part before it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Brand
from accounts.wall import wall_of
from publisher.clock.calls import host_of
from publisher.limits import few_left
from publisher.models import Channel, ChannelState, Host, Profile, Publication, Stop, StopScope
from publisher.states import CLAIMED, HELD, PUBLISHED, WAITING

SOON = timedelta(seconds=2)
WIDEST_FIRST = {scope: place for place, scope in enumerate(StopScope.values)}


@dataclass(frozen=True, slots=True)
class Pauses:
    """The stops and the servers left alone at one moment, read once for a whole page."""

    now: datetime
    stops: tuple[Stop, ...] = ()
    hosts: dict[str, datetime] = field(default_factory=dict)

    def stop_of(self, row: Publication) -> Stop | None:
        """Return the widest open stop that reaches a publication."""
        return next((stop for stop in self.stops if _reaches(stop, row)), None)

    def until(self, profile: Profile) -> datetime | None:
        """Return until when nothing is asked of a profile: it, or its server, is left alone."""
        ends = (profile.paused_until, profile.breaker_until, self.hosts.get(host_of(profile)))
        return max((end for end in ends if end and end > self.now), default=None)

    def asked_to_wait(self, profile: Profile) -> bool:
        """Tell whether the platform itself asked for the pause."""
        return profile.paused_until is not None and profile.paused_until == self.until(profile)


def pauses_for(brands: Collection[Brand]) -> Pauses:
    """Read what keeps publications of some brands back: two queries."""
    now = timezone.now()
    pks, agencies = [brand.pk for brand in brands], {brand.agency_id for brand in brands}
    reach = Q(scope=StopScope.ALL) | Q(agency__in=agencies) | Q(brand__in=pks) | Q(channel__brand__in=pks)
    stops = Stop.objects.filter(reach, lifted_at=None).select_related("agency", "brand", "channel", "by")
    left_alone = Host.objects.filter(Q(breaker_until__gt=now) | Q(paused_until__gt=now))
    hosts = {
        host.name: max(end for end in (host.breaker_until, host.paused_until) if end is not None)
        for host in left_alone
    }
    return Pauses(now, tuple(sorted(stops, key=lambda stop: WIDEST_FIRST[stop.scope])), hosts)


def _reaches(stop: Stop, row: Publication) -> bool:
    if stop.scope == StopScope.AGENCY:
        return stop.agency_id == row.brand.agency_id
    if stop.scope == StopScope.BRAND:
        return stop.brand_id == row.brand_id
    if stop.scope == StopScope.CHANNEL:
        return stop.channel_id == row.channel_id
    return stop.scope == StopScope.ALL or stop.origin_key == row.origin_key


def why_waiting(row: Publication, pauses: Pauses) -> str:
    """Return why a publication has not gone or would not go at its hour; empty where nothing keeps it."""
    if row.state not in {WAITING, CLAIMED, HELD}:
        return ""
    stop = pauses.stop_of(row)
    if stop is not None:
        return stopped_by(stop)
    if row.channel.state != ChannelState.CONNECTED:
        return _("The channel has to be reconnected first.")
    if row.after is not None and row.after.state != PUBLISHED:
        return _("It goes out as soon as the post it hangs under is out.")
    pause = paused(row.profile, pauses, zone=row.zone, beyond=row.due_at)
    return pause or _next_try(row, now=pauses.now)


def stopped_by(stop: Stop) -> str:
    """Return whose stop it is and why."""
    if stop.by is None:
        return _("Stopped: “%(reason)s”") % {"reason": stop.reason}
    if not stop.reason:
        return _("Stopped by %(name)s.") % {"name": stop.by}
    return _("Stopped by %(name)s: “%(reason)s”") % {"name": stop.by, "reason": stop.reason}


def paused(profile: Profile, pauses: Pauses, *, zone: str, beyond: datetime | None = None) -> str:
    """Return why nothing is asked of a profile and until when; a pause that ends before the hour keeps nothing."""
    until = pauses.until(profile)
    if until is None or (beyond is not None and until <= beyond):
        return ""
    hour = {"hour": said_hour(until, zone)}
    if pauses.asked_to_wait(profile):
        return _("The platform asks this account to wait until %(hour)s. Then we carry on automatically.") % hour
    return _("The server failed several times. We leave it alone until %(hour)s, then try again automatically.") % hour


def _next_try(row: Publication, *, now: datetime) -> str:
    """Return when the next try comes after some that surely sent nothing."""
    if not row.tries or row.next_at is None or row.next_at < now:
        return ""
    said = ngettext(
        "Tried %(n)d time, certainly not sent. The next try is at %(hour)s.",
        "Tried %(n)d times, certainly not sent. The next try is at %(hour)s.",
        row.tries,
    )
    return said % {"n": row.tries, "hour": said_hour(row.next_at, row.zone)}


def readiness_of(row: Publication) -> str:
    """Return whether everything that can be done before the hour is done."""
    if row.state not in {WAITING, CLAIMED, HELD} or row.problem_code:
        return ""
    if row.prepared_at is not None:
        return _("Ready: files checked and handed over")
    if row.prepare_next_at is None:
        return ""
    return _("Files are checked and uploaded from %(hour)s") % {"hour": said_hour(row.prepare_next_at, row.zone)}


def said_hour(at: datetime, zone: str, *, exact: bool = False) -> str:
    """Return an hour as the brand's clocks show it: *12:05*, on another day *gio 17 dic, 12:05*."""
    wall = wall_of(at=at, zone=zone)
    hour = formats.date_format(wall, "H:i:s" if exact else "H:i")
    if wall.date() == wall_of(at=timezone.now(), zone=zone).date():
        return hour
    day = formats.date_format(wall, "D j M")
    return f"{day.lower() if get_language() == 'it' else day}, {hour}"


@dataclass(frozen=True, slots=True)
class ChannelNote:
    """What is worth knowing of a channel now: lost, paused, or few calls left."""

    channel: Channel
    words: str
    is_lost: bool = False


def channel_notes(channels: Collection[Channel], pauses: Pauses) -> list[ChannelNote]:
    """Return a line for each channel that has something to say."""
    notes = [_note(channel, pauses) for channel in channels]
    return [note for note in notes if note.words]


def _note(channel: Channel, pauses: Pauses) -> ChannelNote:
    if channel.state == ChannelState.LOST:
        said = _("The connection has ended. Until somebody reconnects it nothing goes out there; every post stays here.")
        return ChannelNote(channel, said, is_lost=True)
    pause = paused(channel.profile, pauses, zone=channel.brand.zone)
    return ChannelNote(channel, pause or _calls_left(channel.profile, zone=channel.brand.zone, now=pauses.now))


def _calls_left(profile: Profile, *, zone: str, now: datetime) -> str:
    """Return how many calls the platform still allows, where it is few and not over yet."""
    left, reset = profile.quota.get("left"), str(profile.quota.get("reset_at", ""))
    try:
        reset_at = datetime.fromisoformat(reset)
    except ValueError:
        return ""
    if not few_left(profile.quota) or reset_at <= now:
        return ""
    said = ngettext(
        "The platform allows %(n)d more call until %(hour)s.", "The platform allows %(n)d more calls until %(hour)s.", left
    )
    return said % {"n": left, "hour": said_hour(reset_at, zone)}
