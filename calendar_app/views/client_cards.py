"""The cards of a client’s page: what was asked of this person, how it stands, and what they may still do."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Min
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.translation import gettext_lazy

from accounts.links import may_decide
from accounts.models import GuestLink, Purpose
from calendar_app.changes import Change, changes_between
from calendar_app.models import (
    Approval,
    ApprovalState,
    Pack,
    PackItem,
    PackLink,
    Post,
    PostStage,
    Revision,
    Stage,
    Variant,
)
from calendar_app.shown import STATES, ShownState
from calendar_app.views.faces import Face, faces_of, with_sheets
from publisher import outbox
from publisher.models import Publication, Stop, StopScope

SPOKEN = (ApprovalState.APPROVED, ApprovalState.NOT_OBJECTED, ApprovalState.CHANGES_REQUESTED, ApprovalState.REFUSED)
APPROVED = ShownState("approved", "st-app", "check", gettext_lazy("Approved"))
LOOKS = {
    ApprovalState.APPROVED: APPROVED,
    ApprovalState.NOT_OBJECTED: APPROVED,
    ApprovalState.CHANGES_REQUESTED: ShownState("changes", "st-mod", "reply", gettext_lazy("Changes requested")),
    ApprovalState.REFUSED: ShownState("refused", "st-mod", "no", gettext_lazy("Refused")),
    ApprovalState.WITHDRAWN: ShownState("withdrawn", "st-mod", "reply", gettext_lazy("Approval withdrawn")),
}
WAITING = ShownState("client", "st-att", "hour", gettext_lazy("To be decided"))
BEYOND = {"sending", "unknown", "published"}
AHEAD = {"waiting", "held", "claimed"}
SHOWN_DELIVERY = {
    "held": "paused",
    "sending": "sending",
    "unknown": "unknown",
    "published": "published",
    "failed": "failed",
    "missed": "missed",
}


def may_lift(stop: Stop | None) -> bool:
    """Tell whether a stop was set by the client’s side: what the agency stopped, the agency lets go."""
    return stop is not None and stop.by is not None and not stop.by.may_sign_in


@dataclass(slots=True)
class Card:
    """One post of the pack as this person meets it."""

    number: int
    face: Face
    post: Post
    mine: Approval | None
    spoken: Approval | None = None
    newer: Face | None = None
    newer_link: uuid.UUID | None = None
    changes: list[Change] = field(default_factory=list)
    is_current: bool = True
    is_newest: bool = True
    may_answer: bool = False
    rows: list[Publication] = field(default_factory=list)
    stop: Stop | None = None
    planned: datetime | None = None
    is_reading: bool = False
    is_kept_open: bool = False
    note: str = ""
    typed: str = ""
    wish: str = ""

    @property
    def pk(self) -> int:
        """Return what the card’s forms speak of."""
        return self.mine.pk if self.mine else 0

    @property
    def gist(self) -> str:
        """Return the words of the post in one line, for the row of a decided card."""
        pieces = self.face.blocks[0].pieces if self.face.blocks else ()
        return " ".join(pieces[0].words.split())[:200] if pieces else ""

    @property
    def anchor(self) -> str:
        """Return the card’s name in the page."""
        return f"p{self.pk}" if self.pk else f"n{self.number}"

    @property
    def is_asking_words(self) -> bool:
        """Whether what is wrong stands beside the field that it is about."""
        return self.may_answer and self.wish in {"changes", "refuse"}

    @property
    def is_open(self) -> bool:
        """Whether this person is still asked."""
        return self.mine is not None and self.mine.state == ApprovalState.ASKED and self.is_current

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody answered in time."""
        return self.spoken is None and self.mine is not None and self.mine.state == ApprovalState.EXPIRED

    @property
    def shown(self) -> Face:
        """Return the version to look at: where a newer one was sent, that one."""
        return self.newer if self.is_changed and self.newer is not None else self.face

    @property
    def is_whole(self) -> bool:
        """Whether it is shown whole: what waits for an answer, what has changed, what is only read."""
        return self.is_open or self.is_changed or self.is_unanswered or self.spoken is None

    @property
    def is_changed(self) -> bool:
        """Whether the version that was asked about is no longer the one that counts, and nobody had spoken."""
        lapsed = self.is_unanswered and self.is_newest  # silence took it back, and nobody has written another since
        return self.spoken is None and not self.is_current and not lapsed

    @property
    def is_approved(self) -> bool:
        """Whether an approval stands."""
        approved = (ApprovalState.APPROVED, ApprovalState.NOT_OBJECTED)
        return self.spoken is not None and self.spoken.state in approved and self.is_current

    @property
    def state(self) -> ShownState:
        """Return the decision with its sign and word."""
        return LOOKS[ApprovalState(self.spoken.state)] if self.spoken else WAITING

    @property
    def delivery(self) -> ShownState | None:
        """Return what became of it, once there is something to say beyond the plan."""
        found = {row.state for row in self.rows}
        name = next((SHOWN_DELIVERY[state] for state in SHOWN_DELIVERY if state in found), "")
        if self.stop is not None and not found & BEYOND:
            name = "paused"
        return STATES[name] if name else None

    @property
    def is_missed(self) -> bool:
        """Whether it was approved after its hour."""
        return self.is_approved and not self.rows and self.post.stage == PostStage.APPROVED

    @property
    def wall(self) -> datetime:
        """Return the hour at which it goes out now, which may have been moved within what was accepted."""
        return self.rows[0].wall if self.rows else self.planned or self.face.wall

    @property
    def is_moved(self) -> bool:
        """Whether that hour is another than the one shown for decision."""
        return self.wall != self.face.wall

    @property
    def may_withdraw(self) -> bool:
        """Whether this person’s own approval can still be taken back."""
        own = self.mine is not None and self.mine.state == ApprovalState.APPROVED
        is_out = bool(self.rows) and all(row.state in BEYOND for row in self.rows)
        return own and self.is_approved and not is_out and not self.is_reading

    @property
    def may_stop(self) -> bool:
        """Whether something of it can still be held back."""
        waits = any(row.state in AHEAD for row in self.rows)
        return self.is_approved and waits and self.stop is None and self.mine is not None and not self.is_reading

    @property
    def may_lift(self) -> bool:
        """Whether the post is stopped by the client’s side and may be let go from here."""
        return may_lift(self.stop) and self.mine is not None and not self.is_reading


