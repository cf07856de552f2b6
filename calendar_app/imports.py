"""Bringing in a plan from a file: everything is checked first, then all of it is there at once, or nothing."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts import permissions
from accounts.audit import record
from accounts.models import Brand, Role, User
from accounts.permissions import Ability
from calendar_app import asking
from calendar_app.approval import approve
from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges, save_post
from calendar_app.library import add_picture
from calendar_app.models import (
    ApprovalState,
    Asset,
    Campaign,
    Pack,
    Part,
    PartKind,
    PartMedia,
    PlanImport,
    Post,
    PostMedia,
    PostStage,
    Stage,
    Variant,
)
from calendar_app.plan_file import RowProblem, take_apart
from calendar_app.plan_media import MediaSource, NoMedia
from calendar_app.plan_rows import PlanRow, RowReader
from calendar_app.refusals import NoInternalStage, NoReviewers, Overtaken
from calendar_app.revisions import Prepared
from calendar_app.rights import clients_of, require
from calendar_app.rules import asks, rule_of, rules_for
from calendar_app.scheduling import is_out, schedule_post
from calendar_app.states import move_post
from publisher.channels import target_of
from publisher.files import rendition_for
from publisher.models import Channel
from publisher.platforms import adapter_of

Pictures: TypeAlias = dict[int, tuple[MediaChoice, ...]]

CHUNK = 50
PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """A file that was read for a brand: rows to come in, and all problems of all rows. With problems nothing comes in."""

    brand: Brand
    sha256: str
    rows: list[PlanRow]
    problems: list[RowProblem]
    media: MediaSource
    new: list[PlanRow] = field(default_factory=list)
    changed: list[tuple[PlanRow, Post]] = field(default_factory=list)
    same: list[PlanRow] = field(default_factory=list)

    @property
    def incoming(self) -> list[PlanRow]:
        """Return the rows that something is written for."""
        return [*self.new, *(row for row, _post in self.changed)]

    @property
    def is_good(self) -> bool:
        """Tell whether it can come in."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Wish:
    """What shall become of the posts once they are in."""

    by: User | None
    send: bool
    approve_as: User | None
    title: str


def read_plan(
    data: bytes,
    *,
    brand: Brand,
    media: MediaSource | None = None,
    given: Mapping[str, int] | None = None,
    update: bool = False,
) -> Plan:
    """Read a file against a brand and compare it with what came in before. Nothing is written.

    The same content again is left alone; different content under a known key is a problem unless ``update``.
    """
    source = media or NoMedia()
    raw = take_apart(data)
    reader = RowReader(brand=brand, media=source, headers=raw.headers, given=given)
    plan = Plan(brand, hashlib.sha256(data).hexdigest(), [], list(raw.problems), source)
    broken = {problem.column for problem in raw.problems if problem.code == "column_missing"}
    for raw_row in [] if broken else raw.rows:
        row, problems = reader.read(raw_row)
        plan.problems.extend(problems)
        if row is not None:
            plan.rows.append(row)
    _compare(plan, raw.headers, update=update)
    places = {name: place for place, name in enumerate(raw.headers.values())}
    plan.problems.sort(key=lambda problem: (problem.line, places.get(problem.column, -1)))
    return plan


def bring_in(
    plan: Plan, *, by: User | None, send: bool = False, approve_as: User | None = None, title: str = ""
) -> PlanImport:
    """Let a good plan in: all of its rows appear in one moment, as drafts, or asked about where ``send``.

    ``approve_as`` gives the internal approval, and only that, by a member who may. Imported posts meet the same gate
    as all others; where the rule asks nobody, ``send`` schedules. Raises NoReviewers, NoInternalStage, NotReady,
    AlreadyOut, Overtaken, PermissionDenied; then no row came in.
    """
    if plan.problems:
        raise ValueError("a plan with problems does not come in")
    require(by, Ability.IMPORT_PLAN, plan.brand)
    wish = _Wish(by=by, send=send or approve_as is not None, approve_as=approve_as, title=title)
    _check_wish(plan, wish)
    _sweep(plan)
    done = PlanImport.objects.create(brand=plan.brand, by=by, file_sha256=plan.sha256, result={"state": "coming"})
    try:
        pictures = {row.line: _assets(plan, row, by=by) for row in plan.incoming}
        posts = _stage(plan, done, pictures, by=by)
        pack, free = _flip(plan, done, posts, pictures, wish)
    except BaseException:  # all or nothing, an interruption too; it goes on upwards
        Post.every.filter(plan_import=done, stage=PostStage.STAGED).delete()
        done.delete()
        raise
    for post in free:
        schedule_post(post, by=by)
    if approve_as is not None and pack is not None:
        _approve(pack, approve_as)
    return done


