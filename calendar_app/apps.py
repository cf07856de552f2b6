"""How Django knows this package."""

from importlib import import_module

from django.apps import AppConfig


class CalendarAppConfig(AppConfig):
    """The calendar_app package."""

    name = "calendar_app"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the publisher; load tasks before the queue forks."""
        for module in ("receivers", "tasks"):
            import_module(f"calendar_app.{module}")
