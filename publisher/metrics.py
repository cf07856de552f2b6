"""What a watcher outside may know, as Prometheus reads it: counted in the database at the moment of asking.

Nothing is counted in memory, for several processes and machines do the work. Labels name platforms, states and
reaches; never a brand, a profile or a server. Needs the package ``prometheus_client``: import it where metrics are on.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from publisher import states
from publisher.backlog import backlog, cluster_names
from publisher.breaker import FAILURES
from publisher.clock.hours import ticks
from publisher.models import (
    IN_HAND,
    TROUBLED,
    Heartbeat,
    Host,
    Profile,
    Publication,
    Stop,
    StopScope,
    Stream,
    Tally,
    among,
)
from publisher.models.tally import ENDLESS
from publisher.outage import OUTAGE
from publisher.tallies import CLASSES_MS

KEPT_S = 5.0
ALIVE = timedelta(seconds=30)
LATE_READING = timedelta(minutes=1)
PROCESSES = ("clock", "q2")


def gauge(name: str, words: str, labels: Iterable[str] = (), found: Mapping[Any, float] | None = None) -> Metric:
    """Return one measure; ``found`` has a value for each label, or for each tuple of labels."""
    family = GaugeMetricFamily(f"palinsesto_{name}", words, labels=list(labels))
    for label, value in (found or {}).items():
        family.add_metric([str(one) for one in (label if isinstance(label, tuple) else (label,))], value)
    return family


def plain(name: str, words: str, value: float | None) -> Metric:
    """Return one measure without labels; without a value where nobody knows it."""
    family = GaugeMetricFamily(f"palinsesto_{name}", words)
    if value is not None:
        family.add_metric([], value)
    return family


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of everything: a fixed number of queries, each carried by an index or on a table of few rows."""

    now: datetime

    def age(self, since: datetime | None) -> float:
        """Return seconds since then; nothing open is no age at all."""
        return max(0.0, (self.now - since).total_seconds()) if since else 0.0

    def collect(self) -> Iterator[Metric]:
        """Read in order."""
        yield from self.due()
        yield from self.standing()
        yield from self.outcomes()
        yield from self.resting()
        yield from self.processes()
        yield from self.beside()
        yield from self.queue()

    def due(self) -> Iterator[Metric]:
        """What should be leaving now."""
        rows = Publication.objects.filter(state=states.WAITING, next_at__lte=self.now)
        found = list(rows.values_list("profile__platform").annotate(n=Count("pk"), since=Min("next_at")).order_by())
        oldest = min((since for _, _, since in found), default=None)
        counts = {platform: many for platform, many, _ in found}
        yield gauge("publications_due", "Publications whose hour has come and that wait.", ["platform"], counts)
        yield plain("publications_due_oldest_seconds", "Seconds since the first of these was due.", self.age(oldest))

    def standing(self) -> Iterator[Metric]:
        """How many stand in which state; not those that are over."""
        flying, troubled = by_state(IN_HAND), by_state(TROUBLED)
        yield gauge("publications_in_flight", "Publications that a clock holds or sends.", ["state"], flying)
        yield gauge("publications_troubled", "Publications a person should look at, or held back.", ["state"], troubled)
        untold = Publication.objects.exclude(news="").aggregate(n=Count("pk"), since=Min("state_at"))
        yield plain("news_untold", "Outcomes that the rest of the product has not been told yet.", untold["n"])
        yield plain("news_untold_oldest_seconds", "Seconds since the first of these.", self.age(untold["since"]))

    def outcomes(self) -> Iterator[Metric]:
        """Totals that only grow, and how late posts left."""
        outcomes: dict[tuple[str, str], int] = defaultdict(int)
        lags: dict[str, dict[int, int]] = defaultdict(dict)
        late_ms: dict[str, int] = defaultdict(int)
        for one in Tally.objects.all():
            outcomes[one.platform, one.outcome] += one.count
            if one.outcome == states.PUBLISHED:
                lags[one.platform][one.le_ms] = one.count
                late_ms[one.platform] += one.lag_ms
        total = CounterMetricFamily(
            "palinsesto_publication_outcomes", "Publications by how they ended.", labels=["platform", "outcome"]
        )
        for (platform, outcome), many in sorted(outcomes.items()):
            total.add_metric([platform, outcome], many)
        histogram = HistogramMetricFamily(
            "palinsesto_publication_lag_seconds", "From the hour to the call.", labels=["platform"]
        )
        for platform, classes in sorted(lags.items()):
            histogram.add_metric([platform], cumulated(classes), late_ms[platform] / 1000)
        yield total
        yield histogram

    def resting(self) -> Iterator[Metric]:
        """Breakers and pauses."""
        broken, paused = Q(breaker_until__gt=self.now), Q(paused_until__gt=self.now)
        found = Profile.objects.filter(broken | paused).values_list("platform").order_by()
        rows = list(found.annotate(broken=Count("pk", filter=broken), paused=Count("pk", filter=paused)))
        profiles = {(platform, "breaker"): many for platform, many, _ in rows}
        profiles |= {(platform, "pause"): many for platform, _, many in rows}
        yield gauge("profiles_resting", "Profiles that are left alone for a while.", ["platform", "why"], profiles)
        failing = Host.objects.filter(failures__gte=FAILURES).aggregate(
            n=Count("pk"), open=Count("pk", filter=Q(breaker_until__gt=self.now))
        )
        hosts = {"open": failing["open"], "trying": failing["n"] - failing["open"]}
        yield gauge("host_breakers", "Servers that failed: left alone, or tried by one call.", ["state"], hosts)

    def processes(self) -> Iterator[Metric]:
        """Who lives."""
        beats: dict[str, list[datetime]] = {name: [] for name in PROCESSES}
        skews = [0.0]
        for name, at, detail in Heartbeat.objects.exclude(name=OUTAGE).values_list("name", "at", "detail"):
            beats.setdefault(name, []).append(at)
            if name == "clock" and at >= self.now - ALIVE:
                skews.append(abs(float(detail.get("skew", 0.0))))
        alive = {name: sum(at >= self.now - ALIVE for at in hours) for name, hours in beats.items()}
        ages = {name: self.age(max(hours)) for name, hours in beats.items() if hours}
        yield gauge("processes", "Processes heard within half a minute.", ["process"], alive)
        yield gauge("heartbeat_age_seconds", "Seconds since the last sign of life.", ["process"], ages)
        yield plain("clock_skew_seconds", "How far the hours of a clock and of the database are apart.", max(skews))

    def beside(self) -> Iterator[Metric]:
        """Comments that should have been read, and stops."""
        free = Q(lease_until=None) | Q(lease_until__lte=self.now)
        late = Stream.objects.filter(free, next_at__lte=self.now - LATE_READING)
        found = late.aggregate(n=Count("pk"), since=Min("next_at"))
        yield plain("streams_overdue", "Readings of comments more than a minute late.", found["n"])
        yield plain("streams_overdue_oldest_seconds", "How late the first of these is.", self.age(found["since"]))
        stops = dict(Stop.objects.filter(lifted_at=None).values_list("scope").annotate(n=Count("pk")).order_by())
        open_stops = {scope: stops.get(scope, 0) for scope in StopScope.values}
        yield gauge("stops_open", "Stops that nobody has lifted.", ["scope"], open_stops)

    def queue(self) -> Iterator[Metric]:
        """The queue's tasks, as far as its broker can tell."""
        found = [backlog(name) for name in cluster_names()]
        known = [one for one in found if one is not None]
        is_up = len(known) == len(found)
        taken = [one.taken for one in known if one.taken is not None]
        tasks = {"waiting": sum(one.waiting for one in known)} if is_up else {}
        since = min((one.since for one in known if one.since is not None), default=None)
        yield plain("queue_up", "Whether the queue's broker answers.", float(is_up))
        yield gauge("queue_tasks", "Tasks of the queue.", ["state"], {**tasks, **({"taken": sum(taken)} if taken else {})})
        yield plain("queue_oldest_seconds", "Age of the first task that waits.", self.age(since) if is_up else None)


