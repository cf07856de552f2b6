"""How Django knows this package."""

import importlib

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.append_only import guard_audit


class AccountsConfig(AppConfig):
    """The accounts package."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to signing in and out; load tasks before the queue forks; guard the audit in the database."""
        for module in ("checks", "receivers", "tasks"):
            importlib.import_module(f"accounts.{module}")
        post_migrate.connect(guard_audit, sender=self, dispatch_uid="accounts.guard_audit")
