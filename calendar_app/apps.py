"""How Django knows this package."""

from django.apps import AppConfig


class CalendarAppConfig(AppConfig):
    """The calendar_app package."""

    name = "calendar_app"
    default_auto_field = "django.db.models.BigAutoField"
