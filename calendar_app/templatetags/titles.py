"""What posts are called, for pages of the storeys below: those know publications, and not the plan."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import template

from calendar_app.models import Post

register = template.Library()


@register.simple_tag
def post_titles(rows: Iterable[Any]) -> dict[UUID, str]:
    """Return the titles of the posts that shown publications come from, by their keys. One query."""
    keys = {row.publication.origin_key for row in rows}
    return dict(Post.objects.filter(key__in=keys).values_list("key", "title"))


@register.simple_tag
def stopped_titles(stops: Iterable[tuple[Any, str]]) -> dict[UUID, str]:
    """Return the titles of the posts that are stopped one by one, by their keys. One query, none where there is none."""
    keys = {stop.origin_key for stop, _text in stops if stop.origin_key}
    return dict(Post.objects.filter(key__in=keys).values_list("key", "title"))


@register.filter
def titled(titles: Mapping[UUID, str], key: UUID) -> str:
    """Return the title of one of them; nothing for an answer, which is no post."""
    return titles.get(key, "")
