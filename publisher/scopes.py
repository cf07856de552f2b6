"""The scope of a stop as commands take it."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Agency, Brand
from publisher.models import Channel, Publication


class ScopeError(ValueError):
    """Nothing, or more than one thing, has that name."""


def add_scope(parser: ArgumentParser) -> None:
    """Let a command take exactly one scope."""
    scope = parser.add_mutually_exclusive_group(required=True)
    scope.add_argument("--all", action="store_true", help="the whole installation")
    scope.add_argument("--agency", metavar="SLUG")
    scope.add_argument("--brand", metavar="SLUG", help="brand, or agency/brand where two agencies use the same")
    scope.add_argument("--channel", metavar="ID", type=int)
    scope.add_argument("--publication", metavar="ID", type=int, help="the post that a publication belongs to, alone")


def scope_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return scope and object as a stop has them. Raises ScopeError."""
    if options["all"]:
        return {"scope": "all"}
    if options["agency"]:
        return {"scope": "agency", "agency": _only(Agency.objects.filter(slug=options["agency"]), options["agency"])}
    if options["brand"]:
        agency, _slash, slug = options["brand"].rpartition("/")
        brands = Brand.objects.filter(slug=slug)
        return {
            "scope": "brand",
            "brand": _only(brands.filter(agency__slug=agency) if agency else brands, options["brand"]),
        }
    if options.get("publication") is not None:
        row = _only(Publication.objects.filter(pk=options["publication"]).select_related("brand"), options["publication"])
        return {"scope": "post", "origin_key": row.origin_key, "brand": row.brand}
    return {"scope": "channel", "channel": _only(Channel.objects.filter(pk=options["channel"]), options["channel"])}


def _only(rows: Any, name: object) -> Any:
    found = list(rows[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ScopeError(_("Several brands are called %(name)s. Write agency/brand.") % {"name": name})
    raise ScopeError(_("Nothing has the name %(name)s.") % {"name": name})
