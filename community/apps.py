"""How Django knows this package."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """The community package."""

    name = "community"
    default_auto_field = "django.db.models.BigAutoField"
