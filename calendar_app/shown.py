"""A post’s state as people see it: read from its stage, its decisions and its delivery, never stored."""

from dataclasses import dataclass

from django.db.models import Case, CharField, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from calendar_app.models import Approval, Post, PostStage
from publisher.models import Publication, Stop


@dataclass(frozen=True, slots=True)
class ShownState:
    """A state as people see it: its name in addresses, the class of its colour, its sign, its word, and its place."""

    name: str
    css: str
    sign: str
    word: "Promise | str"


STATES: dict[str, ShownState] = {
    state.name: state
    for state in (
        ShownState("failed", "st-err", "alert", _("Not published")),
        ShownState("unknown", "st-err", "q", _("Outcome unknown")),
        ShownState("missed", "st-err", "late", _("Not sent, time passed")),
        ShownState("changes", "st-mod", "reply", _("Changes requested")),
        ShownState("refused", "st-mod", "no", _("Refused by the client")),
        ShownState("withdrawn", "st-mod", "no", _("Approval withdrawn")),
        ShownState("client", "st-att", "hour", _("Waiting for the client")),
        ShownState("draft", "st-bozza", "pencil", _("Draft")),
        ShownState("review", "st-rev", "half", _("In review")),
        ShownState("approved", "st-app", "check", _("Approved")),
        ShownState("scheduled", "st-prog", "clock", _("Scheduled")),
        ShownState("sending", "st-prog", "send", _("Sending")),
        ShownState("paused", "st-bozza", "pause", _("Paused")),
        ShownState("published", "st-pub", "sent", _("Published")),
        ShownState("archived", "st-bozza", "no", _("Canceled")),
    )
}
"""In the order of the pills: what asks for somebody comes first, what is over last."""

DELIVERY_RANKS = {
    "failed": 1,
    "unknown": 2,
    "missed": 3,
    "sending": 4,
    "held": 5,
    "claimed": 6,
    "waiting": 7,
    "published": 8,
}
BY_RANK = {
    1: "failed",
    2: "unknown",
    3: "missed",
    4: "sending",
    5: "paused",
    6: "scheduled",
    7: "scheduled",
    8: "published",
}
DECISIONS = {"changes_requested": "changes", "refused": "refused", "withdrawn": "withdrawn"}
DECISION_ORDER = ("asked", "refused", "changes_requested", "withdrawn", "expired", "approved", "void")


def rank_of_delivery() -> Case:
    """Return the expression that ranks a publication’s state, what asks for somebody first."""
    ranks = [When(state=state, then=Value(rank)) for state, rank in DELIVERY_RANKS.items()]
    return Case(*ranks, default=Value(9), output_field=IntegerField())


def with_states(posts: QuerySet[Post]) -> QuerySet[Post]:
    """Annotate what the shown state is derived from: the newest revision’s decisions, delivery, and a stop."""
    rows = Publication.objects.filter(origin_key=OuterRef("key")).exclude(state="canceled").order_by()
    worst = rows.values("origin_key").annotate(worst=Min(rank_of_delivery()))
    order = [When(state=state, then=Value(place)) for place, state in enumerate(DECISION_ORDER)]
    decisions = Approval.objects.filter(revision__post=OuterRef("pk")).annotate(
        order=Case(*order, default=Value(9), output_field=IntegerField()),
        said=Concat("stage", Value(":"), "state", output_field=CharField()),
    )
    return posts.annotate(
        delivery=Subquery(worst.values("worst")),
        decision=Subquery(decisions.order_by("-revision__number", "order", "-pk").values("said")[:1]),
        has_stop=Exists(Stop.objects.filter(scope="post", origin_key=OuterRef("key"), lifted_at=None)),
    )


def state_name(*, stage: str, decision: str | None, delivery: int | None, is_stopped: bool) -> str:
    """Return the name of the state that people see."""
    who, _colon, said = (decision or ":").partition(":")
    if stage == PostStage.ARCHIVED:
        return "archived"
    if stage == PostStage.DRAFT:
        return DECISIONS.get(said, "draft")
    if stage == PostStage.IN_REVIEW:
        return "client" if (who, said) == ("client", "asked") else "review"
    found = BY_RANK.get(delivery or 0, "approved")
    return "paused" if is_stopped and found in {"scheduled", "approved"} else found


def shown_state(post: Post, *, is_stopped: bool = False) -> ShownState:
    """Return a post’s state as people see it; ``is_stopped`` says that the whole brand is. One query if not annotated."""
    if not hasattr(post, "delivery"):
        post = with_states(Post.objects.filter(pk=post.pk)).get()
    name = state_name(
        stage=post.stage,
        decision=post.decision,  # type: ignore[attr-defined]  # annotated by with_states
        delivery=post.delivery,  # type: ignore[attr-defined]  # annotated by with_states
        is_stopped=is_stopped or post.has_stop,  # type: ignore[attr-defined]  # annotated by with_states
    )
    return STATES[name]


def is_brand_stopped(brand: Brand) -> bool:
    """Tell whether a stop reaches the whole brand."""
    reach = Q(scope="all") | Q(scope="agency", agency=brand.agency_id) | Q(scope="brand", brand=brand)
    return Stop.objects.filter(reach, lifted_at=None).exists()
