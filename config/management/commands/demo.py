"""Makes the demo's data, or makes it anew."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Agency
from config import welcome
from config.demo import build
from publisher.contract.errors import AdapterError
from publisher.contract.http import DoorError
from publisher.door import door


class Command(BaseCommand):
    """``manage.py demo [--reset]``."""

    help = "Make the demo’s agency, brands, people and posts; with --reset wipe everything first. Never in production."

    def add_arguments(self, parser: CommandParser) -> None:
        """Anew, or only into an empty house."""
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--reset", action="store_true", help="wipe database, pictures and sandbox, then make it anew")
        how.add_argument("--if-empty", action="store_true", help="do nothing where there is an agency already")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  (Django's signature)
        """Make the demo."""
        if not settings.DEMO:
            raise CommandError("The demo is for trying only: PALINSESTO_DEMO is off, and nothing was touched.")
        with translation.override(welcome.language_of(os.environ)):
            self._make(options)

    def _make(self, options: dict[str, Any]) -> None:
        if options["reset"] and not self._wipe():
            self.stdout.write(_("Everything is wiped. The next make run makes the demo afresh."))
            return
        if Agency.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(_("There is an agency already, and nothing was touched. To start afresh: --reset"))
        self.stdout.write(_("Making the demo: an agency, two brands, a month of posts …"))
        try:
            build.make()
        except AdapterError as error:
            call_command("flush", interactive=False, verbosity=0)
            raise CommandError(
                _("The sandbox does not answer at %(url)s: start everything with make run. (%(why)s)")
                % {"url": settings.SANDBOX_URL, "why": error.code}
            ) from None

    def _wipe(self) -> bool:
        """Empty the house; whether the sandbox runs and was emptied too."""
        call_command("flush", interactive=False, verbosity=0)
        for path in Path(settings.MEDIA_ROOT).iterdir() if Path(settings.MEDIA_ROOT).exists() else ():
            if path.name != ".gitkeep":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(settings.DATA_DIR / "mail", ignore_errors=True)
        try:
            answer = door().call("POST", f"{settings.SANDBOX_URL}/_sandbox/reset", json={})
        except DoorError:
            shutil.rmtree(settings.DATA_DIR / "sandbox", ignore_errors=True)
            return False
        return answer.status == 200
