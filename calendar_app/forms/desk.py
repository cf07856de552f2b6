"""The composer’s desk: what is typed or stored of a post, for every channel of the brand, ready to be shown or saved."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.models import Brand
from calendar_app.drafting import MediaChoice, PostChanges
from calendar_app.forms.channel import (
    ChannelDesk,
    ChannelForm,
    stored_parts,
    stored_pictures,
    stored_values,
    typed_parts,
    typed_picture,
)
from calendar_app.forms.compose import BRIEF, LONGEST_TEXT, PostForm, Typed, options_in, pictures_in
from calendar_app.forms.cuts import box_of
from calendar_app.forms.usual import usual_of
from calendar_app.models import Asset, Post, Variant
from publisher.contract.content import Content, Media
from publisher.models import Channel, ChannelState
from publisher.platforms import adapter_of


class Desk:
    """A post on the desk. With ``data`` it shows what was typed, without it what is stored, or a fresh sheet."""

    def __init__(
        self, *, brand: Brand, post: Post | None, data: QueryDict | None = None, on: date | None = None
    ) -> None:
        self.brand = brand
        self.post = post
        self.data = data
        self._known: dict[int, Asset] | None = None
        self.form = PostForm(data, brand=brand, initial=None if data is not None else self._initial(on))
        self.pictures: list[Typed] = pictures_in(data) if data is not None else self._stored_pictures()

    @cached_property
    def channels(self) -> list[ChannelDesk]:
        """Return every channel that is open or already chosen."""
        variants = {variant.channel_id: variant for variant in self.post.variants.all()} if self.post else {}
        rows = Channel.objects.filter(brand=self.brand).select_related("profile", "connection").order_by("name", "pk")
        usable = [
            row for row in rows if row.pk in variants or (row.archived_at is None and row.state != ChannelState.ENDED)
        ]
        return [self._on_desk(row, variants.get(row.pk)) for row in usable]

    def is_valid(self) -> bool:
        """Tell whether everything typed can be stored; what differs on a channel that is not chosen does not matter."""
        own = [channel.form.is_valid() for channel in self.chosen]
        return self.form.is_valid() and all(own) and not any(channel.thread_problems for channel in self.chosen)

    @property
    def chosen(self) -> list[ChannelDesk]:
        """Return the channels that are switched on."""
        return [channel for channel in self.channels if channel.is_on]

    def with_pictures(self, pictures: Iterable[Typed], *, channel: ChannelDesk | None = None) -> None:
        """Put other pictures on the desk, or on one channel's part of it."""
        if channel is None:
            self.pictures = list(pictures)
        else:
            channel.pictures = list(pictures)
        self._known = None

    def channel(self, prefix: str) -> ChannelDesk | None:
        """Return a channel by what the names of its fields begin with."""
        return next((one for one in self.channels if one.prefix == prefix), None)

    def places(self, channel: ChannelDesk) -> list[str]:
        """Return under which names the pictures of a channel's further posts were sent."""
        return self.data.getlist(f"{channel.prefix}-part-place") if self.data is not None else []

    def wall(self) -> datetime | None:
        """Return the hour as it stands, where it is one."""
        if self.form.is_bound:
            self.form.is_valid()  # an hour stands also where something else is still missing
            wall: datetime | None = self.form.cleaned_data.get("wall")
            return wall
        return datetime.combine(self.form["on"].value(), self.form["at"].value())

    def fold(self) -> int:
        """Return which of two equal hours is meant."""
        if self.form.is_bound:
            return int(self.form.cleaned_data.get("fold") or 0)
        return self.post.fold if self.post else 0

    def text(self) -> str:
        """Return the common text as it stands, as much of it as can be kept."""
        return str(self.form["text"].value() or "")[:LONGEST_TEXT]

    def link(self) -> str:
        """Return the common link as it stands."""
        return str(self.form["link"].value() or "").strip()

    def shown_pictures(self, channel: ChannelDesk | None = None) -> list[dict[str, Any]]:
        """Return the pictures as the composer lists them; a channel's own where one is named."""
        return self.shown_of(channel.pictures if channel else self.pictures)

    def shown_of(self, pictures: Iterable[Typed]) -> list[dict[str, Any]]:
        """Return pictures with names and the library’s texts."""
        rows = self.assets
        return [
            {
                "asset_id": one.asset_id,
                "name": rows[one.asset_id].name,
                "alt": one.alt,
                "cut": one.crop,
                "library_alt": self._library_alt(rows[one.asset_id]),
            }
            for one in pictures
            if one.asset_id in rows
        ]

    def media(self, channel: ChannelDesk | None = None) -> tuple[Media, ...]:
        """Return the pictures as adapters judge them, without painting them; a channel's own where it has some."""
        return self.media_of(channel.pictures if channel and channel.has_own_media else self.pictures)

    def media_of(self, pictures: Iterable[Typed]) -> tuple[Media, ...]:
        """Return pictures as adapters judge them."""
        found = []
        for one in pictures:
            asset = self.assets.get(one.asset_id)
            if asset:
                stored, alt = asset.file, one.alt or self._library_alt(asset)
                found.append(
                    Media(
                        str(stored.pk), "", stored.mime, stored.bytes, stored.width, stored.height, stored.sha256, alt
                    )
                )
        return tuple(found)

    def changes(self) -> PostChanges:
        """Return the whole desk as a change. The form has to be valid."""
        cleaned = self.form.cleaned_data
        campaign = cleaned["campaign"]
        return PostChanges(
            title=cleaned["title"],
            kind=cleaned["kind"],
            brief=cleaned["brief"],
            wall=cleaned["wall"],
            fold=int(cleaned["fold"]) if self.form.is_twice else None,
            text=cleaned["text"].replace("\r\n", "\n"),
            link=cleaned["link"],
            media=self.choices(self.pictures),
            channels=tuple(channel.pk for channel in self.chosen),
            variants={channel.pk: channel.changes(self.choices) for channel in self.chosen},
            campaign_id=campaign.pk if campaign else 0,
        )

    def choices(self, pictures: Iterable[Typed]) -> tuple[MediaChoice, ...]:
        """Return pictures as a post stores them; an id of another brand is not among them."""
        known = ((one, self.assets[one.asset_id].file) for one in pictures if one.asset_id in self.assets)
        return tuple(
            MediaChoice(one.asset_id, one.alt, box_of(one.crop, width=file.width, height=file.height))
            for one, file in known
        )

    @property
    def assets(self) -> dict[int, Asset]:
        """Return the pictures’ rows; an id of another brand is not among them."""
        if self._known is None:
            lists = [self.pictures, *(one for channel in self.channels for one in channel.picture_lists)]
            ids = {one.asset_id for pictures in lists for one in pictures}
            rows = Asset.objects.filter(brand=self.brand, pk__in=ids).select_related("file").prefetch_related("alts")
            self._known = {row.pk: row for row in rows}
        return self._known

    def _library_alt(self, asset: Asset) -> str:
        alts = {alt.language: alt.text for alt in asset.alts.all()}
        return alts.get(self.brand.language) or next(iter(alts.values()), "")

    def _initial(self, on: date | None) -> dict[str, Any]:
        if self.post is None:
            return usual_of(self.brand, on=on)
        post = self.post
        values = {name: getattr(post, name) for name in ("title", "kind", "text", "link", "campaign")}
        hour = {"on": post.wall.date(), "at": post.wall.time(), "fold": str(post.fold)}
        return {**values, **hour, **{f"brief_{name}": post.brief.get(name, "") for name in BRIEF}}

    def _stored_pictures(self) -> list[Typed]:
        return [typed_picture(item) for item in self.post.media.all()] if self.post else []

    def _on_desk(self, row: Channel, variant: Variant | None) -> ChannelDesk:
        prefix, adapter, data = f"c{row.pk}", adapter_of(row.profile.platform), self.data
        if data is not None:
            form = ChannelForm(data, prefix=prefix, brand=self.brand)
            options: dict[str, Any] = dict(options_in(data, prefix))
            desk = ChannelDesk(row, adapter, str(row.pk) in data.getlist("channels"), form, options, variant)
            desk.pictures, desk.parts = pictures_in(data, f"{prefix}-"), typed_parts(data, prefix)
            return desk
        wall = self.post.wall if self.post else None
        form = ChannelForm(prefix=prefix, brand=self.brand, initial=stored_values(variant, wall=wall))
        is_on = variant is not None or (self.post is None and row.pk in self.usual_channels)
        desk = ChannelDesk(row, adapter, is_on, form, dict(variant.options) if variant else {}, variant)
        desk.pictures, desk.parts = stored_pictures(variant), stored_parts(variant)
        return desk

    @cached_property
    def usual_channels(self) -> tuple[int, ...]:
        """Return what the last post went to: most plans go on where they were."""
        last = Post.objects.filter(brand=self.brand).order_by("-pk").values("pk")[:1]
        return tuple(Variant.objects.filter(post__in=last).values_list("channel", flat=True))


def contents_of(desk: Desk) -> list[tuple[ChannelDesk, list[Content]]]:
    """Return what every chosen channel would get, for counting, judging and showing."""
    return [
        (channel, channel.contents(desk.text(), desk.link(), desk.media(channel), desk.media_of, desk.brand.language))
        for channel in desk.chosen
    ]
