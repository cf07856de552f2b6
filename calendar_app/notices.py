"""Letters about the plan: who is asked, what was decided, what went wrong. Rows with the act; sending follows."""

from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import override

from accounts.letters import post_letter
from accounts.models import GuestLink, Membership, Role, User
from accounts.permissions import Ability
from calendar_app.models import Approval, ApprovalState, Pack, Post, Stage
from calendar_app.rights import members_with
from publisher.models import Channel, Publication, Stop
from publisher.sentences import sentence

DECIDED = (
    ApprovalState.APPROVED,
    ApprovalState.CHANGES_REQUESTED,
    ApprovalState.REFUSED,
    ApprovalState.EXPIRED,
    ApprovalState.NOT_OBJECTED,
)
MOST_LISTED = 40


def ask_client(pack: Pack, person: User, *, link: GuestLink, secret: str) -> None:
    """Ask a client to decide, by a link of their own."""
    post_letter(
        kind="pack_ready",
        to=person,
        address=person.email,
        brand=pack.brand,
        subject=pack,
        parts={
            **_about(pack),
            "lei": pack.brand.form_of_address == "lei",
            "until": link.expires_at.isoformat(),
            "first": _first_hour(pack),
        },
        secret=secret,
        dedupe_key=f"pack-ready:{pack.pk}:{link.pk}",
    )


def ask_colleague(pack: Pack, person: User) -> None:
    """Ask a colleague to look at a pack before the client does."""
    post_letter(
        kind="pack_ready_internal",
        to=person,
        address=person.email,
        brand=pack.brand,
        subject=pack,
        parts=_about(pack),
        dedupe_key=f"pack-ready:{pack.pk}:person:{person.pk}",
    )


def decisions(pack: Pack, *, is_final: bool = False) -> None:
    """Tell the agency what was decided, in one letter once everybody has decided (or after a while: ``is_final``)."""
    rows = pack.approvals.exclude(state=ApprovalState.VOID)
    if not is_final and rows.filter(state=ApprovalState.ASKED).exists():
        return
    decided = rows.filter(state__in=DECIDED).select_related("revision__post", "reviewer").order_by("decided_at", "pk")
    count = decided.count()
    if not count:
        return
    lines = [_line(approval) for approval in decided[:MOST_LISTED]]
    parts = {**_about(pack), "lines": lines, "more": max(0, count - MOST_LISTED)}
    for person in _desk(pack):
        post_letter(
            kind="decided",
            to=person,
            address=person.email,
            brand=pack.brand,
            subject=pack,
            parts=parts,
            dedupe_key=f"decided:{pack.pk}:{count}:{person.pk}",
        )


def withdrawn(approval: Approval, post: Post) -> None:
    """Tell the agency at once that an approval was taken back."""
    parts = {**_of_post(post), "who": str(approval.reviewer)}
    _tell_desk("approval_withdrawn", post, parts, key=f"withdrawn:{approval.pk}")


def stopped(post: Post, stop: Stop, *, by: User) -> None:
    """Tell the agency at once that somebody put the hand on a post."""
    parts = {**_of_post(post), "who": str(by), "reason": stop.reason}
    _tell_desk("post_stopped", post, parts, key=f"stopped:{stop.pk}", but=by)


def hour_passed(approval: Approval, post: Post) -> None:
    """Tell the agency that an approval came after the hour: nothing was sent, another hour is wanted."""
    _tell_desk("approved_late", post, _of_post(post), key=f"approved-late:{approval.pk}")


def not_published(publication: Publication, post: Post) -> None:
    """Tell the agency what did not go out, or may have, and why."""
    people = _desk_of(post)
    for person in people:
        with override(person.language):
            why = sentence(publication.problem_code, publication.problem_values) if publication.problem_code else ""
        post_letter(
            kind="post_failed",
            to=person,
            address=person.email,
            brand=post.brand,
            subject=post,
            parts={**_of_post(post), "channel": publication.channel.name, "why": why, "state": publication.state},
            dedupe_key=f"not-published:{publication.pk}:{publication.state}:{publication.tries}:{person.pk}",
        )


def channel_lost(channel: Channel) -> None:
    """Ask those who connect channels to connect this one again."""
    lost = channel.connection.refresh_fence
    for person in members_with(Ability.CONNECT, channel.brand):
        post_letter(
            kind="channel_lost",
            to=person,
            address=person.email,
            brand=channel.brand,
            subject=channel,
            parts={
                "brand": channel.brand.name,
                "channel": channel.name,
                "brand_id": channel.brand_id,
            },
            dedupe_key=f"channel-lost:{channel.pk}:{lost}:{timezone.now():%Y-%m-%d}:{person.pk}",
        )


def _about(pack: Pack) -> dict[str, Any]:
    """Return what every letter about a pack says."""
    return {
        "pack": pack.pk,
        "title": pack.title,
        "brand": pack.brand.name,
        "agency": pack.brand.agency.name,
        "count": pack.items.aggregate(count=Count("pk"))["count"],
        "deadline": pack.deadline_at.isoformat(),
        "asked_by": str(pack.asked_by) if pack.asked_by else pack.brand.agency.name,
    }


def _of_post(post: Post) -> dict[str, Any]:
    return {
        "title": post.title,
        "brand": post.brand.name,
        "hour": post.due_at.isoformat(),
        "post": post.pk,
    }


def _line(approval: Approval) -> dict[str, Any]:
    """Return one decision as a row of the letter."""
    return {
        "title": approval.revision.title,
        "state": approval.state,
        "who": str(approval.reviewer),
        "words": approval.words,
        "post": approval.revision.post_id,
    }


def _first_hour(pack: Pack) -> str:
    hours: list[datetime] = list(pack.items.values_list("revision__sheets__due_at", flat=True))
    return min((hour for hour in hours if hour), default=pack.deadline_at).isoformat()


def _tell_desk(kind: str, post: Post, parts: dict[str, Any], *, key: str, but: User | None = None) -> None:
    for person in _desk_of(post):
        if person == but:
            continue
        post_letter(
            kind=kind,
            to=person,
            address=person.email,
            brand=post.brand,
            subject=post,
            parts=parts,
            dedupe_key=f"{key}:{person.pk}",
        )


def _desk(pack: Pack) -> list[User]:
    """Return who asked, if they still work for the brand; otherwise those who may send its posts for approval."""
    if pack.asked_by is not None and pack.asked_by in members_with(Ability.SEND_FOR_APPROVAL, pack.brand):
        return [pack.asked_by]
    return _planners(pack)


def _desk_of(post: Post) -> list[User]:
    """Return who last asked about a post, or its planners."""
    last = Pack.objects.filter(items__revision__post=post).select_related("asked_by", "brand__agency").order_by("-pk")
    pack = last.first()
    if pack is not None:
        return _desk(pack)
    people = members_with(Ability.SCHEDULE, post.brand)
    return [post.created_by] if post.created_by is not None and post.created_by in people else people


def _planners(pack: Pack) -> list[User]:
    people = members_with(Ability.SEND_FOR_APPROVAL, pack.brand)
    editors = Membership.objects.filter(user__in=people, role__in=[Role.EDITOR, Role.MANAGER]).values_list(
        "user", flat=True
    )
    return [person for person in people if person.pk in set(editors)] or people


def is_asked(post: Post, stage: Stage) -> bool:
    """Tell whether somebody of a stage is still thinking about a post."""
    return Approval.objects.filter(revision__post=post, stage=stage, state=ApprovalState.ASKED).exists()
