"""How Django knows the installation itself."""

from django.apps import AppConfig


class PalinsestoConfig(AppConfig):
    """The commands that belong to the whole installation: run, demo."""

    name = "config"
    label = "palinsesto"
