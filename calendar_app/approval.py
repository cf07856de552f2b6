"""Deciding: approve, ask for changes, refuse, withdraw, stop. Every decision names the revision that was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.links import is_open, may_decide
from accounts.models import Brand, GuestLink, User
from accounts.permissions import Ability
from calendar_app import notices
from calendar_app.asking import open_next, send
from calendar_app.feed_changes import bump
from calendar_app.models import Approval, ApprovalState, Pack, PackLink, Post, PostStage, Stage
from calendar_app.refusals import (
    AlreadyDecided,
    AlreadyOut,
    NotYours,
    Refusal,
    StaleRevision,
    TooLate,
    WordsMissing,
)
from calendar_app.revisions import latest, lock
from calendar_app.rights import is_client_of, require
from calendar_app.rules import rule_for, set_rule, stage_after
from calendar_app.scheduling import Scheduled, channels_out, schedule
from calendar_app.states import move_approval, move_post
from publisher import outbox
from publisher.models import Stop, StopScope

__all__ = [
    "ApprovedAll",
    "Decided",
    "approve",
    "approve_all",
    "lift_stop",
    "refuse",
    "request_changes",
    "rule_for",
    "send",
    "set_rule",
    "stop_post",
    "void",
    "withdraw",
]

LIVE = (ApprovalState.ASKED, ApprovalState.APPROVED)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as stored. ``scheduled`` is set when it was the last one: rows, or an hour that has passed."""

    approval: Approval
    scheduled: Scheduled | None = None


@dataclass(frozen=True, slots=True)
class ApprovedAll:
    """What one hand movement approved, and what it could not."""

    approved: list[Decided] = field(default_factory=list)
    refused: list[tuple[Approval, Refusal]] = field(default_factory=list)


def approve(approval: Approval, *, by: User, digest: str, link: GuestLink | None = None) -> Decided:
    """Approve the revision whose digest was shown. The last approval of the last stage schedules it.

    Raises StaleRevision, TooLate, NotYours, AlreadyDecided. Approving twice is harmless.
    """
    return _decide(approval, by=by, link=link, digest=digest, to=ApprovalState.APPROVED)


def request_changes(approval: Approval, *, by: User, words: str, digest: str, link: GuestLink | None = None) -> Decided:
    """Send the post back with words; everybody else’s open question about it ends."""
    return _decide(approval, by=by, link=link, digest=digest, to=ApprovalState.CHANGES_REQUESTED, words=words)


def refuse(approval: Approval, *, by: User, words: str = "", digest: str, link: GuestLink | None = None) -> Decided:
    """Say that the post should not go out at all."""
    return _decide(approval, by=by, link=link, digest=digest, to=ApprovalState.REFUSED, words=words)


def approve_all(pack: Pack, *, by: User, digests: Mapping[int, str], link: GuestLink | None = None) -> ApprovedAll:
    """Approve what is still asked of this person in a pack and was on the page: ``digests`` by approval id.

    Each post is a transaction of its own; what cannot be approved is told, and hinders nothing else.
    """
    outcome = ApprovedAll()
    asked = pack.approvals.filter(reviewer=by, state=ApprovalState.ASKED, pk__in=list(digests))
    for approval in asked.select_related("revision").order_by("revision__pack_items__position", "pk").distinct():
        try:
            outcome.approved.append(approve(approval, by=by, digest=digests[approval.pk], link=link))
        except Refusal as refusal:
            outcome.refused.append((approval, refusal))
    return outcome


@transaction.atomic
def withdraw(approval: Approval, *, by: User, link: GuestLink | None = None) -> outbox.Canceled:
    """Take an approval back: what has not left is taken back in this same transaction, the post is a draft again.

    Raises AlreadyOut once everything has left, StaleRevision, NotYours, AlreadyDecided.
    """
    post, fresh = _locked(approval)
    _check_yours(fresh, post.brand, by=by, link=link)
    if fresh.revision != latest(post):
        raise StaleRevision(latest(post))
    if not move_approval(
        Approval.objects.filter(pk=fresh.pk), to=ApprovalState.WITHDRAWN, since=[ApprovalState.APPROVED]
    ):
        raise AlreadyDecided
    canceled = outbox.cancel(origin_key=post.key, by=by, why="approval withdrawn")
    if canceled.beyond and not canceled.canceled and _is_wholly_out(post):
        raise AlreadyOut
    _end_questions(fresh)
    move_post(Post.objects.filter(pk=post.pk), to=PostStage.DRAFT, since=[PostStage.IN_REVIEW, PostStage.APPROVED])
    bump(post)
    _write_down(fresh, post, ApprovalState.WITHDRAWN, by=by, link=link)
    notices.withdrawn(fresh, post)
    return canceled


