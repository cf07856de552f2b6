"""How Django knows the installation itself."""

from importlib import import_module

from django.apps import AppConfig


class PalinsestoConfig(AppConfig):
    """The commands that belong to the whole installation: run, demo."""

    name = "config"
    label = "palinsesto"

    def ready(self) -> None:
        """Register the checks of the whole installation, and the canary of the queue."""
        for name in ("config.checks", "config.canary"):
            import_module(name)
