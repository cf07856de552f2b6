"""A post as a chip, drawn once on a page however often it stands there: in the month, and in the agenda below it.

Written out here and not as a template: a month has a hundred of them, and each asks for thirty values.
"""

from functools import lru_cache

from django import template
from django.template.context import Context
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from calendar_app.lines import Line
from config.templatetags.palinsesto import clock, icon, iso, short_when

register = template.Library()
NOTHING = SafeString("")
THUMBNAIL = 96


@register.simple_tag(takes_context=True)
def chip(context: Context, line: Line) -> SafeString:
    """Draw the chip of a post. A page that gives ``drawn`` gets the same one again.

    ``worded`` pages say the state, ``dated`` ones the day; ``movable`` are the brands whose posts the reader may move.
    """
    drawn = context.get("drawn")
    if drawn is not None and line.pk in drawn:
        again: SafeString = drawn[line.pk]
        return again
    found = format_html(
        '<a class="chip {}" href="{}{}/" data-post="{}"{}>{}<span class="chip-meta">{}<time datetime="{}">{}</time>{}{}'
        '<span class="vh">, {}, {}{}{}:</span><span class="chs" title="{}" aria-hidden="true">{}</span></span>'
        '<span class="chip-title">{}{}</span></a>\n',
        line.state.css,
        _place("post", 0),
        line.pk,
        line.pk,
        _moving(line) if line.brand_id in (context.get("movable") or ()) else NOTHING,
        _face(line),
        icon(line.state.sign, "glyph"),
        iso(line.wall),
        short_when(line.wall) if context.get("dated") else clock(line.wall),
        icon(line.kind_sign, "kind"),
        _word(line) if context.get("worded") else NOTHING,
        line.state.word,
        f"{line.brand.name}, " if line.brand else "",
        line.kind_word,
        "".join(f", {channel.name}" for channel in line.channels),
        ", ".join(channel.name for channel in line.channels),
        _channels(line),
        _crest(line),
        line.title,
    )
    if drawn is not None:
        drawn[line.pk] = found
    return found


def _moving(line: Line) -> SafeString:
    way = SafeString(" data-locked" if line.is_locked else ' aria-describedby="moving-keys"')
    return format_html(' data-version="{}"{}', line.version, way)


def _face(line: Line) -> SafeString:
    if not line.asset_id:
        return format_html('<span class="noimg">{}</span>', icon("text"))
    return format_html(
        '<img src="{}{}/{}/" alt="" width="30" height="30" loading="lazy">',
        _place("asset_picture", 0, THUMBNAIL),
        line.asset_id,
        THUMBNAIL,
    )


def _word(line: Line) -> SafeString:
    return format_html('<span class="word" aria-hidden="true">{}</span>', line.state.word)


def _channels(line: Line) -> SafeString:
    signs = [channel.monogram for channel in line.shown_channels]
    if line.more_channels:
        signs.append(f"+{line.more_channels}")
    return format_html_join("", '<span class="ch">{}</span>', ((sign,) for sign in signs))


def _crest(line: Line) -> SafeString:
    if line.brand is None:
        return NOTHING
    return format_html(
        '<span class="crest xs {}" title="{}" aria-hidden="true">{}</span>',
        line.brand.colour,
        line.brand.name,
        line.brand.initials,
    )


def _place(name: str, *sample: int) -> str:
    """Return where the addresses of a view begin that end with the numbers of the sample."""
    return _beginning(name, sample, get_script_prefix())


@lru_cache(maxsize=8)
def _beginning(name: str, sample: tuple[int, ...], _prefix: str) -> str:
    return reverse(name, args=sample).removesuffix("".join(f"{one}/" for one in sample))
