"""Freezing: a draft becomes sheets that never change, one for each channel, with the very bytes that will be sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.wall import instant
from calendar_app.models import AssetAlt, Part, PartMedia, Post, PostMedia, Revision, Sheet, Variant
from calendar_app.refusals import NotReady, Stale
from publisher.channels import target_of
from publisher.contract.base import Adapter
from publisher.contract.content import Content, Media, Problem, Target
from publisher.files import path_of, rendition_for
from publisher.models import Channel, ChannelState, StoredFile
from publisher.platforms import adapter_of
from publisher.seals import digest_of

PART_ORDER = {"post": 0, "part": 1, "first_comment": 2}
Found = tuple[Channel | None, Problem]


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What one channel will get, before it is stored."""

    channel: Channel
    due_at: datetime
    wall: datetime
    zone: str
    fold: int
    content: list[dict[str, Any]]
    files: list[int]
    digest: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A post read and painted for all of its channels, as of one version."""

    post_id: int
    version: int
    sheets: tuple[SheetPlan, ...]
    digest: str
    problems: tuple[Found, ...]


def with_draft(posts: QuerySet[Post]) -> QuerySet[Post]:
    """Load what a draft consists of in a fixed number of queries."""
    pictures = PartMedia.objects.select_related("asset__file").prefetch_related("asset__alts").order_by("position")
    parts = Part.objects.order_by("number").prefetch_related(Prefetch("media", queryset=pictures))
    variants = (
        Variant.objects.order_by("pk")
        .select_related("channel__profile", "channel__connection")
        .prefetch_related(Prefetch("parts", queryset=parts))
    )
    common = PostMedia.objects.select_related("asset__file").prefetch_related("asset__alts").order_by("position")
    return posts.select_related("brand__agency", "campaign").prefetch_related(
        Prefetch("variants", queryset=variants), Prefetch("media", queryset=common)
    )


def draft_of(post: Post) -> Post:
    """Return the post as stored now, with all that it consists of."""
    return with_draft(Post.every.filter(pk=post.pk)).get()


def hour_of(post: Post, variant: Variant | None = None) -> tuple[datetime, int]:
    """Return the wall-clock hour and fold at which a variant is planned; most follow the post."""
    if variant is not None and variant.wall is not None:
        return variant.wall, variant.fold
    return post.wall, post.fold


def due_of(post: Post, variant: Variant | None = None) -> datetime:
    """Return the instant of that hour."""
    wall, fold = hour_of(post, variant)
    return instant(wall=wall, zone=post.zone, fold=fold)


def draft_content(post: Post) -> dict[str, Any]:
    """Return all that a decision is about, without the hours, as plain values that compare."""
    return {
        "title": post.title,
        "kind": post.kind,
        "brief": post.brief,
        "channels": [
            [variant.channel_id, variant.options, variant.link, [_written(post, part) for part in ordered(variant)]]
            for variant in sorted(post.variants.all(), key=lambda variant: variant.channel_id)
        ],
    }


def draft_hours(post: Post) -> dict[int, str]:
    """Return the instant of each channel, and of the post itself under 0."""
    hours = {variant.channel_id: due_of(post, variant).isoformat() for variant in post.variants.all()}
    return {0: post.due_at.isoformat(), **hours}


def ordered(variant: Variant) -> list[Part]:
    """Return the parts as they go out: the post, the rest of its thread, the first comment."""
    return sorted(variant.parts.all(), key=lambda part: (PART_ORDER[part.kind], part.number))


def alt_of(post: Post, media: PartMedia | PostMedia) -> str:
    """Return the alternative text: its own, else the library’s in the brand’s language, else the library’s first."""
    if media.alt:
        return media.alt
    alts: list[AssetAlt] = list(media.asset.alts.all())
    fitting = [alt.text for alt in alts if alt.language == post.brand.language] or [alt.text for alt in alts]
    return fitting[0] if fitting else ""


def content_problems(post: Post) -> list[Found]:
    """Name what every channel would refuse, without painting or calling; each with its channel, or None for the post."""
    post = draft_of(post)
    problems = list(_problems_of_post(post))
    for variant in post.variants.all():
        channel, adapter, target = _place(variant)
        for part in ordered(variant):
            content = _content(
                post, variant, part, [_expected(item, post, adapter, target) for item in part.media.all()]
            )
            problems.extend((channel, problem) for problem in _problems_of(adapter, target, content))
    return problems


def prepare(post: Post) -> Prepared:
    """Read a draft and paint its pictures for each channel. Slow: call it outside of transactions."""
    post = draft_of(post)
    problems = list(_problems_of_post(post))
    sheets = [_sheet(post, variant, problems) for variant in post.variants.all()]
    digest = digest_of(sorted(sheet.digest for sheet in sheets))
    return Prepared(post.pk, post.version, tuple(sheets), digest, tuple(problems))


def blocking(problems: tuple[Found, ...] | list[Found]) -> list[Found]:
    """Return the problems that no decision can overcome."""
    return [found for found in problems if not found[1].is_warning]


def store(prepared: Prepared, *, post: Post, by: User | None) -> Revision:
    """Write one revision down. ``post`` is locked by the caller; if it moved on since it was read, nothing is stored."""
    return store_all([(post, prepared)], by=by)[0]


def store_all(pairs: Sequence[tuple[Post, Prepared]], *, by: User | None) -> list[Revision]:
    """Write many down in a few statements, so that other writers do not wait. Raises Stale."""
    for post, prepared in pairs:
        if post.version != prepared.version:
            raise Stale(post)
    ids = [post.pk for post, _prepared in pairs]
    counts = Revision.objects.filter(post__in=ids).values("post").annotate(last=Max("number"))
    last = dict(counts.values_list("post", "last"))
    revisions = Revision.objects.bulk_create(
        Revision(
            post=post,
            number=last.get(post.pk, 0) + 1,
            title=post.title,
            kind=post.kind,
            brief=post.brief,
            digest=prepared.digest,
            made_by=by,
        )
        for post, prepared in pairs
    )
    Sheet.objects.bulk_create(
        _row(revision, plan)
        for revision, (_post, prepared) in zip(revisions, pairs, strict=True)
        for plan in prepared.sheets
    )
    return revisions


def _row(revision: Revision, plan: SheetPlan) -> Sheet:
    return Sheet(
        revision=revision,
        channel=plan.channel,
        due_at=plan.due_at,
        wall=plan.wall,
        zone=plan.zone,
        fold=plan.fold,
        content=plan.content,
        files=plan.files,
        digest=plan.digest,
    )


def freeze(post: Post, *, by: User | None) -> Revision:
    """Prepare and store in one go. Raises NotReady and Stale."""
    prepared = prepare(post)
    stopping = blocking(prepared.problems)
    if stopping:
        raise NotReady([(post, channel, problem) for channel, problem in stopping])
    with transaction.atomic():
        return store(prepared, post=lock(post.pk), by=by)


def lock(post_id: int) -> Post:
    """Return the post with its row locked: every verb takes this lock first, so that two never interleave."""
    return Post.objects.select_for_update(of=("self",)).select_related("brand__agency").get(pk=post_id)


def lock_all(post_ids: Iterable[int]) -> dict[int, Post]:
    """Return many posts with their rows locked, in one order for everybody, so that nobody waits in a circle."""
    rows = Post.objects.select_for_update(of=("self",)).select_related("brand__agency")
    return {post.pk: post for post in rows.filter(pk__in=list(post_ids)).order_by("pk")}


def latest(post: Post) -> Revision | None:
    """Return the newest revision."""
    return post.revisions.order_by("-number").first()


def content_of(part: dict[str, Any], files: dict[int, StoredFile]) -> Content:
    """Return a part of a sheet as an adapter reads it."""
    media = tuple(_media(files[file_id], alt=alt, focus=focus) for file_id, _sha256, alt, focus in part["files"])
    return Content(
        text=part["text"],
        kind=part["kind"],
        media=media,
        link=part["link"],
        language=part["language"],
        options=part["options"],
    )


def _written(post: Post, part: Part) -> list[Any]:
    pictures = [[media.asset_id, alt_of(post, media), media.crop, media.asset.focus] for media in part.media.all()]
    return [part.kind, part.number, part.text, pictures]


def _problems_of_post(post: Post) -> Iterator[Found]:
    """Name what no adapter can know."""
    variants = list(post.variants.all())
    if not variants:
        yield None, Problem("no_channel", "channels")
    if not post.title.strip():
        yield None, Problem("no_title", "title")
    for variant in variants:
        if variant.channel.state == ChannelState.ENDED or variant.channel.archived_at is not None:
            yield variant.channel, Problem("channel_ended", "channels")
        elif variant.channel.state == ChannelState.LOST:
            yield variant.channel, Problem("channel_lost", "channels", is_warning=True)
        if due_of(post, variant) <= timezone.now():
            yield variant.channel, Problem("hour_past", "wall")


def _problems_of(adapter: Adapter, target: Target, content: Content) -> list[Problem]:
    if content.kind not in adapter.kinds:
        return [Problem("kind_not_possible", "text")]
    hung = content if content.kind == "post" else replace(content, reply_to="the part before it")
    return adapter.problems(hung, target)


def _place(variant: Variant) -> tuple[Channel, Adapter, Target]:
    channel = variant.channel
    return channel, adapter_of(channel.profile.platform), target_of(channel)


def _content(post: Post, variant: Variant, part: Part, media: list[Media]) -> Content:
    """Return a part of a draft as an adapter reads it."""
    return Content(
        text=part.text,
        kind=part.kind,
        media=tuple(media),
        link=variant.link if part.kind == "post" else "",
        language=str(variant.options.get("language") or post.brand.language),
        options=variant.options,
    )


def _expected(item: PartMedia, post: Post, adapter: Adapter, target: Target) -> Media:
    """Return a picture as its copy will be, near enough to judge without painting it."""
    rendition, stored = adapter.rendition(target), item.asset.file
    scale = min(1.0, rendition.max_width / max(1, stored.width), rendition.max_height / max(1, stored.height))
    mime = stored.mime if stored.mime in rendition.formats else rendition.formats[0]
    return Media(
        key=str(stored.pk),
        path="",
        mime=mime,
        bytes=min(stored.bytes, rendition.max_bytes),
        width=int(stored.width * scale),
        height=int(stored.height * scale),
        sha256=stored.sha256,
        alt=alt_of(post, item),
        focus=item.asset.focus,
    )


def _sheet(post: Post, variant: Variant, problems: list[Found]) -> SheetPlan:
    """Paint one channel’s part and judge exactly what came out."""
    channel, adapter, target = _place(variant)
    rendition = adapter.rendition(target)
    content: list[dict[str, Any]] = []
    files: list[int] = []
    for part in ordered(variant):
        painted = [(rendition_for(item.asset.file, rendition, crop=item.crop), item) for item in part.media.all()]
        media = [_media(stored, alt=alt_of(post, item), focus=item.asset.focus) for stored, item in painted]
        values = _content(post, variant, part, media)
        problems.extend((channel, problem) for problem in _problems_of(adapter, target, values))
        content.append(_frozen(values, part, [stored.pk for stored, _ in painted]))
        files.extend(stored.pk for stored, _ in painted)
    wall, fold = hour_of(post, variant)
    due_at = due_of(post, variant)
    said = {
        "channel": channel.pk,
        "profile": [target.server, target.remote_id],
        "due_at": due_at.isoformat(),
        "content": content,
    }
    return SheetPlan(channel, due_at, wall, post.zone, fold, content, files, digest_of(said))


def _frozen(values: Content, part: Part, file_ids: list[int]) -> dict[str, Any]:
    """Return a part as it is stored and sealed."""
    files = [[pk, media.sha256, media.alt, media.focus] for pk, media in zip(file_ids, values.media, strict=True)]
    return {
        "kind": part.kind,
        "number": part.number,
        "text": values.text,
        "link": values.link,
        "language": values.language,
        "options": dict(values.options),
        "files": files,
    }


def _media(stored: StoredFile, *, alt: str, focus: str) -> Media:
    return Media(
        key=str(stored.pk),
        path=str(path_of(stored)),
        mime=stored.mime,
        bytes=stored.bytes,
        width=stored.width,
        height=stored.height,
        sha256=stored.sha256,
        alt=alt,
        focus=focus,
    )
