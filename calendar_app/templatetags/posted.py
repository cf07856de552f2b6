"""The words of a post as readers will see them, numbers as people say them, addresses half hidden."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import formats, timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy

register = template.Library()
MARKED = re.compile(r"(?P<link>https?://[^\s<>«»\"]+[^\s<>«»\".,;:!?)\]])|(?P<tag>(?<![\w&/])#\w+)")
SLOT = "calendar_app/composer/slot.html"
NUMBERS = (
    pgettext_lazy("how many posts", "No"),
    pgettext_lazy("how many posts", "One"),
    pgettext_lazy("how many posts", "Two"),
    pgettext_lazy("how many posts", "Three"),
    pgettext_lazy("how many posts", "Four"),
    pgettext_lazy("how many posts", "Five"),
    pgettext_lazy("how many posts", "Six"),
    pgettext_lazy("how many posts", "Seven"),
    pgettext_lazy("how many posts", "Eight"),
    pgettext_lazy("how many posts", "Nine"),
    pgettext_lazy("how many posts", "Ten"),
    pgettext_lazy("how many posts", "Eleven"),
    pgettext_lazy("how many posts", "Twelve"),
)


@register.filter
def as_posted(text: str, links: Sequence[tuple[str, str]] = ()) -> SafeString:
    """Return a text with its paragraphs, lines, hashtags and addresses, everything else escaped.

    ``links`` are words that stand for a longer address, as some platforms show them.
    """
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip("\n"))
    return format_html_join("", "<p>{}</p>", ((_lines(one, dict(links)),) for one in paragraphs if one.strip()))


def _lines(paragraph: str, links: dict[str, str]) -> SafeString:
    rows = [_marked(line, links) for line in paragraph.split("\n")]
    first, rest = rows[0], rows[1:]
    return format_html("{}{}", first, format_html_join("", "<br>{}", ((row,) for row in rest)))


def _marked(line: str, links: dict[str, str]) -> SafeString:
    pieces: list[SafeString] = []
    end = 0
    short = "|".join(re.escape(words) for words in sorted(links, key=len, reverse=True))
    for found in re.finditer(f"{short}|{MARKED.pattern}" if short else MARKED, line):
        pieces.append(escape(line[end : found.start()]))
        pattern = '<a href="{1}" rel="noopener noreferrer" target="_blank">{0}</a>'
        address = links.get(found[0]) or found["link"] or ""
        pieces.append(format_html(pattern if address else '<span class="tag">{0}</span>', found[0], address))
        end = found.end()
    pieces.append(escape(line[end:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@register.filter
def in_words(number: int) -> str:
    """Return *Otto*; beyond twelve the figure."""
    return str(NUMBERS[number]) if 0 <= number < len(NUMBERS) else str(number)


@register.filter
def masked(address: str) -> str:
    """Return *g•••••@example.it*: enough to recognise one’s own address."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}•••••@{host}" if host else "•••••"


@register.filter
def month_name(value: date | None) -> str:
    """Return *dicembre*."""
    return _as_written(formats.date_format(value, "F")) if value else ""


@register.filter
def full_day(value: datetime) -> str:
    """Return *20 dicembre 2026*."""
    return _as_written(formats.date_format(timezone.localtime(value), "j F Y"))


def _as_written(said: str) -> str:
    """Italian writes its months small; Django’s names are capital."""
    return said.lower() if get_language() == "it" else said


@register.inclusion_tag(SLOT, takes_context=True)
def slot(context: Context, name: str) -> dict[str, Any]:
    """Draw the place beside a field where the composer says what a platform would refuse there."""
    found = context.get("slots") or {}
    return {"name": name, "sentences": found.get(name, ())}