def _compare(plan: Plan, headers: dict[str, str], *, update: bool) -> None:
    """Sort the rows into new, changed and same, and say what keeps a row out."""
    keys = [row.key for row in plan.rows]
    known = {
        post.import_key: post
        for post in Post.objects.filter(brand=plan.brand, import_key__in=keys).select_related("brand")
    }
    for row in plan.rows:
        post = known.get(row.key)
        if post is not None and post.import_digest == row.digest:
            plan.same.append(row)
            continue
        code = _obstacle(row, post, update=update)
        if code:
            column = headers.get("time", "") if code == "hour_past" else headers.get("title", "")
            plan.problems.append(RowProblem(row.line, column, code, {"given": row.title}))
        elif post is None:
            plan.new.append(row)
        else:
            plan.changed.append((row, post))


def _obstacle(row: PlanRow, post: Post | None, *, update: bool) -> str:
    if row.due_at <= timezone.now():
        return "hour_past"
    if post is None:
        return ""
    if post.stage == PostStage.ARCHIVED:
        return "row_archived"
    if not update:
        return "row_differs"
    return "row_out" if is_out(post) else ""


def _sweep(plan: Plan) -> None:
    """Clear away what an import that died left behind, unseen, under the same keys."""
    keys = [row.key for row in plan.new]
    Post.every.filter(brand=plan.brand, stage=PostStage.STAGED, import_key__in=keys).delete()


def _check_wish(plan: Plan, wish: _Wish) -> None:
    """Refuse before anything is written what could not be asked afterwards."""
    if wish.approve_as is not None:
        permissions.require(wish.approve_as, Ability.APPROVE_INTERNAL, plan.brand)
    if not wish.send:
        return
    kinds = {row.kind for row in plan.incoming}
    rules = [rule_of(plan.brand, kind=kind) for kind in kinds]
    if wish.approve_as is not None and not all(asks(rule, Stage.INTERNAL) for rule in rules):
        raise NoInternalStage
    if any(asks(rule, Stage.CLIENT) for rule in rules) and not clients_of(plan.brand):
        raise NoReviewers(role=str(Role.CLIENT.label).lower())


def _assets(plan: Plan, row: PlanRow, *, by: User | None) -> tuple[MediaChoice, ...]:
    """Put a row’s pictures into the library, read from the source once more and one at a time."""
    chosen = []
    for picture in row.pictures:
        asset_id = picture.asset_id
        if asset_id is None:
            data = plan.media.read(picture.name) or b""
            asset_id = add_picture(brand=plan.brand, by=by, data=data, name=picture.name, alt=picture.alt).pk
        chosen.append(MediaChoice(asset_id, picture.alt))
    return tuple(chosen)


def _stage(plan: Plan, done: PlanImport, pictures: Pictures, *, by: User | None) -> list[Post]:
    """Write the new rows where nobody sees them, in short transactions with pauses, so that the clock never waits."""
    names = {row.campaign for row in plan.incoming if row.campaign}
    campaigns = {name: Campaign.objects.get_or_create(brand=plan.brand, name=name)[0] for name in sorted(names)}
    posts: list[Post] = []
    for start in range(0, len(plan.new), CHUNK):
        chunk = plan.new[start : start + CHUNK]
        fresh = [_post(plan.brand, row, done, campaigns.get(row.campaign), by=by) for row in chunk]
        try:
            with transaction.atomic():
                Post.every.bulk_create(fresh)
                _write_parts(fresh, chunk, pictures)
        except IntegrityError as error:  # somebody writes the same rows
            raise Overtaken from error
        posts.extend(fresh)
        time.sleep(PAUSE_S)
    return posts


def _post(brand: Brand, row: PlanRow, done: PlanImport, campaign: Campaign | None, *, by: User | None) -> Post:
    return Post(
        brand=brand,
        stage=PostStage.STAGED,
        plan_import=done,
        import_key=row.key,
        import_digest=row.digest,
        title=row.title,
        kind=row.kind,
        text=row.text,
        link=row.link,
        wall=row.wall,
        zone=brand.zone,
        fold=row.fold,
        due_at=row.due_at,
        campaign=campaign,
        created_by=by,
        feed_changed_at=timezone.now(),
    )


