"""Lift a stop: ``manage.py resume --all | --agency SLUG | --brand SLUG | --channel ID``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from publisher.models import Stop
from publisher.scopes import ScopeError, add_scope, scope_of
from publisher.stopping import resume


class Command(BaseCommand):
    """Lift a stop."""

    help = "Lifts a stop and lists what had missed its window meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scope."""
        add_scope(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Lift it and say what became of what it held."""
        try:
            where = scope_of(options)
        except ScopeError as error:
            raise CommandError(str(error)) from error
        found = Stop.objects.filter(lifted_at=None, **where).first()
        if found is None:
            raise CommandError(_("There is no open stop of that scope."))
        done = resume(found, by=None)
        self.stdout.write(
            _("Lifted. %(waiting)s go out now one after the other, %(missed)s have missed their window.")
            % {"waiting": len(done.waiting), "missed": len(done.missed)}
        )
        for row in done.missed:
            self.stdout.write(f"{row.pk} {row.brand} {row.channel} {row.due_at:%Y-%m-%d %H:%M} UTC")
