"""Fills the installation of the environment for a journey: ``python -m tests.browser.seeds NAME '{…}'``.

Each seed makes an agency of its own and prints one line of JSON with what the journey needs to know.
"""

import json
import os
import secrets
import sys
import time
from calendar import Calendar
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import sessions
from accounts.models import Brand, Role, User
from accounts.sign_in import make_verified
from accounts.wall import instant, wall_of
from calendar_app import approval, asking, rules, scheduling
from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges, create_post
from calendar_app.library import add_picture
from calendar_app.models import Approval, PackLink, Post
from calendar_app.plan_uploads import bring_in_upload
from config.demo.copy import ALTS, Fate
from config.demo.pictures import draw
from config.demo.winery import MAIN, POSTS, SHOP
from publisher.models import Attempt, Publication, Stop
from tests import make
from tests.calendar_app import make_plan
from tests.calendar_app.make_plan import make_channel
from tests.make import make_agency, make_brand, make_member
from tests.publisher.make_publisher import make_publication

Said = dict[str, Any]

# Every seed is a process of its own in the same installation: names must not come twice.
make.NUMBER = make_plan.NUMBER = count(secrets.randbelow(10**9))


def signed_in(user: User) -> Said:
    """Return a person with the cookie of a session that is already open."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[sessions.BEGAN] = session[sessions.SEEN] = int(time.time())
    session.save()
    return {"id": user.pk, "email": user.email, "name": user.name, "session": session.session_key}


def house(*, name: str = "Cantina Valdoro", language: str = "it", client: str = "") -> Said:
    """An agency with a brand, its manager and its editor, and its client where one is named; nothing planned yet."""
    brand = make_brand(make_agency(), name)
    if client:
        make_member(client, brand, Role.CLIENT, language=language, email="giulia@valdoro.example")
    mara = make_member("Mara", brand, Role.MANAGER, language=language)
    ed = make_member("Ed", brand, Role.EDITOR, language=language)
    make_verified(ed)
    return {"brand": brand.pk, "slug": brand.slug, "mara": signed_in(mara), "ed": signed_in(ed)}


def _settled(post: Post, wall: datetime, **fields: Any) -> None:
    """Put a scheduled post and its rows into the past, as if they had gone through it."""
    due_at = instant(wall=wall, zone=post.zone, fold=0)
    Post.objects.filter(pk=post.pk).update(wall=wall, due_at=due_at)
    rows = Publication.objects.filter(origin_key=post.key)
    rows.update(wall=wall, due_at=due_at, late_after=due_at + timedelta(minutes=15), **fields)
    if fields.get("state") == "published":
        rows.update(
            published_at=due_at + timedelta(milliseconds=400), lag_ms=400, url="https://social.example/@valdoro/1"
        )


def _told(post: Post, fate: Fate, wall: datetime, mara: User, cleo: User) -> None:
    """Let a draft come to what the demo says of it."""
    words = "Possiamo togliere il nome del fornitore? E la foto in cantina mi piace di più."
    if fate in {Fate.OUT, Fate.FAILED, Fate.MISSED, Fate.SOON, Fate.SCHEDULED}:
        rules.set_rule(brand=post.brand, by=mara, stages=[])
        scheduling.schedule_post(post, by=mara)
        rules.set_rule(brand=post.brand, by=mara, stages=rules.PRESETS["client"])
    if fate == Fate.OUT:
        _settled(post, wall, state="published")
    elif fate == Fate.FAILED:
        _settled(post, wall, state="failed", problem_code="token_refused", error_class="SignIn")
    elif fate == Fate.MISSED:
        _settled(post, wall, state="missed", problem_code="window_passed")
    elif fate in {Fate.WITH_CLIENT, Fate.IN_REVIEW, Fate.CHANGES}:
        pack = asking.send([post], brand=post.brand, by=mara, title=post.title)
        if fate == Fate.CHANGES:
            asked = Approval.objects.select_related("revision").get(pack=pack, reviewer=cleo)
            link = PackLink.objects.select_related("link").get(pack=pack, link__user=cleo).link
            approval.request_changes(asked, by=cleo, words=words, digest=asked.revision.digest, link=link)


def plan(*, language: str = "it", most: int = 40) -> Said:
    """A brand in the middle of its month: posts of every kind and state, with pictures, on two channels."""
    said = house(language=language)
    brand = Brand.objects.get(pk=said["brand"])
    Brand.objects.filter(pk=brand.pk).update(
        region="BO", target_mix={"informational": 24, "argumentative": 6, "promotional": 10}
    )
    mara = User.objects.get(pk=said["mara"]["id"])
    cleo = make_member("Giulia Ferri", brand, Role.CLIENT, language=language)
    channels = {MAIN: make_channel(brand, "Cantina Valdoro"), SHOP: make_channel(brand, "La bottega di Valdoro")}
    assets = {
        name: add_picture(brand=brand, by=mara, data=draw(name), name=f"{name}.jpg", alt=ALTS[name]) for name in ALTS
    }
    today = wall_of(at=timezone.now(), zone=brand.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    posts: dict[str, int] = {}
    for number, copy in enumerate(POSTS[:most]):
        hour, _colon, minute = ("23:50" if copy.hour == "soon" else copy.hour).partition(":")
        wall = today + timedelta(days=copy.day, hours=int(hour), minutes=int(minute))
        is_ahead = instant(wall=wall, zone=brand.zone, fold=0) > timezone.now()
        post = create_post(
            brand=brand,
            by=mara,
            changes=PostChanges(
                title=copy.title,
                kind=copy.kind,
                text=copy.text,
                link=copy.link,
                brief=copy.brief,
                wall=wall if is_ahead else today + timedelta(days=30, minutes=number),
                media=(MediaChoice(assets[copy.picture].pk),) if copy.picture else (),
                channels=tuple(channels[name].pk for name in copy.accounts),
                variants={channels[name].pk: VariantChanges(text=text) for name, text in copy.own_texts.items()},
            ),
        )
        posts.setdefault(copy.fate.value, post.pk)
        _told(post, copy.fate, wall, mara, cleo)
    return {
        **said,
        "posts": posts,
        "month": [today.year, today.month],
        "channels": [one.pk for one in channels.values()],
    }


def _tried(row: Publication) -> None:
    """Leave two tries behind: one whose answer was lost, and a look-up that recognised nothing."""
    nearest = [
        {
            "id": "8801",
            "url": "https://social.example/@valdoro/8801",
            "at": (row.due_at + timedelta(seconds=2)).isoformat(),
            "text": "Stesso vino, etichetta nuova: dal primo dicembre in enoteca.",
        },
        {
            "id": "8790",
            "url": "https://social.example/@valdoro/8790",
            "at": (row.due_at - timedelta(hours=20)).isoformat(),
            "text": "Domani vi raccontiamo una novità.",
        },
    ]
    common: Said = {"publication": row, "fence": 1, "owner": "clock", "deadline_at": row.due_at}
    for number, act, seconds, seen in ((1, "publish", 0, None), (2, "find", 12, {"read": 40, "nearest": nearest})):
        at = row.due_at + timedelta(seconds=seconds)
        status = 502 if act == "publish" else None
        Attempt.objects.create(
            **common, number=number, act=act, started_at=at, finished_at=at, outcome="unknown", status=status, seen=seen
        )


def troubles(*, language: str = "it", most: int = 16) -> Said:
    """A brand on a bad day: a doubt, a failure, a lost hour, a pause, a post that is held, and some that went well."""
    said = plan(language=language, most=most)
    rows = Publication.objects.filter(brand=said["brand"]).select_related("profile")
    for row in rows.filter(state="published", kind="post")[:1]:
        Publication.objects.filter(pk=row.pk).update(
            state="unknown", problem_code="still_unknown", next_at=None, published_at=None, lag_ms=None, url=""
        )
        _tried(row)
        row.profile.url = "https://social.example/@valdoro"
        row.profile.paused_until = timezone.now() + timedelta(days=20)
        row.profile.save(update_fields=["url", "paused_until"])
    waiting = list(rows.filter(state="waiting", kind="post").order_by("due_at"))
    stop = Stop.objects.create(
        scope="post", brand_id=said["brand"], origin_key=waiting[-1].origin_key, reason="La foto non è quella giusta."
    )
    Publication.objects.filter(pk=waiting[-1].pk).update(state="held", problem_code="stopped")
    return {**said, "key": str(waiting[0].origin_key), "stop": stop.pk}


def _roomy_monday(today: datetime) -> datetime:
    """Return the first Monday to come with four days of its own month and another week of that month's page after it."""
    monday = today + timedelta(days=7 - today.weekday())
    while (monday + timedelta(days=3)).month != monday.month or not _is_shown_with(monday, monday + timedelta(days=13)):
        monday += timedelta(days=7)
    return monday


