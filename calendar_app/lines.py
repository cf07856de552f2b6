"""Posts as lines of a calendar: title, hour, kind, state, channels and the first picture, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.utils.functional import Promise

from accounts.models import Brand
from calendar_app.models import Kind, PartMedia, Post, PostMedia
from calendar_app.shown import STATES, ShownState, shown_state
from calendar_app.sifting import Light
from publisher.platforms import adapter_of

CHANNELS_A_CHIP = 2
OWN = ("pk", "title", "wall", "kind", "version", "brand_id")
OF_VARIANTS = ("variants__channel_id", "variants__channel__name", "variants__channel__profile__platform")
KIND_SIGNS = {Kind.INFORMATIONAL: "info", Kind.ARGUMENTATIVE: "talk", Kind.PROMOTIONAL: "tag"}


@dataclass(frozen=True, slots=True)
class ChannelSign:
    """A channel in a chip: two letters, and the name for whoever cannot see them."""

    pk: int
    monogram: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One post in a calendar. ``brand`` is there where several brands stand side by side."""

    pk: int
    title: str
    wall: datetime
    kind: str
    kind_word: "Promise | str"
    kind_sign: str
    state: ShownState
    version: int
    brand_id: int
    asset_id: int | None = None
    channels: tuple[ChannelSign, ...] = ()
    brand: Brand | None = None

    @property
    def shown_channels(self) -> tuple[ChannelSign, ...]:
        """Return the signs that fit into a chip."""
        return self.channels[: CHANNELS_A_CHIP if len(self.channels) == CHANNELS_A_CHIP else 1]

    @property
    def more_channels(self) -> int:
        """Return how many channels the chip does not show."""
        return len(self.channels) - len(self.shown_channels)

    @property
    def is_locked(self) -> bool:
        """Tell whether it can no longer be moved."""
        return self.state.name in {"published", "sending", "unknown", "archived"}


def lines_of(posts: Iterable[Post]) -> list[Line]:
    """Return posts (from ``with_states``) as lines, in their order."""
    chosen = list(posts)
    states = {post.pk: shown_state(post) for post in chosen}
    lines = _lines(states)
    return [lines[post.pk] for post in chosen]


def lines_from(rows: Iterable[Light], *, brands: Mapping[int, Brand] | None = None) -> dict[int, Line]:
    """Return light rows as lines by id; with their brands where those are given."""
    return _lines({row.pk: STATES[row.state] for row in rows}, brands=brands or {})


def _lines(states: Mapping[int, ShownState], *, brands: Mapping[int, Brand] | None = None) -> dict[int, Line]:
    """Return the lines by id. Two queries."""
    if not states:
        return {}
    pictures = _first_pictures(states)
    channels: dict[int, list[ChannelSign]] = defaultdict(list)
    rows: dict[int, tuple[Any, ...]] = {}
    signs: dict[int, ChannelSign] = {}
    found = Post.objects.filter(pk__in=list(states)).order_by("variants__pk")
    for *own, channel_id, name, platform in found.values_list(*OWN, *OF_VARIANTS):
        rows[own[0]] = tuple(own)
        if channel_id is None:
            continue
        if channel_id not in signs:
            signs[channel_id] = ChannelSign(channel_id, adapter_of(platform).monogram, name)
        channels[own[0]].append(signs[channel_id])
    return {
        pk: Line(
            pk=pk,
            title=title,
            wall=wall,
            kind=kind,
            kind_word=Kind(kind).label,
            kind_sign=KIND_SIGNS[Kind(kind)],
            state=states[pk],
            version=version,
            brand_id=brand_id,
            asset_id=pictures.get(pk),
            channels=tuple(channels[pk]),
            brand=(brands or {}).get(brand_id),
        )
        for pk, title, wall, kind, version, brand_id in rows.values()
    }


def _first_pictures(post_ids: Iterable[int]) -> dict[int, int]:
    """Return the first common picture of each post, else the first that any channel gets."""
    ids = list(post_ids)
    own = PartMedia.objects.filter(part__variant__post__in=ids, position=0).annotate(
        post=F("part__variant__post_id"), common=Value(0)
    )
    common = PostMedia.objects.filter(post__in=ids, position=0).annotate(common=Value(1))
    rows = own.values_list("post", "asset_id", "common", "pk").union(
        common.values_list("post_id", "asset_id", "common", "pk")
    )
    ordered = sorted(rows, key=lambda row: (row[2], -row[3]))
    return {post_id: asset_id for post_id, asset_id, _common, _pk in ordered}
