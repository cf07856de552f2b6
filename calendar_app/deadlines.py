"""When the time to decide is over: questions end, posts that nobody decided are drafts again, and the agency is told."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from accounts.audit import record
from calendar_app import notices
from calendar_app.feed_changes import bump
from calendar_app.models import Approval, ApprovalState, Pack, Post, PostStage
from calendar_app.revisions import lock
from calendar_app.states import move_approval, move_post

QUIET_FOR = timedelta(minutes=30)


def expire_questions(*, now: datetime | None = None) -> int:
    """End the questions of packs whose deadline has passed: silence holds the posts, it never lets them out."""
    moment = now or timezone.now()
    late = Approval.objects.filter(state=ApprovalState.ASKED, pack__deadline_at__lt=moment)
    posts = list(late.values_list("revision__post_id", "pack_id").order_by("pack_id", "revision__post_id").distinct())
    for post_id, pack_id in posts:
        _expire(post_id, pack_id)
    for pack in Pack.objects.filter(pk__in={pack_id for _post, pack_id in posts}).select_related(
        "brand__agency", "asked_by"
    ):
        notices.decisions(pack)
    return len(posts)


def tell_decisions(*, now: datetime | None = None) -> int:
    """Write the letter about decisions where some people have decided, others not yet, and it has been quiet for a while."""
    moment = now or timezone.now()
    packs = (
        Pack.objects.annotate(last=Max("approvals__decided_at"))
        .filter(Exists(Approval.objects.filter(pack=OuterRef("pk"), state=ApprovalState.ASKED)), closed_at=None)
        .filter(last__lt=moment - QUIET_FOR, last__gt=moment - timedelta(days=1))
        .select_related("brand__agency", "asked_by")
    )
    told = list(packs)
    for pack in told:
        notices.decisions(pack, is_final=True)
    return len(told)


@transaction.atomic
def _expire(post_id: int, pack_id: int) -> None:
    post = lock(post_id)
    mine = Approval.objects.filter(revision__post=post, pack=pack_id)
    if not move_approval(mine, to=ApprovalState.EXPIRED, since=[ApprovalState.ASKED]):
        return
    move_post(Post.objects.filter(pk=post.pk), to=PostStage.DRAFT, since=[PostStage.IN_REVIEW])
    bump(post)
    record("approval.expired", by=None, brand=post.brand, subject=post, label="deadline", data={"pack": pack_id})
