"""Icons, hours as people say them, and addresses that exist."""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.forms import BoundField
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Brand

register = template.Library()
HOUR = "H:i"


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """Draw a symbol of the sprite; it is decoration, the word stands beside it."""
    classes = f"i {extra}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name)


@register.simple_tag(takes_context=True)
def frame_of(context: template.Context, brand: Brand | None) -> str:
    """Let the frame be that of the brand that the page is about: its stop beside another brand’s page would hold back that one."""
    request = context.get("request")
    if brand and request and not hasattr(request, "brand"):
        request.brand = brand
    return ""


def _as_shown(value: date) -> date:
    """Return an aware instant in the reader's zone; a wall-clock hour and a day stay as they are."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.simple_tag
def described(field: BoundField) -> SafeString:
    """Draw a form field that names its hint and its error to those who listen."""
    own = field.id_for_label
    told = [f"{own}-hint"] if field.help_text else []
    attrs: dict[str, str | bool] = {}
    if field.errors:
        told.append(f"{own}-error")
        attrs["aria-invalid"] = "true"
    if told:
        attrs["aria-describedby"] = " ".join(told)
    return field.as_widget(attrs=attrs)


def _written(value: date, pattern: str) -> str:
    """Return a date in words; Italian writes days and months small."""
    shown, language = _as_shown(value), get_language()
    return _in_words(shown.date() if isinstance(shown, datetime) else shown, pattern, language)


@lru_cache(maxsize=2048)
def _in_words(day: date, pattern: str, language: str | None) -> str:
    """Return a day in words: a page says the same few days many times."""
    said = formats.date_format(day, pattern)
    return said.lower() if language == "it" else said


@register.filter
def long_day(value: date | None) -> str:
    """Return *giovedì 17 dicembre*."""
    return _written(value, "l j F") if value else ""


@register.filter
def short_day(value: date | None) -> str:
    """Return *gio 17 dic*."""
    return _written(value, "D j M") if value else ""


@register.filter
def weekday(value: date | None) -> str:
    """Return *giovedì*."""
    return _written(value, "l") if value else ""


@register.filter
def short_weekday(value: date | None) -> str:
    """Return *gio*."""
    return _written(value, "D") if value else ""


@register.filter
def month_year(value: date | None) -> str:
    """Return *dicembre 2026*."""
    return _written(value, "F Y") if value else ""


@register.filter
def long_when(value: datetime | None) -> str:
    """Return *giovedì 17 dicembre, 12:00*."""
    return f"{long_day(value)}, {clock(value)}" if value else ""


@register.filter
def short_when(value: datetime | None) -> str:
    """Return *gio 17 dic, 12:00*."""
    return f"{short_day(value)}, {clock(value)}" if value else ""


@register.filter
def quoted(words: str) -> str:
    """Return words as somebody’s own, between the marks of the reader’s language."""
    return f"«{words}»" if get_language() == "it" else f"“{words}”"


@register.filter
def clock(value: datetime | None) -> str:
    """Return *09:30*, always in 24 hours."""
    return formats.date_format(_as_shown(value), HOUR) if value else ""


@register.filter
def said_when(value: datetime | None) -> str:
    """Return *oggi alle 10:42*, *ieri alle 18:07* or *lunedì 7 dicembre, 11:20*."""
    if not value:
        return ""
    shown = _as_shown(value)
    day = shown.date() if isinstance(shown, datetime) else shown
    days = (timezone.localdate() - day).days
    if days == 0:
        return _("today at %(hour)s") % {"hour": clock(value)}
    if days == 1:
        return _("yesterday at %(hour)s") % {"hour": clock(value)}
    return long_when(value)


@register.filter
def iso(value: date | None) -> str:
    """Return what a ``datetime`` attribute holds."""
    return value.isoformat() if value else ""


@register.simple_tag
def spell_days(first: date, last: date, is_short: bool = False) -> str:  # noqa: FBT001, FBT002  (template tags take positions)
    """Return *7 – 13 dicembre 2026*, with both months or years where they differ; short, *7 – 13 dic*."""
    begin, end = ("j M", "j M") if is_short else ("j F Y", "j F Y")
    if first.month == last.month:
        begin = "j"
    elif first.year == last.year:
        begin = begin.removesuffix(" Y")
    return f"{_written(first, begin)} – {_written(last, end)}"
