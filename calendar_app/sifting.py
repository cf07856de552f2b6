"""Every post of some days as a light row with the state that people see: plain columns, no models, however many there are."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When

from accounts.models import Brand
from calendar_app.models import Approval, Post, PostStage, Variant
from calendar_app.shown import DECISION_ORDER, STATES, ShownState, rank_of_delivery, state_name
from publisher.models import Publication, Stop

UNDECIDED = (PostStage.DRAFT, PostStage.IN_REVIEW)
COLUMNS = {"states": "state", "kinds": "kind", "campaigns": "campaign_id", "people": "person_id"}
"""The filters that look at a column of the light row; channels are looked up beside it."""
ORDER = {state: place for place, state in enumerate(DECISION_ORDER)}


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody wants to see; empty means everything."""

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    channels: frozenset[int] = frozenset()
    campaigns: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return any(getattr(self, name) for name in (*COLUMNS, "channels"))


class Light(NamedTuple):
    """A post as light as counting needs it. ``on`` is the day its clock shows, as ISO text."""

    pk: int
    on: str
    kind: str
    campaign_id: int | None
    person_id: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of some brands."""

    brands: Sequence[Brand]
    first: date
    last: date

    def posts(self) -> QuerySet[Post]:
        """Return the posts whose clock shows one of the days."""
        begin, end = datetime.combine(self.first, time.min), datetime.combine(self.last + timedelta(days=1), time.min)
        return Post.objects.filter(brand__in=[brand.pk for brand in self.brands], wall__gte=begin, wall__lt=end)


@dataclass(slots=True)
class Counts:
    """How many posts there are of each sort, among those that the filters of the other sorts leave: what a pill says is
    what it shows. ``total`` and ``mix`` (by kind) count everything. Archived posts are not counted.
    """

    total: int = 0
    mix: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    campaigns: Counter[int] = field(default_factory=Counter)
    people: Counter[int] = field(default_factory=Counter)
    channels: Counter[int] = field(default_factory=Counter)

    @property
    def shown_states(self) -> tuple[tuple[ShownState, int], ...]:
        """Return the states that occur or are chosen, what asks for somebody first."""
        return tuple((state, self.states[name]) for name, state in STATES.items() if name in self.states)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What open stops reach: brands as a whole, and single posts by their keys as the database writes them."""

    brands: frozenset[int]
    posts: frozenset[Any]


def stopped(brands: Iterable[Brand]) -> Stopped:
    """Return what the open stops reach. One query: few stops are open at any time."""
    columns = ("scope", "agency_id", "brand_id", "origin_key")
    stops = raw(Stop.objects.filter(lifted_at=None).exclude(scope="channel").order_by().values_list(*columns))
    scopes = {scope for scope, *_ in stops}
    agencies = {agency for scope, agency, _, _ in stops if scope == "agency"}
    own = {brand for scope, _, brand, _ in stops if scope == "brand"}
    return Stopped(
        frozenset(one.pk for one in brands if "all" in scopes or one.agency_id in agencies or one.pk in own),
        frozenset(key for scope, _, _, key in stops if scope == "post"),
    )


def sift(span: Span, halted: Stopped) -> list[Light]:
    """Return every post of the days, by hour. Two queries."""
    posts = span.posts()
    said, names = _decisions(posts), Names()
    return [
        Light(pk, str(wall)[:10], kind, campaign, person, names[stage, said.get(pk), worst, is_stopped])
        for pk, wall, kind, campaign, person, stage, is_stopped, worst in _with_deliveries(posts, halted)
    ]


class Names(dict[tuple[Any, ...], str]):
    """The names of the states, each found once: thousands of posts stand in a few of them."""

    def __missing__(self, seen: tuple[Any, ...]) -> str:
        stage, decision, delivery, is_stopped = seen
        name = state_name(stage=stage, decision=decision, delivery=delivery, is_stopped=bool(is_stopped))
        return self.setdefault(seen, name)


def _with_deliveries(posts: QuerySet[Post], halted: Stopped) -> list[tuple[Any, ...]]:
    """Return the posts by hour, each with the worst that delivery says of it.

    The database joins them: as two queries, the keys of all posts would have to become Python’s and be looked up here.
    """
    reach = Q(brand__in=halted.brands) | Q(key__in=halted.posts)
    is_stopped = Case(When(reach, then=Value(1)), default=Value(0), output_field=IntegerField())
    sent = posts.filter(stage=PostStage.APPROVED).values("key")
    rows = Publication.objects.filter(origin_key__in=sent).exclude(state="canceled").order_by()
    worst = rows.values("origin_key").annotate(worst=Min(rank_of_delivery())).values_list("origin_key", "worst")
    columns = ("pk", "wall", "kind", "campaign_id", "created_by_id", "stage", "is_stopped")
    plan, of_plan = posts.annotate(is_stopped=is_stopped).values_list(*columns, "key").query.sql_with_params()
    sendings, of_sendings = worst.query.sql_with_params()
    return fetched(
        f"SELECT {', '.join(f'p.{one}' for one in columns)}, s.worst FROM ({plan}) p "  # noqa: S608  (Django’s own statements)
        f"LEFT JOIN ({sendings}) s ON s.origin_key = p.key ORDER BY p.wall, p.pk",
        (*of_plan, *of_sendings),
    )


