"""Connect an account to a brand from the command line; the key never stands in the command itself."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Brand
from publisher.channels import connect, sign_in, takes_password
from publisher.contract.errors import AdapterError
from publisher.models import Channel
from publisher.platforms import PLATFORMS
from publisher.sentences import sentence


class Command(BaseCommand):
    """``connect_channel --brand SLUG --platform NAME (--url URL | --handle HANDLE) (--token-env VAR | --token-stdin)``."""

    help = "Connects an account to a brand. The access key or app password is read from a variable or the standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be said."""
        parser.add_argument("--brand", required=True, metavar="SLUG", help="the brand, or agency/brand")
        parser.add_argument("--platform", required=True, choices=sorted(PLATFORMS))
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--url", help="the address of the server, where a key is pasted")
        where.add_argument("--handle", help="the name or DID of the account, where an app password opens it (Bluesky)")
        parser.add_argument("--name", default="", help="the name of the channel")
        key = parser.add_mutually_exclusive_group(required=True)
        key.add_argument("--token-env", metavar="VAR", help="the variable that holds the access key or app password")
        key.add_argument("--token-stdin", action="store_true", help="read it from the standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Connect, or say why it cannot be."""
        brand = brand_of(options["brand"])
        wanted = "handle" if takes_password(options["platform"]) else "url"
        if not options[wanted]:
            raise CommandError(f"{options['platform']} is connected with --{wanted}: nothing was connected.")
        token = sys.stdin.readline() if options["token_stdin"] else os.environ.get(options["token_env"], "")
        if not token.strip():
            raise CommandError("The access key is empty: nothing was connected.")
        try:
            channel = connected(brand, token, options)
        except AdapterError as error:
            raise CommandError(sentence(error.code, error.values)) from None
        self.stdout.write(f"{channel.name}: connected as {channel.profile.handle}, channel {channel.pk}.")


def connected(brand: Brand, token: str, options: dict[str, Any]) -> Channel:
    """Connect as the platform wants it. Raises AdapterError."""
    platform, name = options["platform"], options["name"]
    if options["handle"]:
        account = options["handle"]
        return sign_in(brand=brand, platform=platform, account=account, password=token, name=name, by=None)
    return connect(brand=brand, platform=platform, url=options["url"], token=token, name=name, by=None)


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
