"""A post as a chip, drawn once on a page however often it stands there: in the month, and in the agenda below it."""

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from calendar_app.lines import Line

register = template.Library()


@register.simple_tag(takes_context=True)
def chip(context: Context, line: Line) -> SafeString:
    """Draw the chip of a post. A page that gives ``drawn`` gets the same one again."""
    drawn = context.get("drawn")
    if drawn is None:
        drawn = {}
    if line.pk not in drawn:
        with context.push(line=line):
            drawn[line.pk] = _sheet().render(context)
    found: SafeString = drawn[line.pk]
    return found


def _sheet() -> template.Template:
    found: template.Template = get_template("calendar_app/chip.html").template  # type: ignore[attr-defined]  # Django's
    return found
