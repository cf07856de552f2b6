"""What every page’s frame shows: brands, counts, the stop."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame’s values for whoever is signed in, nothing for others."""
    return {}
