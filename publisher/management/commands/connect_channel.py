"""Connect an account to a brand from the command line; the key never stands in the command itself."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Brand
from publisher.channels import connect
from publisher.contract.errors import AdapterError
from publisher.platforms import PLATFORMS
from publisher.sentences import sentence


class Command(BaseCommand):
    """``manage.py connect_channel --brand SLUG --platform mastodon --url URL (--token-env VAR | --token-stdin)``."""

    help = "Connects an account to a brand. The access key is read from a variable or from the standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be said."""
        parser.add_argument("--brand", required=True, metavar="SLUG", help="the brand, or agency/brand")
        parser.add_argument("--platform", required=True, choices=sorted(PLATFORMS))
        parser.add_argument("--url", required=True, help="the address of the server")
        parser.add_argument("--name", default="", help="the name of the channel")
        key = parser.add_mutually_exclusive_group(required=True)
        key.add_argument("--token-env", metavar="VAR", help="the variable that holds the access key")
        key.add_argument("--token-stdin", action="store_true", help="read the access key from the standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Connect, or say why it cannot be."""
        brand = brand_of(options["brand"])
        token = sys.stdin.readline() if options["token_stdin"] else os.environ.get(options["token_env"], "")
        if not token.strip():
            raise CommandError("The access key is empty: nothing was connected.")
        try:
            channel = connect(
                brand=brand,
                platform=options["platform"],
                url=options["url"],
                token=token,
                name=options["name"],
                by=None,
            )
        except AdapterError as error:
            raise CommandError(sentence(error.code, error.values)) from None
        self.stdout.write(f"{channel.name}: connected as {channel.profile.handle}, channel {channel.pk}.")


def brand_of(name: str) -> Brand:
    """Return the brand with this slug; where two agencies use the same, ``agency/brand`` says which."""
    agency, slash, slug = name.rpartition("/")
    found = Brand.objects.filter(slug=slug, archived_at__isnull=True).select_related("agency")
    if slash:
        found = found.filter(agency__slug=agency)
    brands = list(found[:2])
    if not brands:
        raise CommandError(f"There is no brand {name}.")
    if len(brands) > 1:
        raise CommandError(f"Two agencies have a brand {name}: write agency/{name}.")
    return brands[0]