def _is_shown_with(day: datetime, other: datetime) -> bool:
    """Tell whether the page of a day's month shows another day too."""
    weeks = Calendar().monthdatescalendar(day.year, day.month)
    return weeks[0][0] <= other.date() <= weeks[-1][-1]


def movable(*, language: str = "it") -> Said:
    """A brand whose month holds a draft, an approved post that may move by thirty hours, and one that is out."""
    brand = make_brand(make_agency(), "Cantina Valdoro")
    mara = make_member("Mara", brand, Role.MANAGER, language=language)
    cleo = make_plan.make_client(brand)
    make_plan.make_rule(brand, "client", redate_within=timedelta(hours=30))
    channel = make_channel(brand)
    noon = wall_of(at=timezone.now(), zone=brand.zone).replace(hour=12, minute=0, second=0, microsecond=0)
    days = {
        name: _roomy_monday(noon) + timedelta(days=number)
        for number, name in enumerate(("draft", "approved", "day_after", "later"))
    }
    draft = make_plan.make_post(brand, [channel], by=mara, wall=days["draft"], title="In bozza")
    approved = make_plan.make_post(brand, [channel], by=mara, wall=days["approved"], title="Approvato")
    pack = make_plan.make_pack([approved], by=mara)
    [one] = make_plan.asked(pack, cleo)
    approval.approve(one, by=cleo, digest=one.revision.digest, link=make_plan.link_to(pack, cleo))
    gone = make_plan.make_post(brand, [channel], by=mara, wall=days["draft"] + timedelta(hours=1), title="Uscito")
    Post.objects.filter(pk=gone.pk).update(stage="approved")
    make_publication(channel, origin_key=gone.key, state="published", due_at=gone.due_at)
    return {
        "brand": brand.pk,
        "mara": signed_in(mara),
        "posts": {"draft": draft.pk, "approved": approved.pk, "published": gone.pk},
        "days": {name: str(day.date()) for name, day in days.items()},
        "year": days["draft"].year,
        "month": days["draft"].month,
    }


def let_in(*, upload: int) -> Said:
    """What the queue does, which these journeys do without."""
    bring_in_upload(upload)
    return {}


SEEDS: dict[str, Callable[..., Said]] = {"house": house, "plan": plan, "troubles": troubles, "movable": movable, "let_in": let_in}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(SEEDS[sys.argv[1]](**json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}"))) + "\n")
