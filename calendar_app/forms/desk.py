"""The composer’s desk: what is typed or stored of a post, for every channel of the brand, ready to be shown or saved."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import select_template
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Brand
from accounts.wall import wall_of
from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges
from calendar_app.forms.compose import BRIEF, ChannelForm, PostForm, Typed, options_in, pictures_in
from calendar_app.models import Asset, PartKind, Post, Variant
from calendar_app.variants import as_it_is
from publisher.contract.base import Adapter
from publisher.contract.content import Content, Media
from publisher.models import Channel, ChannelState
from publisher.platforms import adapter_of

USUAL_HOUR = time(9, 30)


@dataclass(slots=True)
class ChannelDesk:
    """One channel on the desk: whether it is chosen, and what differs there."""

    channel: Channel
    adapter: Adapter
    is_on: bool
    form: ChannelForm
    options: dict[str, Any]
    variant: Variant | None

    @property
    def pk(self) -> int:
        """Return the channel’s id, as the form names it."""
        return self.channel.pk

    @property
    def name(self) -> str:
        """Return the channel’s name."""
        return self.channel.name

    @property
    def platform(self) -> str:
        """Return the platform’s name."""
        return self.adapter.name

    @property
    def monogram(self) -> str:
        """Return the platform’s two letters."""
        return self.adapter.monogram

    @property
    def prefix(self) -> str:
        """Return what the names of this channel’s fields begin with."""
        return f"c{self.channel.pk}"

    @property
    def note(self) -> str:
        """Return what has to be known of the channel before choosing it."""
        return _("To reconnect before anything goes out here.") if self.channel.state == ChannelState.LOST else ""

    @property
    def takes_first_comment(self) -> bool:
        """Whether the platform lets us write the first comment."""
        return "first_comment" in self.adapter.kinds

    @property
    def options_template(self) -> str:
        """Return the template of the platform’s own fields, where it has some."""
        name = f"platforms/{self.adapter.slug}/options.html"
        try:
            select_template([name])
        except TemplateDoesNotExist:
            return ""
        return name

    def value(self, name: str) -> Any:
        """Return what stands in a field of this channel."""
        return self.form[name].value()

    def changes(self) -> VariantChanges:
        """Return what this channel gets; what the desk does not show stays as it is."""
        stored = as_it_is(self.variant) if self.variant else VariantChanges()
        own = str(self.value("text") or "") if self.value("own") else None
        return replace(
            stored, text=own, options=self.options, first_comment=str(self.value("first_comment") or "").strip()
        )

    def content(self, text: str, link: str, media: tuple[Media, ...], language: str) -> Content:
        """Return what the platform counts and judges."""
        words = str(self.value("text") or "") if self.value("own") else text
        return Content(
            text=words,
            link=link,
            media=media,
            language=str(self.options.get("language") or language),
            options=self.options,
        )


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
        return [self._channel(row, variants.get(row.pk)) for row in usable]

    @property
    def chosen(self) -> list[ChannelDesk]:
        """Return the channels that are switched on."""
        return [channel for channel in self.channels if channel.is_on]

    def with_pictures(self, pictures: Iterable[Typed]) -> None:
        """Put other pictures on the desk."""
        self.pictures = list(pictures)
        self._known = None

    def text(self) -> str:
        """Return the common text as it stands."""
        return str(self.form["text"].value() or "")

    def link(self) -> str:
        """Return the common link as it stands."""
        return str(self.form["link"].value() or "").strip()

    def shown_pictures(self) -> list[dict[str, Any]]:
        """Return the pictures with names and the library’s texts, for the list."""
        rows = self._assets
        return [
            {
                "asset_id": one.asset_id,
                "name": rows[one.asset_id].name,
                "alt": one.alt,
                "library_alt": self._library_alt(rows[one.asset_id]),
            }
            for one in self.pictures
            if one.asset_id in rows
        ]

    def media(self) -> tuple[Media, ...]:
        """Return the pictures as adapters judge them, without painting them."""
        found = []
        for one in self.pictures:
            asset = self._assets.get(one.asset_id)
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
            media=tuple(MediaChoice(one.asset_id, one.alt) for one in self.pictures if one.asset_id in self._assets),
            channels=tuple(channel.pk for channel in self.chosen),
            variants={channel.pk: channel.changes() for channel in self.chosen},
            campaign_id=campaign.pk if campaign else 0,
        )

    @property
    def _assets(self) -> dict[int, Asset]:
        """Return the pictures’ rows; an id of another brand is not among them."""
        if self._known is None:
            ids = [one.asset_id for one in self.pictures]
            rows = Asset.objects.filter(brand=self.brand, pk__in=ids).select_related("file").prefetch_related("alts")
            self._known = {row.pk: row for row in rows}
        return self._known

    def _library_alt(self, asset: Asset) -> str:
        alts = {alt.language: alt.text for alt in asset.alts.all()}
        return alts.get(self.brand.language) or next(iter(alts.values()), "")

    def _initial(self, on: date | None) -> dict[str, Any]:
        if self.post is None:
            tomorrow = wall_of(at=timezone.now(), zone=self.brand.zone).date() + timedelta(days=1)
            return {"kind": "informational", "on": on or tomorrow, "at": USUAL_HOUR}
        post = self.post
        values = {name: getattr(post, name) for name in ("title", "kind", "text", "link", "campaign")}
        hour = {"on": post.wall.date(), "at": post.wall.time(), "fold": str(post.fold)}
        return {**values, **hour, **{f"brief_{name}": post.brief.get(name, "") for name in BRIEF}}

    def _stored_pictures(self) -> list[Typed]:
        return [Typed(item.asset_id, item.alt) for item in self.post.media.all()] if self.post else []

    def _channel(self, row: Channel, variant: Variant | None) -> ChannelDesk:
        prefix = f"c{row.pk}"
        if self.data is not None:
            is_on = str(row.pk) in self.data.getlist("channels")
            options: dict[str, Any] = dict(options_in(self.data, prefix))
            form = ChannelForm(self.data, prefix=prefix)
        else:
            is_on, options = variant is not None, dict(variant.options) if variant else {}
            form = ChannelForm(prefix=prefix, initial=_stored(variant))
        return ChannelDesk(row, adapter_of(row.profile.platform), is_on, form, options, variant)


def _stored(variant: Variant | None) -> dict[str, Any]:
    if variant is None:
        return {}
    parts = {part.kind: part.text for part in sorted(variant.parts.all(), key=lambda one: -one.number)}
    return {
        "own": variant.own_text,
        "text": parts.get(PartKind.POST, "") if variant.own_text else "",
        "first_comment": parts.get(PartKind.FIRST_COMMENT, ""),
    }


def limits_of(desk: Desk) -> list[tuple[ChannelDesk, Content]]:
    """Return what every chosen channel would get, for counting and judging."""
    media = desk.media()
    return [(channel, channel.content(desk.text(), desk.link(), media, desk.brand.language)) for channel in desk.chosen]
