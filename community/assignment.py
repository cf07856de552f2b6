"""Who follows a conversation, and who is writing in it just now."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import Brand, User
from accounts.permissions import Ability, roles_with
from community.models import Conversation

WRITING_LASTS = timedelta(seconds=45)


class NotOfThisBrandError(Exception):
    """The colleague may not answer for this brand."""


def colleagues(brand: Brand) -> QuerySet[User]:
    """Return who may answer for a brand."""
    roles = roles_with(Ability.MODERATE)
    here = Q(memberships__brand=brand) | Q(memberships__brand__isnull=True, memberships__agency=brand.agency_id)
    return User.objects.filter(here, memberships__role__in=roles, is_active=True).distinct().order_by("name", "pk")


@transaction.atomic
def assign(conversation: Conversation, *, to: User | None, by: User) -> None:
    """Give a conversation to a colleague, or back to all. Raises NotOfThisBrandError."""
    if to is not None and not colleagues(conversation.brand).filter(pk=to.pk).exists():
        raise NotOfThisBrandError
    Conversation.objects.filter(pk=conversation.pk).update(assignee=to)
    data = {"to": to.pk if to else None}
    record("conversation.assigned", by=by, brand=conversation.brand, subject=conversation, data=data)
    conversation.assignee = to


def start_writing(conversation: Conversation, *, by: User) -> bool:
    """Say that somebody writes; return whether they are the only one. It fades by itself."""
    now = timezone.now()
    free = Q(writing_by__isnull=True) | Q(writing_by=by) | Q(writing_until__lt=now) | Q(writing_until__isnull=True)
    rows = Conversation.objects.filter(free, pk=conversation.pk)
    return bool(rows.update(writing_by=by, writing_until=now + WRITING_LASTS))


def stop_writing(conversation: Conversation, *, by: User) -> None:
    """Say that somebody is done writing."""
    Conversation.objects.filter(pk=conversation.pk, writing_by=by).update(writing_by=None, writing_until=None)


def writer_beside(conversation: Conversation, *, me: User) -> User | None:
    """Return the colleague who is writing there now, if it is not me."""
    is_now = conversation.writing_until is not None and conversation.writing_until > timezone.now()
    return conversation.writing_by if is_now and conversation.writing_by_id != me.pk else None
