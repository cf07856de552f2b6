"""How Django knows this package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts package."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
