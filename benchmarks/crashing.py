"""An installation whose processes are killed while posts fall due, and the counts of what became of them."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone
from django_q.tasks import async_task

from benchmarks.hurry import PACE
from benchmarks.killing import Killer, is_anything_left, kinds
from benchmarks.publish_lag import share
from benchmarks.rows import make_channels, make_posts
from benchmarks.sandbox_process import SandboxProcess
from benchmarks.supervised import Start, Wards
from publisher.clock.pace import Pace
from publisher.heartbeat import last_beat
from publisher.models import Channel, Connection, Profile, Publication

QUICK = "benchmarks.quick_settings"
PATIENCE_S = 300.0
QUEUE_PATIENCE_S = 25.0
CONTROL = "control"
APART = ("freeze", "platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How much is sent and how much is broken."""

    posts: int
    kills: int
    seed: int
    clocks: int = 2
    every_s: float = 2.2
    platform_kills: int = 0

    @property
    def harms(self) -> list[str]:
        """All that is done, in no order."""
        return kinds(self.kills) + ["platform"] * self.platform_kills

    @property
    def span_s(self) -> float:
        """Over how long posts fall due: long enough for every harm."""
        return self.every_s * len(self.harms)


class Side(Protocol):
    """What receives the posts of a trial and tells afterwards what it saw."""

    def prepare(self, trial: Trial, first: datetime, shares: int) -> dict[str, datetime]:
        """Make channels and posts, the control's among them; return text and hour of each."""

    def arrivals(self) -> Sequence[Mapping[str, Any]]:
        """Return each call that arrived: text, arrived_at, and stored_id where it left a post."""

    def answers_lost(self) -> int:
        """Return how many posts were stored without telling."""


@dataclass(frozen=True, slots=True)
class SandboxSide:
    """A sandbox of one class."""

    sandbox: SandboxProcess
    name: str

    def prepare(self, trial: Trial, first: datetime, shares: int) -> dict[str, datetime]:
        return prepare(self.sandbox, self.name, trial, first, shares)

    def arrivals(self) -> Sequence[Mapping[str, Any]]:
        return self.sandbox.arrivals()

    def answers_lost(self) -> int:
        return answers_lost(self.sandbox)


def crash(sandboxes: Mapping[str, SandboxProcess], start: Start, trial: Trial) -> dict[str, Any]:
    """Try it on sandboxes by class: keyed, readable, opaque. The posts are shared out between them."""
    return crash_on({name: SandboxSide(sandbox, name) for name, sandbox in sandboxes.items()}, start, trial)


