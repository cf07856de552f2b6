"""Strangers' names and words made visible, and how long somebody has waited."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from community import sentences, strangers
from community.models import Conversation, Identity
from publisher.platforms import adapter_of

register = template.Library()


@register.filter
def seen_name(name: str | None) -> str:
    """Write out what a name hides."""
    return strangers.seen_name(name or "")


@register.filter
def seen_text(text: str | None) -> str:
    """Write out what a text hides."""
    return strangers.seen_text(text or "")


@register.filter
def pieces(html: str | None) -> list[strangers.Piece]:
    """Return a stranger's words in pieces, each with the address that it leads to."""
    return strangers.pieces_of(html or "")


@register.simple_tag
def with_kept(page: str, kept: str) -> str:
    """Return the address of a page to which one more word can be added, with what keeps its list the same."""
    return f"{page}?{kept}&" if kept else f"{page}?"


@register.filter
def shown_name(identity: Identity | None) -> str:
    """Return the name that an account shows, its handle, or that it is unknown."""
    name = strangers.seen_name(identity.shown_name or identity.handle) if identity else ""
    return name or _("Unknown person")


@register.filter
def initials(name: str) -> str:
    """Return the letters of the round crest."""
    return strangers.initials(name)


@register.filter
def tint(name: str) -> str:
    """Return one of the crest's colours, always the same for the same name."""
    return "bcdef"[sum(map(ord, name)) % 5]


@register.filter
def lasting(span: timedelta) -> str:
    """Return *1 h 48 min*."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    if days:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if hours and not minutes % 60:
        return _("%(hours)s h") % {"hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)s min") % {"minutes": minutes}


@register.filter
def is_late(conversation: Conversation) -> bool:
    """Tell whether the answer was due."""
    return bool(conversation.unanswered_count and conversation.target_at and conversation.target_at <= timezone.now())


@register.filter
def wait_words(conversation: Conversation) -> str:
    """Return *mancano 12 min*, or *da 2 h 10 min* once the target has passed."""
    if not conversation.unanswered_count or conversation.waiting_since_at is None or conversation.target_at is None:
        return ""
    now = timezone.now()
    if conversation.target_at > now:
        left = conversation.target_at - now + timedelta(seconds=59)
        return _("%(span)s left") % {"span": lasting(left)}
    return _("for %(span)s") % {"span": lasting(now - conversation.waiting_since_at)}


@register.filter
def list_when(at: datetime | None) -> str:
    """Return *09:12* today, *ieri*, or *7 dic*."""
    if at is None:
        return ""
    shown = timezone.localtime(at)
    days = (timezone.localdate() - shown.date()).days
    if days <= 0:
        return f"{shown:%H:%M}"
    return _("yesterday") if days == 1 else _date(shown)


def _date(shown: datetime) -> str:
    return _as_written(date_format(shown, "j M"))


@register.filter
def month_year(at: datetime | None) -> str:
    """Return *marzo 2026*."""
    return _as_written(date_format(timezone.localtime(at), "F Y")) if at else ""


def _as_written(day: str) -> str:
    """Months are written small in Italian."""
    return day.lower() if (get_language() or "").startswith("it") else day


@register.filter
def monogram(platform: str) -> str:
    """Return the two letters of a platform."""
    return adapter_of(platform).monogram


@register.filter
def platform_name(platform: str) -> str:
    """Return a platform's name."""
    return adapter_of(platform).name


@register.simple_tag
def problem_words(code: str, values: dict[str, object] | None = None) -> str:
    """Return the sentence of a code."""
    return sentences.sentence(code, values or {})
