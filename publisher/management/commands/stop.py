"""Stop what goes out: ``manage.py stop --all | --agency SLUG | --brand SLUG | --channel ID | --publication ID --reason TEXT``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from publisher.scopes import ScopeError, add_scope, scope_of
from publisher.states import CANCELABLE
from publisher.stopping import covered_by, stop


class Command(BaseCommand):
    """Set a stop."""

    help = "Stops what goes out: everything, an agency, a brand, a channel or one post."

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
        since = f"{made.since_at:%Y-%m-%d %H:%M} UTC"
        if made.reason != options["reason"][:300]:
            said = _("It was stopped before, since %(since)s, because: %(reason)s")
            self.stdout.write(said % {"since": since, "reason": made.reason})
        self.stdout.write(_("Stopped since %(since)s: nothing of it goes out.") % {"since": since})
        ahead = covered_by(made).filter(state__in=CANCELABLE).count()
        said = ngettext(
            "%(n)d publication waits. It stays where it is.", "%(n)d publications wait. They stay where they are.", ahead
        )
        self.stdout.write(said % {"n": ahead})
