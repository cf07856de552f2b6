"""Bluesky's own server as what receives the posts of a trial: many accounts, a proxy that cuts, deaths, and what stands there."""

import itertools
import random
import threading
import uuid
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests

from accounts.models import Agency, Brand
from accounts.vault import seal
from benchmarks.crashing import CONTROL, Trial, crash_on, make_blind
from benchmarks.diced_proxy import DicedProxy
from benchmarks.rows import make_posts
from benchmarks.supervised import Start
from publisher.contract.atproto.calls import POST
from publisher.contract.atproto.identity import expiry_of
from publisher.models import Channel, Connection, Profile
from tests.real.bluesky_network import Bluesky
from tests.real.cutting_proxy import cutting_proxy

NAME = "keyed"
PATIENCE_S = 60
AT_ONCE = 3
RENEWED_EVERY = 5
Session = dict[str, Any]


@dataclass(slots=True)
class BlueskySide:
    """The real server behind its proxy."""

    bluesky: Bluesky
    proxy: DicedProxy
    sessions: Sequence[Session]
    blind_sessions: Sequence[Session]
    rising: threading.Thread | None = field(default=None)

    def prepare(self, trial: Trial, first: datetime, shares: int) -> dict[str, datetime]:  # noqa: ARG002  (it stands alone)
        """Connect the accounts, some with sessions that end within the trial, and hand the posts over."""
        ends = first + timedelta(seconds=trial.span_s / 2)
        channels = [connect(one, self.proxy.url) for one in self.sessions]
        Connection.objects.filter(channels__in=channels[::RENEWED_EVERY]).update(expires_at=ends)
        blind = make_blind([connect(one, self.proxy.url) for one in self.blind_sessions], platform="blind_bluesky")
        control = control_of(trial)
        hours = [first + timedelta(seconds=trial.span_s * number / trial.posts) for number in range(trial.posts)]
        rare = [first + timedelta(seconds=trial.span_s * number / control) for number in range(control)]
        return make_posts(channels, hours=hours) | make_posts(blind, hours=rare, label=CONTROL)

    def arrivals(self) -> list[dict[str, Any]]:
        """Return each call that reached the server, with the records that stand there now."""
        standing: dict[str, list[str]] = defaultdict(list)
        for session in (*self.sessions, *self.blind_sessions):
            for record in records_of(self.bluesky, session["did"]):
                standing[record["value"]["text"]].append(record["uri"])
        seen: dict[str, float] = {}
        calls: dict[str, list[float]] = defaultdict(list)
        for post in self.proxy.posts:
            seen.setdefault(post["text"], post["arrived_at"])
            if post["is_reached"]:
                calls[post["text"]].append(post["arrived_at"])
        return [
            {"text": text, "arrived_at": at or seen[text], "stored_id": uri}
            for text in seen
            for at, uri in itertools.zip_longest(calls[text], standing[text])
        ]

    def answers_lost(self) -> int:
        """Return how many answers to posts were lost."""
        return self.proxy.answers_lost

    def kill(self) -> None:
        """Kill the server as a power cut does, and start it again while the trial goes on."""
        self.wait_until_up()
        self.bluesky.kill_pds()
        self.rising = threading.Thread(target=self.bluesky.start_pds, daemon=True)
        self.rising.start()

    def wait_until_up(self) -> None:
        """Wait for a server that comes back."""
        if self.rising is not None:
            self.rising.join()


def crash_bluesky(bluesky: Bluesky, start: Start, trial: Trial, *, accounts: int = 40) -> dict[str, Any]:
    """Run the trial on the real server; what its own side adds stands beside the usual counts."""
    dice = random.Random(trial.seed)  # noqa: S311  (repeatable, no secret)
    proxy = DicedProxy(bluesky.pds, dice=dice)
    proxy.lose_answers += ["com.atproto.repo.putRecord", "com.atproto.repo.createRecord"]  # the rest is chance
    with cutting_proxy(bluesky.pds, proxy), ThreadPoolExecutor(AT_ONCE) as hands:
        made = list(hands.map(lambda _: new_account(bluesky), range(accounts + max(2, control_of(trial) // 2))))
        side = BlueskySide(bluesky, proxy, made[:accounts], made[accounts:])
        found = crash_on({NAME: side}, start, trial, kill_platform=side.kill)
        side.wait_until_up()
    return {
        **found,
        "network": "bluesky",
        "accounts": accounts,
        "calls_lost": proxy.calls_lost,
        "renewed": Connection.objects.filter(platform="bluesky", renewed_at__isnull=False).count(),
        "sign_ins_lost": Connection.objects.filter(platform="bluesky", state="lost").count(),
    }


def control_of(trial: Trial) -> int:
    """Return how many posts the control sends."""
    return max(12, trial.posts // 10)


def new_account(bluesky: Bluesky) -> Session:
    """Open an account; return its first session."""
    name = f"c{uuid.uuid4().hex[:12]}"
    wanted = {"handle": f"{name}.test", "email": f"{name}@example.test", "password": uuid.uuid4().hex}
    address = f"{bluesky.pds}/xrpc/com.atproto.server.createAccount"
    answer = requests.post(address, json=wanted, timeout=PATIENCE_S)
    answer.raise_for_status()
    made: Session = answer.json()
    return made


def connect(session: Session, server: str) -> Channel:
    """Make a connected channel that speaks through the proxy."""
    agency, _ = Agency.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    brand, _ = Brand.objects.get_or_create(agency=agency, slug="b0", defaults={"name": "B0"})
    there = {"platform": "bluesky", "server": server}
    profile = Profile.objects.create(**there, remote_id=session["did"], handle=f"@{session['handle']}", software="pds")
    connection = Connection(agency=agency, **there, remote_user_id=session["did"], state="connected")
    connection.sealed_access = seal(session["accessJwt"], bound_to=f"connection:{connection.key}:access")
    connection.sealed_refresh = seal(session["refreshJwt"], bound_to=f"connection:{connection.key}:refresh")
    connection.expires_at = expiry_of(session["accessJwt"])
    connection.save()
    return Channel.objects.create(brand=brand, profile=profile, connection=connection, name=session["handle"])


def records_of(bluesky: Bluesky, did: str) -> list[dict[str, Any]]:
    """Return every post of an account, as its server lists them."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        asked = {"repo": did, "collection": POST, "limit": "100", **({"cursor": cursor} if cursor else {})}
        answer = requests.get(f"{bluesky.pds}/xrpc/com.atproto.repo.listRecords", asked, timeout=PATIENCE_S)
        answer.raise_for_status()
        page = answer.json()
        found += page["records"]
        cursor = page.get("cursor") or ""
        if not cursor:
            return found
