"""How Django knows this package."""

from django.apps import AppConfig


class PublisherConfig(AppConfig):
    """The publisher package."""

    name = "publisher"
    default_auto_field = "django.db.models.BigAutoField"
