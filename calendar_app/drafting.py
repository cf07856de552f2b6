"""Writing posts: create, save, move, duplicate, archive. Every change that a reviewer saw voids what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import record
from accounts.models import Brand, User
from accounts.permissions import Ability
from accounts.wall import HourMissingError, instant, is_twice
from calendar_app.approval import void
from calendar_app.feed_changes import bump
from calendar_app.models import Approval, ApprovalState, Campaign, Post, PostStage, Variant
from calendar_app.refusals import AlreadyOut, ForeignId, OwnHourMissing, PastHour, Stale, WouldVoid
from calendar_app.revisions import draft_content, draft_hours, draft_of, latest, lock
from calendar_app.rights import require
from calendar_app.rules import rule_for
from calendar_app.scheduling import (
    Hour,
    accepted_within,
    channels_out,
    is_out,
    is_within_accepted,
    move_rest,
    reschedule,
)
from calendar_app.states import move_post
from calendar_app.variants import MediaChoice, VariantChanges, as_it_is, write_common_media, write_variants
from publisher.models import Publication
from publisher.states import CANCELABLE

__all__ = [
    "EditCost",
    "MediaChoice",
    "MoveCost",
    "Moved",
    "PostChanges",
    "VariantChanges",
    "archive",
    "cost_of_editing",
    "cost_of_moving",
    "create_post",
    "duplicate",
    "move",
    "save_post",
]

DECIDED_ON = (PostStage.IN_REVIEW, PostStage.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostChanges:
    """What a form or a file wants to change; None leaves a thing as it is.

    ``channels`` are the ids of all channels wanted. ``variants`` says, by channel id, what differs there; a chosen
    channel that is not named keeps what it has, and a new one follows the common text and pictures.
    ``campaign_id`` 0 takes the post out of its campaign. ``fold`` None means that nobody said which of two hours.
    """

    title: str | None = None
    kind: str | None = None
    brief: Mapping[str, str] | None = None
    wall: datetime | None = None
    fold: int | None = None
    text: str | None = None
    link: str | None = None
    media: tuple[MediaChoice, ...] | None = None
    channels: tuple[int, ...] | None = None
    variants: Mapping[int, VariantChanges] = field(default_factory=dict)
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class EditCost:
    """What saving a change would end: said before saving. ``is_free`` when it ends nothing."""

    approved_by: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    cancels: int = 0
    out_on: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Tell whether nobody has decided, is asked, or waits to be sent."""
        return not (self.approved_by or self.asked or self.cancels)


