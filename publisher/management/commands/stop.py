"""Stop what goes out: ``manage.py stop --all | --agency SLUG | --brand SLUG | --channel ID --reason TEXT``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from publisher.scopes import ScopeError, add_scope, scope_of
from publisher.stopping import stop


class Command(BaseCommand):
    """Set a stop."""

    help = "Stops what goes out: everything, an agency, a brand or a channel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scope and the reason."""
        add_scope(parser)
        parser.add_argument("--reason", required=True, help="why, for those who come later")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set it and say so."""
        try:
            where = scope_of(options)
        except ScopeError as error:
            raise CommandError(str(error)) from error
        made = stop(**where, reason=options["reason"], by=None)
        self.stdout.write(
            _("Stopped since %(since)s: nothing of it goes out.") % {"since": f"{made.since_at:%Y-%m-%d %H:%M} UTC"}
        )
