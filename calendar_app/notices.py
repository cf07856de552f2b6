"""Letters about the plan: who is asked, what was decided, what went wrong. Rows with the act; sending follows."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import override

from accounts.letters import post_letter
from accounts.models import Brand, GuestLink, Membership, Role, User
from accounts.permissions import Ability
from accounts.wall import wall_of
from calendar_app.models import Approval, ApprovalState, Pack, Post
from calendar_app.rights import members_with
from publisher.models import Stop

DECIDED = (
    ApprovalState.APPROVED,
    ApprovalState.CHANGES_REQUESTED,
    ApprovalState.REFUSED,
    ApprovalState.EXPIRED,
    ApprovalState.NOT_OBJECTED,
)
MOST_LISTED = 40
WANTS_A_HAND = (ApprovalState.CHANGES_REQUESTED, ApprovalState.REFUSED, ApprovalState.EXPIRED)


def ask_client(pack: Pack, person: User, *, link: GuestLink, secret: str) -> None:
    """Ask a client to decide, by a link of their own; tu or Lei as the brand has it."""
    is_formal = pack.brand.form_of_address == "lei"
    parts = {
        **_about(pack, person),
        "lei": is_formal,
        "name": person.name if is_formal else person.get_short_name(),
        "sender": pack.brand.agency.name,
        "reply_to": next((one.email for one in _desk(pack)), ""),
    }
    _write("pack_ready", person, pack.brand, pack, parts, key=f"pack-ready:{pack.pk}:{link.pk}", secret=secret)


def ask_colleague(pack: Pack, person: User) -> None:
    """Ask a colleague to look at a pack; who asks themselves needs no letter."""
    if pack.asked_by_id == person.pk:
        return
    key = f"pack-ready:{pack.pk}:person:{person.pk}"
    _write("pack_ready_internal", person, pack.brand, pack, _about(pack, person), key=key)


def decisions(pack: Pack, *, is_final: bool = False) -> None:
    """Tell the agency what was decided, in one letter once everybody has decided (or after a while: ``is_final``)."""
    rows = pack.approvals.exclude(state=ApprovalState.VOID)
    if not is_final and rows.filter(state=ApprovalState.ASKED).exists():
        return
    decided = rows.filter(state__in=DECIDED).select_related("revision", "reviewer").order_by("decided_at", "pk")
    count = decided.count()
    if not count:
        return
    for person in _desk(pack):
        news = [one for one in decided if one.reviewer_id != person.pk]
        if news:
            parts = {**_about(pack, person), **_told(news)}
            _write("decided", person, pack.brand, pack, parts, key=f"decided:{pack.pk}:{count}:{person.pk}")


def _told(decided: list[Approval]) -> dict[str, Any]:
    """Return decisions as rows, those that want a hand first, and how many there are of each."""
    ordered = sorted(decided, key=lambda one: one.state not in WANTS_A_HAND)
    return {
        "lines": [_line(one) for one in ordered[:MOST_LISTED]],
        "more": max(0, len(ordered) - MOST_LISTED),
        "counts": Counter(one.state for one in ordered),
    }


def withdrawn(approval: Approval, post: Post) -> None:
    """Tell the agency at once that an approval was taken back."""
    _tell_desk("approval_withdrawn", post, {"who": str(approval.reviewer)}, key=f"withdrawn:{approval.pk}")


def stopped(post: Post, stop: Stop, *, by: User) -> None:
    """Tell the agency at once that somebody put the hand on a post."""
    _tell_desk("post_stopped", post, {"who": str(by), "reason": stop.reason}, key=f"stopped:{stop.pk}", but=by)


def hour_passed(approval: Approval, post: Post) -> None:
    """Tell the agency that an approval came after the hour: nothing was sent, another hour is wanted."""
    _tell_desk("approved_late", post, {"who": str(approval.reviewer)}, key=f"approved-late:{approval.pk}")


def _write(  # noqa: PLR0913  (a letter: which, to whom, about what, with what in it)
    kind: str, person: User, brand: Brand, subject: Model, parts: dict[str, Any], *, key: str, secret: str = ""
) -> None:
    post_letter(
        kind=kind,
        to=person,
        address=person.email,
        brand=brand,
        subject=subject,
        parts=parts,
        secret=secret,
        dedupe_key=key,
    )


def _tell_desk(kind: str, post: Post, parts: dict[str, Any], *, key: str, but: User | None = None) -> None:
    """Write to the people who look after a post."""
    for person in desk_of(post):
        if person != but:
            whole = {**_of_post(post, person), **parts}
            _write(kind, person, post.brand, post, whole, key=f"{key}:{person.pk}")


def _about(pack: Pack, person: User) -> dict[str, Any]:
    """Return what every letter about a pack says."""
    return {
        "pack": pack.pk,
        "title": pack.title,
        "message": pack.message,
        "brand": pack.brand.name,
        "agency": pack.brand.agency.name,
        "count": pack.approvals.filter(reviewer=person, state=ApprovalState.ASKED).count(),
        "deadline": said(pack.deadline_at, pack.brand, person),
        "asked_by": str(pack.asked_by) if pack.asked_by else pack.brand.agency.name,
    }


def _of_post(post: Post, person: User) -> dict[str, Any]:
    """Return what every letter about a post says."""
    return {
        "title": post.title,
        "brand": post.brand.name,
        "hour": said(post.due_at, post.brand, person),
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


def said(at: datetime, brand: Brand, person: User) -> str:
    """Return an hour as the brand’s clocks show it, in the reader’s language: *giovedì 17 dicembre, 12:00*."""
    with override(person.language):
        said = date_format(wall_of(at=at, zone=brand.zone), "l j F, H:i")
    return said.lower() if person.language == "it" else said


def _desk(pack: Pack) -> list[User]:
    """Return who asked, if they still work for the brand; otherwise those who may send its posts for approval."""
    people = members_with(Ability.SEND_FOR_APPROVAL, pack.brand)
    return [pack.asked_by] if pack.asked_by in people else _planners(people, pack.brand)


def desk_of(post: Post) -> list[User]:
    """Return who last asked about a post, or who wrote it, or the brand’s planners."""
    packs = Pack.objects.filter(items__revision__post=post).select_related("asked_by", "brand__agency")
    pack = packs.order_by("-pk").first()
    if pack is not None:
        return _desk(pack)
    people = members_with(Ability.SCHEDULE, post.brand)
    return [post.created_by] if post.created_by in people else _planners(people, post.brand)


def _planners(people: Iterable[User], brand: Brand) -> list[User]:
    """Return the brand’s own editors and managers among these people; all of them where it has none."""
    everybody = list(people)
    roles = Membership.objects.filter(brand=brand, role__in=[Role.EDITOR, Role.MANAGER])
    own = set(roles.values_list("user", flat=True))
    return [person for person in everybody if person.pk in own] or everybody
