"""Makes the demo: every row through the verb that a person would use, against the running sandbox."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import Agency, Brand, GuestLink, Membership, User
from accounts.sign_in import make_verified
from accounts.wall import instant, wall_of
from calendar_app import approval, drafting, library
from calendar_app.models import Approval, ApprovalState, Asset, Kind, Pack, Post
from calendar_app.rules import PRESETS, set_rule
from config.demo import cast, history, tavern, winery
from config.demo.copy import ALTS, Copy, Fate
from config.demo.pictures import draw
from publisher.channels import connect
from publisher.models import Channel

PAST = (Fate.OUT, Fate.FAILED, Fate.MISSED)
AGREED = (*PAST, Fate.SOON, Fate.SCHEDULED, Fate.PAUSED)
ANSWERED = (Fate.CHANGES, Fate.REFUSED)
LEAD = timedelta(seconds=25)
BOTH_WITHIN = timedelta(seconds=115)
DECIDES_IN = timedelta(days=3)
SAID_WITH_IT = (
    "Questa è la seconda metà del mese. Se un prezzo o un orario non torna, "
    "scrivilo pure nella richiesta di modifica: lo sistemiamo in giornata."
)


@dataclass(slots=True)
class Stage:
    """What has been made so far."""

    agency: Agency
    started_at: datetime
    people: dict[str, User] = field(default_factory=dict)
    brands: dict[str, Brand] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    pictures: dict[tuple[str, str], Asset] = field(default_factory=dict)
    posts: list[tuple[Copy, Post]] = field(default_factory=list)

    @property
    def elena(self) -> User:
        """Return who plans."""
        return self.people[cast.ELENA.email]

    @property
    def giulia(self) -> User:
        """Return the client."""
        return self.people[cast.GIULIA.email]

    def with_fate(self, *fates: Fate, brand: Brand) -> list[tuple[Copy, Post]]:
        """Return the posts of a brand that have one of these fates."""
        return [(copy, post) for copy, post in self.posts if copy.fate in fates and post.brand_id == brand.pk]


def make() -> None:
    """Make everything. Raises AdapterError where the sandbox does not answer."""
    stage = Stage(agency=Agency.objects.create(name=cast.AGENCY, slug=cast.AGENCY_SLUG), started_at=timezone.now())
    _people(stage)
    _channels(stage, tokens_of(settings.DATA_DIR / "sandbox" / "seed.json"))
    for slug, copies in ((cast.TAVERN.slug, tavern.POSTS), (cast.WINERY.slug, winery.POSTS)):
        brand = stage.brands[slug]
        for copy in sorted(copies, key=lambda copy: copy.fate == Fate.SOON):
            stage.posts.append((copy, _write(stage, brand, copy)))
    _agree_winery(stage)
    _agree_tavern(stage)
    history.turn_back([(copy, post) for copy, post in stage.posts if copy.fate in PAST], now=stage.started_at)


def tokens_of(seed: Path) -> dict[str, str]:
    """Return the sandbox's keys by account, as its seed file holds them."""
    accounts = json.loads(seed.read_text(encoding="utf-8"))["accounts"]
    return {account["username"]: account["token"] for account in accounts}


def _people(stage: Stage) -> None:
    for one in cast.BRANDS:
        stage.brands[one.slug] = Brand.objects.create(
            agency=stage.agency,
            slug=one.slug,
            name=one.name,
            colour=one.colour,
            form_of_address=one.form_of_address,
            region=one.region,
            target_mix=one.target_mix,
        )
    for person in cast.PEOPLE:
        password = cast.PASSWORD if person.may_sign_in else None
        user = User.objects.create_user(person.email, password, name=person.name, may_sign_in=person.may_sign_in)
        make_verified(user)
        brand = stage.brands.get(person.brand)
        Membership.objects.create(user=user, agency=stage.agency, brand=brand, role=person.role)
        stage.people[person.email] = user
    rules = ((cast.WINERY, "client", ""), (cast.WINERY, "internal_client", Kind.ARGUMENTATIVE), (cast.TAVERN, "internal", ""))
    for where, preset, kind in rules:
        set_rule(brand=stage.brands[where.slug], by=stage.elena, stages=PRESETS[preset], kind=str(kind))


def _channels(stage: Stage, tokens: dict[str, str]) -> None:
    for account in cast.ACCOUNTS:
        stage.channels[account.username] = connect(
            brand=stage.brands[account.brand],
            platform="mastodon",
            url=settings.SANDBOX_URL,
            token=tokens[account.username],
            name=account.shown_name,
            by=stage.elena,
        )


def _write(stage: Stage, brand: Brand, copy: Copy) -> Post:
    """Write one post. What belongs into the past is written for tomorrow first, and turned back at the end."""
    channels = {name: stage.channels[name].pk for name in copy.accounts}
    return drafting.create_post(
        brand=brand,
        by=stage.elena,
        changes=drafting.PostChanges(
            title=copy.title,
            kind=str(copy.kind),
            text=copy.text,
            link=copy.link,
            brief=copy.brief,
            wall=_hour(stage, brand, copy),
            media=tuple(drafting.MediaChoice(_picture(stage, brand, name).pk) for name in [copy.picture] if name),
            channels=tuple(channels.values()),
            variants={channels[name]: drafting.VariantChanges(text=text) for name, text in copy.own_texts.items()},
        ),
    )