def _decisions(posts: QuerySet[Post]) -> dict[int, str]:
    """Return what counts of the newest version that was asked about, for posts that are not approved."""
    rows = Approval.objects.filter(revision__post__in=posts.filter(stage__in=UNDECIDED).values("pk")).order_by()
    best: dict[int, tuple[int, int, int]] = {}
    words: dict[int, str] = {}
    for post, number, state, stage, pk in raw(
        rows.values_list("revision__post_id", "revision__number", "state", "stage", "pk")
    ):
        weight = (number, -ORDER.get(state, len(ORDER)), pk)
        if post not in best or weight > best[post]:
            best[post], words[post] = weight, f"{stage}:{state}"
    return words


def count(rows: Sequence[Light], *, channels: dict[int, int]) -> Counts:
    """Count the posts that are not archived, where nothing is filtered; how many each channel has is known."""
    alive = wanted(rows, Filters(), of_channels=())
    found = Counts(total=len(alive), channels=Counter(channels))
    for name, column in COLUMNS.items():
        getattr(found, name).update(one for one in map(attrgetter(column), alive) if one is not None)
    found.mix = found.kinds
    return found


def count_left(rows: Sequence[Light], filters: Filters, *, places: Collection[tuple[int, int]]) -> Counts:
    """Count each sort among what the filters of the others leave; ``places`` are posts with their channels.

    What is chosen is kept with its zero: otherwise nobody could take it away. What never occurs stays out, so that an
    address cannot ask for the name of another brand’s channel.
    """
    alive = {row.pk for row in rows if row.state != "archived"}
    of_all = count(rows, channels=Counter(channel for post, channel in places if post in alive))
    of_channels = posts_in(places, filters.channels)
    found = Counts(total=of_all.total, mix=of_all.mix)
    for name, column in COLUMNS.items():
        left = wanted(rows, _without(filters, name), of_channels=of_channels)
        getattr(found, name).update(one for one in map(attrgetter(column), left) if one is not None)
    left_posts = {row.pk for row in wanted(rows, _without(filters, "channels"), of_channels=())}
    found.channels.update(channel for post, channel in places if post in left_posts)
    for name in (*COLUMNS, "channels"):
        getattr(found, name).update({one: 0 for one in getattr(of_all, name) if one in getattr(filters, name)})
    return found


def _without(filters: Filters, name: str) -> Filters:
    """Return the filters with one sort taken away."""
    nothing: dict[str, Any] = {name: frozenset()}
    return replace(filters, **nothing)


def posts_in(places: Collection[tuple[int, int]], channels: Collection[int]) -> set[int]:
    """Return the posts that have one of the channels."""
    return {post for post, channel in places if channel in channels}


def channel_counts(span: Span) -> dict[int, int]:
    """Return how many posts each channel has. One query."""
    alive = span.posts().exclude(stage=PostStage.ARCHIVED).values("pk")
    counts = Variant.objects.filter(post__in=alive).order_by().values("channel_id").annotate(n=Count("*"))
    return dict(raw(counts.values_list("channel_id", "n")))


def places_of(span: Span) -> list[tuple[int, int]]:
    """Return every post with each of its channels. One query, as long as the posts are many: for filters alone."""
    return raw(Variant.objects.filter(post__in=span.posts().values("pk")).order_by().values_list("post_id", "channel_id"))


def wanted(rows: Iterable[Light], filters: Filters, *, of_channels: Collection[int]) -> list[Light]:
    """Return what the filters leave; archived posts only where they are asked for."""
    kept = [row for row in rows if row.state != "archived" or "archived" in filters.states]
    for name, column in COLUMNS.items():
        choice = getattr(filters, name)
        kept = [row for row in kept if getattr(row, column) in choice] if choice else kept
    if filters.channels:
        kept = [row for row in kept if row.pk in of_channels]
    return kept


def raw(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """Return the columns of a query as the database gives them: turning ten thousand rows into Python’s types is slow."""
    return fetched(*rows.query.sql_with_params())


def fetched(sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return what a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
