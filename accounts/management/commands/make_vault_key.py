"""``manage.py make_vault_key``: print a fresh key for PALINSESTO_VAULT_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import vault


class Command(BaseCommand):
    """Prints one key; nothing is stored."""

    help = "Print a fresh key for PALINSESTO_VAULT_KEYS. Put it in front of the older ones, comma between."
    requires_system_checks: list[str] = []  # it has to run before any key is there

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print it."""
        self.stdout.write(vault.new_key())