@transaction.atomic
def stop_post(post: Post, *, by: User, link: GuestLink | None = None, reason: str = "") -> Stop:
    """Put the hand on one post: until it is lifted nothing of it is sent. The client’s *Ferma*, or a colleague’s."""
    locked = lock(post.pk)
    _check_may_stop(locked, by=by, link=link)
    stop = outbox.stop(scope=StopScope.POST, origin_key=locked.key, brand=locked.brand, reason=reason, by=by)
    if link is not None and not _is_clients(stop):  # a colleague was first: from now on they cannot lift it
        stop.by, stop.reason = by, reason[:300]
        stop.save(update_fields=["by", "reason"])
    bump(locked)
    record("post.stopped", by=by, brand=locked.brand, subject=locked, link=link, data={"stop": stop.pk})
    notices.stopped(locked, stop, by=by)
    return stop


@transaction.atomic
def lift_stop(post: Post, *, by: User, link: GuestLink | None = None) -> outbox.Resumed | None:
    """Let a stopped post go on within its window: each side lifts what its own side stopped, and only that."""
    locked = lock(post.pk)
    _check_may_stop(locked, by=by, link=link)
    stop = Stop.objects.filter(scope=StopScope.POST, origin_key=locked.key, lifted_at=None).select_related("by", "brand").first()
    if stop is None:
        return None
    if _is_clients(stop) != (link is not None):
        raise NotYours
    resumed = outbox.resume(stop, by=by)
    bump(locked)
    record("post.resumed", by=by, brand=locked.brand, subject=locked, link=link, data={"stop": stop.pk})
    return resumed


def _is_clients(stop: Stop) -> bool:
    """Tell whether the client’s side set a stop."""
    return stop.by is not None and stop.brand is not None and is_client_of(stop.by, stop.brand)


def void(post: Post, *, by: User | None, why: str) -> outbox.Canceled:
    """End every decision and question about a post that changes, and take back what has not left.

    Inside the caller’s transaction and lock: the rows that arming locks are the rows that this locks.
    """
    mine = Approval.objects.filter(revision__post=post, state__in=LIVE)
    ended = list(mine.values_list("pk", flat=True))
    move_approval(Approval.objects.filter(pk__in=ended), to=ApprovalState.VOID)
    canceled = outbox.cancel(origin_key=post.key, by=by, why=why)
    move_post(Post.objects.filter(pk=post.pk), to=PostStage.DRAFT, since=[PostStage.IN_REVIEW, PostStage.APPROVED])
    post.stage = PostStage.DRAFT
    record(
        "approval.voided",
        by=by,
        brand=post.brand,
        subject=post,
        data={"why": why, "approvals": ended, "canceled": [row.pk for row in canceled.canceled]},
    )
    return canceled


def _decide(
    approval: Approval, *, by: User, link: GuestLink | None, digest: str, to: ApprovalState, words: str = ""
) -> Decided:
    if to == ApprovalState.CHANGES_REQUESTED and not words.strip():
        raise WordsMissing
    with transaction.atomic():
        post, fresh = _locked(approval)
        _check_yours(fresh, post.brand, by=by, link=link)
        if fresh.state == to and fresh.digest == digest:
            return Decided(fresh)
        _check_current(fresh, post, digest, link)
        values = {"digest": digest, "words": words.strip(), "decided_at": timezone.now(), "link": link}
        if not move_approval(Approval.objects.filter(pk=fresh.pk), to=to, since=[ApprovalState.ASKED], **values):
            raise AlreadyDecided
        fresh.refresh_from_db()
        _write_down(fresh, post, to, by=by, link=link)
        consequence = _passed if to == ApprovalState.APPROVED else _sent_back
        scheduled = consequence(fresh, post, by)
        if fresh.pack is not None:
            open_next(fresh.pack)
            notices.decisions(fresh.pack)
    return Decided(fresh, scheduled)


