"""Brings comments home now, without waiting for the clock."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Brand
from community import threads
from community.sync import Synced, sync_stream
from publisher.models import Publication, Stream
from publisher.streams import THREAD


class Command(BaseCommand):
    """One visit to every thread, of one brand or of all."""

    help = "Read the comments of every published post now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the brand."""
        parser.add_argument("--brand", default="", help="slug, or agency/slug where two agencies use the same")

    def handle(self, *_args: Any, brand: str, **_options: Any) -> None:
        """Read, and say what came."""
        left, streams = threads.unnoted(), Stream.objects.filter(name__startswith=THREAD)
        if brand:
            chosen = brand_named(brand)
            left, streams = left.filter(brand=chosen), streams.filter(channel__brand=chosen)
        threads.catch_up(_with_rows(left))
        found = [sync_stream(stream_id, owner="sync_comments") for stream_id in streams.values_list("pk", flat=True)]
        self.stdout.write(_sentence([one for one in found if one is not None]))


def _with_rows(publications: QuerySet[Publication]) -> QuerySet[Publication]:
    return publications.select_related("brand", "channel", "profile")


def _sentence(visits: list[Synced]) -> str:
    new = sum(visit.new for visit in visits)
    problems = sum(bool(visit.problem) for visit in visits)
    said = ngettext("%(n)s new comment", "%(n)s new comments", new) % {"n": new}
    seen = ngettext("%(n)s conversation read", "%(n)s conversations read", len(visits)) % {"n": len(visits)}
    failed = ngettext("%(n)s not reached", "%(n)s not reached", problems) % {"n": problems}
    return ", ".join([seen, said, *([failed] if problems else [])]) + "."


def brand_named(words: str) -> Brand:
    """Return the brand of ``slug`` or ``agency/slug``. Raises CommandError with what to write instead."""
    agency, _slash, slug = words.rpartition("/")
    brands = Brand.objects.filter(slug=slug, **({"agency__slug": agency} if agency else {})).select_related("agency")
    if len(brands) > 1:
        names = ", ".join(f"{brand.agency.slug}/{brand.slug}" for brand in brands)
        raise CommandError(_("More than one brand has this name: write one of %(names)s.") % {"names": names})
    if not brands:
        raise CommandError(_("There is no brand “%(name)s”.") % {"name": words})
    return brands[0]
