"""How Django knows this package."""

from importlib import import_module

from django.apps import AppConfig


class PublisherConfig(AppConfig):
    """The publisher package."""

    name = "publisher"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the tasks before q2 forks its workers."""
        import_module("publisher.tasks")