def by_state(expected: Iterable[str]) -> dict[str, int]:
    """Count rows in these states; one without rows is nought, so that its line never vanishes."""
    found = dict(Publication.objects.filter(among(expected)).values_list("state").annotate(n=Count("*")).order_by())
    return {state: found.get(state, 0) for state in expected}


def cumulated(classes: Mapping[int, int]) -> list[tuple[str, int]]:
    """Return for each bound how many were not above it."""
    found, so_far = [], 0
    for bound in CLASSES_MS:
        so_far += classes.get(bound, 0)
        found.append(("+Inf" if bound == ENDLESS else str(bound / 1000), so_far))
    return found


class Now(Collector):
    """Reads when it is asked."""

    def collect(self) -> Iterator[Metric]:
        """Read everything once."""
        return Reading(timezone.now()).collect()


@dataclass(slots=True)
class Kept:
    """The last text of this process, for a few seconds: however often somebody asks, the database is asked seldom.

    Who asks no more often than that never sees a total fall, whichever process answers.
    """

    text: bytes = b""
    until: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> bytes:
        """Return the text, at most a few seconds old."""
        with self.lock:
            if ticks() >= self.until:
                registry = CollectorRegistry(auto_describe=False)
                registry.register(Now())
                self.text, self.until = generate_latest(registry), ticks() + KEPT_S
            return self.text


kept = Kept()