@dataclass(slots=True)
class Deck:
    """All cards of a link, and the numbers beside them."""

    pack: Pack
    link: GuestLink
    cards: list[Card]

    @property
    def open(self) -> list[Card]:
        """Return what waits for an answer, in the order of the hours."""
        return [card for card in self.cards if card.is_open]

    @property
    def in_order(self) -> list[Card]:
        """Return what waits first, what is decided after it; a card just decided keeps its place."""
        return sorted(self.cards, key=lambda card: not (card.is_open or card.is_kept_open))

    @property
    def last_open(self) -> Card | None:
        """Return the card after which all that are left can be approved."""
        first = [card for card in self.in_order if card.is_open or card.is_kept_open]
        return first[-1] if first and self.open else None

    @property
    def done_count(self) -> int:
        """Return how many are decided."""
        return sum(1 for card in self.cards if card.spoken)

    @property
    def total(self) -> int:
        """Return how many there are to decide; what the agency has taken back to change is none of them."""
        return sum(1 for card in self.cards if not card.is_changed)

    @property
    def tally_number(self) -> int:
        """Return the number that *of 8 decided* agrees with: one of eight, none of one."""
        return 1 if self.total == 1 else self.done_count

    @property
    def approved_count(self) -> int:
        """Return how many are approved."""
        return sum(1 for card in self.cards if card.is_approved)

    @property
    def changes_count(self) -> int:
        """Return for how many changes were requested."""
        return self._said(ApprovalState.CHANGES_REQUESTED)

    @property
    def refused_count(self) -> int:
        """Return how many were refused."""
        return self._said(ApprovalState.REFUSED)

    @property
    def withdrawn_count(self) -> int:
        """Return how many approvals were taken back."""
        return self._said(ApprovalState.WITHDRAWN)

    def _said(self, state: ApprovalState) -> int:
        return sum(1 for card in self.cards if card.spoken and card.spoken.state == state)

    @property
    def is_answered(self) -> bool:
        """Whether every post of the pack has its decision."""
        return self.done_count == len(self.cards)

    @property
    def is_over(self) -> bool:
        """Whether time ran out before everything was decided."""
        is_late = bool(self.open) and not self.may_answer
        return is_late or (not self.open and any(card.is_unanswered for card in self.cards))

    @property
    def redate_within_s(self) -> int:
        """Return how far the agency may move what is being decided without asking again."""
        return max((card.mine.rule.get("redate_within_s", 0) for card in self.open if card.mine), default=0)

    @property
    def may_answer(self) -> bool:
        """Whether this link still decides."""
        return may_decide(self.link)

    @property
    def is_reading(self) -> bool:
        """Whether this link never decided."""
        return self.link.purpose != Purpose.APPROVE

    def card(self, pk: int) -> Card:
        """Return one card by its approval, or 404: these posts, this person."""
        found = next((card for card in self.cards if pk and card.pk == pk), None)
        if found is None:
            raise Http404
        return found


def pack_of(link: GuestLink) -> Pack:
    """Return what a link opens."""
    rows = PackLink.objects.filter(link=link).select_related("pack__brand__agency")
    found = rows.order_by("-pack_id").first()
    if found is None:
        raise Http404
    return found.pack


def deck_of(link: GuestLink) -> Deck:
    """Return the cards of a link in a fixed number of queries."""
    pack = pack_of(link)
    revisions = _revisions_shown(pack)
    approvals = _approvals(revisions)
    faces = faces_of([*revisions, *_others(revisions, approvals, link)])
    context = _Context(pack, link, approvals, faces)
    ordered = sorted(revisions, key=lambda one: (faces[one.pk].due_at, one.pk))
    shown = [one for one in ordered if context.asks(one)]
    context.read_rows([one.post for one in shown])
    return Deck(pack, link, [context.card(number, one) for number, one in enumerate(shown, start=1)])


