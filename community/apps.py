"""How Django knows this package."""

from importlib import import_module

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """The community package."""

    name = "community"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear the publisher's news, and load the tasks so that a worker knows them."""
        import_module("community.receivers")
        import_module("community.tasks")
