"""Lift a stop: ``manage.py resume --all | --agency SLUG | --brand SLUG | --channel ID | --publication ID``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from publisher.models import Publication, Stop
from publisher.scopes import ScopeError, add_scope, scope_of
from publisher.stopping import resume


class Command(BaseCommand):
    """Lift a stop."""

    help = "Lifts a stop and lists what had missed its window meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scope, and why where the stop is somebody else's."""
        add_scope(parser)
        parser.add_argument("--reason", default="", help="why; needed for what a client stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Lift it and say what became of what it held."""
        found = self._found(options)
        is_clients = found.by is not None and not found.by.may_sign_in
        if is_clients and not options["reason"]:
            raise CommandError(_("The client stopped this. Say with --reason why it is lifted for them: it is kept."))
        done = resume(found, by=None, reason=options["reason"])
        count = len(done.waiting)
        said = ngettext(
            "Lifted. %(n)d publication will go out as planned, one at a time on each channel.",
            "Lifted. %(n)d publications will go out as planned, one at a time on each channel.",
            count,
        )
        self.stdout.write(said % {"n": count})
        if done.missed:
            lost = ngettext(
                "%(n)d publication missed its time in the meantime. It is not sent: give it a new time in the calendar, or drop it.",
                "%(n)d publications missed their time in the meantime. They are not sent: give them a new time in the calendar, or drop them.",
                len(done.missed),
            )
            self.stdout.write(lost % {"n": len(done.missed)})
        for row in done.missed:
            self.stdout.write(line_of(row))

    @staticmethod
    def _found(options: dict[str, Any]) -> Stop:
        """Return the open stop of that scope."""
        try:
            where = scope_of(options)
        except ScopeError as error:
            raise CommandError(str(error)) from error
        found = Stop.objects.filter(lifted_at=None, **where).select_related("by").first()
        if found is None:
            raise CommandError(_("There is no open stop of that scope."))
        return found


def line_of(row: Publication) -> str:
    """Return a publication in one line, its hour as the brand's clocks show it."""
    text = " ".join(str(row.content.get("text", "")).split())[:60]
    return f"{row.pk}  {row.wall:%Y-%m-%d %H:%M} {row.zone}  {row.brand}  {row.channel}  {text}"
