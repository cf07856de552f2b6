"""Everything that whoever keeps the server wants to see at once, as plain values: who lives, what waits, what rests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from publisher import states
from publisher.backlog import backlog, cluster_names
from publisher.heartbeat import CLOCK, QUEUE
from publisher.models import Heartbeat, Host, Profile, Publication, Stop
from publisher.outage import OUTAGE

MOST_NAMED = 20
LATE_SIGN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at the installation. ``as_values`` is what ``--json`` prints."""

    now: datetime

    def as_values(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        signs = list(Heartbeat.objects.order_by("name", "host", "pid"))
        clocks = [self.clock(one) for one in signs if one.name == CLOCK]
        is_running = any(one["is_alive"] for one in clocks)
        outage = next((one for one in signs if one.name == OUTAGE and not is_running), None)
        return {
            "at": self.now.isoformat(timespec="seconds"),
            "clocks": clocks,
            "queues": [self.sign(one) for one in signs if one.name.startswith(QUEUE) and self.is_recent(one)],
            "no_clock_since": outage.detail.get("since") if outage and outage.at > self.now - LATE_SIGN else None,
            "publications": self.publications(),
            "breakers": self.breakers(),
            "stops": self.stops(),
            "backlog": {name: self.backlog(name) for name in cluster_names()},
        }

    def is_recent(self, one: Heartbeat) -> bool:
        """Tell whether a sign is worth a line: clusters leave one behind for each of their processes."""
        return one.at > self.now - LATE_SIGN

    def age_s(self, since: datetime | None) -> float | None:
        """Return seconds since then."""
        return round(max(0.0, (self.now - since).total_seconds()), 1) if since else None

    def sign(self, one: Heartbeat) -> dict[str, Any]:
        """Return who was heard, where and when."""
        return {"name": one.name, "host": one.host, "pid": one.pid, "age_s": self.age_s(one.at)}

    def clock(self, one: Heartbeat) -> dict[str, Any]:
        """Return a clock's sign with what it holds in hand."""
        detail: Mapping[str, Any] = one.detail
        is_alive = one.at > self.now - timedelta(seconds=settings.CLOCK_SILENCE_S)
        shown = {name: detail.get(name) for name in ("held", "flying", "skew")}
        return {**self.sign(one), "is_alive": is_alive, **shown}

    def publications(self) -> dict[str, Any]:
        """Return what is due now, and how much stands in each state that is not over."""
        open_states = [states.WAITING, states.CLAIMED, states.SENDING, states.HELD, states.UNKNOWN, states.MISSED, states.FAILED]
        found = dict(
            Publication.objects.filter(state__in=open_states).values_list("state").annotate(n=Count("pk")).order_by()
        )
        due = Publication.objects.filter(state=states.WAITING, next_at__lte=self.now)
        first = due.aggregate(n=Count("pk"), since=Min("next_at"))
        counts = {state: found.get(state, 0) for state in open_states}
        return {**counts, "due": first["n"], "due_first_s": self.age_s(first["since"])}

    def breakers(self) -> list[dict[str, Any]]:
        """Return servers and accounts that are left alone for a while."""
        rests = Q(breaker_until__gt=self.now) | Q(paused_until__gt=self.now)
        hosts = Host.objects.filter(rests).order_by("name")[:MOST_NAMED]
        profiles = Profile.objects.filter(rests).order_by("platform", "handle")[:MOST_NAMED]
        found = [(one.name, one.breaker_until, one.paused_until) for one in hosts]
        found += [(f"{one.platform} {one.handle}", one.breaker_until, one.paused_until) for one in profiles]
        return [
            {"name": name, "why": why, "for_s": round((until - self.now).total_seconds())}
            for name, broken, paused in found
            for why, until in (("breaker", broken), ("pause", paused))
            if until is not None and until > self.now
        ]

    def stops(self) -> list[dict[str, Any]]:
        """Return open stops, the widest first as they were made."""
        found = Stop.objects.filter(lifted_at=None).select_related("agency", "brand", "channel").order_by("pk")
        return [
            {
                "scope": one.scope,
                "of": str(one.agency or one.brand or one.channel or one.origin_key or ""),
                "reason": one.reason,
                "age_s": self.age_s(one.since_at),
            }
            for one in found[:MOST_NAMED]
        ]

    def backlog(self, name: str) -> dict[str, Any]:
        """Return what waits for a cluster; ``is_up`` says whether its broker answers."""
        found = backlog(name)
        if found is None:
            return {"is_up": False, "waiting": None, "taken": None, "first_s": None}
        return {"is_up": True, "waiting": found.waiting, "taken": found.taken, "first_s": self.age_s(found.since)}


def overview() -> dict[str, Any]:
    """Look once."""
    return Overview(timezone.now()).as_values()
