"""Packs as people read them: the client’s cards with all that is sealed, and what waits for whom.

A page costs the same number of queries for two cards and for sixty.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.links import is_open, may_decide
from accounts.models import Brand, GuestLink, User
from calendar_app.models import Approval, ApprovalState, Pack, PackItem, Post, PostStage, Revision, Sheet
from calendar_app.rights import is_client_of
from calendar_app.shown import ShownState, shown_state, with_states
from publisher.files import thumbnail_for
from publisher.models import Stop, StoredFile

OPEN = (PostStage.IN_REVIEW, PostStage.APPROVED)


@dataclass(frozen=True, slots=True)
class Picture:
    """A sealed picture: the copy that will be sent, with the alternative text that goes with it."""

    file: StoredFile
    alt: str


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A sealed text with its pictures: the post, a further part of its thread, or the first comment."""

    kind: str
    text: str
    link: str
    options: dict[str, Any]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class SealedSheet:
    """What one channel will get, and at which wall-clock hour."""

    channel: str
    platform: str
    wall: datetime
    parts: tuple[SealedPart, ...]

    @property
    def says(self) -> tuple[Any, ...]:
        """Return what is sent, so that channels that get the same can be shown once."""
        return tuple(
            (part.kind, part.text, part.link, tuple((one.file.pk, one.alt) for one in part.pictures))
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Card:
    """One post as a reviewer sees it. ``hour_now`` differs from the sealed hours after a small, accepted move."""

    approval: Approval
    revision: Revision
    post: Post
    state: ShownState
    sheets: tuple[SealedSheet, ...]
    hour_now: datetime
    is_current: bool
    stop: Stop | None
    may_decide: bool
    may_withdraw: bool
    may_stop: bool
    number: int
    of: int

    @property
    def digest(self) -> str:
        """Return what a decision has to name."""
        return self.revision.digest

    @property
    def is_moved(self) -> bool:
        """Tell whether the post now has another hour than the one that was sealed."""
        return self.is_current and all(sheet.wall != self.hour_now for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pack that somebody is still thinking about."""

    pack: Pack
    asked: int
    decided: int
    people: tuple[str, ...]
    first_hour: datetime | None
    is_late: bool


def packs_of(link: GuestLink) -> QuerySet[Pack]:
    """Return the packs that a link opens, newest first."""
    return Pack.objects.filter(links__link=link).select_related("brand__agency", "asked_by").order_by("-pk")


def cards_of(pack: Pack, reviewer: User, *, link: GuestLink | None = None) -> list[Card]:
    """Return what a reviewer was asked in a pack, in its order, with everything that is sealed."""
    asked = (
        Approval.objects.filter(pack=pack, reviewer=reviewer)
        .select_related("revision", "reviewer")
        .prefetch_related(
            Prefetch("revision__sheets", queryset=Sheet.objects.select_related("channel__profile").order_by("pk"))
        )
        .order_by("pk")
    )
    places = dict(PackItem.objects.filter(pack=pack).values_list("revision_id", "position"))
    approvals = sorted(asked, key=lambda one: (places.get(one.revision_id, 0), one.pk))
    posts = _posts(approval.revision.post_id for approval in approvals)
    stops = {
        stop.origin_key: stop
        for stop in Stop.objects.filter(
            scope="post", origin_key__in=[post.key for post in posts.values()], lifted_at=None
        )
    }
    files = StoredFile.objects.in_bulk(
        {pk for approval in approvals for sheet in approval.revision.sheets.all() for pk in sheet.files}
    )
    rights = _Rights.of(pack.brand, reviewer, link)
    return [
        _card(approval, posts[approval.revision.post_id], stops, files, rights, place=(number, len(approvals)))
        for number, approval in enumerate(approvals, 1)
    ]


def waiting_in(brand: Brand) -> list[Waiting]:
    """Return what is still asked in a brand: of whom, since when, and whether it will miss its hour."""
    packs = (
        Pack.objects.filter(brand=brand, approvals__state=ApprovalState.ASKED)
        .select_related("asked_by", "brand__agency")
        .annotate(
            asked_count=Count("approvals", filter=Q(approvals__state=ApprovalState.ASKED), distinct=True),
            decided_count=Count("approvals", filter=Q(approvals__decided_at__isnull=False), distinct=True),
        )
        .order_by("deadline_at")
        .distinct()
    )
    found = list(packs)
    open_rows = Approval.objects.filter(pack__in=found, state=ApprovalState.ASKED).select_related(
        "reviewer", "revision__post"
    )
    by_pack: dict[int | None, list[Approval]] = {}
    for approval in open_rows.order_by("pk"):
        by_pack.setdefault(approval.pack_id, []).append(approval)
    return [_waiting(pack, by_pack.get(pack.pk, [])) for pack in found]


def guest_file(link: GuestLink, file_id: int, *, width: int = 0) -> StoredFile:
    """Return a sealed picture of the packs that a link opens, or a small copy of it; anything else is 404."""
    if not is_open(link):
        raise Http404
    lists = Sheet.objects.filter(revision__pack_items__pack__links__link=link).values_list("files", flat=True)
    if file_id not in {pk for files in lists for pk in files}:
        raise Http404
    stored = StoredFile.objects.get(pk=file_id)
    return thumbnail_for(stored, width) if width else stored


@dataclass(frozen=True, slots=True)
class _Rights:
    """What the reviewer may do on this page at all."""

    decides: bool
    stops: bool

    @classmethod
    def of(cls, brand: Brand, reviewer: User, link: GuestLink | None) -> "_Rights":
        if link is None:
            return cls(decides=True, stops=False)
        is_client = is_client_of(reviewer, brand)
        return cls(decides=is_client and may_decide(link), stops=is_client and is_open(link))


def _posts(post_ids: Iterable[int]) -> dict[int, Post]:
    """Return the posts with their states and the number of their newest revision."""
    posts = with_states(Post.objects.filter(pk__in=list(post_ids))).select_related("brand__agency")
    return {post.pk: post for post in posts.prefetch_related("revisions")}


def _card(
    approval: Approval,
    post: Post,
    stops: dict[Any, Stop],
    files: dict[int, StoredFile],
    rights: _Rights,
    *,
    place: tuple[int, int],
) -> Card:
    newest = max((revision.number for revision in post.revisions.all()), default=0)
    is_current = approval.revision.number == newest and post.stage in OPEN
    state = shown_state(post)
    is_ahead = state.name not in {"published", "sending", "unknown"} and post.stage in OPEN
    return Card(
        approval=approval,
        revision=approval.revision,
        post=post,
        state=state,
        sheets=tuple(_sealed(sheet, files) for sheet in approval.revision.sheets.all()),
        hour_now=post.wall,
        is_current=is_current,
        stop=stops.get(post.key),
        may_decide=rights.decides and is_current and approval.state == ApprovalState.ASKED,
        may_withdraw=rights.stops and is_current and is_ahead and approval.state == ApprovalState.APPROVED,
        may_stop=rights.stops and is_ahead,
        number=place[0],
        of=place[1],
    )


def _sealed(sheet: Sheet, files: dict[int, StoredFile]) -> SealedSheet:
    parts = tuple(
        SealedPart(
            kind=part["kind"],
            text=part["text"],
            link=part["link"],
            options=part["options"],
            pictures=tuple(Picture(files[pk], alt) for pk, _sha256, alt, _focus in part["files"]),
        )
        for part in sheet.content
    )
    return SealedSheet(sheet.channel.name, sheet.channel.profile.platform, sheet.wall, parts)


def _waiting(pack: Pack, approvals: list[Approval]) -> Waiting:
    hours = [approval.revision.post.due_at for approval in approvals]
    first = min(hours, default=None)
    return Waiting(
        pack=pack,
        asked=pack.asked_count,  # type: ignore[attr-defined]  # annotated by waiting_in
        decided=pack.decided_count,  # type: ignore[attr-defined]  # annotated by waiting_in
        people=tuple(dict.fromkeys(str(approval.reviewer) for approval in approvals)),
        first_hour=first,
        is_late=pack.deadline_at < timezone.now() or (first is not None and first < timezone.now()),
    )
