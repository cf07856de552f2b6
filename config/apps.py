"""How Django knows the installation itself."""

from importlib import import_module

from django.apps import AppConfig


class PalinsestoConfig(AppConfig):
    """The commands that belong to the whole installation: run, demo."""

    name = "config"
    label = "palinsesto"

    def ready(self) -> None:
        """Register the checks of the whole installation, and let the queue's clusters sing."""
        import_module("config.checks")
        import_module("config.canary")
