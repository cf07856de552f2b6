"""How Django knows this package."""

import importlib

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts package."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to signing in and out; load tasks before the queue forks."""
        for module in ("checks", "receivers", "tasks"):
            importlib.import_module(f"accounts.{module}")