def _hour(stage: Stage, brand: Brand, copy: Copy) -> datetime:
    today = wall_of(at=stage.started_at, zone=brand.zone).replace(second=0, microsecond=0, fold=0)
    if copy.fate == Fate.SOON:
        return _soon(stage, brand)
    hour, minute = map(int, copy.hour.split(":"))
    day = today + timedelta(days=1 if copy.fate in PAST else copy.day)
    if copy.weekday is not None:
        day += timedelta(days=(copy.weekday - day.weekday()) % 7)
    return day.replace(hour=hour, minute=minute)


def _soon(stage: Stage, brand: Brand) -> datetime:
    """Return the next whole minute that leaves time to agree; the second post takes the minute after, if that is soon.

    Agreeing takes about as long as writing did: a busy machine gets more time.
    """
    lead = max(LEAD, 3 * (timezone.now() - stage.started_at))
    first = (timezone.now() + lead).replace(second=0, microsecond=0) + timedelta(minutes=1)
    second = first + timedelta(minutes=1)
    is_second = any(copy.fate == Fate.SOON for copy, _post in stage.posts)
    is_near = second - timezone.now() <= BOTH_WITHIN
    return wall_of(at=second if is_second and is_near else first, zone=brand.zone).replace(fold=0)


def _picture(stage: Stage, brand: Brand, name: str) -> Asset:
    known = stage.pictures.get((brand.slug, name))
    if known is None:
        known = library.add_picture(brand=brand, data=draw(name), name=f"{name}.jpg", by=stage.elena)
        library.set_alt(known, text=ALTS[name], language=brand.language, by=stage.elena)
        stage.pictures[brand.slug, name] = known
    return known


def _agree_winery(stage: Stage) -> None:
    """Three packs: one agreed long ago, one in the client's hands, one still inside the agency."""
    brand = stage.brands[cast.WINERY.slug]
    agreed = stage.with_fate(*AGREED, brand=brand)
    first = _send(stage, agreed, brand=brand, title="Prima parte del mese")
    _approve_inside(stage, first)
    _approve_by_client(stage, first)
    for _copy, post in stage.with_fate(Fate.PAUSED, brand=brand):
        approval.stop_post(post, by=stage.giulia, link=_link(first), reason="Ines è in ferie: aspettiamo che torni.")
    with_client = stage.with_fate(Fate.WITH_CLIENT, *ANSWERED, brand=brand)
    second = _send(stage, with_client, brand=brand, title="Seconda parte del mese", message=SAID_WITH_IT)
    _answer(stage, second, with_client)
    inside = stage.with_fate(Fate.IN_REVIEW, brand=brand)
    _send(stage, inside, brand=brand, title="Argomenti da discutere")


def _agree_tavern(stage: Stage) -> None:
    brand = stage.brands[cast.TAVERN.slug]
    pack = _send(stage, stage.with_fate(*AGREED, brand=brand), brand=brand, title="Le prossime due settimane")
    _approve_inside(stage, pack)
    asked = stage.with_fate(Fate.IN_REVIEW, brand=brand)
    _send(stage, asked, brand=brand, title="Il limone")


def _send(
    stage: Stage, pairs: Iterable[tuple[Copy, Post]], *, brand: Brand, title: str, message: str = ""
) -> Pack:
    """Send for approval as a person does: the answer is due at six, before the first of the undecided goes out."""
    due = wall_of(at=timezone.now() + DECIDES_IN, zone=brand.zone).replace(hour=18, minute=0, second=0, microsecond=0)
    until = instant(wall=due, zone=brand.zone, fold=0)
    return approval.send(_posts(pairs), brand=brand, by=stage.elena, title=title, message=message, deadline_at=until)


def _posts(pairs: Iterable[tuple[Copy, Post]]) -> list[Post]:
    return [post for _copy, post in pairs]


def _asked(pack: Pack, person: User) -> list[Approval]:
    rows = pack.approvals.filter(state=ApprovalState.ASKED, reviewer=person).select_related("revision__post")
    return list(rows.order_by("revision__post__due_at", "pk"))


def _approve_inside(stage: Stage, pack: Pack) -> None:
    for one in _asked(pack, stage.elena):
        approval.approve(one, by=stage.elena, digest=one.revision.digest)


def _approve_by_client(stage: Stage, pack: Pack) -> None:
    """The client's thumb, through her link; what goes out soonest comes first."""
    for one in _asked(pack, stage.giulia):
        approval.approve(one, by=stage.giulia, digest=one.revision.digest, link=_link(pack))


def _answer(stage: Stage, pack: Pack, pairs: list[tuple[Copy, Post]]) -> None:
    """The client asks for a change here, and refuses there."""
    said = {post.pk: copy for copy, post in pairs if copy.fate in ANSWERED}
    for one in _asked(pack, stage.giulia):
        copy = said.get(one.revision.post_id)
        if copy is None:
            continue
        verb = approval.refuse if copy.fate == Fate.REFUSED else approval.request_changes
        verb(one, by=stage.giulia, words=copy.words, digest=one.revision.digest, link=_link(pack))


def _link(pack: Pack) -> GuestLink:
    return pack.links.select_related("link").order_by("pk")[0].link


