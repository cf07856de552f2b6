"""What each channel gets of a post: following the common text and pictures, or with its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accounts.wall import instant
from calendar_app.models import Asset, Part, PartKind, PartMedia, Post, PostMedia, Variant
from calendar_app.refusals import ForeignId
from publisher.models import Channel


@dataclass(frozen=True, slots=True)
class MediaChoice:
    """A picture of the library as a post uses it. An empty ``alt`` means the library’s."""

    asset_id: int
    alt: str = ""
    crop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantChanges:
    """Everything that one channel gets. ``text`` and ``media`` None mean: as all the others.

    ``link`` counts only beside a text of its own. ``parts`` are the further posts of a thread. ``wall`` None is the
    post’s hour. ``part_media`` are the pictures of those further posts, in the same order.
    """

    text: str | None = None
    link: str = ""
    media: tuple[MediaChoice, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    part_media: tuple[tuple[MediaChoice, ...], ...] = ()
    first_comment: str = ""
    wall: datetime | None = None
    fold: int | None = None


def write_common_media(post: Post, media: tuple[MediaChoice, ...]) -> None:
    """Write the common pictures in order. Raises ForeignId."""
    _check_assets(post, media)
    post.media.all().delete()
    PostMedia.objects.bulk_create(
        PostMedia(post=post, position=place, asset_id=item.asset_id, alt=item.alt, crop=item.crop)
        for place, item in enumerate(media)
    )


def write_variants(post: Post, *, channels: tuple[int, ...] | None, variants: Mapping[int, VariantChanges]) -> None:
    """Make the variants fit the wanted channels, then write what each gets. Raises ForeignId, HourMissingError …"""
    existing = {variant.channel_id: variant for variant in post.variants.prefetch_related("parts__media")}
    wanted = tuple(existing) if channels is None else tuple(dict.fromkeys(channels))
    added = [channel for channel in wanted if channel not in existing]
    _check_channels(post, {*added, *variants} - set(existing))
    post.variants.exclude(channel__in=wanted).delete()
    common = tuple(MediaChoice(item.asset_id, item.alt, item.crop) for item in post.media.order_by("position"))
    for channel_id in wanted:
        variant = existing.get(channel_id) or Variant(post=post, channel_id=channel_id)
        changes = variants.get(channel_id) or as_it_is(variant)
        _check_assets(post, (*(changes.media or ()), *(item for one in changes.part_media for item in one)))
        _write_variant(post, variant, changes, common)


def as_it_is(variant: Variant) -> VariantChanges:
    """Return what a variant already says; where it follows, it goes on following."""
    if variant.pk is None:
        return VariantChanges()
    parts: dict[str, list[Part]] = {kind: [] for kind in PartKind.values}
    for part in sorted(variant.parts.all(), key=lambda part: part.number):
        parts[part.kind].append(part)
    first = parts[PartKind.POST][0] if parts[PartKind.POST] else None
    kept = VariantChanges(
        link=variant.link,
        options=variant.options,
        parts=tuple(part.text for part in parts[PartKind.PART]),
        part_media=tuple(_chosen(part) for part in parts[PartKind.PART]),
        first_comment=parts[PartKind.FIRST_COMMENT][0].text if parts[PartKind.FIRST_COMMENT] else "",
        wall=variant.wall,
        fold=variant.fold,
    )
    if variant.own_text and first is not None:
        kept = replace(kept, text=first.text)
    if variant.own_media:
        kept = replace(kept, media=_chosen(first) if first else ())
    return kept


def _chosen(part: Part) -> tuple[MediaChoice, ...]:
    """Return a part’s pictures in their order."""
    items = sorted(part.media.all(), key=lambda item: item.position)
    return tuple(MediaChoice(item.asset_id, item.alt, item.crop) for item in items)


def _write_variant(post: Post, variant: Variant, changes: VariantChanges, common: tuple[MediaChoice, ...]) -> None:
    variant.own_text = changes.text is not None
    variant.own_media = changes.media is not None
    variant.link = changes.link if variant.own_text else post.link
    variant.options = dict(changes.options)
    variant.wall, variant.fold = changes.wall, changes.fold or 0
    if changes.wall is not None:
        variant.wall = changes.wall.replace(second=0, microsecond=0, fold=0)
        instant(wall=variant.wall, zone=post.zone, fold=changes.fold)
    variant.save()
    variant.parts.all().delete()
    text = post.text if changes.text is None else changes.text
    first = Part.objects.create(variant=variant, kind=PartKind.POST, number=0, text=text)
    further = [
        Part(variant=variant, kind=PartKind.PART, number=place, text=one) for place, one in enumerate(changes.parts, 1)
    ]
    if changes.first_comment:
        further.append(Part(variant=variant, kind=PartKind.FIRST_COMMENT, number=0, text=changes.first_comment))
    Part.objects.bulk_create(further)
    media = common if changes.media is None else changes.media
    PartMedia.objects.bulk_create(
        PartMedia(part=part, position=place, asset_id=item.asset_id, alt=item.alt, crop=item.crop)
        for part, pictures in zip([first, *further], [media, *changes.part_media], strict=False)
        for place, item in enumerate(pictures)
    )


def _check_channels(post: Post, channel_ids: Iterable[int]) -> None:
    wanted = set(channel_ids)
    known = Channel.objects.filter(brand=post.brand_id, pk__in=wanted, archived_at=None).count()
    if known != len(wanted):
        raise ForeignId


def _check_assets(post: Post, media: tuple[MediaChoice, ...]) -> None:
    wanted = {item.asset_id for item in media}
    if Asset.objects.filter(brand=post.brand_id, pk__in=wanted).count() != len(wanted):
        raise ForeignId