def _locked(approval: Approval) -> tuple[Post, Approval]:
    """Lock the post, then read the decision anew: whatever happened before is visible now."""
    post = lock(approval.revision.post_id)
    rows = Approval.objects.select_related("revision", "pack__brand__agency", "pack__asked_by", "reviewer")
    fresh = rows.get(pk=approval.pk)
    fresh.revision.post = post
    return post, fresh


def _check_yours(approval: Approval, brand: Brand, *, by: User, link: GuestLink | None) -> None:
    """Only who was asked decides, with the right they have now; a client only through a link of that pack."""
    if approval.reviewer_id != by.pk:
        raise NotYours
    if approval.stage == Stage.INTERNAL:
        require(by, Ability.APPROVE_INTERNAL, brand)
        return
    if not is_client_of(by, brand) or link is None or link.user_id != by.pk or not is_open(link):
        raise NotYours
    if not PackLink.objects.filter(pack=approval.pack_id, link=link).exists():
        raise NotYours


def _check_current(approval: Approval, post: Post, digest: str, link: GuestLink | None) -> None:
    """The decision is about the current revision, as it was seen, within its time."""
    current = latest(post)
    if digest != approval.revision.digest or current != approval.revision or post.stage == PostStage.DRAFT:
        raise StaleRevision(current if post.stage == PostStage.IN_REVIEW else None)
    if approval.state == ApprovalState.EXPIRED or (link is not None and not may_decide(link)):
        raise TooLate
    if approval.state != ApprovalState.ASKED or post.stage != PostStage.IN_REVIEW:
        raise AlreadyDecided


def _passed(approval: Approval, post: Post, by: User) -> Scheduled | None:
    """If this approval completes the last stage, the post is approved and scheduled in this same transaction."""
    same_stage = Approval.objects.filter(revision=approval.revision, stage=approval.stage)
    if approval.rule["mode"] == "any":
        move_approval(same_stage, to=ApprovalState.VOID, since=[ApprovalState.ASKED])
    if same_stage.filter(state=ApprovalState.ASKED).exists() or stage_after(approval.rule, approval.stage):
        bump(post)
        return None
    move_post(Post.objects.filter(pk=post.pk), to=PostStage.APPROVED, since=[PostStage.IN_REVIEW])
    post.stage = PostStage.APPROVED
    scheduled = schedule(approval.revision, by=by)
    if scheduled.is_past:
        notices.hour_passed(approval, post)
    return scheduled


def _sent_back(approval: Approval, post: Post, _by: User) -> None:
    """A request for changes, or a refusal, makes the post a draft and ends the other questions about it."""
    _end_questions(approval)
    move_post(Post.objects.filter(pk=post.pk), to=PostStage.DRAFT, since=[PostStage.IN_REVIEW])
    bump(post)


def _end_questions(approval: Approval) -> None:
    others = Approval.objects.filter(revision=approval.revision)
    move_approval(others, to=ApprovalState.VOID, since=[ApprovalState.ASKED])


def _check_may_stop(post: Post, *, by: User, link: GuestLink | None) -> None:
    """A client stops what is in a pack of theirs; a colleague what their role allows."""
    if link is None:
        require(by, Ability.STOP, post.brand)
        return
    seen = PackLink.objects.filter(link=link, pack__items__revision__post=post).exists()
    if link.user_id != by.pk or not is_open(link) or not seen or not is_client_of(by, post.brand):
        raise NotYours


def _is_wholly_out(post: Post) -> bool:
    return set(post.variants.values_list("channel_id", flat=True)) <= channels_out(post)


def _write_down(approval: Approval, post: Post, state: ApprovalState, *, by: User, link: GuestLink | None) -> None:
    record(
        f"approval.{state.value}",
        by=by,
        brand=post.brand,
        subject=approval,
        link=link,
        data={
            "post": post.pk,
            "revision": approval.revision_id,
            "digest": approval.revision.digest,
            "stage": approval.stage,
        },
    )