def crash_on(
    sides: Mapping[str, Side], start: Start, trial: Trial, *, kill_platform: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Let posts fall due over a while, do harm meanwhile, and return the counts for each class of server."""
    began = time.monotonic()
    first = datetime.now(UTC) + timedelta(seconds=4 + trial.posts / 200)
    texts = {name: side.prepare(trial, first, len(sides)) for name, side in sides.items()}
    wards = Wards(start, Pace(**PACE))
    try:
        for number in range(trial.clocks):
            wards.add("clock", f"clock-{number}")
        wards.add("qcluster", "qcluster")
        dice = random.Random(trial.seed)  # noqa: S311  (repeatable, no secret)
        killer = Killer(wards, dice, kill_platform=kill_platform)
        wards.rest((first - datetime.now(UTC)).total_seconds())
        killer.run(trial.harms, span_s=trial.span_s * 0.9)
        wards.rest(trial.span_s + PATIENCE_S, until=lambda: not is_anything_left())
        is_queue_back = bring_queue_back(wards)
    finally:
        wards.end()
    found = {
        name: {**report(texts[name], side.arrivals(), name), "answers_lost": side.answers_lost()}
        for name, side in sides.items()
    }
    return {"classes": found, **harm(killer), **asked_for(trial), "queue_back": is_queue_back, "seconds": since(began)}


def since(began: float) -> float:
    """Return the seconds since then."""
    return round(time.monotonic() - began, 1)


def asked_for(trial: Trial) -> dict[str, Any]:
    """Return what was wanted."""
    return {"seed": trial.seed, "clocks": trial.clocks}


def prepare(sandbox: SandboxProcess, name: str, trial: Trial, first: datetime, shares: int) -> dict[str, datetime]:
    """Make a server ill in small doses, with channels and posts for it, the control's among them."""
    posts, control = trial.posts // shares, max(12, trial.posts // 20) // shares
    every = trial.span_s / posts
    sandbox.latency(250)
    sandbox.admin("POST", "state", {"rate_limit": 1_000_000})
    sandbox.fault("stall", method="POST", path="/api/v1/statuses", ms=200, probability=0.5, seed=trial.seed)
    for number, effect in enumerate(("cut_after", "error_after", "cut_before")):
        values = {"probability": 0.02, "seed": trial.seed + number}
        sandbox.fault(effect, method="POST", path="/api/v1/statuses", **values)
    channels = make_channels(sandbox, count=max(5, posts // 5), software=name)
    texts = make_posts(channels, hours=[first + timedelta(seconds=every * number) for number in range(posts)])
    blind = make_blind(make_channels(sandbox, count=max(2, control // 2), software=name))
    rare = [first + timedelta(seconds=trial.span_s * number / control) for number in range(control)]
    return texts | make_posts(blind, hours=rare, label=CONTROL)


def make_blind(channels: Sequence[Channel], *, platform: str = "blind") -> list[Channel]:
    """Give the channels to the control, which repeats without a key and without looking."""
    pks = [channel.pk for channel in channels]
    Profile.objects.filter(channels__in=pks).update(platform=platform)
    Connection.objects.filter(channels__in=pks).update(platform=platform)
    return list(Channel.objects.filter(pk__in=pks).select_related("brand", "profile", "connection"))


def answers_lost(sandbox: SandboxProcess) -> int:
    """Return how many posts the server stored without telling."""
    rules = sandbox.admin("GET", "faults")
    return sum(rule["hits"] for rule in rules if rule["effect"] in {"cut_after", "error_after"})


def bring_queue_back(wards: Wards) -> bool:
    """Hear the queue's canary; a cluster that hangs is killed and started again, as the supervisor does."""
    for _ in range(2):
        asked = timezone.now()
        async_task("publisher.tasks.canary")

        def is_heard(since: datetime = asked) -> bool:
            heard = last_beat("q2")
            return heard is not None and heard >= since

        if wards.rest(QUEUE_PATIENCE_S, until=is_heard):
            return True
        for one in wards.named("qcluster"):
            if one.process is not None:
                one.process.kill()
    return False


def harm(killer: Killer) -> dict[str, Any]:
    """Count what was done; freezing is no kill and is counted apart, and so is what was done to the platform."""
    kills = {kind: count for kind, count in killer.done.items() if kind not in APART}
    hit = {kind: count for kind, count in killer.in_flight.items() if kind not in APART}
    return {
        "kills": sum(kills.values()),
        "kills_by_kind": dict(sorted(kills.items())),
        "kills_in_flight": sum(hit.values()),
        "in_flight_by_kind": dict(sorted(hit.items())),
        "freezes": killer.done["freeze"],
        **({"platform_kills": killer.done["platform"]} if killer.done["platform"] else {}),
    }


@dataclass(slots=True)
class Fate:
    """What is known here of a post: its state, and whether a person is asked about it."""

    state: str
    is_asked: bool


def fates() -> dict[str, Fate]:
    """Read what became of each text. Asked is what the page of outgoing posts shows, and the alert tells, as a question."""
    rows = Publication.objects.values_list("content__text", "state", "next_at", "problem_code")
    return {
        text: Fate(state, state == "unknown" and next_at is None and code == "still_unknown")
        for text, state, next_at, code in rows
    }


def report(texts: Mapping[str, datetime], arrivals: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Compare what was due with what the server saw, and with what people here are told."""
    stored: dict[str, set[Any]] = defaultdict(set)
    first: dict[str, float] = {}
    for one in arrivals:
        first.setdefault(one["text"], one["arrived_at"])
        if one["stored_id"] is not None:
            stored[one["text"]].add(one["stored_id"])
    known, counted = fates(), Counter(one["text"] for one in arrivals)
    ours = [text for text in texts if not text.startswith(CONTROL)]
    control = [text for text in texts if text.startswith(CONTROL)]
    told = {text for text in ours if known[text].is_asked or known[text].state == "missed"}
    lags = sorted((first[text] - texts[text].timestamp()) * 1000 for text in ours if text in first)
    return {
        "platform_class": name,
        "posts": len(ours),
        "lost": sum(not stored[text] and text not in told for text in ours),
        "doubled": sum(len(stored[text]) > 1 for text in ours),
        "arrived_twice": sum(counted[text] > 1 for text in ours),
        "asked": sum(known[text].is_asked for text in ours),
        "unknown": sum(known[text].state == "unknown" for text in ours),
        "missed": sum(known[text].state == "missed" for text in ours),
        "early": sum(lag < 0 for lag in lags),
        "control_posts": len(control),
        "control_doubled": sum(len(stored[text]) > 1 for text in control),
        "lag_ms": {"p50": round(share(lags, 0.5), 1), "p99": round(share(lags, 0.99), 1)},
        "states": dict(Counter(known[text].state for text in ours)),
    }


def broken(found: Mapping[str, Any], trial: Trial) -> list[str]:
    """Name every bar that was not reached."""
    wrong = []
    for name, one in found["classes"].items():
        never = ["lost", "doubled", "missed", "early"] + ([] if name == "opaque" else ["asked", "unknown"])
        wrong += [f"{name}: {what} is {one[what]}" for what in never if one[what]]
        if one["unknown"] != one["asked"]:
            wrong.append(f"{name}: {one['unknown'] - one['asked']} unknown that nobody is asked about")
    if not sum(one["control_doubled"] for one in found["classes"].values()):
        wrong.append("the control did not double: nothing is proven")
    if found["kills"] != trial.kills or found["kills_in_flight"] * 2 < found["kills"]:
        wrong.append(f"{found['kills']} kills, {found['kills_in_flight']} of them in flight")
    if found.get("platform_kills", 0) != trial.platform_kills:
        wrong.append(f"the platform was killed {found.get('platform_kills', 0)} times")
    if found.get("sign_ins_lost"):
        wrong.append(f"{found['sign_ins_lost']} sign-ins lost")
    return wrong if found["queue_back"] else [*wrong, "the queue did not come back"]