@dataclass(frozen=True, slots=True)
class MoveCost:
    """What a move would do: ``keeps`` the approval, ``voids`` it, or neither for a draft."""

    keeps: bool = False
    voids: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did. ``post`` is fresh; ``kept`` and ``voided`` say what became of an approval or a question."""

    post: Post
    kept: bool = False
    voided: bool = False


def create_post(*, brand: Brand, by: User | None, changes: PostChanges, key: UUID | None = None) -> Post:
    """Store a new draft. ``changes`` needs at least ``wall``; ``key`` is the post's own, where somebody already named it.

    Raises HourMissingError, HourTwiceError, ForeignId.
    """
    require(by, Ability.WRITE, brand)
    if changes.wall is None:
        raise ValueError("a post needs an hour")
    with transaction.atomic():
        post = Post(brand=brand, created_by=by, zone=brand.zone, feed_changed_at=timezone.now(), key=key or uuid4())
        _write_fields(post, changes)
        post.save()
        _write_rows(post, changes)
        record("post.created", by=by, brand=brand, subject=post, data={"due_at": post.due_at})
    return post


def save_post(
    post: Post, *, version: int, by: User | None, changes: PostChanges, may_void: bool = True
) -> Post:
    """Save over the version that was read; returns the fresh post.

    An edit of what reviewers saw voids every decision about the post and takes back what has not left, in this same
    transaction; where ``may_void`` is not, it is refused instead, for nobody said it before. A change of the hour alone
    keeps an approval within what was accepted. Raises Stale, WouldVoid, AlreadyOut, PastHour, ForeignId,
    HourMissingError, HourTwiceError.
    """
    require(by, Ability.WRITE, post.brand)
    with transaction.atomic():
        locked = lock(post.pk)
        before = draft_of(locked)
        if locked.version != version:
            raise Stale(before)
        content, hours = draft_content(before), draft_hours(before)
        _write_fields(locked, changes)
        locked.version += 1
        locked.save()
        _write_rows(locked, changes)
        after = draft_of(locked)
        is_content, is_hour = draft_content(after) != content, draft_hours(after) != hours
        is_content = is_content or _asks_others(before, after)
        _settle(after, is_content=is_content, is_hour=is_hour, by=by, may_void=may_void)
        bump(after)
        record("post.saved", by=by, brand=after.brand, subject=after, data={"version": after.version})
    return after


def move(
    post: Post,
    *,
    wall: datetime,
    fold: int | None = None,
    by: User | None,
    version: int | None = None,
    may_void: bool = True,
) -> Moved:
    """Give a post another hour; hours of its own that a channel has move along by as much.

    ``version`` is the one that was looked at: where somebody changed the post meanwhile, nothing moves.

    Within ``redate_within`` of the sealed hour an approval, or a question, stands; beyond, it is void and has to be
    asked again; where ``may_void`` is not, it is refused instead, for nobody said it before. Of a post that is out on
    some channels, what was missed or failed on the others moves, and only within. Raises Stale, WouldVoid, PastHour,
    AlreadyOut, RestBeyondAccepted, OwnHourMissing, HourMissingError, HourTwiceError.
    """
    require(by, Ability.PLAN, post.brand)
    due_at = instant(wall=wall, zone=post.zone, fold=fold)
    if due_at <= timezone.now():
        raise PastHour
    with transaction.atomic():
        locked = lock(post.pk)
        if version is not None and locked.version != version:
            raise Stale(draft_of(locked))
        stage = locked.stage
        if is_out(locked):
            move_rest(locked, hour=Hour(wall, fold or 0, due_at), by=by)
            bump(locked)
            record("post.moved", by=by, brand=locked.brand, subject=locked, data={"to": due_at, "rest": True})
            return Moved(locked, kept=True)
        _shift(locked, wall=wall, fold=fold or 0, due_at=due_at)
        after = draft_of(locked)
        _settle(after, is_content=False, is_hour=True, by=by, may_void=may_void)
        bump(after)
        record("post.moved", by=by, brand=after.brand, subject=after, data={"to": due_at, "stage": after.stage})
    was_decided_on = stage in DECIDED_ON
    return Moved(after, kept=was_decided_on and after.stage == stage, voided=was_decided_on and after.stage != stage)


def cost_of_editing(post: Post) -> EditCost:
    """Return what a change of this post would end, for the sentence before saving."""
    live = Approval.objects.filter(revision__post=post).select_related("reviewer").order_by("pk")
    waiting = Publication.objects.filter(origin_key=post.key, state__in=CANCELABLE).count()
    out = post.variants.filter(channel__in=channels_out(post)).values_list("channel__name", flat=True)
    if post.stage not in DECIDED_ON:
        return EditCost(out_on=tuple(out))
    current = [approval for approval in live if approval.state in {ApprovalState.APPROVED, ApprovalState.ASKED}]
    return EditCost(
        approved_by=tuple(str(one.reviewer) for one in current if one.state == ApprovalState.APPROVED),
        asked=tuple(str(one.reviewer) for one in current if one.state == ApprovalState.ASKED),
        cancels=waiting,
        out_on=tuple(out),
    )


def cost_of_moving(post: Post, *, wall: datetime, fold: int | None = None) -> MoveCost:
    """Return what a move would do to the approval, for the sentence before moving. Raises as ``move`` does."""
    due_at = instant(wall=wall, zone=post.zone, fold=fold)
    if due_at <= timezone.now():
        raise PastHour
    if is_out(post):
        raise AlreadyOut
    own = post.variants.filter(wall__isnull=False).select_related("channel")
    then = {variant.channel_id: _own_hour(post, variant, by=wall - post.wall)[2] for variant in own}
    revision = latest(post)
    if post.stage not in DECIDED_ON or revision is None:
        return MoveCost()
    within = accepted_within(revision)
    keeps = all(abs(then.get(sheet.channel_id, due_at) - sheet.due_at) <= within for sheet in revision.sheets.all())
    return MoveCost(keeps=keeps, voids=not keeps)


def duplicate(post: Post, *, wall: datetime, fold: int | None = None, by: User | None) -> Post:
    """Return a new draft with the same content at another hour. Nothing of an approval goes with it."""
    source = draft_of(post)
    variants = {
        variant.channel_id: replace(as_it_is(variant), wall=None, fold=None) for variant in source.variants.all()
    }
    common = tuple(MediaChoice(item.asset_id, item.alt, item.crop) for item in source.media.all())
    return create_post(
        brand=source.brand,
        by=by,
        changes=PostChanges(
            title=source.title,
            kind=source.kind,
            brief=source.brief,
            wall=wall,
            fold=fold,
            text=source.text,
            link=source.link,
            media=common,
            channels=tuple(variants),
            variants=variants,
            campaign_id=source.campaign_id or 0,
        ),
    )


def archive(post: Post, *, by: User | None) -> Post:
    """Take a post out of the plan: decisions are void, what has not left is taken back. Raises AlreadyOut."""
    require(by, Ability.WRITE, post.brand)
    with transaction.atomic():
        locked = lock(post.pk)
        if is_out(locked):
            raise AlreadyOut
        if locked.stage in DECIDED_ON:
            void(locked, by=by, why="archived")
        move_post(
            Post.objects.filter(pk=locked.pk),
            to=PostStage.ARCHIVED,
            canceled_at=timezone.now(),
            version=F("version") + 1,
        )
        locked.refresh_from_db()
        bump(locked)
        record("post.archived", by=by, brand=locked.brand, subject=locked)
    return locked


def _settle(post: Post, *, is_content: bool, is_hour: bool, by: User | None, may_void: bool) -> None:
    """Let an edit have its consequence. What is out on one channel stays out; a post that is wholly out is not edited."""
    if not (is_content or is_hour):
        return
    out = channels_out(post)
    channels = {variant.channel_id for variant in post.variants.all()}
    if out and (is_hour or channels <= out):
        raise AlreadyOut
    revision = latest(post)
    if post.stage not in DECIDED_ON or revision is None:
        return
    if is_content or not is_within_accepted(post, revision):
        if not may_void:
            raise WouldVoid
        void(post, by=by, why="edited" if is_content else "moved beyond what was accepted")
    elif post.stage == PostStage.APPROVED:
        reschedule(post, by=by)


def _asks_others(before: Post, after: Post) -> bool:
    """Tell whether another campaign puts the post under a rule that it did not pass."""
    return before.campaign_id != after.campaign_id and rule_for(before).stages != rule_for(after).stages


def _write_fields(post: Post, changes: PostChanges) -> None:
    """Put the plain fields on the row; an hour is checked against the zone’s clocks."""
    for name in ("title", "kind", "text", "link"):
        value = getattr(changes, name)
        if value is not None:
            setattr(post, name, value)
    if changes.brief is not None:
        post.brief = {**post.brief, **{str(key): str(text) for key, text in changes.brief.items()}}
    if changes.wall is not None:
        post.wall, post.fold = changes.wall.replace(second=0, microsecond=0, fold=0), changes.fold or 0
        post.due_at = instant(wall=post.wall, zone=post.zone, fold=changes.fold)
    if changes.campaign_id is not None:
        post.campaign = _campaign(post, changes.campaign_id)


def _campaign(post: Post, campaign_id: int) -> Campaign | None:
    if not campaign_id:
        return None
    campaign = Campaign.objects.filter(brand=post.brand_id, pk=campaign_id).first()
    if campaign is None:
        raise ForeignId
    return campaign


def _write_rows(post: Post, changes: PostChanges) -> None:
    """Write common pictures and what every channel gets."""
    if changes.media is not None:
        write_common_media(post, changes.media)
    write_variants(post, channels=changes.channels, variants=changes.variants)


def _shift(post: Post, *, wall: datetime, fold: int, due_at: datetime) -> None:
    """Write the new hour, and move the channels’ own hours along by the same time on the clock."""
    for variant in post.variants.filter(wall__isnull=False).select_related("channel"):
        variant.wall, variant.fold, _due_at = _own_hour(post, variant, by=wall - post.wall)
        variant.save(update_fields=["wall", "fold"])
    post.wall, post.fold, post.due_at = wall.replace(second=0, microsecond=0, fold=0), fold, due_at
    post.version += 1
    post.save(update_fields=["wall", "fold", "due_at", "version"])


def _own_hour(post: Post, variant: Variant, *, by: timedelta) -> tuple[datetime, int, datetime]:
    """Return a channel’s own hour after a move by so much on the clock; where it then comes twice, the first is meant."""
    own: datetime = variant.wall + by
    try:
        due_at = instant(wall=own, zone=post.zone, fold=variant.fold)
    except HourMissingError as error:
        raise OwnHourMissing(channel=variant.channel.name, hour=f"{own:%H:%M}") from error
    return own, variant.fold if is_twice(wall=own, zone=post.zone) else 0, due_at
