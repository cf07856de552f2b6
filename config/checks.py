"""What the system check says about an installation as a whole."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register
from django.core.checks import Warning as Caution

from config.env import env


@register()
def variables_are_known(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  (Django's signature)
    """Name variables that begin like ours and that nobody reads: a typing error would pass unseen."""
    return [
        Caution(
            f"{name} is not a variable of this product.",
            hint=f"Perhaps {meant} is meant." if meant else "docs/settings.md lists all.",
            id="palinsesto.W001",
        )
        for name, meant in env.unknown().items()
    ]


@register()
def demo_stays_at_home(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  (Django's signature)
    """Refuse the demo and its sandbox in production (settings refuse it first; this catches other settings files)."""
    if settings.SECURE and (settings.DEMO or settings.SANDBOX_URL):
        return [Error("The demo and the sandbox cannot run in production.", id="palinsesto.E001")]
    return []


@register()
def metrics_have_their_package(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  (Django's signature)
    """Say that metrics are switched on and cannot be shown."""
    if not (settings.METRICS_TOKEN or settings.METRICS_NETWORKS) or find_spec("prometheus_client"):
        return []
    return [
        Error(
            "Metrics are switched on, and the package prometheus_client is missing.",
            hint="Install it, or remove PALINSESTO_METRICS_TOKEN and PALINSESTO_METRICS_NETWORKS.",
            id="palinsesto.E002",
        )
    ]


@register()
def private_networks_are_shown(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  (Django's signature)
    """Say which private networks may be called, so that nobody forgets that a door is open."""
    if settings.DEMO or not settings.PRIVATE_NETWORKS:
        return []
    return [Info(f"Private networks that may be called: {', '.join(settings.PRIVATE_NETWORKS)}.", id="palinsesto.I001")]