def _revisions_shown(pack: Pack) -> list[Revision]:
    items = PackItem.objects.filter(pack=pack).values("revision")
    return list(with_sheets(Revision.objects.filter(pk__in=items)))


def _approvals(revisions: Iterable[Revision]) -> list[Approval]:
    """Return every client’s decision about these posts, in this pack or another."""
    posts = [revision.post_id for revision in revisions]
    rows = Approval.objects.filter(revision__post__in=posts, stage=Stage.CLIENT)
    return list(rows.select_related("reviewer", "revision").order_by("pk"))


def _others(revisions: list[Revision], approvals: list[Approval], link: GuestLink) -> list[Revision]:
    """Return the newest version that this person was asked about, and the one they met before, of each post."""
    shown = {revision.post_id: revision for revision in revisions}
    wanted: set[int] = set()
    for approval in approvals:
        here = shown[approval.revision.post_id]
        if approval.reviewer_id == link.user_id and approval.revision_id != here.pk:
            wanted.add(approval.revision_id)
    return list(with_sheets(Revision.objects.filter(pk__in=wanted)))


class _Context:
    """What was read once for all cards."""

    def __init__(self, pack: Pack, link: GuestLink, approvals: list[Approval], faces: dict[int, Face]) -> None:
        self.pack, self.link, self.faces = pack, link, faces
        self.approvals = approvals
        posts = {approval.revision.post_id for approval in approvals}
        latest = Revision.objects.filter(post__in=posts).values_list("post").annotate(last=Max("number"))
        self.latest: dict[int, int] = dict(latest)
        links = PackLink.objects.filter(link__user=link.user_id, link__revoked_at=None, pack__brand=pack.brand)
        self.links: dict[int, uuid.UUID] = dict(links.order_by("pk").values_list("pack_id", "link__public_id"))
        self.rows: dict[uuid.UUID, list[Publication]] = {}
        self.stops: dict[uuid.UUID | None, Stop] = {}
        self.planned: dict[int, datetime] = {}

    def read_rows(self, posts: list[Post]) -> None:
        """Read delivery and stops of all posts at once."""
        keys = [post.key for post in posts]
        self.rows = outbox.delivery_of(keys)
        stops = Stop.objects.filter(scope=StopScope.POST, origin_key__in=keys, lifted_at=None)
        self.stops = {stop.origin_key: stop for stop in stops.select_related("by")}
        hours = Variant.objects.filter(post__in=posts).values_list("post").annotate(at=Min(Coalesce("wall", "post__wall")))
        self.planned = dict(hours)

    def asks(self, revision: Revision) -> bool:
        """Whether a client was asked about a revision in this pack; an internal stage may still be going on."""
        return any(one.revision_id == revision.pk and one.pack_id == self.pack.pk for one in self.approvals)

    def card(self, number: int, revision: Revision) -> Card:
        """Return the card of a revision."""
        here = [one for one in self.approvals if one.revision_id == revision.pk]
        mine = [one for one in here if one.reviewer_id == self.link.user_id and one.pack_id == self.pack.pk]
        post = revision.post
        card = Card(number, self.faces[revision.pk], post, mine[-1] if mine else None)
        card.spoken = self._spoken(here, card.mine)
        card.is_newest = self.latest[post.pk] == revision.number
        card.is_current = card.is_newest and post.stage in {PostStage.IN_REVIEW, PostStage.APPROVED}
        card.planned = self.planned.get(post.pk) if card.is_current else None
        card.is_reading = self.link.purpose != Purpose.APPROVE
        card.may_answer = card.is_open and may_decide(self.link)
        card.rows = [row for row in self.rows[post.key] if card.is_approved and row.kind == "post"]
        card.stop = self.stops.get(post.key) if card.is_approved else None
        self._compare(card)
        return card

    def _spoken(self, here: list[Approval], mine: Approval | None) -> Approval | None:
        """Return the decision that counts: one’s own, or the one by which another ended the question."""
        if mine is not None and mine.state in (*SPOKEN, ApprovalState.WITHDRAWN):
            return mine
        if mine is not None and mine.state == ApprovalState.ASKED:
            return None
        return next((one for one in reversed(here) if one.state in SPOKEN), None)

    def _compare(self, card: Card) -> None:
        """Say what changed: in the version that took the place of this one, or since this person’s last look."""
        own = [one for one in self.approvals if one.reviewer_id == self.link.user_id]
        own = [one for one in own if one.revision.post_id == card.post.pk]
        newer = [one for one in own if one.revision.number > card.face.revision.number]
        if newer and self.latest[card.post.pk] == newer[-1].revision.number:
            card.newer = self.faces[newer[-1].revision_id]
            card.newer_link = self.links.get(newer[-1].pack_id or 0)
            card.changes = changes_between(card.face.revision, card.newer.revision)
            return
        older = [one for one in own if one.revision.number < card.face.revision.number]
        if older and card.is_open:
            card.changes = changes_between(self.faces[older[-1].revision_id].revision, card.face.revision)