def _write_parts(posts: list[Post], rows: list[PlanRow], pictures: Pictures) -> None:
    """Write what each channel gets, a table at a time."""
    variants = [
        (Variant(post=post, channel_id=channel, link=row.link), row)
        for post, row in zip(posts, rows, strict=True)
        for channel in row.channels
    ]
    Variant.objects.bulk_create(variant for variant, _row in variants)
    parts = [(Part(variant=variant, kind=PartKind.POST, text=row.text), row) for variant, row in variants]
    Part.objects.bulk_create(part for part, _row in parts)
    PartMedia.objects.bulk_create(
        PartMedia(part=part, position=place, asset_id=one.asset_id, alt=one.alt)
        for part, row in parts
        for place, one in enumerate(pictures[row.line])
    )
    PostMedia.objects.bulk_create(
        PostMedia(post=post, position=place, asset_id=one.asset_id, alt=one.alt)
        for post, row in zip(posts, rows, strict=True)
        for place, one in enumerate(pictures[row.line])
    )


def _flip(
    plan: Plan, done: PlanImport, posts: list[Post], pictures: Pictures, wish: _Wish
) -> tuple[Pack | None, list[Post]]:
    """Let all rows appear, change the known ones and ask about them: one transaction, after all painting is done."""
    asked, free = _split(posts, plan.brand) if wish.send else ([], [])
    prepared = asking.prepare_all(asked)
    for row, _old in plan.changed:
        _paint(row, pictures)
    pack = None
    with transaction.atomic():
        arrived = move_post(Post.every.filter(plan_import=done), to=PostStage.DRAFT, since=[PostStage.STAGED])
        if arrived != len(posts):  # another import of the same rows took some of them for leftovers
            raise Overtaken
        changed = [_change(row, post, pictures, by=wish.by) for row, post in plan.changed]
        if wish.send:
            more, more_free = _split(changed, plan.brand)
            free, prepared = [*free, *more_free], {**prepared, **asking.prepare_all(more)}
            pack = _ask([*asked, *more], prepared, plan, wish)
        done.result = {
            "new": len(posts),
            "changed": len(changed),
            "same": len(plan.same),
            "pack": pack.pk if pack else None,
        }
        done.save(update_fields=["result"])
        ids = [post.pk for post in [*posts, *changed]]
        record("plan.imported", by=wish.by, brand=plan.brand, subject=done, data={**done.result, "posts": ids})
    return pack, free


def _split(posts: list[Post], brand: Brand) -> tuple[list[Post], list[Post]]:
    """Return the posts that somebody has to be asked about, and those that nobody has."""
    rules = rules_for(posts, brand)
    asked = [post for post in posts if rules[post.pk].stages]
    return asked, [post for post in posts if post not in asked]


def _change(row: PlanRow, post: Post, pictures: Pictures, *, by: User | None) -> Post:
    """Write a row over the post that it came in as; what was decided about it is void, as with every edit."""
    campaign = Campaign.objects.get(brand=post.brand_id, name=row.campaign).pk if row.campaign else 0
    changes = PostChanges(
        title=row.title,
        kind=row.kind,
        wall=row.wall,
        fold=row.fold,
        text=row.text,
        link=row.link,
        media=pictures[row.line],
        channels=row.channels,
        variants={channel: VariantChanges() for channel in row.channels},
        campaign_id=campaign,
    )
    saved = save_post(post, version=post.version, by=by, changes=changes)
    Post.objects.filter(pk=post.pk).update(import_digest=row.digest)
    return saved


def _paint(row: PlanRow, pictures: Pictures) -> None:
    """Make the copies for the row’s channels now, so that freezing inside the transaction finds them."""
    for channel in Channel.objects.filter(pk__in=row.channels).select_related("profile"):
        limits = adapter_of(channel.profile.platform).rendition(target_of(channel))
        for one in pictures[row.line]:
            rendition_for(Asset.objects.select_related("file").get(pk=one.asset_id).file, limits)


def _ask(posts: list[Post], prepared: dict[int, Prepared], plan: Plan, wish: _Wish) -> Pack | None:
    drafts = sorted(Post.objects.filter(pk__in=[post.pk for post in posts], stage=PostStage.DRAFT), key=_when)
    if not drafts:
        return None
    named = {"internal": [wish.approve_as]} if wish.approve_as is not None else None
    round_ = asking.plan_round(drafts, brand=plan.brand, by=wish.by, reviewers=named)
    return asking.hand_in(round_, prepared, title=wish.title or _title(drafts))


def _when(post: Post) -> tuple[datetime, int]:
    return post.due_at, post.pk


def _title(posts: list[Post]) -> str:
    first = date_format(posts[0].wall, "F Y")
    return first[:1].upper() + first[1:]


def _approve(pack: Pack, person: User) -> None:
    """Give the internal approval that was asked of one member."""
    mine = pack.approvals.filter(reviewer=person, stage=Stage.INTERNAL, state=ApprovalState.ASKED)
    for approval in mine.select_related("revision").order_by("revision__pack_items__position"):
        approve(approval, by=person, digest=approval.revision.digest)
