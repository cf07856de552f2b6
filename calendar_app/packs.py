"""What a brand waits for: packs that somebody has not decided about yet, of whom, and whether they are late."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Brand
from calendar_app.models import Approval, ApprovalState, Pack


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pack that somebody is still thinking about."""

    pack: Pack
    asked: int
    decided: int
    people: tuple[str, ...]
    first_hour: datetime | None
    is_late: bool


def waiting_in(brand: Brand) -> list[Waiting]:
    """Return what is still asked in a brand: of whom, since when, and whether it will miss its hour."""
    packs = (
        Pack.objects.filter(brand=brand, approvals__state=ApprovalState.ASKED)
        .select_related("asked_by", "brand__agency")
        .annotate(
            asked_count=Count("approvals", filter=Q(approvals__state=ApprovalState.ASKED), distinct=True),
            decided_count=Count("approvals", filter=Q(approvals__decided_at__isnull=False), distinct=True),
        )
        .order_by("deadline_at")
        .distinct()
    )
    found = list(packs)
    open_rows = Approval.objects.filter(pack__in=found, state=ApprovalState.ASKED).select_related(
        "reviewer", "revision__post"
    )
    by_pack: dict[int | None, list[Approval]] = {}
    for approval in open_rows.order_by("pk"):
        by_pack.setdefault(approval.pack_id, []).append(approval)
    return [_waiting(pack, by_pack.get(pack.pk, [])) for pack in found]


def _waiting(pack: Pack, approvals: list[Approval]) -> Waiting:
    hours = [approval.revision.post.due_at for approval in approvals]
    first = min(hours, default=None)
    return Waiting(
        pack=pack,
        asked=pack.asked_count,  # type: ignore[attr-defined]  # annotated by waiting_in
        decided=pack.decided_count,  # type: ignore[attr-defined]  # annotated by waiting_in
        people=tuple(dict.fromkeys(str(approval.reviewer) for approval in approvals)),
        first_hour=first,
        is_late=pack.deadline_at < timezone.now() or (first is not None and first < timezone.now()),
    )
